/* Collectives that do not block: recorded, then played.
 *
 * A round is played at once: copies and reductions, then receives, then sends, in the order of
 * run.c. Each transfer is a request of its own whose completion counts the round down. The last one
 * may complete in the middle of an arrival, where nothing can be sent; so it does not go on itself
 * but puts the schedule on the list of deferred work (progress.h). A round whose transfers complete
 * while they are being started is followed by the next one without that detour. */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "request.h"

/* ---- recording --------------------------------------------------------------------------------
 */

static struct ipcr_step *add(struct ipcr_coll *c, enum ipcr_step_kind kind)
{
    struct ipcr_schedule *s = (struct ipcr_schedule *)c->run;
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 16;
        s->steps = realloc(s->steps, s->room * sizeof *s->steps);
        if (!s->steps)
            ipcr_coll_no_memory(s->room * sizeof *s->steps);
    }
    s->steps[s->count] = (struct ipcr_step){.kind = kind};
    return &s->steps[s->count++];
}

static void transfer(struct ipcr_coll *c, enum ipcr_step_kind kind, struct ipcr_part p, int rank)
{
    struct ipcr_step *step = add(c, kind);
    ipcr_type_retain(p.type);
    step->part = p;
    step->rank = rank;
    ((struct ipcr_schedule *)c->run)->open++;
}

static void record_send(struct ipcr_coll *c, struct ipcr_part p, int to)
{
    transfer(c, IPCR_STEP_SEND, p, to);
}

static void record_recv(struct ipcr_coll *c, struct ipcr_part p, int from)
{
    transfer(c, IPCR_STEP_RECV, p, from);
}

static void record_round(struct ipcr_coll *c)
{
    struct ipcr_schedule *s = (struct ipcr_schedule *)c->run;
    if (s->open == 0)
        return;
    if (s->open > s->widest)
        s->widest = s->open;
    s->open = 0;
    add(c, IPCR_STEP_ROUND);
}

static void record_local(struct ipcr_coll *c, enum ipcr_step_kind kind, struct ipcr_part from,
                         struct ipcr_part to)
{
    struct ipcr_step *step = add(c, kind);
    ipcr_type_retain(from.type);
    ipcr_type_retain(to.type);
    step->other = from;
    step->part = to;
}

static void record_copy(struct ipcr_coll *c, struct ipcr_part from, struct ipcr_part to)
{
    record_local(c, IPCR_STEP_COPY, from, to);
}

static void record_reduce(struct ipcr_coll *c, const void *in, struct ipcr_part inout)
{
    record_local(c, IPCR_STEP_REDUCE, ipcr_part(in, inout.count, inout.type), inout);
}

static void *record_temp(struct ipcr_coll *c, size_t bytes)
{
    return ipcr_coll_block_add(&((struct ipcr_schedule *)c->run)->blocks, bytes);
}

static const struct ipcr_coll_verbs recording = {record_send, record_recv,   record_round,
                                                 record_copy, record_reduce, record_temp};

struct ipcr_schedule *ipcr_schedule_record(const struct ipcr_coll *c,
                                           const struct ipcr_coll_row *row)
{
    struct ipcr_schedule *s = calloc(1, sizeof *s);
    if (!s)
        ipcr_coll_no_memory(sizeof *s);
    s->run.verbs = &recording;
    s->call = *c;
    s->call.run = &s->run;
    if (s->call.op)
        ipcr_op_retain(s->call.op);
    row->run(&s->call);
    s->transfers = malloc((s->widest + 1) * sizeof *s->transfers);
    if (!s->transfers)
        ipcr_coll_no_memory(s->widest * sizeof *s->transfers);
    return s;
}

void ipcr_schedule_free(struct ipcr_schedule *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->steps[i].part.type)
            ipcr_type_release(s->steps[i].part.type);
        if (s->steps[i].other.type)
            ipcr_type_release(s->steps[i].other.type);
    }
    if (s->call.op)
        ipcr_op_release(s->call.op);
    ipcr_coll_block_free(s->blocks);
    free(s->transfers);
    free(s->steps);
    free(s->facts);
    free(s);
}

/* ---- playing ----------------------------------------------------------------------------------
 */

/* The first error is told when the operation completes: until then its sentence is kept here,
 * because the thread's note will be about something else. */
static void keep_error(struct ipcr_schedule *s, int class)
{
    if (class == MPI_SUCCESS || s->error != MPI_SUCCESS)
        return;
    const char *facts = ipcr_err_facts(class);
    s->error = class;
    s->facts = facts ? strdup(facts) : NULL;
    ipcr_err_forget();
}

