/* Point-to-point protocols: eager and rendezvous, on both sides. */
#include "p2p.h"

#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "err.h"
#include "log.h"
#include "match.h"
#include "progress.h"
#include "request.h"
#include "status.h"

/* What an unmatched eager message costs its receiver beyond its bytes. */
#define EAGER_OVERHEAD ((uint64_t)sizeof(struct ipcr_unexpected))

static uint64_t budget;   /* eager bytes a sender may have unconsumed at one receiver */
static uint64_t pull_min; /* smallest message to copy out of the sender's memory */

static struct ipcr_req *req_of_posted(struct ipcr_posted *p)
{
    return (struct ipcr_req *)((char *)p - offsetof(struct ipcr_req, posted));
}

static struct ipcr_req *req_of_backlog(struct ipcr_backlog *b)
{
    return (struct ipcr_req *)((char *)b - offsetof(struct ipcr_req, backlog));
}

static uint64_t bytes_of(const struct ipcr_msg *m)
{
    return (uint64_t)m->count * m->type->size;
}

static void *dense_base(const struct ipcr_msg *m)
{
    return (char *)m->buf + m->type->true_lb;
}

static struct ipcr_peer *connected(struct ipcr_peer *peer)
{
    if (__builtin_expect(!peer->via, 0))
        ipcr_peer_connect(peer);
    return peer;
}

static struct ipcr_peer *peer_of(const struct ipcr_msg *m)
{
    return connected(ipcr_comm_peer(m->comm, m->rank));
}

static void fill_frag(struct ipcr_frag *f, const struct ipcr_msg *m)
{
    bool dense = m->type->dense;
    f->hdr =
        (struct ipcr_wire){.kind = IPCR_EAGER, .ctx = m->ctx, .tag = m->tag, .src = m->comm->rank};
    f->buf = dense ? dense_base(m) : m->buf;
    f->type = dense ? NULL : m->type;
    f->count = m->count;
    f->offset = 0;
}

/* ---- sending ----------------------------------------------------------------------------------
 */

/* Whether a message may travel before it is asked for. Held back: a sender that ran far ahead of
 * its receiver; it announces instead, and a blocking send then waits, so memory stays bounded. */
static bool may_send_eagerly(struct ipcr_peer *peer, uint64_t size)
{
    if (size > peer->eager)
        return false;
    if (__builtin_expect(peer->owed + size + EAGER_OVERHEAD <= budget, 1))
        return true;
    ipcr_progress_poll(); /* a report may be waiting */
    return peer->owed + size + EAGER_OVERHEAD <= budget;
}

static void charge(struct ipcr_peer *peer, uint64_t size)
{
    peer->owed += size + EAGER_OVERHEAD;
}

/* The first fragment of a send: the message itself, or its announcement (body: caller's). */
static void first_frag(struct ipcr_frag *f, const struct ipcr_req *req, struct ipcr_rts *body)
{
    fill_frag(f, &req->msg);
    f->hdr.cookie = req->cookie;
    if (req->eager) {
        f->len = req->size;
        f->hdr.flags = req->msg.mode == IPCR_SYNCHRONOUS ? IPCR_WIRE_SYNC : 0;
        return;
    }
    body->size = req->size;
    body->addr = f->type ? 0 : (uint64_t)(uintptr_t)f->buf;
    f->hdr.kind = IPCR_RTS;
    f->buf = body;
    f->type = NULL;
    f->len = sizeof *body;
}

static enum ipcr_result send_first(struct ipcr_peer *peer, struct ipcr_req *req,
                                   enum ipcr_result (*out)(struct ipcr_peer *,
                                                           const struct ipcr_frag *))
{
    struct ipcr_frag f;
    struct ipcr_rts body;
    first_frag(&f, req, &body);
    bool done = req->eager && !req->cookie; /* nothing comes back for it */
    enum ipcr_result r = out(peer, &f);
    if (r == IPCR_OK && done)
        ipcr_req_complete(req);
    return r;
}

static enum ipcr_result resume_first(struct ipcr_peer *peer, struct ipcr_backlog *self)
{
    return send_first(peer, req_of_backlog(self), ipcr_peer_transmit);
}

