/* Cases of collectives that move data. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "typemake.h"

/* An element is two 32-bit numbers, in one layout or the other; both have the same signature. */
struct shape {
    struct ipcr_type *type;
    ptrdiff_t at[2], extent;
};

static struct shape shapes[2];

void moves_setup(void)
{
    static const int64_t places[2] = {-8, 8};
    struct ipcr_indexed two = {.combiner = MPI_COMBINER_HINDEXED_BLOCK,
                               .count = 2,
                               .length = 1,
                               .places = IPCR_INTS(places)};
    struct ipcr_type *pair, *gaps;
    ipcr_type_indexed(&two, ipcr_type_of(MPI_INT), &pair);
    ipcr_type_resized(pair, -8, 24, &gaps);
    gaps->committed = true;
    shapes[SHAPE_DENSE] = (struct shape){ipcr_type_of(MPI_2INT), {0, 4}, 8};
    shapes[SHAPE_GAPS] = (struct shape){gaps, {-8, 8}, 24};
}

/* Elements from rank i to rank j (the root or 0 where there is no such rank). */
static size_t count_of(const struct tcase *t, int i, int j)
{
    size_t more;
    switch (t->kind) {
    case IPCR_GATHERV:
    case IPCR_ALLGATHERV:
        more = (size_t)i % 4;
        break;
    case IPCR_SCATTERV:
        more = (size_t)j % 4;
        break;
    case IPCR_ALLTOALLV:
    case IPCR_ALLTOALLW: /* in place rank j sends as much as it receives */
        more = t->in_place ? (size_t)(i + j + i * j) % 4 : (size_t)(i + 2 * j) % 4;
        break;
    default:
        return t->count;
    }
    return t->count == 0 || more == 3 ? 0 : t->count + more;
}

static int32_t value(int i, int j, size_t element, int part)
{
    return (int32_t)((unsigned)i * 1000003u + (unsigned)j * 10007u + (unsigned)element * 2u +
                     (unsigned)part + 12345u);
}

/* One side of a call on one rank: blocks in an area. */
struct side {
    struct area area;
    int blocks;
    bool typed; /* alltoallw: layouts and displacements of their own */
    struct shape shape[CASE_RANKS];
    int counts[CASE_RANKS], displs[CASE_RANKS]; /* in elements, typed: in bytes */
    ptrdiff_t at[CASE_RANKS];                   /* in bytes */
    MPI_Datatype types[CASE_RANKS];
};

/* Lays out the blocks: in order for the plain forms, backwards and apart for the others. */
static void lay_out(const struct tcase *t, struct side *s, bool apart, int salt)
{
    ptrdiff_t at = 0;
    int place = 0;
    for (int i = 0; i < s->blocks; i++) {
        int b = apart ? s->blocks - 1 - i : i;
        int which = t->variant != SHAPE_MIXED ? t->variant : (salt + (s->typed ? b : 0)) % 2;
        s->shape[b] = shapes[which];
        s->types[b] = s->shape[b].type->handle;
        s->at[b] = at;
        s->displs[b] = s->typed ? (int)at : place;
        int elements = s->counts[b] + apart;
        place += elements;
        at += elements * s->shape[b].extent;
    }
    area_make(&s->area, (size_t)at + 64);
}

static void write_block(struct side *s, int b, int from, int to)
{
    for (int k = 0; k < s->counts[b]; k++)
        for (int p = 0; p < 2; p++) {
            int32_t v = value(from, to, (size_t)k, p);
            memcpy(s->area.buf + s->at[b] + k * s->shape[b].extent + s->shape[b].at[p], &v,
                   sizeof v);
        }
}

/* A rank's view of a case. sends and receives: to and from whom, else only one block. */
struct view {
    const struct tcase *t;
    int me;
    bool sending, receiving, v_form;
    bool to_all, from_all, same_to_all;
    struct side out, in;
};

static void look(struct view *v)
{
    const struct tcase *t = v->t;
    enum ipcr_coll_kind k = t->kind;
    bool root = v->me == t->root;
    bool gather = k == IPCR_GATHER || k == IPCR_GATHERV;
    bool scatter = k == IPCR_SCATTER || k == IPCR_SCATTERV;
    bool alltoall = k == IPCR_ALLTOALL || k == IPCR_ALLTOALLV || k == IPCR_ALLTOALLW;
    v->v_form = k == IPCR_GATHERV || k == IPCR_SCATTERV || k == IPCR_ALLGATHERV ||
                k == IPCR_ALLTOALLV || k == IPCR_ALLTOALLW;
    v->sending = scatter || k == IPCR_BCAST ? root : k != IPCR_BARRIER;
    v->receiving = gather ? root : k != IPCR_BARRIER;
    v->to_all = scatter || alltoall;
    v->from_all = !scatter && k != IPCR_BCAST;
    v->same_to_all = k == IPCR_ALLGATHER || k == IPCR_ALLGATHERV || k == IPCR_BCAST;
    if (t->in_place &&
        (alltoall || k == IPCR_ALLGATHER || k == IPCR_ALLGATHERV || (gather && root)))
        v->sending = false;
    if (t->in_place && scatter && root)
        v->receiving = false;
    if (k == IPCR_BCAST)
        v->sending = false; /* the buffer is the receive buffer */
}