static void transfer_over(struct ipcr_req *transfer)
{
    struct ipcr_schedule *s = transfer->state;
    if (transfer->status.MPI_ERROR != MPI_SUCCESS)
        keep_error(s, ipcr_req_result(transfer));
    if (--s->pending == 0)
        ipcr_progress_defer(&s->deferred);
}

static void start_transfer(struct ipcr_schedule *s, const struct ipcr_step *step,
                           struct ipcr_req *transfer)
{
    bool sends = step->kind == IPCR_STEP_SEND;
    struct ipcr_msg m = ipcr_coll_msg(&s->call, step->part, step->rank);
    ipcr_req_init(transfer, &m, sends ? IPCR_REQ_SEND : IPCR_REQ_RECV);
    transfer->on_complete = transfer_over;
    transfer->state = s;
    s->pending++;
    if (sends)
        ipcr_p2p_start_send(transfer);
    else
        ipcr_p2p_start_recv(transfer);
}

static void start_all(struct ipcr_schedule *s, size_t end, enum ipcr_step_kind kind,
                      struct ipcr_req **next)
{
    for (size_t i = s->at; i < end; i++)
        if (s->steps[i].kind == kind)
            start_transfer(s, &s->steps[i], (*next)++);
}

static void work_locally(struct ipcr_schedule *s, const struct ipcr_step *step)
{
    if (step->kind == IPCR_STEP_COPY)
        keep_error(s, ipcr_part_copy(step->other, step->part));
    else if (step->kind == IPCR_STEP_REDUCE)
        ipcr_op_apply(s->call.op, step->other.buf, step->part.buf, step->part.count,
                      step->part.type);
}

/* Plays one round, or what stands behind the last one; true if nothing of it is left to wait for.
 */
static bool play_round(struct ipcr_schedule *s)
{
    size_t end = s->at;
    while (end < s->count && s->steps[end].kind != IPCR_STEP_ROUND)
        work_locally(s, &s->steps[end++]);
    struct ipcr_req *next = s->transfers;
    s->pending = 1;
    start_all(s, end, IPCR_STEP_RECV, &next);
    start_all(s, end, IPCR_STEP_SEND, &next);
    s->at = end + 1;
    return --s->pending == 0;
}

/* Goes on until a round has to be waited for. The end may be the end of s, too. */
static void play(struct ipcr_schedule *s)
{
    while (s->at < s->count)
        if (!play_round(s))
            return;
    ipcr_req_complete(s->req);
}

static void go_on(struct ipcr_deferred *self)
{
    play((struct ipcr_schedule *)((char *)self - offsetof(struct ipcr_schedule, deferred)));
}

/* ---- requests ---------------------------------------------------------------------------------
 */

static int request_start(struct ipcr_req *req)
{
    struct ipcr_schedule *s = req->state;
    s->at = 0;
    s->error = MPI_SUCCESS;
    free(s->facts);
    s->facts = NULL;
    play(s);
    return MPI_SUCCESS;
}

static int request_result(struct ipcr_req *req, MPI_Status *status)
{
    struct ipcr_schedule *s = req->state;
    (void)status; /* stays empty: section 6.12 */
    return s->facts ? ipcr_err_note(s->error, "%s", s->facts) : s->error;
}

static void request_release(struct ipcr_req *req)
{
    ipcr_schedule_free(req->state);
}

static const struct ipcr_req_class class = {.name = "collective",
                                            .start = request_start,
                                            .result = request_result,
                                            .release = request_release};

static struct ipcr_req *prepare(const struct ipcr_coll *c)
{
    struct ipcr_schedule *s = ipcr_schedule_record(c, ipcr_coll_select(c));
    s->deferred.run = go_on;
    s->req = ipcr_req_new_other(&class, s, c->comm);
    return s->req;
}

struct ipcr_req *ipcr_coll_begin(struct ipcr_coll *c)
{
    c->tag = ipcr_coll_next_tag(c->comm);
    struct ipcr_req *req = prepare(c);
    req->active = true;
    play(req->state);
    return req;
}

struct ipcr_req *ipcr_coll_init(struct ipcr_coll *c)
{
    c->tag = ipcr_coll_next_persistent_tag(c->comm);
    struct ipcr_req *req = prepare(c);
    req->persistent = true;
    return req;
}
