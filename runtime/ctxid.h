/* Context ids: numbers that tell the messages of one communicator from those of another. MPI 5.0
 * section 7.4.1 (contexts).
 *
 * Each process keeps the set of ids it uses. Members of a new communicator agree on an id that is
 * free at all of them: each offers its free ids as bits, the bits are combined by AND over the
 * members, and the lowest one left is taken. Ids are reused, so the numbers stay small. An id
 * stands for the contexts from 4*id on (comm.h says what each carries).
 *
 * With several threads a process may take part in several agreements at once, and must not offer an
 * id in two of them. So only one thread of a process offers at a time; the others offer nothing in
 * that round, everybody sees that (a flag is combined with the bits), and the round is repeated.
 * The smallest key goes first where several want to. Keys are the same at all members, so the
 * agreement with the smallest key of all soon has all its members offering, however the agreements
 * overlap. (Idea: Gropp, Thakur: Thread-safety in an MPI implementation, 2007.)
 *
 * Whoever offers keeps others from it until its round ends. So a round must never wait for a member
 * that has yet to come: that member may be held up by another agreement, which waits for this
 * process to offer, and so on in a circle. Where processes have threads an agreement may begin only
 * after all its members are known to have entered it. Without threads that is known of blocking
 * calls, which all come in one order; but not while a nonblocking one is under way. So an agreement
 * that has not entered offers nothing beside another one, and has entered when that round is over,
 * because every member took part in it.
 *
 * This module does not communicate: mpi_comm_agree.c carries the words. All calls under the library
 * lock, which may be let go of between them. */
#ifndef IPCR_CTXID_H
#define IPCR_CTXID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPCR_CTX_WORLD 0u
#define IPCR_CTX_SELF  4u

/* Each context has a twin, with this bit, for partitioned communication (partitioned.h). */
#define IPCR_CTX_PARTITIONED 0x80000000u

static inline uint32_t ipcr_ctxid_of(uint32_t ctx)
{
    return (ctx & ~IPCR_CTX_PARTITIONED) / 4;
}

struct ipcr_ctxid_bid { /* one agreement; the memory is the caller's */
    struct ipcr_ctxid_bid *next;
    uint64_t key;
    unsigned window; /* which ids it looks at in this round: larger portions each time, */
    bool narrow;     /* or portions of the same size, for who cannot change the number of words */
    bool entered;    /* all members are known to take part */
    bool offers;
    uint64_t *words; /* to be combined in place by AND with the other members' */
    size_t count;    /* of this round; narrow windows never change it, nor where the words are */
};

enum ipcr_ctxid_result {
    IPCR_CTXID_TAKEN, /* *ctx is the new context */
    IPCR_CTXID_AGAIN, /* another round; no id was found, but there are more */
    IPCR_CTXID_BUSY,  /* another round, and this process did not offer: let its other threads run */
    IPCR_CTXID_NONE   /* all ids are in use */
};

/* The order of calls: begin, then rounds of offer - AND - settle until TAKEN or NONE, then end. */
void ipcr_ctxid_begin(struct ipcr_ctxid_bid *bid, uint64_t key, bool entered);
void ipcr_ctxid_offer(struct ipcr_ctxid_bid *bid);
enum ipcr_ctxid_result ipcr_ctxid_settle(struct ipcr_ctxid_bid *bid, uint32_t *ctx);
void ipcr_ctxid_end(struct ipcr_ctxid_bid *bid);

/* Gives the id of this context back. */
void ipcr_ctxid_free(uint32_t ctx);

void ipcr_ctxid_init(void);
void ipcr_ctxid_finish(void);

#endif