void ipcr_p2p_start_send(struct ipcr_req *req)
{
    req->complete = false;
    req->done = 0;
    if (req->msg.rank == MPI_PROC_NULL) {
        ipcr_req_complete(req);
        return;
    }
    struct ipcr_peer *peer = peer_of(&req->msg);
    req->peer = peer;
    req->size = bytes_of(&req->msg);
    req->eager = may_send_eagerly(peer, req->size);
    if (req->eager)
        charge(peer, req->size);
    if (!req->eager || req->msg.mode == IPCR_SYNCHRONOUS)
        ipcr_req_publish(req);
    IPCR_TRACE("send %s to rank %d, tag %d, ctx %u, %llu bytes", req->eager ? "eager" : "rts",
               peer->rank, req->msg.tag, req->msg.ctx, (unsigned long long)req->size);
    if (send_first(peer, req, ipcr_peer_send) == IPCR_AGAIN) {
        req->backlog.resume = resume_first;
        ipcr_peer_park(peer, &req->backlog);
    }
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
        uint64_t left = size - done, most = peer->via->frag_max;
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
    ipcr_req_complete(req);
    return IPCR_OK;
}

static void start_stream(struct ipcr_peer *peer, struct ipcr_req *req)
{
    req->backlog.resume = stream;
    if (peer->head || stream(peer, &req->backlog) == IPCR_AGAIN)
        ipcr_peer_park(peer, &req->backlog);
}

/* The whole of a small message's way out: true if it is gone. */
static inline bool sent_at_once(const struct ipcr_msg *m)
{
    struct ipcr_peer *peer = peer_of(m);
    uint64_t size = bytes_of(m);
    if (__builtin_expect(m->mode == IPCR_SYNCHRONOUS || !may_send_eagerly(peer, size), 0))
        return false;
    struct ipcr_frag f;
    fill_frag(&f, m);
    f.len = size;
    IPCR_TRACE("send eager to rank %d, tag %d, ctx %u, %llu bytes", peer->rank, m->tag, m->ctx,
               (unsigned long long)size);
    if (__builtin_expect(ipcr_peer_send(peer, &f) != IPCR_OK, 0))
        return false;
    charge(peer, size);
    return true;
}

int ipcr_p2p_send(const struct ipcr_msg *m)
{
    if (__builtin_expect(m->rank == MPI_PROC_NULL, 0) || sent_at_once(m))
        return MPI_SUCCESS;
    struct ipcr_req req;
    ipcr_req_init(&req, m, IPCR_REQ_SEND);
    ipcr_p2p_start_send(&req);
    ipcr_req_wait(&req);
    return MPI_SUCCESS;
}

int ipcr_p2p_isend(const struct ipcr_msg *m, struct ipcr_req **out)
{
    if (__builtin_expect(m->rank == MPI_PROC_NULL, 0) || sent_at_once(m)) {
        *out = &ipcr_req_sent;
        return MPI_SUCCESS;
    }
    struct ipcr_req *req = ipcr_req_new(m, IPCR_REQ_SEND);
    req->active = true;
    *out = req;
    ipcr_p2p_start_send(req);
    return MPI_SUCCESS;
}

/* ---- receiving --------------------------------------------------------------------------------
 */

/* The receiver reports what it has consumed in portions, so that a sender is held back only when
 * its receiver has really fallen behind. */
static void consumed(struct ipcr_peer *peer, uint64_t size)
{
    peer->consumed += size + EAGER_OVERHEAD;
    if (__builtin_expect(peer->consumed * 4 < budget, 1))
        return;
    struct ipcr_wire hdr = {.kind = IPCR_CREDIT};
    uint64_t report = peer->consumed;
    peer->consumed = 0;
    ipcr_peer_control(peer, &hdr, &report, sizeof report);
}

static void answer(struct ipcr_peer *peer, enum ipcr_wire_kind kind, uint64_t cookie)
{
    struct ipcr_wire hdr = {.kind = (uint8_t)kind, .cookie = cookie};
    ipcr_peer_control(peer, &hdr, NULL, 0);
}

