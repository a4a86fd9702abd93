/* ipcrun --check, what a rank can find out about its own messages, requests and objects
 * (collectives are compared in collectives/tool_compare.c):
 *
 *   types    the signature of a message travels in its header; the receive compares
 *   buffers  a sum when a nonblocking call takes the buffer, another one when it gives it back, or,
 *            of a receive, when the message comes
 *   races    a receive from any source takes one of several messages, and the program does not
 *            ask whose it has got
 *   the end  what was never completed, freed or received
 *
 * Everything is found on the rank where it happens, without any message more. */
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "held.h"
#include "job.h"
#include "observe.h"
#include "progress.h"
#include "protocol.h"
#include "ctxid.h"
#include "signature.h"

enum {
    COLLECTIVES = 1, /* the context is comm->ctx + 1 (comm.h) */
    PIECE = 4096,
    SUM_MAX = 1 << 20 /* bytes of a buffer that are looked at */
};

/* Not the library's own, nor the parts of partitioned messages, which may be cut differently. */
static bool is_for_program(uint32_t ctx)
{
    return ipcr_match_is_program(ctx) && !(ctx & IPCR_CTX_PARTITIONED);
}

static bool is_programs(const struct ipcr_msg *m)
{
    return is_for_program(m->ctx) && m->rank != MPI_PROC_NULL;
}

static const char *name_of(const struct ipcr_comm *c)
{
    return !c ? "a communicator" : c->name[0] ? c->name : "a communicator without a name";
}

/* The call that a receive or send belongs to. */
static struct ipcr_place place_of(const struct ipcr_req *req)
{
    const struct ipcr_held *h = ipcr_held_find(req);
    return h ? h->made : ipcr_place_here();
}

/* ---- types ------------------------------------------------------------------------------------
 */

static uint16_t mark(const struct ipcr_msg *m)
{
    return is_programs(m) ? ipcr_signature(m->type, ipcr_msg_bytes(m)) : IPCR_SIGNATURE_NONE;
}

static void compare_types(const struct ipcr_req *req, const struct ipcr_unexpected *u)
{
    uint64_t room = ipcr_msg_bytes(&req->msg);
    uint16_t mine = ipcr_signature(req->msg.type, u->size < room ? u->size : room);
    if (u->size > room || ipcr_signatures_match(mine, u->mark))
        return; /* a message that is too long is an error anyway */
    char sent[MPI_MAX_OBJECT_NAME + 40], asked[sizeof sent];
    ipcr_signature_words(u->mark, u->size, sent, sizeof sent);
    ipcr_signature_words(mine, u->size, asked, sizeof asked);
    ipcr_finding(place_of(req),
                 "rank %d has sent %s with tag %d on %s, and this receive takes them as %s", u->src,
                 sent, u->tag, name_of(req->msg.comm), asked);
}

/* Collectives of neighbours, in which each pair of ranks has counts of its own, and one pair may be
 * neighbours more than once: all our algorithms ask for exactly the bytes that they are to get.
 * What is longer is an error anyway. */
static bool is_neighborly(const char *call)
{
    return strstr(call, "Neighbor") || strstr(call, "neighbor");
}

static void compare_shares(const struct ipcr_req *req, const struct ipcr_unexpected *u)
{
    uint64_t room = ipcr_msg_bytes(&req->msg);
    struct ipcr_place here = ipcr_place_here();
    if (u->size < room && is_neighborly(here.call))
        ipcr_finding(here, "on %s rank %d gives %llu bytes, and this rank wants %llu of it",
                     name_of(req->msg.comm), u->src, (unsigned long long)u->size,
                     (unsigned long long)room);
}

/* ---- buffers ----------------------------------------------------------------------------------
 */

static uint64_t sum_bytes(uint64_t sum, const unsigned char *bytes, size_t n)
{
    uint64_t word;
    for (; n >= sizeof word; n -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29;
    }
    for (; n; n--)
        sum = (sum ^ *bytes++) * UINT64_C(0x9e3779b97f4a7c15);
    return sum;
}

