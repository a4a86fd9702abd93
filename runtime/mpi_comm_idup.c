/* Duplicates that do not block: MPI_Comm_idup and MPI_Comm_idup_with_info. MPI 5.0 section 7.4.2.
 *
 * All that one process can do by itself is done in the call, as the standard wants (attributes are
 * those of that moment). The agreement on a context runs behind a request: rounds of ctxid.h, each
 * of them a persistent allreduce that is started again, on an intercommunicator followed by an
 * exchange between the leaders and a persistent broadcast. Persistent ones, because a round begins
 * at another moment at each member, and only they bring their tag with them.
 *
 * The first round offers nothing: it ends when all members have called, and only after that may an
 * offer keep other agreements of this process from theirs. */
#include <stdlib.h>
#include <string.h>

#include "coll.h"
#include "comm.h"
#include "comm_make.h"
#include "ctxid.h"
#include "err.h"
#include "info.h"
#include "lock.h"
#include "observe.h"
#include "progress.h"
#include "request.h"

enum stage { COMBINING, CROSSING, SPREADING, RETRYING };

struct idup {
    struct ipcr_req *req; /* the program's; owns this */
    struct ipcr_comm *copy;
    MPI_Comm *newcomm; /* the program's variable: taken back if there is no communicator */
    struct ipcr_circle circle;
    struct ipcr_ctxid_bid bid;
    enum stage stage;
    struct ipcr_req *combine, *spread; /* persistent; spread: between two sides only */
    struct ipcr_req cross[2];          /* the leader's: receive and send */
    uint64_t *theirs;                  /* what it receives */
    int pending;                       /* parts of this stage that are not complete */
    int prepared;                      /* error class of the copy's preparation, */
    int error;                         /* of the whole, */
    char *facts;                       /* and its sentence, or NULL */
    struct ipcr_deferred deferred;
};

/* ---- the stages of a round ---- */

static void part_over(struct ipcr_req *part)
{
    struct idup *d = part->waiter;
    if (--d->pending == 0)
        ipcr_progress_defer(&d->deferred);
}

static void play(struct idup *d, enum stage stage, struct ipcr_req *part)
{
    d->stage = stage;
    d->pending = 1;
    part->active = true;
    part->complete = false;
    part->class->start(part); /* this kind has no errors to report */
}

static struct ipcr_msg crossing(const struct idup *d, uint64_t *words)
{
    const struct ipcr_bridge *b = &d->circle.bridge;
    return (struct ipcr_msg){.buf = words,
                             .count = d->bid.count,
                             .type = ipcr_type_of(MPI_UINT64_T),
                             .comm = b->comm,
                             .rank = b->rank,
                             .tag = b->tag,
                             .ctx = b->ctx,
                             .mode = IPCR_STANDARD};
}

static void cross(struct idup *d)
{
    struct ipcr_msg in = crossing(d, d->theirs), out = crossing(d, d->bid.words);
    ipcr_req_init(&d->cross[0], &in, IPCR_REQ_RECV);
    ipcr_req_init(&d->cross[1], &out, IPCR_REQ_SEND);
    d->stage = CROSSING;
    d->pending = 2;
    for (int i = 0; i < 2; i++) {
        d->cross[i].on_complete = part_over;
        d->cross[i].waiter = d;
    }
    ipcr_p2p_start_recv(&d->cross[0]);
    ipcr_p2p_start_send(&d->cross[1]);
}

/* ---- rounds ---- */

static void finish(struct idup *d, int error)
{
    ipcr_ctxid_end(&d->bid);
    ipcr_req_free(d->combine);
    if (d->spread)
        ipcr_req_free(d->spread);
    const char *facts = error == MPI_SUCCESS ? NULL : ipcr_err_facts(error);
    d->error = error;
    if (error != MPI_SUCCESS) {
        if (facts && !d->facts)
            d->facts = strdup(facts);
        ipcr_comm_drop_copy(d->copy);
        *d->newcomm = MPI_COMM_NULL;
    }
    ipcr_req_complete(d->req);
}

static void settle(struct idup *d, enum ipcr_ctxid_result result, uint32_t ctx)
{
    if (result == IPCR_CTXID_NONE) {
        finish(d, ipcr_err_note(MPI_ERR_OTHER, "all context ids are in use"));
    } else if (d->prepared != MPI_SUCCESS) {
        ipcr_ctxid_free(ctx);
        finish(d, d->prepared);
    } else {
        ipcr_comm_open(d->copy, ctx);
        finish(d, MPI_SUCCESS);
    }
}

static void next_round(struct idup *d)
{
    ipcr_ctxid_offer(&d->bid);
    play(d, COMBINING, d->combine);
}

