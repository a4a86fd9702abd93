/* The contract between the runtime and a way to move bytes. One file in transport/ fills one
 * struct; transports.c lists them in order of preference. Adding a transport touches that file,
 * that row and a name in local.mk; the conformance suite in tests/transport picks it up from the
 * row.
 *
 * A transport moves fragments (header + payload) between two ranks, whole, once each and in order.
 * It never blocks, never queues and never allocates per message: when it has no room it says AGAIN,
 * and peer.c tries later. All members are called with the library lock held, by one thread. */
#ifndef IPCR_TRANSPORT_H
#define IPCR_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "datatype.h"
#include "route.h"
#include "wire.h"

struct ipcr_peer;
struct ipcr_job;

enum ipcr_result {
    IPCR_OK = 0,
    IPCR_AGAIN = 1, /* no room now: the fragment was not taken, not even in part */
    IPCR_FAIL = -1  /* the peer cannot be reached any more; noted with ipcr_err_note() */
};

/* One fragment on its way out: `len` bytes of a message, starting `offset` bytes into its packed
 * image. Lives only for the call. */
struct ipcr_frag {
    struct ipcr_wire hdr;
    const void *buf;              /* user's buffer; with type == NULL already the packed image */
    const struct ipcr_type *type; /* NULL: contiguous bytes */
    size_t count;                 /* elements of type in the message */
    size_t offset, len;
};

/* Where a contiguous fragment's bytes lie. In integers: buf may be MPI_BOTTOM, a null pointer. */
static inline const void *ipcr_frag_bytes(const struct ipcr_frag *f)
{
    return (const void *)((uintptr_t)f->buf + f->offset);
}

/* Writes the fragment's payload to dst: straight from the user's layout, without a bounce. */
static inline void ipcr_frag_copy(const struct ipcr_frag *f, void *dst)
{
    if (f->type)
        ipcr_type_pack(f->type, f->count, f->buf, f->offset, dst, f->len);
    else if (f->len)
        __builtin_memcpy(dst, ipcr_frag_bytes(f), f->len);
}

/* What open() offers to other ranks: an opaque address, published through boot.h. */
#define IPCR_ADDR_MAX 512
struct ipcr_addr {
    uint16_t len;
    uint8_t bytes[IPCR_ADDR_MAX];
};

/* Bytes in another process, and where they are here: a message, or some of one. None is empty. */
struct ipcr_pull {
    uint64_t remote;
    void *local;
    size_t len;
};
enum { IPCR_PULLS = 16 };

struct ipcr_transport {
    const char *name; /* the word in settings, logs, tests, the board (at most 7 characters) */

    /* Largest payload of one fragment. A message up to `eager_max` goes in one EAGER fragment;
     * larger ones are announced (RTS) and follow as DATA fragments of at most `frag_max`. */
    size_t eager_max, frag_max;
    /* Up to this size messages go so that two ranks send each other at the same time; 0: no longer
     * ones. Where only one sends, the other can copy while that waits; here both have a copy of
     * their own to do. */
    size_t exchange_max;

    /* Its messages go through the node segment (seg.h), so short collectives between such peers may
     * use that memory without messages. */
    bool segment;

    /* Whom it can reach, and what it finds ready (route.h). With `needs_dir`, job->dir names a
     * directory that only this user can enter and that is removed with all that is in it when the
     * job is over, however it ends. */
    enum ipcr_scope reach;
    enum ipcr_inherit inherit;
    bool needs_dir;

    /* Makes this rank's end and writes its address (len 0: peers need none). Called once, before
     * any other member, if some rank of the job may be reached this way. 0 or negative errno. */
    int (*open)(const struct ipcr_job *job, struct ipcr_addr *mine);
    /* Undoes open. What was sent before has been handed to the system already or is flushed here,
     * for at most a few seconds. All links are gone by then. */
    void (*close)(void);

    /* Binds peer->link to private state, on first use; must not block: a connection may complete
     * later, send() says AGAIN until then. May lower the peer's limits on sizes, which are those
     * above. 0 or negative errno. */
    int (*link)(struct ipcr_peer *peer, const void *addr, size_t len);
    void (*unlink)(struct ipcr_peer *peer);

    /* Takes the fragment whole, or answers AGAIN. A stream may keep the tail of one fragment in a
     * buffer of its own and answer AGAIN until that is out. f is not kept. */
    enum ipcr_result (*send)(struct ipcr_peer *peer, const struct ipcr_frag *f);

    /* Optional. True while some of what send() took waits in this process for room (the tail of a
     * stream): it goes on only in poll(). A send is over for the program when this is false, or a
     * rank that turns to its own work would keep the end of its last message from the receiver. */
    bool (*unsent)(struct ipcr_peer *peer);

    /* Hands at most about `budget` arrivals to ipcr_p2p_arrive() and drives connections; returns
     * how many things happened (0: nothing to do now). */
    int (*poll)(int budget);

    /* Optional. A descriptor that is readable when poll() would find work or send() has become
     * possible again after AGAIN; -1 while there is nothing to wait for. Called by the thread that
     * is about to block on it, after a last poll(): the moment to tell others that they have to
     * wake this rank, and to look once more. NULL: arrivals and freed room ring the bell (bell.h).
     */
    int (*wait_fd)(void);

    /* Optional. Copies n parts, at most IPCR_PULLS, out of the peer's memory; 0, or negative errno
     * when this is not possible (then the messages are streamed). */
    int (*pull)(struct ipcr_peer *peer, const struct ipcr_pull *part, int n);

    /* Optional, with pull. Whether these bytes of mine would be at the peer sooner as fragments
     * than by its pull, as long as both of us do nothing else meanwhile. */
    bool (*streams)(struct ipcr_peer *peer, const void *bytes, size_t len);
};

extern const struct ipcr_transport *const ipcr_transports[]; /* NULL-terminated, by preference */

/* The upcall: one fragment has arrived from peer. `bytes` is only valid during the call; the
 * payload is copied straight to the user's buffer when a receive is posted. The payload of a DATA
 * fragment may come in several pieces, one call each with the same header: its receiver counts
 * bytes. Defined in p2p_arrive.c. */
void ipcr_p2p_arrive(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len);
/* Whether so much waits for messages, or is waited for, that it is far from the processor; then a
 * transport that can look ahead announces each fragment twice, some fragments before it hands that
 * up and again a little later (`soon`). Both in p2p_arrive.c. */
bool ipcr_p2p_is_far(void);
void ipcr_p2p_foresee(const struct ipcr_wire *hdr, bool soon);
/* Optional short cut for streams: where the payload of this DATA fragment (len bytes) may be read
 * to directly. NULL: read it into a buffer of the transport's. After filling it the transport calls
 * ipcr_p2p_arrive() with bytes == the returned pointer. Defined in p2p_arrive.c. */
void *ipcr_p2p_sink(struct ipcr_peer *peer, const struct ipcr_wire *hdr, size_t len);

#endif
