/* Point-to-point, the way out: eager messages, announcements, streams. */
#include "protocol.h"

#include "log.h"
#include "observe.h"
#include "progress.h"
#include "short.h"

static struct ipcr_req *req_of_backlog(struct ipcr_backlog *b)
{
    return (struct ipcr_req *)((char *)b - offsetof(struct ipcr_req, backlog));
}

static struct ipcr_peer *peer_of(const struct ipcr_msg *m)
{
    return ipcr_peer_ready(ipcr_comm_peer(m->comm, m->rank));
}

static void fill_frag(struct ipcr_frag *f, const struct ipcr_msg *m)
{
    bool dense = m->type->dense;
    f->hdr =
        (struct ipcr_wire){.kind = IPCR_EAGER, .ctx = m->ctx, .tag = m->tag, .src = m->comm->rank};
    f->buf = dense ? ipcr_msg_base(m) : m->buf;
    f->type = dense ? NULL : m->type;
    f->count = m->count;
    f->offset = 0;
}

/* What a tool wants the receiver to know of a message; only its first fragment says so. */
static inline uint16_t mark_of(const struct ipcr_msg *m)
{
    return __builtin_expect(ipcr_observed, 0) ? ipcr_observe_mark(m) : 0;
}

static inline bool fits_exchange(const struct ipcr_peer *peer, const struct ipcr_msg *m,
                                 uint64_t size)
{
    return m->mode == IPCR_EXCHANGE && size <= peer->exchange;
}

/* Whether a message may travel before it is asked for. Held back: a sender that ran far ahead of
 * its receiver; it announces instead, and a blocking send then waits, so memory stays bounded. */
static bool may_send_eagerly(struct ipcr_peer *peer, const struct ipcr_msg *m, uint64_t size)
{
    if (size > peer->eager && !fits_exchange(peer, m, size))
        return false;
    if (__builtin_expect(ipcr_has_credit(peer, size), 1))
        return true;
    ipcr_progress_poll(); /* a report may be waiting */
    return ipcr_has_credit(peer, size);
}

/* A receiver that pulls needs nobody; one that asks needs a sender who answers at once. */
static bool rather_streams(struct ipcr_peer *peer, const struct ipcr_req *req,
                           const struct ipcr_frag *f)
{
    return req->stays && !f->type && peer->via->streams &&
           peer->via->streams(peer, f->buf, req->size);
}

/* The first fragment of a send: the message itself, or its announcement (body: caller's). */
static void first_frag(struct ipcr_frag *f, struct ipcr_peer *peer, const struct ipcr_req *req,
                       struct ipcr_rts *body)
{
    fill_frag(f, &req->msg);
    f->hdr.cookie = req->cookie;
    f->hdr.mark = mark_of(&req->msg);
    if (req->eager) {
        f->len = req->size;
        f->hdr.flags = req->cookie ? IPCR_WIRE_SYNC : 0;
        return;
    }
    body->size = req->size;
    body->addr = f->type ? 0 : (uint64_t)(uintptr_t)f->buf;
    f->hdr.kind = IPCR_RTS;
    f->hdr.flags = rather_streams(peer, req, f) ? IPCR_WIRE_STREAM : 0;
    f->buf = body;
    f->type = NULL;
    f->len = sizeof *body;
}

/* How a message travels is decided when it does: what waits for room in the transport has used no
 * credit yet, and may find more than there was when it began to wait.
 *
 * One without credit waits for its receive, but if it is short enough it travels all the same, with
 * the wish to hear of its receive: to announce it would take as much of the receiver's memory, and
 * to fetch it a system call. Measured, 100,000 sends of 4 bytes ahead of their receives: 4.8 -> 2.4
 * us each. */
