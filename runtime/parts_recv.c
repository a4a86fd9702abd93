/* Partitioned communication, the receiver.
 *
 * Parts are the sender's partitions; they need not end where this side's do, not even where an
 * element of its type does. A part of a dense type, or of whole elements, is received in place;
 * another one aside, and unpacked from there. */
#include <stdlib.h>

#include "err.h"
#include "parts.h"
#include "status.h"

struct part { /* one of the messages that the sender announced */
    struct ipcr_req *whole;
    uint64_t at; /* its place in the packed image of the whole */
    char *aside; /* where it is received if that is not its place; else NULL */
};

struct part_recv {
    int partitions;
    uint64_t step;           /* bytes of one of them */
    struct invitation *open; /* until the announcement is there */
    struct ipcr_part_offer offer;
    struct part *parts; /* [offer.parts], with the announcement */
    int64_t running; /* receives of this round that are not complete, and 1 while they are posted */
    bool posted;     /* in this round */
    bool truncated;  /* in this round */
    uint64_t received;  /* bytes, in this round */
    uint64_t missing[]; /* [partitions] bytes, in this round */
};

/* The receive of an announcement. It may outlive the request that it is for. */
struct invitation {
    struct ipcr_part_offer offer;
    struct ipcr_req *receive;
    struct ipcr_req *whole; /* NULL: nobody wants it any more */
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* All bytes that this side has room for. */
static uint64_t room(const struct part_recv *p)
{
    return p->step * (uint64_t)p->partitions;
}

/* ---- parts ------------------------------------------------------------------------------------
 */

static void part_over(struct ipcr_req *whole)
{
    struct part_recv *p = whole->state;
    if (--p->running == 0)
        ipcr_req_complete(whole);
}

/* The bytes from `at` on have arrived: which partitions do they belong to? */
static void settle(struct part_recv *p, uint64_t at, uint64_t bytes)
{
    p->received += bytes;
    while (bytes) {
        uint64_t partition = at / p->step, here = smaller(bytes, (partition + 1) * p->step - at);
        p->missing[partition] -= here;
        at += here;
        bytes -= here;
    }
}

static void part_arrived(struct ipcr_req *req)
{
    struct part *part = req->state;
    struct part_recv *p = part->whole->state;
    const struct ipcr_msg *m = &part->whole->msg;
    if (part->aside) {
        ipcr_type_unpack(m->type, m->count * (size_t)p->partitions, m->buf, part->at, part->aside,
                         req->received);
        free(part->aside);
    }
    if (req->status.MPI_ERROR != MPI_SUCCESS)
        p->truncated = true;
    settle(p, part->at, req->received);
    part_over(part->whole);
}

/* Where a part of `bytes` bytes is to be received. */
static struct ipcr_msg place(struct part *part, int tag, uint64_t bytes)
{
    const struct ipcr_msg *m = &part->whole->msg;
    const struct ipcr_type *t = m->type;
    part->aside = NULL;
    if (t->dense)
        return ipcr_part_bytes(m, tag, (char *)ipcr_part_element(m, 0) + t->true_lb + part->at,
                               bytes);
    if (bytes && part->at % t->size == 0 && bytes % t->size == 0) {
        struct ipcr_msg whole_elements = ipcr_part_msg(m, tag);
        whole_elements.buf = ipcr_part_element(m, part->at / t->size);
        whole_elements.count = bytes / t->size;
        return whole_elements;
    }
    part->aside = malloc(bytes ? bytes : 1);
    if (!part->aside)
        ipcr_err_fatal("no memory for a part of %llu bytes of a partitioned receive",
                       (unsigned long long)bytes);
    return ipcr_part_bytes(m, tag, part->aside, bytes);
}

static void post_part(struct ipcr_req *whole, int i)
{
    struct part_recv *p = whole->state;
    struct part *part = &p->parts[i];
    uint64_t all = room(p), begin = smaller(p->offer.bytes * (uint64_t)i, all);
    part->whole = whole;
    part->at = begin;
    struct ipcr_msg in = place(part, p->offer.first_tag + i, smaller(p->offer.bytes, all - begin));
    struct ipcr_req *req = ipcr_req_new(&in, IPCR_REQ_RECV);
    req->active = true;
    req->orphan = true;
    req->state = part;
    req->on_complete = part_arrived;
    ipcr_p2p_start_recv(req);
}

static void post(struct ipcr_req *whole)
{
    struct part_recv *p = whole->state;
    p->posted = true;
    p->running = 1; /* or the whole could be complete, and gone, before all parts are posted */
    for (int i = 0; i < p->offer.parts; i++) {
        p->running++;
        post_part(whole, i);
    }
    part_over(whole);
}

/* ---- the announcement -------------------------------------------------------------------------
 */

static void match(struct ipcr_req *whole, const struct ipcr_part_offer *offer)
{
    struct part_recv *p = whole->state;
    p->open = NULL;
    p->offer = *offer;
    p->parts = calloc((size_t)offer->parts + 1, sizeof *p->parts);
    if (!p->parts)
        ipcr_err_fatal("no memory for the %d parts of a partitioned receive", offer->parts);
    if (whole->active)
        post(whole);
}

/* Nothing from the wire is believed. */
static bool makes_sense(const struct ipcr_req *receive, const struct ipcr_part_offer *offer)
{
    int64_t bytes;
    return receive->size == sizeof *offer && offer->parts >= 0 && offer->parts <= IPCR_PART_TAGS &&
           offer->first_tag <= INT32_MIN + IPCR_PART_TAGS - offer->parts &&
           !__builtin_mul_overflow(offer->bytes, offer->parts, &bytes);
}

static void invitation_over(struct ipcr_req *receive)
{
    struct invitation *open = receive->state;
    if (open->whole && !makes_sense(receive, &open->offer))
        ipcr_err_fatal("rank %d has announced a partitioned send that makes no sense (%d parts of "
                       "%llu bytes)",
                       receive->msg.rank, open->offer.parts, (unsigned long long)open->offer.bytes);
    if (open->whole)
        match(open->whole, &open->offer);
    free(open);
}

static int invite(struct ipcr_req *whole)
{
    struct part_recv *p = whole->state;
    struct invitation *open = calloc(1, sizeof *open);
    if (!open)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory to match a partitioned receive");
    struct ipcr_msg in =
        ipcr_part_bytes(&whole->msg, whole->msg.tag, &open->offer, sizeof open->offer);
    open->whole = whole;
    open->receive = ipcr_req_new(&in, IPCR_REQ_RECV);
    open->receive->active = true;
    open->receive->orphan = true;
    open->receive->state = open;
    open->receive->on_complete = invitation_over;
    p->open = open;
    ipcr_p2p_start_recv(open->receive);
    return MPI_SUCCESS;
}

/* ---- the request ------------------------------------------------------------------------------
 */

static int start(struct ipcr_req *req)
{
    struct part_recv *p = req->state;
    p->posted = p->truncated = false;
    p->received = 0;
    for (int i = 0; i < p->partitions; i++)
        p->missing[i] = p->step;
    if (req->msg.rank == MPI_PROC_NULL)
        ipcr_req_complete(req);
    else if (!p->open)
        post(req);
    return MPI_SUCCESS;
}

static int result(struct ipcr_req *req, MPI_Status *status)
{
    const struct part_recv *p = req->state;
    status->MPI_SOURCE = req->msg.rank;
    status->MPI_TAG = req->msg.rank == MPI_PROC_NULL ? MPI_ANY_TAG : req->msg.tag;
    ipcr_status_set_bytes(status, p->received);
    if (!p->truncated)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_TRUNCATE,
                         "rank %d sends %d partitions of %llu bytes with tag %d; the receive has "
                         "%d of %llu bytes",
                         req->msg.rank, p->offer.parts, (unsigned long long)p->offer.bytes,
                         req->msg.tag, p->partitions, (unsigned long long)p->step);
}