static uint64_t sum_of(const struct ipcr_msg *m)
{
    unsigned char piece[PIECE];
    uint64_t sum = 1, all = ipcr_msg_bytes(m), size = all < SUM_MAX ? all : SUM_MAX;
    if (m->type->dense)
        return sum_bytes(sum, ipcr_msg_base(m), size);
    for (uint64_t at = 0; at < size; at += PIECE) {
        size_t n = size - at < PIECE ? size - at : PIECE;
        ipcr_type_pack(m->type, m->count, m->buf, at, piece, n);
        sum = sum_bytes(sum, piece, n);
    }
    return sum;
}

/* Only requests that outlive their call: a blocking call leaves nobody the time. */
static void take_buffer(const struct ipcr_req *req)
{
    struct ipcr_held *h = is_programs(&req->msg) ? ipcr_held_find(req) : NULL;
    if (!h)
        return;
    h->rival = -1;
    h->summed = h->kind == IPCR_HELD_REQUEST;
    h->since = ipcr_place_here();
    if (h->summed)
        h->sum = sum_of(&req->msg);
}

/* True if the buffer is what it was when it was taken. */
static bool is_untouched(struct ipcr_held *h, const struct ipcr_req *req)
{
    bool same = !h->summed || h->sum == sum_of(&req->msg);
    h->summed = false;
    return same;
}

static void watch_send(const struct ipcr_msg *m, const struct ipcr_peer *peer, uint64_t bytes,
                       const struct ipcr_req *req)
{
    (void)peer, (void)bytes;
    if (req && m->mode != IPCR_BUFFERED)
        take_buffer(req);
}

/* ---- receives ---------------------------------------------------------------------------------
 */

static void watch_post(const struct ipcr_req *req)
{
    if (!req->owned && req->msg.rank == MPI_ANY_SOURCE)
        ipcr_held_demand(req, IPCR_HELD_BLOCKING);
    take_buffer(req);
}

/* Another rank of which a message waits that the receive could have taken as well, or -1. */
static int find_rival(const struct ipcr_msg *m, int taken)
{
    for (int r = 0; r < m->comm->remote_size; r++)
        if (r != taken && ipcr_match_peek(m->ctx, r, m->tag))
            return r;
    return -1;
}

static void watch_match(const struct ipcr_req *req, const struct ipcr_peer *peer,
                        const struct ipcr_unexpected *u)
{
    (void)peer;
    const struct ipcr_msg *m = &req->msg;
    if (!is_programs(m)) {
        if (m->ctx % 4 == COLLECTIVES)
            compare_shares(req, u);
        return;
    }
    compare_types(req, u);
    struct ipcr_held *h = ipcr_held_find(req);
    if (!h)
        return;
    if (!is_untouched(h, req))
        ipcr_finding(h->since,
                     "the buffer of this receive (%llu x %s from rank %d, tag %d, on %s) was "
                     "written to before the message had come",
                     (unsigned long long)m->count, ipcr_type_label(m->type), u->src, u->tag,
                     name_of(m->comm));
    if (m->rank == MPI_ANY_SOURCE)
        h->rival = find_rival(m, u->src);
}

static void tell_race(const struct ipcr_held *h, const struct ipcr_req *req)
{
    ipcr_finding(h->made,
                 "a race: this receive from any source, with tag %d on %s, has got the message of "
                 "rank %d and could have got that of rank %d, and the program does not ask whose "
                 "it is",
                 req->status.MPI_TAG, name_of(req->msg.comm), req->status.MPI_SOURCE, h->rival);
}

static void watch_back(const struct ipcr_req *req, bool told)
{
    const struct ipcr_msg *m = &req->msg;
    struct ipcr_held *h = ipcr_held_find(req);
    if (!h)
        return;
    if (req->kind == IPCR_REQ_SEND && !is_untouched(h, req))
        ipcr_finding(h->since,
                     "the buffer of this send (%llu x %s to rank %d, tag %d, on %s) was changed "
                     "before %s had completed it",
                     (unsigned long long)m->count, ipcr_type_label(m->type), m->rank, m->tag,
                     name_of(m->comm), ipcr_place_here().call);
    if (req->kind == IPCR_REQ_RECV && h->rival >= 0 && !told)
        tell_race(h, req);
    if (h->kind == IPCR_HELD_BLOCKING)
        ipcr_held_drop(req);
}

