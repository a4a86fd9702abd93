/* What the files of point-to-point share: p2p_send.c (the way out), p2p_recv.c (receives and
 * probes), p2p_pull.c (what is fetched), p2p_arrive.c (what comes in), short.h (the short way).
 * Nobody else includes this. */
#ifndef IPCR_PROTOCOL_H
#define IPCR_PROTOCOL_H

#include "hidden.h"
#include "match.h"
#include "p2p.h"
#include "request.h"

/* What an unmatched eager message costs its receiver beyond its bytes, at most. */
#define IPCR_EAGER_OVERHEAD ((uint64_t)sizeof(struct ipcr_unexpected) + IPCR_MATCH_INSIDE)

struct ipcr_protocol {
    uint64_t budget;   /* eager bytes a sender may have unconsumed at one receiver */
    uint64_t pull_min; /* smallest message to copy out of the sender's memory */
};
extern IPCR_HIDDEN struct ipcr_protocol ipcr_protocol;

/* A sender that ran far ahead of its receiver is held back; what it has not reported as consumed
 * counts. */
static inline bool ipcr_has_credit(const struct ipcr_peer *peer, uint64_t size)
{
    return peer->owed + size + IPCR_EAGER_OVERHEAD <= ipcr_protocol.budget;
}

/* The receiver reports what it has consumed in portions, so that a sender is held back only when
 * its receiver has really fallen behind. */
static inline bool ipcr_owes_report(const struct ipcr_peer *peer)
{
    return peer->consumed * 4 >= ipcr_protocol.budget;
}

static inline uint64_t ipcr_msg_bytes(const struct ipcr_msg *m)
{
    return (uint64_t)m->count * m->type->size;
}

/* Where the bytes of a dense type's message begin. In integers: buf may be MPI_BOTTOM. */
static inline void *ipcr_msg_base(const struct ipcr_msg *m)
{
    return (void *)((uintptr_t)m->buf + (uintptr_t)m->type->true_lb);
}

/* A header as matching sees it; the message has `size` bytes. And back. */
static inline struct ipcr_unexpected ipcr_unexpected_of(struct ipcr_peer *peer,
                                                        const struct ipcr_wire *hdr, uint64_t size)
{
    return (struct ipcr_unexpected){.ctx = hdr->ctx,
                                    .src = hdr->src,
                                    .tag = hdr->tag,
                                    .kind = hdr->kind,
                                    .flags = hdr->flags,
                                    .mark = hdr->mark,
                                    .cookie = hdr->cookie,
                                    .size = size,
                                    .peer = peer};
}

static inline struct ipcr_wire ipcr_wire_of(const struct ipcr_unexpected *u)
{
    return (struct ipcr_wire){.kind = u->kind,
                              .flags = u->flags,
                              .mark = u->mark,
                              .ctx = u->ctx,
                              .tag = u->tag,
                              .src = u->src,
                              .cookie = u->cookie};
}

static inline struct ipcr_peer *ipcr_peer_ready(struct ipcr_peer *peer)
{
    if (__builtin_expect(!peer->via, 0))
        ipcr_peer_connect(peer);
    return peer;
}

/* p2p_send.c: the receiver has asked for the announced message of req. */
void ipcr_send_stream(struct ipcr_peer *peer, struct ipcr_req *req);

/* p2p_recv.c: a message (u describes it) has met its receive. Both may complete req, after which it
 * must not be touched. */
void ipcr_recv_eager(struct ipcr_req *req, struct ipcr_peer *peer, const struct ipcr_wire *hdr,
                     const void *bytes, size_t len);
void ipcr_recv_announced(struct ipcr_req *req, struct ipcr_peer *peer,
                         const struct ipcr_unexpected *u, bool gather);
/* p2p_recv.c: answers without a body to the sender, and the wish to have an announced message sent.
 */
void ipcr_recv_answer(struct ipcr_peer *peer, enum ipcr_wire_kind kind, uint64_t cookie);
void ipcr_recv_ask(struct ipcr_req *req);
/* p2p_ack.c: the message that its sender names so has met its receive. */
void ipcr_ack(struct ipcr_peer *peer, uint64_t cookie);
/* p2p_pull.c: copies the message that req is bound to out of the sender's memory, where it lies at
 * `remote`, answers and completes. With `gather` (an arrival: this poll may bring more) it may wait
 * until the end of the poll. False: this message cannot be had so. */
bool ipcr_pull_message(struct ipcr_req *req, uint64_t remote, bool gather);
/* p2p_recv.c: the sender wants the message back that hdr names. */
void ipcr_recv_cancelled(struct ipcr_peer *peer, const struct ipcr_wire *hdr);
/* Puts len bytes at position `at` of the packed image into the user's buffer, as far as they fit.
 */
void ipcr_recv_place(struct ipcr_req *req, uint64_t at, const void *bytes, uint64_t len);

#endif
