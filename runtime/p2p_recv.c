/* Point-to-point, the way in as the program sees it: receives, their transfers, and probes. */
#include "protocol.h"

#include <stdlib.h>
#include <string.h>

#include "bell.h"
#include "decide.h"
#include "lock.h"
#include "log.h"
#include "observe.h"
#include "progress.h"
#include "short.h"
#include "status.h"

enum { LANE_LOOKS = 200 }; /* for a message that is about to come */

static __attribute__((noinline)) void report_consumed(struct ipcr_peer *peer)
{
    struct ipcr_wire hdr = {.kind = IPCR_CREDIT};
    uint64_t report = peer->consumed;
    peer->consumed = 0;
    ipcr_peer_control(peer, &hdr, &report, sizeof report);
}

static void consumed(struct ipcr_peer *peer, uint64_t size)
{
    peer->consumed += size + IPCR_EAGER_OVERHEAD;
    if (__builtin_expect(ipcr_owes_report(peer), 0))
        report_consumed(peer);
}

void ipcr_recv_answer(struct ipcr_peer *peer, enum ipcr_wire_kind kind, uint64_t cookie)
{
    struct ipcr_wire hdr = {.kind = (uint8_t)kind, .cookie = cookie};
    ipcr_peer_control(peer, &hdr, NULL, 0);
}

void ipcr_recv_ask(struct ipcr_req *req)
{
    struct ipcr_wire hdr = {.kind = IPCR_CTS, .cookie = req->remote};
    struct ipcr_cts body = {.cookie = ipcr_req_publish(req)};
    ipcr_peer_control(req->peer, &hdr, &body, sizeof body);
}

/* The receive is bound to a message of `size` bytes: from here on its status is known. */
static inline void bind(struct ipcr_req *req, struct ipcr_peer *peer, const struct ipcr_wire *hdr,
                        uint64_t size)
{
    uint64_t capacity = ipcr_msg_bytes(&req->msg);
    req->peer = peer;
    req->size = size;
    req->done = 0;
    req->received = size < capacity ? size : capacity;
    req->status.MPI_SOURCE = hdr->src;
    req->status.MPI_TAG = hdr->tag;
    req->status.MPI_ERROR = size > capacity ? MPI_ERR_TRUNCATE : MPI_SUCCESS;
    ipcr_status_set_bytes(&req->status, req->received);
    if (__builtin_expect(ipcr_observed, 0)) {
        struct ipcr_unexpected u = ipcr_unexpected_of(peer, hdr, size);
        ipcr_observe_match(req, peer, &u);
    }
    IPCR_TRACE("match from rank %d, tag %d, %llu bytes", peer->rank, hdr->tag,
               (unsigned long long)size);
}

/* Puts len bytes at position `at` of the packed image into the user's buffer, as far as they fit.
 */
void ipcr_recv_place(struct ipcr_req *req, uint64_t at, const void *bytes, uint64_t len)
{
    const struct ipcr_msg *m = &req->msg;
    if (at >= req->received)
        return;
    if (len > req->received - at)
        len = req->received - at;
    if (!m->type->dense)
        ipcr_type_unpack(m->type, m->count, m->buf, at, bytes, len);
    else if (len <= IPCR_RING_INLINE)
        ipcr_ring_copy_inline((char *)ipcr_msg_base(m) + at, bytes, len);
    else if ((char *)ipcr_msg_base(m) + at != bytes)
        memcpy((char *)ipcr_msg_base(m) + at, bytes, len);
}

void ipcr_recv_eager(struct ipcr_req *req, struct ipcr_peer *peer, const struct ipcr_wire *hdr,
                     const void *bytes, size_t len)
{
    bind(req, peer, hdr, len);
    ipcr_recv_place(req, 0, bytes, len);
    if (__builtin_expect(hdr->flags & IPCR_WIRE_SYNC, 0))
        ipcr_ack(peer, hdr->cookie);
    consumed(peer, len);
    ipcr_req_complete(req);
}

/* Whether the sender would rather be asked, and this rank goes nowhere until the message is here.
 * One that waits for something else, or only looks in, takes all of it while it can; and one whose
 * sender sleeps is not to wait for its wake-up. */
static bool rather_asks(const struct ipcr_req *req, const struct ipcr_unexpected *u)
{
    return (u->flags & IPCR_WIRE_STREAM) && u->peer->local >= 0 &&
           (req->stays || ipcr_progress_goal == &req->complete) &&
           !ipcr_bell_is_asleep(u->peer->local);
}