static void choose_way(struct ipcr_peer *peer, struct ipcr_req *req)
{
    bool fits = req->size <= peer->eager || fits_exchange(peer, &req->msg, req->size);
    bool credit = fits && ipcr_has_credit(peer, req->size);
    bool waits = !credit || req->msg.mode == IPCR_SYNCHRONOUS;
    req->eager = credit || (fits && req->size <= IPCR_MATCH_INSIDE);
    if (waits && !req->cookie)
        ipcr_req_publish(req);
    else if (!waits && req->cookie)
        ipcr_req_unpublish(req);
}

static void announced(struct ipcr_peer *peer, uint64_t size)
{
    peer->announced += size;
    if (!ipcr_pace_rested(&peer->pace))
        return;
    peer->eager = peer->pace.eager;
    peer->exchange = peer->pace.exchange;
}

static enum ipcr_result send_first(struct ipcr_peer *peer, struct ipcr_req *req,
                                   enum ipcr_result (*out)(struct ipcr_peer *,
                                                           const struct ipcr_frag *))
{
    struct ipcr_frag f;
    struct ipcr_rts body;
    first_frag(&f, peer, req, &body);
    uint64_t charge = req->eager ? req->size + IPCR_EAGER_OVERHEAD : 0;
    bool done = req->eager && !req->cookie; /* nothing comes back for it */
    peer->owed += charge;
    enum ipcr_result r = out(peer, &f);
    if (r == IPCR_AGAIN)
        peer->owed -= charge;
    else if (!req->eager)
        announced(peer, req->size);
    if (r == IPCR_OK && done)
        ipcr_req_complete(req);
    return r;
}

static enum ipcr_result resume_first(struct ipcr_peer *peer, struct ipcr_backlog *self)
{
    struct ipcr_req *req = req_of_backlog(self);
    choose_way(peer, req);
    return send_first(peer, req, ipcr_peer_transmit);
}

void ipcr_p2p_start_send(struct ipcr_req *req)
{
    req->complete = req->cancelled = false;
    req->done = 0;
    if (req->msg.rank == MPI_PROC_NULL) {
        ipcr_req_complete(req);
        return;
    }
    struct ipcr_peer *peer = peer_of(&req->msg);
    req->peer = peer;
    req->size = ipcr_msg_bytes(&req->msg);
    choose_way(peer, req);
    IPCR_TRACE("send %s to rank %d, tag %d, ctx %u, %llu bytes", req->eager ? "eager" : "rts",
               peer->rank, req->msg.tag, req->msg.ctx, (unsigned long long)req->size);
    IPCR_OBSERVE(send, &req->msg, peer, req->size, req);
    if (send_first(peer, req, ipcr_peer_send) == IPCR_AGAIN) {
        req->backlog.resume = resume_first;
        ipcr_peer_park(peer, &req->backlog);
    }
}

/* A stream may have taken a fragment and still hold its tail. Nobody pushes that out while the
 * program computes, so a send is not over before it is gone. */
static bool tail_waits(struct ipcr_peer *peer)
{
    return peer->via->unsent && peer->via->unsent(peer);
}

/* Streams the message after CTS. Parked when the transport is full, resumed until it is out. */
static enum ipcr_result stream(struct ipcr_peer *peer, struct ipcr_backlog *self)
{
    struct ipcr_req *req = req_of_backlog(self);
    struct ipcr_frag f;
    fill_frag(&f, &req->msg);
    f.hdr.kind = IPCR_DATA;
    f.hdr.cookie = req->remote;
    uint64_t size = req->size;
    for (uint64_t done = req->done; done < size; done = req->done) {
        uint64_t left = size - done, most = peer->frag;
        f.offset = done;
        f.len = left < most ? left : most;
        /* Before the call: a message to ourselves completes inside it, and req may be gone. */
        req->done += f.len;
        enum ipcr_result r = ipcr_peer_transmit(peer, &f);
        if (r != IPCR_OK) {
            req->done = done;
            return r;
        }
    }
    if (tail_waits(peer))
        return IPCR_AGAIN;
    ipcr_req_complete(req);
    return IPCR_OK;
}