static void release(struct ipcr_req *req)
{
    struct part_recv *p = req->state;
    if (p->open) {
        p->open->whole = NULL;
        ipcr_p2p_cancel_recv(p->open->receive); /* or it is on its way, and goes when it is there */
    }
    free(p->parts);
    free(p);
}

static const struct ipcr_req_class part_recv = {
    .name = "partitioned receive", .start = start, .result = result, .release = release};

int ipcr_part_recv_init(const struct ipcr_msg *m, int partitions, struct ipcr_req **out)
{
    int rc = ipcr_part_check(m, partitions);
    if (rc != MPI_SUCCESS)
        return rc;
    struct part_recv *p = calloc(1, sizeof *p + (size_t)partitions * sizeof *p->missing);
    if (!p)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a receive of %d partitions",
                             partitions);
    p->partitions = partitions;
    p->step = m->count * m->type->size;
    struct ipcr_req *req = ipcr_part_request(&part_recv, p, m);
    if (m->rank != MPI_PROC_NULL)
        rc = invite(req);
    if (rc == MPI_SUCCESS)
        *out = req;
    else
        ipcr_req_free(req);
    return rc;
}

int ipcr_part_arrived(struct ipcr_req *req, int partition, bool *flag)
{
    const struct part_recv *p = req->state;
    if (req->kind != IPCR_REQ_OTHER || req->class != &part_recv)
        return ipcr_err_note(MPI_ERR_REQUEST, "the request is not a partitioned receive");
    if (partition < 0 || partition >= p->partitions)
        return ipcr_err_note(MPI_ERR_ARG, "the partition is %d; the request has %d", partition,
                             p->partitions);
    *flag = !req->active || req->complete || (p->step && !p->missing[partition]);
    return MPI_SUCCESS;
}