/* Answers an announcement: pull the message, ask for it, or decline what does not fit at all. */
void ipcr_recv_announced(struct ipcr_req *req, struct ipcr_peer *peer,
                         const struct ipcr_unexpected *u, bool gather)
{
    struct ipcr_wire hdr = ipcr_wire_of(u);
    bind(req, peer, &hdr, u->size);
    req->remote = u->cookie;
    if (req->received == 0) {
        ipcr_recv_answer(peer, IPCR_FIN, req->remote);
        ipcr_req_complete(req);
    } else if (rather_asks(req, u) || !ipcr_pull_message(req, u->remote, gather)) {
        ipcr_recv_ask(req);
    }
}

/* A message that waited has found its receive; it is no longer queued. */
static void finish_unexpected(struct ipcr_req *req, struct ipcr_unexpected *u)
{
    struct ipcr_wire hdr = ipcr_wire_of(u);
    if (u->kind == IPCR_EAGER)
        ipcr_recv_eager(req, u->peer, &hdr, u->bytes, u->size);
    else
        ipcr_recv_announced(req, u->peer, u, false);
    ipcr_match_free(u);
}

/* If the message is still unmatched it disappears, as if it had never been sent; else its protocol
 * goes on, and the sender learns nothing from this. */
void ipcr_recv_cancelled(struct ipcr_peer *peer, const struct ipcr_wire *hdr)
{
    struct ipcr_unexpected *u = ipcr_match_named(hdr->ctx, hdr->src, hdr->tag, hdr->cookie);
    if (!u || u->peer != peer)
        return;
    ipcr_match_drop(u);
    ipcr_recv_answer(peer, IPCR_GONE, hdr->cookie);
    if (u->kind == IPCR_EAGER)
        consumed(peer, u->size);
    ipcr_match_free(u);
}

static void complete_null(struct ipcr_req *req)
{
    ipcr_status_set_null(&req->status);
    req->size = req->received = 0;
    ipcr_req_complete(req);
}

static struct ipcr_unexpected *peek(uint32_t ctx, const struct ipcr_wanted *w)
{
    struct ipcr_unexpected *u = ipcr_match_peek(ctx, w->src, w->tag);
    return IPCR_DECIDED() ? ipcr_decide_message(w, u) : u;
}

void ipcr_p2p_start_recv(struct ipcr_req *req)
{
    const struct ipcr_msg *m = &req->msg;
    req->complete = false;
    ipcr_status_set_cancelled(&req->status, false);
    if (__builtin_expect(m->rank == MPI_PROC_NULL, 0)) {
        complete_null(req);
        return;
    }
    IPCR_OBSERVE(post, req);
    struct ipcr_wanted w = {m->rank, m->tag};
    if (IPCR_DECIDED())
        ipcr_decide_receive(req, &w);
    struct ipcr_unexpected *u = peek(m->ctx, &w);
    if (u) {
        ipcr_match_drop(u);
        finish_unexpected(req, u);
        return;
    }
    req->posted.filed.ctx = m->ctx;
    req->posted.filed.src = w.src;
    req->posted.filed.tag = w.tag;
    ipcr_match_post(&req->posted);
}

void ipcr_short_help_sender(struct ipcr_peer *peer)
{
    ipcr_lane_offer_room(peer->lane_in);
    if (ipcr_owes_report(peer))
        report_consumed(peer);
}

bool ipcr_short_take_longer(struct ipcr_peer *peer, const struct ipcr_ring_entry *e, void *to)
{
    uint32_t len = e->len;
    memcpy(to, ipcr_ring_bytes(&peer->lane_in->in, e), len);
    ipcr_ring_consume(&peer->lane_in->in, e);
    ipcr_short_settle(peer, len);
    return true;
}

/* Waits at the lane itself for a moment: a message that comes meanwhile is in sooner than through
 * matching. Nothing else moves until then, so this is no longer than a few microseconds, not for a
 * rank that keeps others waiting, and not while another thread wants the lock. */
static __attribute__((noinline)) bool comes_on_lane(const struct ipcr_msg *m)
{
    const struct ipcr_peer *peer = m->rank >= 0 ? ipcr_comm_peer(m->comm, m->rank) : NULL;
    if (!peer || !peer->lane_in || ipcr_match_waiting || ipcr_peer_stuck() ||
        !ipcr_progress_may_spin())
        return false;
    for (int looks = 0; looks < LANE_LOOKS && !ipcr_lock_is_wanted(); looks++, ipcr_cpu_relax())
        if (ipcr_ring_peek(&peer->lane_in->in))
            return true;
    return false;
}

