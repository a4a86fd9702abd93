/* Matching: posted receives and unexpected messages. A pure data structure, no I/O, no locks.
 *
 * Cost stays flat as queues grow: entries sit in one FIFO per key (context, source, tag), found by
 * hashing, where a wildcard is a key of its own: (c,s,t) (c,s,*) (c,*,t) (c,*,*). An arriving
 * message looks into the classes that have any receives and takes the one posted first (smallest
 * sequence number). An unexpected message is filed under its own key; under keys with wildcards
 * only once a receive has asked with such wildcards while messages were waiting, and from then on
 * until that has not happened for long. In the contexts of the library (comm.h) there are no
 * wildcards, and one FIFO holds all tags of a source. MPI 5.0 section 3.5 (order).
 *
 * Receives of one key, while there are no others, are a FIFO beside the table.
 *
 * With many entries, what counts is how many cache lines one needs, for none of them is in the
 * cache: a place in the table and the entry itself, which is linked into its FIFO. */
#ifndef IPCR_MATCH_H
#define IPCR_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hidden.h"

/* What can be filed begins with this. */
struct ipcr_filed {
    struct ipcr_filed *next,
        *prev; /* same key; the first one's prev is the last; NULL: not filed */
    uint32_t ctx;
    int32_t src, tag; /* MPI_ANY_SOURCE / MPI_ANY_TAG are values like others */
};

struct ipcr_posted { /* inside struct ipcr_req */
    struct ipcr_filed filed;
    uint64_t seq;
};

struct ipcr_peer;
struct ipcr_wild;

struct ipcr_unexpected { /* one message that came before its receive; bytes follow */
    union { /* what follows the tag would be padding of `filed`: a node has two cache lines */
        struct ipcr_filed filed;
        struct {
            struct ipcr_filed *links[2];
            uint32_t ctx;
            int32_t src, tag;
            uint8_t kind, flags; /* of the wire header: EAGER or RTS */
            uint16_t mark;       /* of the wire header */
        };
    };
    union {
        uint64_t seq;           /* while it is queued: in which order they came */
        struct ipcr_comm *comm; /* once a matched probe has taken it */
    };
    struct ipcr_wild *wild; /* its places among those who are looked for with wildcards */
    uint64_t cookie;        /* sender's request (RTS, or EAGER with SYNC) */
    uint64_t remote;        /* RTS: address in the sender, or 0 */
    uint64_t size;          /* bytes of the whole message */
    struct ipcr_peer *peer;
    bool taken;                        /* by a matched probe */
    bool shown;                        /* by a probe, if decide.h is asked */
    bool small;                        /* where its memory comes from */
    _Alignas(8) unsigned char bytes[]; /* EAGER: the message */
};

/* Two cache lines for a message of up to so many bytes. */
#define IPCR_MATCH_INSIDE 40
_Static_assert(sizeof(struct ipcr_unexpected) + IPCR_MATCH_INSIDE == 128, "two cache lines");

/* Of a communicator's contexts, only the first one is for the program's messages. */
static inline bool ipcr_match_is_program(uint32_t ctx)
{
    return ctx % 4 == 0;
}

/* How many receives and messages wait for each other. While it is 0, a message that comes belongs
 * to whoever asks for it first. */
extern IPCR_HIDDEN size_t ipcr_match_waiting;

/* Whether a receive waits for its message: it may be unposted. */
static inline bool ipcr_match_waits(const struct ipcr_posted *p)
{
    return p->filed.prev != NULL;
}

/* With wildcards only in a context of the program. */
void ipcr_match_post(struct ipcr_posted *p);
void ipcr_match_unpost(struct ipcr_posted *p);
/* The receive that a message (ctx, src, tag) belongs to, unlinked; NULL if there is none. */
struct ipcr_posted *ipcr_match_find(uint32_t ctx, int32_t src, int32_t tag);

/* With many entries each is far from the processor. Who knows which messages come next begins to
 * fetch what they will need: first where they are looked up; a little later the receive that is
 * probably found there (NULL: none), for the caller to fetch but not to use. */
void ipcr_match_fetch(uint32_t ctx, int32_t src, int32_t tag);
const struct ipcr_posted *ipcr_match_likely(uint32_t ctx, int32_t src, int32_t tag);

/* Keeps a copy of a message that no receive was found for, with `len` bytes. NULL: no memory. */
struct ipcr_unexpected *ipcr_match_keep(const struct ipcr_unexpected *message, const void *bytes,
                                        size_t len);
/* The oldest message that a receive (ctx, src or any, tag or any) matches; NULL if none. Stays
 * queued until ipcr_match_drop(), and is there until ipcr_match_free(). */
struct ipcr_unexpected *ipcr_match_peek(uint32_t ctx, int32_t src, int32_t tag);
void ipcr_match_drop(struct ipcr_unexpected *u);
void ipcr_match_free(struct ipcr_unexpected *u);
/* What a receive from any source may take instead of u, which is what ipcr_match_peek() has for it:
 * the oldest message of each source, u first. Fills `oldest` with at most `most` of them, found
 * within the first few hundred messages; how many. */
int ipcr_match_sources(struct ipcr_unexpected *u, int32_t tag, struct ipcr_unexpected **oldest,
                       int most);
/* The message (ctx, src, tag) with this cookie, if no receive has taken it; walks one FIFO. */
struct ipcr_unexpected *ipcr_match_named(uint32_t ctx, int32_t src, int32_t tag, uint64_t cookie);

/* Of the messages that no receive has taken, the one most like (ctx, src, tag), which none matches:
 * from the same source, else with the same tag, else of the same context, else any other of the
 * program's; of many, only some are looked at. For people; NULL if there is none. */
struct ipcr_unexpected *ipcr_match_nearest(uint32_t ctx, int32_t src, int32_t tag);

/* Shows every message that no receive has matched, in no particular order; it must not change
 * anything. */
void ipcr_match_each(void (*show)(const struct ipcr_unexpected *u));

/* Empties both queues at the end; messages that nobody received are freed. */
void ipcr_match_finish(void);

#endif