/* The receive is bound to a message: from here on its status is known. */
static void bind(struct ipcr_req *req, struct ipcr_peer *peer, const struct ipcr_unexpected *u)
{
    uint64_t capacity = bytes_of(&req->msg);
    req->peer = peer;
    req->size = u->size;
    req->done = 0;
    req->received = u->size < capacity ? u->size : capacity;
    req->status.MPI_SOURCE = u->src;
    req->status.MPI_TAG = u->tag;
    req->status.MPI_ERROR = u->size > capacity ? MPI_ERR_TRUNCATE : MPI_SUCCESS;
    ipcr_status_set_bytes(&req->status, req->received);
    IPCR_TRACE("match from rank %d, tag %d, %llu bytes", peer->rank, u->tag,
               (unsigned long long)u->size);
}

/* Puts len bytes at position `at` of the packed image into the user's buffer, as far as they fit.
 */
static void place(struct ipcr_req *req, uint64_t at, const void *bytes, uint64_t len)
{
    const struct ipcr_msg *m = &req->msg;
    if (at >= req->received)
        return;
    if (len > req->received - at)
        len = req->received - at;
    if (!m->type->dense)
        ipcr_type_unpack(m->type, m->count, m->buf, at, bytes, len);
    else if ((char *)dense_base(m) + at != bytes)
        memcpy((char *)dense_base(m) + at, bytes, len);
}

static void finish_eager(struct ipcr_req *req, struct ipcr_peer *peer,
                         const struct ipcr_unexpected *u, const void *bytes)
{
    bind(req, peer, u);
    place(req, 0, bytes, u->size);
    if (__builtin_expect(u->flags & IPCR_WIRE_SYNC, 0))
        answer(peer, IPCR_ACK, u->cookie);
    consumed(peer, u->size);
    ipcr_req_complete(req);
}

static bool pull(struct ipcr_req *req, uint64_t remote)
{
    const struct ipcr_msg *m = &req->msg;
    if (!remote || !m->type->dense || req->size < pull_min)
        return false;
    /* The announcement may be the first that this rank has to do with the sender. */
    struct ipcr_peer *peer = connected(req->peer);
    return peer->via->pull && peer->via->pull(peer, remote, dense_base(m), req->received) == 0;
}

/* Answers an announcement: pull the message, ask for it, or decline what does not fit at all. */
static void start_transfer(struct ipcr_req *req, struct ipcr_peer *peer,
                           const struct ipcr_unexpected *u)
{
    bind(req, peer, u);
    req->remote = u->cookie;
    if (req->received == 0 || pull(req, u->remote)) {
        answer(peer, IPCR_FIN, req->remote);
        ipcr_req_complete(req);
        return;
    }
    struct ipcr_wire hdr = {.kind = IPCR_CTS, .cookie = req->remote};
    struct ipcr_cts body = {.cookie = ipcr_req_publish(req)};
    ipcr_peer_control(peer, &hdr, &body, sizeof body);
}

/* A message that waited has found its receive; it is no longer queued. */
static void finish_unexpected(struct ipcr_req *req, struct ipcr_unexpected *u)
{
    if (u->kind == IPCR_EAGER)
        finish_eager(req, u->peer, u, u->bytes);
    else
        start_transfer(req, u->peer, u);
    free(u);
}

static void complete_null(struct ipcr_req *req)
{
    ipcr_status_set_null(&req->status);
    req->size = req->received = 0;
    ipcr_req_complete(req);
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
    struct ipcr_unexpected *u = ipcr_match_peek(m->ctx, m->rank, m->tag);
    if (u) {
        ipcr_match_drop(u);
        finish_unexpected(req, u);
        return;
    }
    req->posted.ctx = m->ctx;
    req->posted.src = m->rank;
    req->posted.tag = m->tag;
    ipcr_match_post(&req->posted);
}