static void round_over(struct idup *d)
{
    uint32_t ctx = 0;
    if (!d->bid.entered) {
        d->bid.entered = true;
        d->copy->threads = d->bid.words[0] ? IPCR_THREADS_NONE : IPCR_THREADS_SOME;
        next_round(d);
        return;
    }
    enum ipcr_ctxid_result result = ipcr_ctxid_settle(&d->bid, &ctx);
    if (result == IPCR_CTXID_BUSY) {
        d->stage = RETRYING; /* alone or among quick ones a round takes no time: let threads in */
        ipcr_progress_retry(&d->deferred);
    } else if (result == IPCR_CTXID_AGAIN) {
        next_round(d);
    } else {
        settle(d, result, ctx);
    }
}

/* A stage is complete: on to the next one. */
static void go_on(struct ipcr_deferred *self)
{
    struct idup *d = (struct idup *)((char *)self - offsetof(struct idup, deferred));
    bool two_sides = d->circle.bridge.there;
    if (d->stage == RETRYING) {
        next_round(d);
        return;
    }
    if (d->stage == COMBINING && two_sides && d->circle.comm->rank == d->circle.leader) {
        cross(d);
        return;
    }
    for (size_t i = 0; d->stage == CROSSING && i < d->bid.count; i++)
        d->bid.words[i] &= d->theirs[i];
    if (two_sides && d->stage != SPREADING)
        play(d, SPREADING, d->spread);
    else
        round_over(d);
}

/* ---- the request ---- */

static int request_result(struct ipcr_req *req, MPI_Status *status)
{
    struct idup *d = req->state;
    (void)status; /* stays empty */
    return d->facts ? ipcr_err_note(d->error, "%s", d->facts) : d->error;
}

static void request_release(struct ipcr_req *req)
{
    struct idup *d = req->state;
    free(d->theirs);
    free(d->facts);
    free(d);
}

static const struct ipcr_req_class class = {
    .name = "duplicate", .result = request_result, .release = request_release};

/* A persistent collective over the words, on this side. */
static struct ipcr_req *part_of(struct idup *d, struct ipcr_coll c)
{
    c.comm = d->circle.comm;
    c.rbuf = d->bid.words;
    c.rcount = d->bid.count;
    c.rtype = ipcr_type_of(MPI_UINT64_T);
    struct ipcr_req *part = ipcr_coll_init(&c);
    part->on_complete = part_over;
    part->waiter = d;
    return part;
}

static void open_parts(struct idup *d)
{
    d->combine =
        part_of(d, (struct ipcr_coll){
                       .kind = IPCR_ALLREDUCE, .sbuf = MPI_IN_PLACE, .op = ipcr_op_of(MPI_BAND)});
    if (!d->circle.bridge.there)
        return;
    d->spread = part_of(d, (struct ipcr_coll){.kind = IPCR_BCAST, .root = d->circle.leader});
    d->theirs = malloc(d->bid.count * sizeof *d->theirs);
    if (!d->theirs)
        ipcr_err_fatal("no memory to agree on a context id");
}

/* The first round asks whether all members are without threads. */
static void first_round(struct idup *d)
{
    memset(d->bid.words, 0, d->bid.count * sizeof *d->bid.words);
    d->bid.words[0] = ipcr_gate & IPCR_GATE_THREADS ? 0 : 1;
    play(d, COMBINING, d->combine);
}

static void start(struct ipcr_comm *c, const struct ipcr_info *hints, MPI_Comm *newcomm,
                  MPI_Request *request)
{
    struct idup *d = calloc(1, sizeof *d);
    if (!d) /* the others will wait for this process */
        ipcr_err_fatal("no memory to duplicate a communicator");
    IPCR_OBSERVE(meeting, c);
    uint64_t key = (uint64_t)(c->ctx + 1) << 32 | c->agreements;
    d->newcomm = newcomm;
    d->circle = ipcr_circle_of(c);
    d->copy = ipcr_comm_prepare_copy(c, hints, &d->prepared);
    if (d->prepared != MPI_SUCCESS && ipcr_err_facts(d->prepared))
        d->facts = strdup(ipcr_err_facts(d->prepared));
    d->deferred.run = go_on;
    d->req = ipcr_req_new_other(&class, d, c);
    d->req->active = true;
    ipcr_ctxid_begin(&d->bid, key, false);
    d->bid.narrow = true;
    open_parts(d);
    *newcomm = d->copy->handle;
    *request = (MPI_Request)d->req;
    first_round(d);
}

static int idup(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm, MPI_Request *request)
{
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    if (!request)
        return IPCR_NO_PLACE_ON(comm, "request");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    const struct ipcr_info *hints = ipcr_info_of(info);
    *newcomm = MPI_COMM_NULL;
    *request = MPI_REQUEST_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!hints && info != MPI_INFO_NULL)
        return IPCR_RAISE(c, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    start(c, hints, newcomm, request);
    return IPCR_LEAVE();
}

int PMPI_Comm_idup(MPI_Comm comm, MPI_Comm *newcomm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Comm_idup");
    return idup(comm, MPI_INFO_NULL, newcomm, request);
}
IPCR_ALIAS(Comm_idup);

int PMPI_Comm_idup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Comm_idup_with_info");
    return idup(comm, info, newcomm, request);
}
IPCR_ALIAS(Comm_idup_with_info);