/* ---- objects ----------------------------------------------------------------------------------
 */

static bool is_predefined(enum ipcr_object kind, const void *object)
{
    const struct ipcr_comm *c = object;
    const struct ipcr_group *g = object;
    return (kind == IPCR_OBJECT_COMM && (c->ctx == IPCR_CTX_WORLD || c->ctx == IPCR_CTX_SELF)) ||
           (kind == IPCR_OBJECT_GROUP && g->predefined);
}

static void watch_object(enum ipcr_object kind, const void *object, bool made)
{
    if (is_predefined(kind, object))
        return;
    struct ipcr_held *h =
        made ? ipcr_held_demand(object, (enum ipcr_held_kind)kind) : ipcr_held_find(object);
    if (!h)
        return;
    h->handles += made ? 1 : -1;
    if (h->handles <= 0)
        ipcr_held_drop(object);
}

static const char *describe(const struct ipcr_req *req)
{
    if (req->persistent)
        return req->active ? "was started and never completed" : "was never freed";
    return "was never completed: nothing has waited for it, or tested it with success";
}

/* Not those that the library has made as parts of something, nor those that the program has
 * given up. */
static bool is_left(const struct ipcr_req *req)
{
    bool collective = req->msg.comm && req->kind != IPCR_REQ_OTHER && !is_programs(&req->msg);
    return !req->on_complete && !req->orphan && !req->bounce && !collective;
}

static void tell_left(const struct ipcr_held *h)
{
    const struct ipcr_comm *c = h->object;
    switch (h->kind) {
    case IPCR_HELD_REQUEST:
        if (is_left(h->object))
            ipcr_finding(h->made, "the request of this call %s", describe(h->object));
        break;
    case IPCR_HELD_COMM:
        ipcr_finding(h->made, "%s, made here, was never freed", name_of(c));
        break;
    case IPCR_HELD_TYPE:
        ipcr_finding(h->made, "%s, made here, was never freed", ipcr_type_label(h->object));
        break;
    case IPCR_HELD_GROUP:
        ipcr_finding(h->made, "the group made here was never freed");
        break;
    case IPCR_HELD_OP:
        ipcr_finding(h->made, "the operation made here was never freed");
        break;
    case IPCR_HELD_INFO:
        ipcr_finding(h->made, "the info object made here was never freed");
        break;
    case IPCR_HELD_ERRHANDLER:
        ipcr_finding(h->made, "the error handler got here was never freed");
        break;
    case IPCR_HELD_BLOCKING:
        break;
    }
}

static void tell_unreceived(const struct ipcr_unexpected *u)
{
    if (!is_for_program(u->ctx) || u->taken)
        return;
    char what[MPI_MAX_OBJECT_NAME + 40];
    ipcr_signature_words(u->mark, u->size, what, sizeof what);
    ipcr_finding(ipcr_place_here(),
                 "a message from rank %d with tag %d on %s (%s) was never received", u->src, u->tag,
                 name_of(ipcr_comm_by_ctx(u->ctx)), what);
}

/* ---- life -------------------------------------------------------------------------------------
 */

static bool open_check(void)
{
    return ipcr_req_linger = ipcr_env.check >= IPCR_FINDINGS_WANTED;
}

/* Whatever the others have sent has left them, so it is here once it is looked for. */
static void close_check(void)
{
    while (ipcr_progress_poll() > 0)
        ;
    ipcr_held_each(tell_left);
    ipcr_match_each(tell_unreceived);
    ipcr_held_finish();
}

const struct ipcr_observer ipcr_tool_check = {
    .name = "check",
    .open = open_check,
    .close = close_check,
    .send = watch_send,
    .post = watch_post,
    .match = watch_match,
    .back = watch_back,
    .mark = mark,
    .object = watch_object,
};