int ipcr_p2p_recv(const struct ipcr_msg *m, MPI_Status *status)
{
    struct ipcr_req req;
    ipcr_req_init(&req, m, IPCR_REQ_RECV);
    ipcr_p2p_start_recv(&req);
    if (!req.complete)
        ipcr_req_wait(&req);
    ipcr_status_copy(status, &req.status);
    return req.status.MPI_ERROR == MPI_SUCCESS ? MPI_SUCCESS : ipcr_req_result(&req);
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
    struct ipcr_req recv;
    ipcr_req_init(&recv, in, IPCR_REQ_RECV);
    ipcr_p2p_start_recv(&recv);
    ipcr_p2p_send(out);
    if (!recv.complete)
        ipcr_req_wait(&recv);
    ipcr_status_copy(status, &recv.status);
    return recv.status.MPI_ERROR == MPI_SUCCESS ? MPI_SUCCESS : ipcr_req_result(&recv);
}

bool ipcr_p2p_cancel(struct ipcr_req *req)
{
    if (req->kind != IPCR_REQ_RECV || !req->posted.fifo)
        return false;
    ipcr_match_unpost(&req->posted);
    ipcr_status_set_empty(&req->status);
    ipcr_status_set_cancelled(&req->status, true);
    ipcr_req_complete(req);
    return true;
}

/* ---- probing ----------------------------------------------------------------------------------
 */

static struct ipcr_unexpected *look(const struct ipcr_msg *m, bool wait)
{
    struct ipcr_req on = {.msg = *m};
    struct ipcr_idle idle = {.on = &on};
    struct ipcr_unexpected *u = ipcr_match_peek(m->ctx, m->rank, m->tag);
    if (!u && !wait) {
        ipcr_progress_poll();
        return ipcr_match_peek(m->ctx, m->rank, m->tag);
    }
    while (!u) {
        ipcr_progress_step(&idle);
        u = ipcr_match_peek(m->ctx, m->rank, m->tag);
    }
    return u;
}

int ipcr_p2p_probe(const struct ipcr_msg *m, bool wait, bool *flag, struct ipcr_unexpected **take,
                   MPI_Status *status)
{
    struct ipcr_unexpected *u = look(m, wait);
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
    *out = req;
    finish_unexpected(req, msg);
    return MPI_SUCCESS;
}

/* ---- arrivals ---------------------------------------------------------------------------------
 */

/* A header as matching sees it. */
static struct ipcr_unexpected describe(struct ipcr_peer *peer, const struct ipcr_wire *hdr)
{
    return (struct ipcr_unexpected){.ctx = hdr->ctx,
                                    .src = hdr->src,
                                    .tag = hdr->tag,
                                    .kind = hdr->kind,
                                    .flags = hdr->flags,
                                    .cookie = hdr->cookie,
                                    .peer = peer};
}

static void keep(const struct ipcr_unexpected *u, const void *bytes, size_t len)
{
    struct ipcr_unexpected *copy = malloc(sizeof *copy + len);
    if (!copy)
        ipcr_err_fatal("no memory to keep a message of %zu bytes from rank %d that no receive was "
                       "posted for (context %u, tag %d)",
                       len, u->peer->rank, u->ctx, u->tag);
    *copy = *u;
    if (len)
        memcpy(copy->bytes, bytes, len);
    ipcr_match_keep(copy);
}

static void arrive_eager(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                         size_t len)
{
    struct ipcr_posted *p = ipcr_match_find(hdr->ctx, hdr->src, hdr->tag);
    struct ipcr_unexpected u = describe(peer, hdr);
    u.size = len;
    if (p)
        finish_eager(req_of_posted(p), peer, &u, bytes);
    else
        keep(&u, bytes, len);
}

static bool arrive_rts(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                       size_t len)
{
    struct ipcr_rts body;
    if (len != sizeof body)
        return false;
    memcpy(&body, bytes, sizeof body);
    struct ipcr_posted *p = ipcr_match_find(hdr->ctx, hdr->src, hdr->tag);
    struct ipcr_unexpected u = describe(peer, hdr);
    u.size = body.size;
    u.remote = body.addr;
    if (p)
        start_transfer(req_of_posted(p), peer, &u);
    else
        keep(&u, NULL, 0);
    return true;
}

/* The request of ours that a control message names, if the name is one that this peer may use. */
static struct ipcr_req *named(struct ipcr_peer *peer, uint64_t cookie, enum ipcr_req_kind kind)
{
    struct ipcr_req *req = ipcr_req_lookup(cookie);
    return req && req->kind == kind && req->peer == peer ? req : NULL;
}

