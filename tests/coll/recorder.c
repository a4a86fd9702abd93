/* A schedule of a collective. */
#include "recorder.h"

#include <stdlib.h>

#include "p2p.h"
#include "request.h"

static struct step *add(struct ipcr_coll *c, enum step_kind kind)
{
    struct recorder *r = (struct recorder *)c->run;
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        r->steps = realloc(r->steps, (size_t)r->room * sizeof *r->steps);
    }
    r->open = kind == STEP_ROUND ? false : r->open || kind == STEP_SEND || kind == STEP_RECV;
    r->steps[r->count] = (struct step){.kind = kind};
    return &r->steps[r->count++];
}

static void record_send(struct ipcr_coll *c, struct ipcr_part p, int to)
{
    struct step *s = add(c, STEP_SEND);
    s->part = p;
    s->rank = to;
}

static void record_recv(struct ipcr_coll *c, struct ipcr_part p, int from)
{
    struct step *s = add(c, STEP_RECV);
    s->part = p;
    s->rank = from;
}

static void record_round(struct ipcr_coll *c)
{
    add(c, STEP_ROUND);
}

static void record_copy(struct ipcr_coll *c, struct ipcr_part from, struct ipcr_part to)
{
    struct step *s = add(c, STEP_COPY);
    s->part = to;
    s->other = from;
}

static void record_reduce(struct ipcr_coll *c, const void *in, struct ipcr_part inout)
{
    struct step *s = add(c, STEP_REDUCE);
    s->part = inout;
    s->other = ipcr_part(in, inout.count, inout.type);
}

static void *record_temp(struct ipcr_coll *c, size_t bytes)
{
    struct recorder *r = (struct recorder *)c->run;
    r->temps = realloc(r->temps, ((size_t)r->temp_count + 1) * sizeof *r->temps);
    return r->temps[r->temp_count++] = malloc(bytes + 1);
}

static const struct ipcr_coll_verbs recording = {record_send, record_recv,   record_round,
                                                 record_copy, record_reduce, record_temp};

void recorder_begin(struct recorder *r, struct ipcr_coll *c)
{
    *r = (struct recorder){.run.verbs = &recording};
    c->run = &r->run;
}

void recorder_end(struct recorder *r)
{
    for (int i = 0; i < r->temp_count; i++)
        free(r->temps[i]);
    free(r->temps);
    free(r->steps);
}

static int start(struct ipcr_coll *c, const struct step *s, struct ipcr_req **req)
{
    struct ipcr_msg m = {.buf = s->part.buf,
                         .count = s->part.count,
                         .type = s->part.type,
                         .comm = c->comm,
                         .rank = s->rank,
                         .tag = c->tag,
                         .ctx = c->comm->ctx + 1,
                         .mode = IPCR_STANDARD};
    return s->kind == STEP_SEND ? ipcr_p2p_isend(&m, req) : ipcr_p2p_irecv(&m, req);
}

int recorder_play(const struct recorder *r, struct ipcr_coll *c)
{
    struct ipcr_req **reqs = malloc(((size_t)r->count + 1) * sizeof *reqs);
    int active = 0, error = MPI_SUCCESS;
    for (int i = 0; i < r->count && !error; i++) {
        const struct step *s = &r->steps[i];
        switch (s->kind) {
        case STEP_SEND:
        case STEP_RECV:
            error = start(c, s, &reqs[active++]);
            break;
        case STEP_ROUND:
            error = ipcr_req_finish_all(reqs, active);
            active = 0;
            break;
        case STEP_COPY:
            ipcr_type_copy(s->other.buf, s->other.count, s->other.type, s->part.buf, s->part.count,
                           s->part.type);
            break;
        case STEP_REDUCE:
            ipcr_op_apply(c->op, s->other.buf, s->part.buf, s->part.count, s->part.type);
        }
    }
    free(reqs);
    return error;
}
