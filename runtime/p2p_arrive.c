/* Point-to-point, what comes in: every fragment from every transport, and the protocols' life. */
#include "protocol.h"

#include <string.h>

#include "decide.h"
#include "env.h"
#include "err.h"
#include "log.h"
#include "progress.h"

struct ipcr_protocol ipcr_protocol;

static struct ipcr_req *req_of_posted(struct ipcr_posted *p)
{
    return (struct ipcr_req *)((char *)p - offsetof(struct ipcr_req, posted));
}

static void keep(const struct ipcr_unexpected *u, const void *bytes, size_t len)
{
    if (!ipcr_match_keep(u, bytes, len))
        ipcr_err_fatal("no memory to keep a message of %zu bytes from rank %d that no receive was "
                       "posted for (context %u, tag %d)",
                       len, u->peer->rank, u->ctx, u->tag);
}

static void arrive_eager(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                         size_t len)
{
    struct ipcr_posted *p = ipcr_match_find(hdr->ctx, hdr->src, hdr->tag);
    if (__builtin_expect(p != NULL, 1)) {
        ipcr_recv_eager(req_of_posted(p), peer, hdr, bytes, len);
        return;
    }
    struct ipcr_unexpected u = ipcr_unexpected_of(peer, hdr, len);
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
    struct ipcr_unexpected u = ipcr_unexpected_of(peer, hdr, body.size);
    u.remote = body.addr;
    if (p)
        ipcr_recv_announced(req_of_posted(p), peer, &u, true);
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
    peer->announced -= req->size;
    ipcr_req_unpublish(req); /* the receiver has no more to say about it */
    ipcr_send_stream(peer, req);
    return true;
}

static bool arrive_data(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                        size_t len)
{
    struct ipcr_req *req = named(peer, hdr->cookie, IPCR_REQ_RECV);
    if (!req || len > req->size - req->done)
        return false;
    ipcr_recv_place(req, req->done, bytes, len);
    req->done += len;
    if (req->done == req->size)
        ipcr_req_complete(req);
    return true;
}

static bool arrive_fin(struct ipcr_peer *peer, const struct ipcr_wire *hdr)
{
    struct ipcr_req *req = named(peer, hdr->cookie, IPCR_REQ_SEND);
    if (!req)
        return false;
    peer->announced -= req->size;
    peer->count->bytes += req->size;
    ipcr_req_complete(req);
    return true;
}

static bool arrive_one_ack(struct ipcr_peer *peer, uint64_t cookie)
{
    struct ipcr_req *req = named(peer, cookie, IPCR_REQ_SEND);
    if (!req)
        return false;
    ipcr_req_complete(req);
    return true;
}

static bool arrive_acks(struct ipcr_peer *peer, const struct ipcr_wire *hdr,
                        const unsigned char *bytes, size_t len)
{
    uint64_t cookie;
    bool good = len % sizeof cookie == 0 && arrive_one_ack(peer, hdr->cookie);
    for (size_t at = 0; good && at < len; at += sizeof cookie) {
        memcpy(&cookie, bytes + at, sizeof cookie);
        good = arrive_one_ack(peer, cookie);
    }
    return good;
}

static bool arrive_gone(struct ipcr_peer *peer, const struct ipcr_wire *hdr)
{
    struct ipcr_req *req = named(peer, hdr->cookie, IPCR_REQ_SEND);
    if (!req)
        return false;
    if (!req->eager)
        peer->announced -= req->size;
    req->cancelled = true;
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
        return arrive_fin(peer, hdr);
    case IPCR_ACK:
        return arrive_acks(peer, hdr, bytes, len);
    case IPCR_CREDIT:
        return arrive_credit(peer, bytes, len);
    case IPCR_CANCEL:
        ipcr_recv_cancelled(peer, hdr);
        return true;
    case IPCR_GONE:
        return arrive_gone(peer, hdr);
    default:
        return false;
    }
}

/* Inlined into the upcall: a message pays for the other way in with a predicted branch only. */
__attribute__((always_inline)) static inline void
deliver(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes, size_t len)
{
    if (__builtin_expect(hdr->kind == IPCR_EAGER, 1))
        arrive_eager(peer, hdr, bytes, len);
    else if (!arrive_control(peer, hdr, bytes, len))
        ipcr_err_fatal("rank %d sent rank %d on %s a fragment that makes no sense (kind %d, %zu "
                       "bytes): its memory or the connection is damaged",
                       peer->rank, ipcr_job.rank, ipcr_job.host, hdr->kind, len);
}