static int sender(const struct view *v, int block)
{
    return v->from_all ? block : v->t->root;
}

static int target(const struct view *v, int rank)
{
    return v->same_to_all ? 0 : v->to_all ? rank : v->t->root;
}

static void make_out(struct view *v)
{
    int n = v->t->ranks;
    v->out.blocks = v->to_all ? n : 1;
    v->out.typed = v->t->kind == IPCR_ALLTOALLW;
    for (int b = 0; b < v->out.blocks; b++)
        v->out.counts[b] = (int)count_of(v->t, v->me, target(v, b));
    lay_out(v->t, &v->out, v->v_form && v->to_all, v->me);
    for (int b = 0; b < v->out.blocks; b++)
        write_block(&v->out, b, v->me, target(v, b));
}

static void make_in(struct view *v)
{
    int n = v->t->ranks;
    v->in.blocks = v->from_all ? n : 1;
    v->in.typed = v->t->kind == IPCR_ALLTOALLW;
    for (int b = 0; b < v->in.blocks; b++)
        v->in.counts[b] = (int)count_of(v->t, sender(v, b), target(v, v->me));
    lay_out(v->t, &v->in, v->v_form && v->from_all, v->me + 1);
}

/* What is in the receive buffer before the call. */
static void fill_in_place(struct view *v)
{
    const struct tcase *t = v->t;
    if (t->kind == IPCR_BCAST && v->me == t->root)
        write_block(&v->in, 0, v->me, 0);
    if (!t->in_place || !v->from_all)
        return;
    if (v->to_all)
        for (int b = 0; b < t->ranks; b++)
            write_block(&v->in, b, v->me, b);
    else
        write_block(&v->in, v->me, v->me, target(v, v->me));
}

static void fill_call(struct view *v, struct ipcr_coll *c)
{
    const struct tcase *t = v->t;
    if (v->sending) {
        c->sbuf = v->out.area.buf;
        c->scount = (size_t)v->out.counts[0];
        c->stype = v->out.shape[0].type;
    }
    if (v->sending && v->v_form && v->to_all) {
        c->scounts.v = v->out.counts;
        c->sdispls.v = v->out.displs;
        c->stypes = v->out.typed ? v->out.types : NULL;
    }
    if (v->receiving) {
        c->rbuf = v->in.area.buf;
        c->rcount = (size_t)v->in.counts[0];
        c->rtype = v->in.shape[0].type;
    }
    if (v->receiving && v->v_form && v->from_all) {
        c->rcounts.v = v->in.counts;
        c->rdispls.v = v->in.displs;
        c->rtypes = v->in.typed ? v->in.types : NULL;
    }
    if (t->in_place && v->from_all && !v->sending)
        c->sbuf = MPI_IN_PLACE;
    if (t->in_place && !v->from_all && !v->receiving)
        c->rbuf = MPI_IN_PLACE;
}

int moves_run(const struct tcase *t, struct ipcr_coll *c, case_execute *execute)
{
    struct view v = {.t = t, .me = c->comm->rank};
    look(&v);
    make_out(&v);
    make_in(&v);
    fill_in_place(&v);
    fill_call(&v, c);
    struct area sent = area_copy(&v.out.area), want = area_copy(&v.in.area);
    int err = execute(c, t->row), faults = err != MPI_SUCCESS;
    if (err)
        fprintf(stderr, "# %s: rank %d: error class %d\n", case_name(t), v.me, err);

    struct area got = v.in.area;
    v.in.area = want; /* write what is expected into the copy */
    for (int b = 0; b < v.in.blocks && v.receiving; b++)
        write_block(&v.in, b, sender(&v, b), target(&v, v.me));
    faults += area_compare(t, v.me, "receive buffer", &got, &want);
    faults += area_compare(t, v.me, "send buffer", &v.out.area, &sent);
    area_free(&got);
    area_free(&want);
    area_free(&v.out.area);
    area_free(&sent);
    return faults;
}
