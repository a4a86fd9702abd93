/* Matching: posted receives and unexpected messages. A pure data structure, no I/O, no locks.
 *
 * Cost stays flat as queues grow: entries sit in one FIFO per key (context, source, tag), found by
 * hashing, where a wildcard is a key of its own: (c,s,t) (c,s,*) (c,*,t) (c,*,*). An arriving
 * message looks into the classes that have any entries and takes the one posted first (smallest
 * sequence number). An unexpected message is filed under all four keys, so a receive with any
 * wildcards finds the oldest match at the head of one FIFO. In the contexts of the library (comm.h)
 * there are no wildcards, and one FIFO holds all tags of a source. MPI 5.0 section 3.5 (order). */
#ifndef IPCR_MATCH_H
#define IPCR_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipcr_fifo; /* entries with one key */

struct ipcr_posted { /* inside struct ipcr_req */
    struct ipcr_posted *next, *prev;
    struct ipcr_fifo *fifo; /* NULL: not queued */
    uint64_t seq;
    uint32_t ctx;
    int32_t src, tag; /* MPI_ANY_SOURCE / MPI_ANY_TAG allowed */
};

struct ipcr_unexpected_link {
    struct ipcr_unexpected *next, *prev;
    struct ipcr_fifo *fifo;
};

struct ipcr_peer;

/* So many bytes of a message weigh little beside what is kept to know of it. */
#define IPCR_MATCH_INSIDE 40

struct ipcr_unexpected { /* one message that came before its receive; bytes follow */
    struct ipcr_unexpected_link link[4];
    uint32_t ctx;
    int32_t src, tag;
    uint8_t kind, flags; /* of the wire header: EAGER or RTS */
    bool taken;          /* by a matched probe */
    bool shown;          /* by a probe, if decide.h is asked */
    uint16_t mark;       /* of the wire header */
    uint64_t cookie;     /* sender's request (RTS, or EAGER with SYNC) */
    uint64_t remote;     /* RTS: address in the sender, or 0 */
    uint64_t size;       /* bytes of the whole message */
    struct ipcr_peer *peer;
    struct ipcr_comm *comm; /* set by a matched probe */
    unsigned char bytes[];  /* EAGER: the message */
};

/* Of a communicator's contexts, only the first one is for the program's messages. */
static inline bool ipcr_match_is_program(uint32_t ctx)
{
    return ctx % 4 == 0;
}

/* With wildcards only in a context of the program. */
void ipcr_match_post(struct ipcr_posted *p);
void ipcr_match_unpost(struct ipcr_posted *p);
/* The receive that a message (ctx, src, tag) belongs to, unlinked; NULL if there is none. */
struct ipcr_posted *ipcr_match_find(uint32_t ctx, int32_t src, int32_t tag);

void ipcr_match_keep(struct ipcr_unexpected *u);
/* The oldest message that a receive (ctx, src or any, tag or any) matches; NULL if none. Stays
 * queued until ipcr_match_drop(). */
struct ipcr_unexpected *ipcr_match_peek(uint32_t ctx, int32_t src, int32_t tag);
void ipcr_match_drop(struct ipcr_unexpected *u);
/* What a receive from any source may take instead of u, which is what ipcr_match_peek() has for it:
 * the oldest message of each source, u first. Fills `oldest` with at most `most` of them, found
 * within the first few hundred messages; how many. */
int ipcr_match_sources(struct ipcr_unexpected *u, int32_t tag, struct ipcr_unexpected **oldest,
                       int most);
/* The message (ctx, src, tag) with this cookie, if no receive has taken it; walks one FIFO. */
struct ipcr_unexpected *ipcr_match_named(uint32_t ctx, int32_t src, int32_t tag, uint64_t cookie);

/* Of the messages that no receive has taken, the one most like (ctx, src, tag), which none matches:
 * from the same source, else with the same tag, else of the same context, else any other of the
 * program's. For people; NULL if there is none. */
struct ipcr_unexpected *ipcr_match_nearest(uint32_t ctx, int32_t src, int32_t tag);

/* Shows every message that no receive has matched, in no particular order; it must not change
 * anything. */
void ipcr_match_each(void (*show)(const struct ipcr_unexpected *u));

/* Empties both queues at the end; every message that nobody received goes to free_unexpected. */
void ipcr_match_finish(void (*free_unexpected)(struct ipcr_unexpected *));

#endif