static bool arrive_cts(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                       size_t len)
{
    struct ipcr_req *req = named(peer, hdr->cookie, IPCR_REQ_SEND);
    struct ipcr_cts body;
    if (!req || len != sizeof body)
        return false;
    memcpy(&body, bytes, sizeof body);
    req->remote = body.cookie;
    ipcr_req_unpublish(req); /* the receiver has no more to say about it */
    start_stream(peer, req);
    return true;
}

static bool arrive_data(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                        size_t len)
{
    struct ipcr_req *req = named(peer, hdr->cookie, IPCR_REQ_RECV);
    if (!req || len > req->size - req->done)
        return false;
    place(req, req->done, bytes, len);
    req->done += len;
    if (req->done == req->size)
        ipcr_req_complete(req);
    return true;
}

static bool arrive_done(struct ipcr_peer *peer, const struct ipcr_wire *hdr)
{
    struct ipcr_req *req = named(peer, hdr->cookie, IPCR_REQ_SEND);
    if (!req)
        return false;
    if (hdr->kind == IPCR_FIN)
        ipcr_peer_count(peer, 0, req->size);
    ipcr_req_complete(req);
    return true;
}

static bool arrive_credit(struct ipcr_peer *peer, const void *bytes, size_t len)
{
    uint64_t report;
    if (len != sizeof report)
        return false;
    memcpy(&report, bytes, sizeof report);
    peer->owed -= report < peer->owed ? report : peer->owed;
    return true;
}

static bool arrive_control(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                           size_t len)
{
    switch (hdr->kind) {
    case IPCR_RTS:
        return arrive_rts(peer, hdr, bytes, len);
    case IPCR_CTS:
        return arrive_cts(peer, hdr, bytes, len);
    case IPCR_DATA:
        return arrive_data(peer, hdr, bytes, len);
    case IPCR_FIN:
    case IPCR_ACK:
        return arrive_done(peer, hdr);
    case IPCR_CREDIT:
        return arrive_credit(peer, bytes, len);
    default:
        return false;
    }
}

void ipcr_p2p_arrive(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len)
{
    IPCR_TRACE("arrive kind %d from rank %d, tag %d, ctx %u, %zu bytes", hdr->kind, peer->rank,
               hdr->tag, hdr->ctx, len);
    if (__builtin_expect(hdr->kind == IPCR_EAGER, 1))
        arrive_eager(peer, hdr, bytes, len);
    else if (!arrive_control(peer, hdr, bytes, len))
        ipcr_err_fatal("rank %d sent rank %d on %s a fragment that makes no sense (kind %d, %zu "
                       "bytes): its memory or the connection is damaged",
                       peer->rank, ipcr_job.rank, ipcr_job.host, hdr->kind, len);
}

void *ipcr_p2p_sink(struct ipcr_peer *peer, const struct ipcr_wire *hdr, size_t len)
{
    struct ipcr_req *req = hdr->kind == IPCR_DATA ? named(peer, hdr->cookie, IPCR_REQ_RECV) : NULL;
    if (!req || !req->msg.type->dense || req->done + len > req->received)
        return NULL;
    return (char *)dense_base(&req->msg) + req->done;
}

/* ---- life -------------------------------------------------------------------------------------
 */

int ipcr_p2p_init(void)
{
    budget = (uint64_t)ipcr_env.unexpected;
    /* Whatever is announced is pulled where that works: measured here (doc/performance.md) the
     * single copy wins from 4 KiB up, and on a crowded node it saves context switches as well. */
    pull_min = ipcr_env.pull == 0 ? UINT64_MAX : (uint64_t)(ipcr_env.pull < 0 ? 0 : ipcr_env.pull);
    return 0;
}

void ipcr_p2p_drain(void)
{
    struct ipcr_idle idle = {0};
    while (ipcr_peer_stuck())
        ipcr_progress_step(&idle);
}

static void free_unexpected(struct ipcr_unexpected *u)
{
    free(u);
}

void ipcr_p2p_finish(void)
{
    ipcr_match_finish(free_unexpected);
    ipcr_req_finish_pool();
}
