/* The bell: how a rank that has gone to sleep is woken by another rank of its node, and the
 * argument that no wake-up is lost.
 *
 * A sleeper S:                              A waker W, after it published something for S
 *   v = count                                 (a ring entry, or room in a ring):
 *   sleeping = mode                           fence
 *   heavy fence                               if (sleeping) { swap it to 0; count++; wake S }
 *   look once more; found: sleeping = 0
 *   block while count == v
 *
 * This is Dekker's pattern: S writes the flag and then reads the data, W writes the data and then
 * reads the flag. With a full fence between the two on both sides at least one sees the other's
 * write, so either S finds the data or W finds the flag. If W swaps the flag before S blocks, count
 * has changed and the futex call returns at once (or the datagram is already in the socket).
 *
 * W runs on every message, S only after tens of microseconds without work. Therefore S pays for
 * both where the kernel offers it: membarrier(GLOBAL_EXPEDITED) makes every running thread of the
 * registered processes execute a full fence, and W needs only a compiler barrier. W falls back to a
 * fence of its own when this process could not register or the sleeper cannot call membarrier
 * (`needs_fence`, set before its first sleep). */
#ifndef IPCR_BELL_H
#define IPCR_BELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "hidden.h"

#define IPCR_LOCAL_MAX 4096 /* ranks on one node */

enum { IPCR_AWAKE = 0, IPCR_ASLEEP_FUTEX = 1, IPCR_ASLEEP_FD = 2 };

struct ipcr_bell {
    _Atomic uint32_t sleeping; /* IPCR_AWAKE...; written by the owner, swapped to 0 by a waker */
    _Atomic uint32_t count;    /* futex word: rung so many times */
    _Atomic uint32_t needs_fence;
    char pad[64 - 12];
    /* Bit i of word w speaks of local rank 64 w + i. Both are looked at by every poll. */
    struct ipcr_bell_word {
        _Atomic uint64_t
            senders;            /* it has linked a ring to me, so I poll that; set once per pair */
        _Atomic uint64_t calls; /* it is copying what I send and could do with help (joint.h) */
    } word[IPCR_LOCAL_MAX / 64];
};

/* What a rank blocks on. A rank that also waits for descriptors needs a bell that is one: for other
 * ranks a datagram socket in the abstract name space (one descriptor a rank, where eventfds would
 * need one per pair, and no name in any file system), for the threads of this process an eventfd,
 * which a sandbox allows that allows no sockets. */
enum ipcr_bell_kind { IPCR_BELL_FUTEX, IPCR_BELL_EVENT, IPCR_BELL_SOCKET };

/* My bell is ipcr_seg_bell(job.local_rank). 0 or negative errno. */
int ipcr_bell_open(enum ipcr_bell_kind kind);
void ipcr_bell_close(void);
/* The descriptor that becomes readable when the bell is rung, or -1. */
int ipcr_bell_fd(void);
void ipcr_bell_drain(void);

/* Sleeper's side: announce, look once more, then block or revoke. */
uint32_t ipcr_bell_announce(void);
void ipcr_bell_revoke(void);
void ipcr_bell_block(uint32_t count);

/* How many ranks of the node sleep. A guess for policies: it changes at any time. */
unsigned ipcr_bell_asleep(void);
/* Whether local rank i does: as good a guess. */
bool ipcr_bell_is_asleep(int local);

/* The two system calls beneath, also for a word of the process's own. Waiting returns for a
 * wake-up, a value that has changed, or a signal: the caller looks again in any case. */
void ipcr_bell_futex_wait(_Atomic uint32_t *word, uint32_t value);
void ipcr_bell_futex_wake(_Atomic uint32_t *word, int most);

/* Waker's slow half: local rank i was seen asleep. */
void ipcr_bell_wake(int local);

extern IPCR_HIDDEN bool ipcr_bell_fenced; /* this process cannot rely on the sleeper's membarrier */

/* Call after publishing something that local rank `local`, owner of b, may be waiting for. This
 * process has been registered: it is not `fenced`. */
static inline void ipcr_bell_ring_registered(struct ipcr_bell *b, int local)
{
    if (__builtin_expect(atomic_load_explicit(&b->needs_fence, memory_order_relaxed), 0))
        atomic_thread_fence(memory_order_seq_cst);
    else
        atomic_signal_fence(memory_order_seq_cst);
    if (__builtin_expect(atomic_load_explicit(&b->sleeping, memory_order_relaxed) != IPCR_AWAKE, 0))
        ipcr_bell_wake(local);
}

/* The same for any process. */
static inline void ipcr_bell_ring(struct ipcr_bell *b, int local)
{
    if (__builtin_expect(ipcr_bell_fenced, 0))
        atomic_thread_fence(memory_order_seq_cst);
    ipcr_bell_ring_registered(b, local);
}

#endif