void ipcr_send_stream(struct ipcr_peer *peer, struct ipcr_req *req)
{
    req->backlog.resume = stream;
    if (peer->head || stream(peer, &req->backlog) == IPCR_AGAIN)
        ipcr_peer_park(peer, &req->backlog);
}

/* The whole of an eager message's way out: true if it is gone. */
static bool sent_at_once(struct ipcr_peer *peer, const struct ipcr_msg *m)
{
    uint64_t size = ipcr_msg_bytes(m);
    if (__builtin_expect(m->mode == IPCR_SYNCHRONOUS || !may_send_eagerly(peer, m, size), 0))
        return false;
    struct ipcr_frag f;
    fill_frag(&f, m);
    f.hdr.mark = mark_of(m);
    f.len = size;
    IPCR_TRACE("send eager to rank %d, tag %d, ctx %u, %llu bytes", peer->rank, m->tag, m->ctx,
               (unsigned long long)size);
    if (__builtin_expect(ipcr_peer_send(peer, &f) != IPCR_OK, 0))
        return false;
    peer->owed += size + IPCR_EAGER_OVERHEAD;
    IPCR_OBSERVE(send, m, peer, size, NULL);
    return true;
}

bool ipcr_short_send_longer(const struct ipcr_msg *m, struct ipcr_peer *peer)
{
    uint64_t size = ipcr_msg_bytes(m);
    if (size > peer->eager && !fits_exchange(peer, m, size))
        return false;
    struct ipcr_wire hdr = {.kind = IPCR_EAGER, .ctx = m->ctx, .tag = m->tag, .src = m->comm->rank};
    if (!ipcr_lane_put_longer(peer->lane_out, &hdr, ipcr_msg_base(m), size))
        return false;
    ipcr_short_sent(peer, peer->lane_out, size);
    return true;
}

static __attribute__((noinline)) int send_the_long_way(const struct ipcr_msg *m)
{
    struct ipcr_peer *peer = peer_of(m);
    if (!sent_at_once(peer, m)) {
        struct ipcr_req req;
        ipcr_req_init(&req, m, IPCR_REQ_SEND);
        req.stays = true;
        ipcr_p2p_start_send(&req);
        ipcr_req_wait(&req);
    }
    struct ipcr_idle idle = {0};
    while (__builtin_expect(tail_waits(peer), 0))
        ipcr_progress_step(&idle);
    ipcr_progress_end(&idle);
    return MPI_SUCCESS;
}

int ipcr_p2p_send(const struct ipcr_msg *m)
{
    if (m->rank == MPI_PROC_NULL || ipcr_short_send(m))
        return MPI_SUCCESS;
    return send_the_long_way(m);
}

static __attribute__((noinline)) int isend_the_long_way(const struct ipcr_msg *m,
                                                        struct ipcr_req **out)
{
    /* Tools follow each request, so that each is one of its own. */
    if (!ipcr_observed && sent_at_once(peer_of(m), m)) {
        *out = &ipcr_req_sent;
        return MPI_SUCCESS;
    }
    struct ipcr_req *req = ipcr_req_new(m, IPCR_REQ_SEND);
    req->active = true;
    *out = req;
    ipcr_p2p_start_send(req);
    return MPI_SUCCESS;
}

int ipcr_p2p_isend(const struct ipcr_msg *m, struct ipcr_req **out)
{
    if (m->rank != MPI_PROC_NULL && !ipcr_short_send(m))
        return isend_the_long_way(m, out);
    *out = &ipcr_req_sent;
    return MPI_SUCCESS;
}

/* Only a send that has a name on the wire waits for anything from its receiver. */
void ipcr_p2p_cancel_send(struct ipcr_req *req)
{
    if (req->complete || !req->cookie)
        return;
    const struct ipcr_msg *m = &req->msg;
    struct ipcr_wire hdr = {.kind = IPCR_CANCEL,
                            .ctx = m->ctx,
                            .tag = m->tag,
                            .src = m->comm->rank,
                            .cookie = req->cookie};
    ipcr_peer_control(req->peer, &hdr, NULL, 0);
}