static __attribute__((noinline)) int recv_with_request(const struct ipcr_msg *m, MPI_Status *status)
{
    struct ipcr_req req;
    ipcr_req_init(&req, m, IPCR_REQ_RECV);
    req.stays = true;
    ipcr_p2p_start_recv(&req);
    if (!req.complete)
        ipcr_req_wait(&req);
    IPCR_OBSERVE(back, &req, status != MPI_STATUS_IGNORE);
    ipcr_status_copy(status, &req.status);
    return req.status.MPI_ERROR == MPI_SUCCESS ? MPI_SUCCESS : ipcr_req_result(&req);
}

static __attribute__((noinline)) int recv_later(const struct ipcr_msg *m, MPI_Status *status)
{
    if (comes_on_lane(m) && ipcr_short_recv(m, status))
        return MPI_SUCCESS;
    return recv_with_request(m, status);
}

int ipcr_p2p_recv(const struct ipcr_msg *m, MPI_Status *status)
{
    return ipcr_short_recv(m, status) ? MPI_SUCCESS : recv_later(m, status);
}

int ipcr_p2p_irecv(const struct ipcr_msg *m, struct ipcr_req **out)
{
    struct ipcr_req *req = ipcr_req_new(m, IPCR_REQ_RECV);
    req->active = true;
    *out = req;
    ipcr_p2p_start_recv(req);
    return MPI_SUCCESS;
}

int ipcr_p2p_sendrecv(const struct ipcr_msg *out, const struct ipcr_msg *in, MPI_Status *status)
{
    if (ipcr_short_send(out))
        return ipcr_p2p_recv(in, status);
    struct ipcr_req recv;
    ipcr_req_init(&recv, in, IPCR_REQ_RECV);
    recv.stays = true;
    ipcr_p2p_start_recv(&recv);
    ipcr_p2p_send(out);
    if (!recv.complete)
        ipcr_req_wait(&recv);
    IPCR_OBSERVE(back, &recv, status != MPI_STATUS_IGNORE);
    ipcr_status_copy(status, &recv.status);
    return recv.status.MPI_ERROR == MPI_SUCCESS ? MPI_SUCCESS : ipcr_req_result(&recv);
}

void ipcr_p2p_cancel_recv(struct ipcr_req *req)
{
    if (!ipcr_match_waits(&req->posted))
        return;
    ipcr_match_unpost(&req->posted);
    ipcr_status_set_empty(&req->status);
    ipcr_status_set_cancelled(&req->status, true);
    ipcr_req_complete(req);
}

/* ---- probing ----------------------------------------------------------------------------------
 */

static struct ipcr_unexpected *look(const struct ipcr_msg *m, const struct ipcr_wanted *w,
                                    bool wait)
{
    struct ipcr_req on = {.kind = IPCR_REQ_RECV, .msg = *m};
    struct ipcr_idle idle = {.on = &on};
    on.msg.rank = w->src;
    on.msg.tag = w->tag;
    struct ipcr_unexpected *u = peek(m->ctx, w);
    if (!u && !wait) {
        ipcr_progress_poll();
        return peek(m->ctx, w);
    }
    while (!u) {
        ipcr_progress_step(&idle);
        u = peek(m->ctx, w);
    }
    ipcr_progress_end(&idle);
    return u;
}

static struct ipcr_unexpected *find(const struct ipcr_msg *m, bool wait)
{
    struct ipcr_wanted w = {m->rank, m->tag};
    struct ipcr_unexpected *u = NULL;
    if (!IPCR_DECIDED())
        return look(m, &w, wait);
    if (ipcr_decide_probe(&w, &wait))
        u = look(m, &w, wait);
    else
        ipcr_progress_poll();
    return ipcr_decide_probed(u, wait);
}

int ipcr_p2p_probe(const struct ipcr_msg *m, bool wait, bool *flag, struct ipcr_unexpected **take,
                   MPI_Status *status)
{
    struct ipcr_unexpected *u = find(m, wait);
    *flag = u != NULL;
    if (!u)
        return MPI_SUCCESS;
    if (status != MPI_STATUS_IGNORE) {
        ipcr_status_set_empty(status);
        status->MPI_SOURCE = u->src;
        status->MPI_TAG = u->tag;
        ipcr_status_set_bytes(status, u->size);
    }
    if (take) {
        ipcr_match_drop(u);
        u->taken = true;
        u->comm = m->comm;
        *take = u;
    }
    return MPI_SUCCESS;
}

int ipcr_p2p_mrecv(const struct ipcr_msg *m, struct ipcr_unexpected *msg, struct ipcr_req **out)
{
    struct ipcr_req *req = ipcr_req_new(m, IPCR_REQ_RECV);
    req->active = true;
    req->wildcard = 0;
    *out = req;
    IPCR_OBSERVE(post, req);
    finish_unexpected(req, msg);
    return MPI_SUCCESS;
}