void ipcr_p2p_deliver(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                      size_t len)
{
    deliver(peer, hdr, bytes, len);
}

void ipcr_p2p_arrive(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len)
{
    IPCR_TRACE("arrive kind %d from rank %d, tag %d, ctx %u, %zu bytes", hdr->kind, peer->rank,
               hdr->tag, hdr->ctx, len);
    ipcr_footprint_arrived();
    if (!IPCR_HOLDS_ARRIVALS() || !ipcr_decide_hold(peer, hdr, bytes, len))
        deliver(peer, hdr, bytes, len);
}

/* Half a megabyte of requests: more than the nearer caches have for them. */
enum { FAR = 2048 };

bool ipcr_p2p_is_far(void)
{
    return ipcr_match_waiting + ipcr_req_published() > FAR;
}

static void foresee_message(const struct ipcr_wire *hdr, bool soon)
{
    if (!soon) {
        ipcr_match_fetch(hdr->ctx, hdr->src, hdr->tag);
        return;
    }
    const struct ipcr_posted *p = ipcr_match_likely(hdr->ctx, hdr->src, hdr->tag);
    if (p)
        ipcr_req_fetch(req_of_posted((struct ipcr_posted *)(uintptr_t)p));
}

static void foresee_answer(const struct ipcr_wire *hdr, bool soon)
{
    const struct ipcr_req *req = soon ? ipcr_req_likely(hdr->cookie) : NULL;
    if (!soon)
        ipcr_req_fetch_name(hdr->cookie);
    else if (req)
        ipcr_req_fetch(req);
}

void ipcr_p2p_foresee(const struct ipcr_wire *hdr, bool soon)
{
    if (hdr->kind == IPCR_EAGER || hdr->kind == IPCR_RTS)
        foresee_message(hdr, soon);
    else if (hdr->kind != IPCR_CREDIT)
        foresee_answer(hdr, soon);
}

void *ipcr_p2p_sink(struct ipcr_peer *peer, const struct ipcr_wire *hdr, size_t len)
{
    if (IPCR_HOLDS_ARRIVALS()) /* what was held comes before, so it is not known where */
        return NULL;
    struct ipcr_req *req = hdr->kind == IPCR_DATA ? named(peer, hdr->cookie, IPCR_REQ_RECV) : NULL;
    if (!req || !req->msg.type->dense || req->done + len > req->received)
        return NULL;
    return (char *)ipcr_msg_base(&req->msg) + req->done;
}

/* ---- life -------------------------------------------------------------------------------------
 */

enum { MANY = 16 };

/* Of many each gets less, so that all together have no more than MANY would. */
static uint64_t share(int ranks, uint64_t bytes)
{
    return ranks > MANY ? bytes / (uint64_t)ranks * MANY : bytes;
}

static int largest_node(void)
{
    int most = 0;
    for (int r = 0; r < ipcr_job.size; r++)
        if (ipcr_job.local_of[r] >= most)
            most = ipcr_job.local_of[r] + 1;
    return most;
}

/* What a sender may have at a receiver: of many senders all have no more there than MANY would, and
 * many receivers of a node keep no more, all together, than MANY would. The same everywhere, since
 * receivers report by quarters of it. */
static uint64_t budget(void)
{
    return share(ipcr_job.size, share(largest_node(), (uint64_t)ipcr_env.unexpected));
}

int ipcr_p2p_init(void)
{
    ipcr_protocol.budget = budget();
    /* Whatever is announced is pulled where that works: one copy, and on a crowded node it saves
     * context switches as well. */
    ipcr_protocol.pull_min =
        ipcr_env.pull == 0 ? UINT64_MAX : (uint64_t)(ipcr_env.pull < 0 ? 0 : ipcr_env.pull);
    return 0;
}

void ipcr_p2p_drain(void)
{
    struct ipcr_idle idle = {0};
    while (ipcr_peer_stuck())
        ipcr_progress_step(&idle);
    ipcr_progress_end(&idle);
}

void ipcr_p2p_finish(void)
{
    ipcr_match_finish();
    ipcr_req_finish_pool();
}
