/* The short way (lane.h) of a small message between two ranks of a node: what MPI_Send and MPI_Recv
 * try first, inlined into them, so that a message costs a few cache lines and little more. Whoever
 * is told `false` goes the long way, which can do everything. */
#ifndef IPCR_SHORT_H
#define IPCR_SHORT_H

#include "lane.h"
#include "protocol.h"
#include "status.h"

enum { IPCR_SHORT_OTHERS = 64 }; /* messages of a lane until everything else is looked at, too */

/* A message of so many bytes has been put into the lane. */
static inline void ipcr_short_sent(struct ipcr_peer *peer, struct ipcr_lane_out *lane,
                                   uint64_t size)
{
    peer->owed += size + IPCR_EAGER_OVERHEAD;
    ipcr_footprint_sent(peer->count, IPCR_EAGER, size);
    ipcr_lane_ring(lane);
}

/* p2p_send.c: sends what does not fit into an entry itself, if it may travel unasked. */
bool ipcr_short_send_longer(const struct ipcr_msg *m, struct ipcr_peer *peer);

/* Sends it, if this peer has a lane with room, and nothing waits before it. */
__attribute__((always_inline)) static inline bool ipcr_short_send(const struct ipcr_msg *m)
{
    if (__builtin_expect(m->rank < 0 || m->mode == IPCR_SYNCHRONOUS || !m->type->dense, 0))
        return false;
    struct ipcr_peer *peer = ipcr_comm_peer(m->comm, m->rank);
    struct ipcr_lane_out *lane = peer->lane_out;
    uint64_t size = ipcr_msg_bytes(m);
    if (__builtin_expect(!lane || peer->head || !ipcr_has_credit(peer, size), 0))
        return false;
    if (__builtin_expect(size > IPCR_RING_INLINE, 0)) {
        struct ipcr_msg copy = *m; /* or m could not stay in registers */
        return ipcr_short_send_longer(&copy, peer);
    }
    struct ipcr_wire hdr = {.kind = IPCR_EAGER, .ctx = m->ctx, .tag = m->tag, .src = m->comm->rank};
    if (__builtin_expect(!ipcr_lane_put(lane, &hdr, ipcr_msg_base(m), size), 0))
        return false;
    ipcr_short_sent(peer, lane, size);
    return true;
}

/* Whether e, of len bytes, is what m asks for, and fits. */
static inline bool ipcr_short_suits(const struct ipcr_msg *m, const struct ipcr_ring_entry *e,
                                    uint32_t len)
{
    return e->hdr.kind == IPCR_EAGER && !e->hdr.flags && e->hdr.ctx == m->ctx &&
           e->hdr.src == m->rank && (e->hdr.tag == m->tag || m->tag == MPI_ANY_TAG) &&
           len <= ipcr_msg_bytes(m);
}

static inline void ipcr_short_tell(MPI_Status *status, const struct ipcr_ring_entry *e,
                                   uint32_t len)
{
    if (status == MPI_STATUS_IGNORE)
        return;
    status->MPI_SOURCE = e->hdr.src;
    status->MPI_TAG = e->hdr.tag;
    ipcr_status_set_bytes(status, len);
    ipcr_status_set_cancelled(status, false);
}

/* p2p_recv.c: gives the sender what it may be waiting for, room in the ring or credit. */
void ipcr_short_help_sender(struct ipcr_peer *peer);

/* A message of len bytes has been taken. */
static inline void ipcr_short_settle(struct ipcr_peer *peer, uint32_t len)
{
    peer->consumed += len + IPCR_EAGER_OVERHEAD;
    ipcr_footprint_arrived();
    if (__builtin_expect(ipcr_ring_room_wanted(&peer->lane_in->in) || ipcr_owes_report(peer), 0))
        ipcr_short_help_sender(peer);
}

/* p2p_recv.c: takes what does not lie in the entry itself. True. */
bool ipcr_short_take_longer(struct ipcr_peer *peer, const struct ipcr_ring_entry *e, void *to);

/* Receives it into the buffer of a blocking receive, which needs no request then, if it is the next
 * one on its lane and nothing waits for being matched. Now and then it declines, so that a program
 * that never waits still looks at what comes on other ways. */
__attribute__((always_inline)) static inline bool ipcr_short_recv(const struct ipcr_msg *m,
                                                                  MPI_Status *status)
{
    if (__builtin_expect(ipcr_match_waiting || m->rank < 0 || !m->type->dense, 0))
        return false;
    struct ipcr_peer *peer = ipcr_comm_peer(m->comm, m->rank);
    struct ipcr_lane_in *lane = peer->lane_in;
    if (__builtin_expect(!lane || lane->in.next % IPCR_SHORT_OTHERS == 0, 0))
        return false;
    const struct ipcr_ring_entry *e = ipcr_ring_peek(&lane->in);
    uint32_t len = e ? e->len : 0;
    if (!e || !ipcr_short_suits(m, e, len))
        return false;
    ipcr_short_tell(status, e, len);
    if (__builtin_expect(len > IPCR_RING_INLINE, 0))
        return ipcr_short_take_longer(peer, e, ipcr_msg_base(m));
    ipcr_ring_copy_inline(ipcr_msg_base(m), e->bytes, len);
    ipcr_ring_consume_short(&lane->in);
    ipcr_short_settle(peer, len);
    return true;
}

/* req has been posted: what comes next on its lane is taken in while it looks like that, for req or
 * those before it, until req is complete. Now and then it looks at everything else instead, for a
 * program that finds all it waits for complete. Only for calls of the program: what an arrival
 * starts must not take the same entry again. */
static inline void ipcr_short_take(const struct ipcr_req *req)
{
    const struct ipcr_msg *m = &req->msg;
    struct ipcr_peer *peer = m->rank >= 0 ? ipcr_comm_peer(m->comm, m->rank) : NULL;
    if (!peer || !peer->lane_in)
        return;
    struct ipcr_ring_in *in = &peer->lane_in->in;
    for (const struct ipcr_ring_entry *e; !req->complete && (e = ipcr_ring_peek(in));) {
        if (!ipcr_short_suits(m, e, e->len))
            return;
        if (in->next % IPCR_SHORT_OTHERS == 0) {
            ipcr_progress_poll_for(req);
            return;
        }
        ipcr_p2p_arrive(peer, &e->hdr, ipcr_ring_bytes(in, e), e->len);
        ipcr_ring_consume(in, e);
        ipcr_lane_offer_room(peer->lane_in);
    }
}

#endif
