// Collectives over MPI_COMM_WORLD. BYTES is what one rank contributes (bcast: what it gets;
// alltoall and scatter: to each rank; reductions: the whole vector, of doubles).
#include "bench.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct coll {
    struct bench b;
    const struct kind *kind;
    int bytes, root;
    char *out, *in;
    int *counts, *displs; // of each rank, for the v forms: as many as every other rank's
};

// How an operation's data flows; its buffers and the check of the result follow from this.
enum flow {
    NOTHING,
    ONE_TO_ALL, // root's block to everybody
    ALL_TO_ONE, // everybody's block to root
    ALL_TO_ALL, // everybody's block to everybody
    DEAL,       // root's block number r to rank r
    EXCHANGE,   // rank s's block number r to rank r
    SUM_TO_ONE, // sum of everybody's vectors, to root
    SUM_TO_ALL,
    SUM_DEALT, // its block number r to rank r
    SUM_UP_TO, // sum of the vectors of all ranks up to this one
    SUM_BELOW, // and of all ranks below it
};

struct kind {
    const char *name;
    enum flow flow;
    void (*call)(struct coll *c);
};

static void do_barrier(struct coll *c)
{
    (void)c;
    MPI_Barrier(MPI_COMM_WORLD);
}

static void do_bcast(struct coll *c)
{
    MPI_Bcast(c->b.rank == c->root ? c->out : c->in, c->bytes, MPI_BYTE, c->root, MPI_COMM_WORLD);
}

static void do_gather(struct coll *c)
{
    MPI_Gather(c->out, c->bytes, MPI_BYTE, c->in, c->bytes, MPI_BYTE, c->root, MPI_COMM_WORLD);
}

static void do_allgather(struct coll *c)
{
    MPI_Allgather(c->out, c->bytes, MPI_BYTE, c->in, c->bytes, MPI_BYTE, MPI_COMM_WORLD);
}

static void do_scatter(struct coll *c)
{
    MPI_Scatter(c->out, c->bytes, MPI_BYTE, c->in, c->bytes, MPI_BYTE, c->root, MPI_COMM_WORLD);
}

static void do_alltoall(struct coll *c)
{
    MPI_Alltoall(c->out, c->bytes, MPI_BYTE, c->in, c->bytes, MPI_BYTE, MPI_COMM_WORLD);
}

static void do_gatherv(struct coll *c)
{
    MPI_Gatherv(c->out, c->bytes, MPI_BYTE, c->in, c->counts, c->displs, MPI_BYTE, c->root,
                MPI_COMM_WORLD);
}

static void do_allgatherv(struct coll *c)
{
    MPI_Allgatherv(c->out, c->bytes, MPI_BYTE, c->in, c->counts, c->displs, MPI_BYTE,
                   MPI_COMM_WORLD);
}

static void do_scatterv(struct coll *c)
{
    MPI_Scatterv(c->out, c->counts, c->displs, MPI_BYTE, c->in, c->bytes, MPI_BYTE, c->root,
                 MPI_COMM_WORLD);
}

static void do_alltoallv(struct coll *c)
{
    MPI_Alltoallv(c->out, c->counts, c->displs, MPI_BYTE, c->in, c->counts, c->displs, MPI_BYTE,
                  MPI_COMM_WORLD);
}

static void do_reduce(struct coll *c)
{
    MPI_Reduce(c->out, c->in, c->bytes / 8, MPI_DOUBLE, MPI_SUM, c->root, MPI_COMM_WORLD);
}

static void do_allreduce(struct coll *c)
{
    MPI_Allreduce(c->out, c->in, c->bytes / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

static void do_reduce_scatter(struct coll *c)
{
    MPI_Reduce_scatter(c->out, c->in, c->counts, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

static void do_reduce_scatter_block(struct coll *c)
{
    MPI_Reduce_scatter_block(c->out, c->in, c->bytes / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

static void do_scan(struct coll *c)
{
    MPI_Scan(c->out, c->in, c->bytes / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

static void do_exscan(struct coll *c)
{
    MPI_Exscan(c->out, c->in, c->bytes / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

// The nonblocking forms are waited for at once: what is measured is what they cost, not what they
// hide (overlap.c).
static void do_ibarrier(struct coll *c)
{
    (void)c;
    MPI_Request r;
    MPI_Ibarrier(MPI_COMM_WORLD, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

static void do_ibcast(struct coll *c)
{
    MPI_Request r;
    MPI_Ibcast(c->b.rank == c->root ? c->out : c->in, c->bytes, MPI_BYTE, c->root, MPI_COMM_WORLD,
               &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

static void do_iallreduce(struct coll *c)
{
    MPI_Request r;
    MPI_Iallreduce(c->out, c->in, c->bytes / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

static void do_iallgather(struct coll *c)
{
    MPI_Request r;
    MPI_Iallgather(c->out, c->bytes, MPI_BYTE, c->in, c->bytes, MPI_BYTE, MPI_COMM_WORLD, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

static void do_ialltoall(struct coll *c)
{
    MPI_Request r;
    MPI_Ialltoall(c->out, c->bytes, MPI_BYTE, c->in, c->bytes, MPI_BYTE, MPI_COMM_WORLD, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

static const struct kind kinds[] = {
    {"barrier", NOTHING, do_barrier},
    {"bcast", ONE_TO_ALL, do_bcast},
    {"reduce", SUM_TO_ONE, do_reduce},
    {"allreduce", SUM_TO_ALL, do_allreduce},
    {"allgather", ALL_TO_ALL, do_allgather},
    {"alltoall", EXCHANGE, do_alltoall},
    {"gather", ALL_TO_ONE, do_gather},
    {"scatter", DEAL, do_scatter},
    {"reduce_scatter", SUM_DEALT, do_reduce_scatter},
    {"scan", SUM_UP_TO, do_scan},
    {"exscan", SUM_BELOW, do_exscan},
    {"gatherv", ALL_TO_ONE, do_gatherv},
    {"scatterv", DEAL, do_scatterv},
    {"allgatherv", ALL_TO_ALL, do_allgatherv},
    {"alltoallv", EXCHANGE, do_alltoallv},
    {"reduce_scatter_block", SUM_DEALT, do_reduce_scatter_block},
    {"ibarrier", NOTHING, do_ibarrier},
    {"ibcast", ONE_TO_ALL, do_ibcast},
    {"iallreduce", SUM_TO_ALL, do_iallreduce},
    {"iallgather", ALL_TO_ALL, do_iallgather},
    {"ialltoall", EXCHANGE, do_ialltoall},
};

static void repeat(void *arg, long count)
{
    struct coll *c = arg;
    for (long i = 0; i < count; i++)
        c->kind->call(c);
}

static int is_sum(enum flow flow)
{
    return flow >= SUM_TO_ONE;
}

static int sends_blocks(enum flow flow)
{
    return flow == DEAL || flow == EXCHANGE;
}

// Element k of rank r's vector: small whole numbers, so that sums are exact in any order.
static double element(int r, long k)
{
    return (double)(r + 1) * (double)(k % 1000 + 1);
}

static void fill(struct coll *c)
{
    enum flow flow = c->kind->flow;
    size_t bytes = (size_t)c->bytes, n = (size_t)c->b.size;
    memset(c->in, 0, bytes * n);
    if (is_sum(flow)) {
        long elements = c->bytes / 8 * (flow == SUM_DEALT ? c->b.size : 1);
        for (long k = 0; k < elements; k++)
            ((double *)c->out)[k] = element(c->b.rank, k);
    } else if (sends_blocks(flow)) {
        for (int to = 0; to < c->b.size; to++)
            bench_fill(c->out + (size_t)to * bytes, bytes, c->b.rank, to, 0);
    } else if (flow != NOTHING) {
        bench_fill(c->out, bytes, c->b.rank, 0, 0);
    }
}

static void check_sum(struct coll *c)
{
    enum flow flow = c->kind->flow;
    long n = c->bytes / 8, first = flow == SUM_DEALT ? n * c->b.rank : 0;
    int ranks = flow == SUM_UP_TO ? c->b.rank + 1 : flow == SUM_BELOW ? c->b.rank : c->b.size;
    for (long k = 0; k < n; k++) {
        double expect = element(0, first + k) * ranks * (ranks + 1) / 2;
        if (((double *)c->in)[k] != expect) {
            c->b.wrong++;
            fprintf(stderr, "%s, %d bytes: rank %d got %g as element %ld instead of %g\n",
                    c->kind->name, c->bytes, c->b.rank, ((double *)c->in)[k], k, expect);
            return;
        }
    }
}

// What this rank must have received after one call.
static void check(struct coll *c)
{
    enum flow flow = c->kind->flow;
    int rank = c->b.rank, to_root = flow == ALL_TO_ONE || flow == SUM_TO_ONE;
    if (flow == NOTHING || (to_root && rank != c->root) || (flow == ONE_TO_ALL && rank == c->root))
        return;
    if (is_sum(flow)) {
        check_sum(c);
        return;
    }
    int from_root = flow == ONE_TO_ALL || flow == DEAL, to = sends_blocks(flow) ? rank : 0;
    size_t bytes = (size_t)c->bytes;
    for (int r = 0; r < (from_root ? 1 : c->b.size); r++)
        bench_check(&c->b, c->kind->name, c->in + (size_t)r * bytes, bytes,
                    (int[]){from_root ? c->root : r, to, 0});
}

// Nobody may leave before the last has come. Only clocks of one host can show it.
static void check_barrier(struct coll *c)
{
    int len, local;
    MPI_Comm node;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &local);
    MPI_Comm_free(&node);
    MPI_Allreduce(&local, &len, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    for (int late = 0; len == c->b.size && late < c->b.size; late++) {
        struct timespec now, pause = {0, 2000000};
        double entered, left, last_in, first_out;
        if (late == c->b.rank)
            nanosleep(&pause, NULL);
        clock_gettime(CLOCK_MONOTONIC, &now);
        entered = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
        c->kind->call(c);
        clock_gettime(CLOCK_MONOTONIC, &now);
        left = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
        MPI_Allreduce(&entered, &last_in, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        MPI_Allreduce(&left, &first_out, 1, MPI_DOUBLE, MPI_MIN, MPI_COMM_WORLD);
        if (first_out < last_in && c->b.rank == 0) {
            c->b.wrong++;
            fprintf(stderr, "barrier: a rank left %.6f s before the last had entered\n",
                    last_in - first_out);
        }
    }
}

static void verify(struct coll *c)
{
    int roots[2] = {c->b.size - 1, 0}; // 0 last: it is the root that is measured
    for (int i = 0; i < 2; i++) {
        c->root = roots[i];
        fill(c);
        c->kind->call(c);
        check(c);
    }
}

static void measure_sizes(struct coll *c)
{
    for (size_t bytes = c->b.least; bytes <= c->b.most; bytes = bench_next(&c->b, bytes)) {
        if (is_sum(c->kind->flow) && bytes % 8 != 0)
            continue;
        c->bytes = (int)bytes;
        for (int r = 0; r < c->b.size; r++) {
            c->counts[r] = c->bytes / (is_sum(c->kind->flow) ? 8 : 1);
            c->displs[r] = r * c->counts[r];
        }
        verify(c);
        bench_print(&c->b, c->kind->name, bytes, stats_times(bench_measure(&c->b, repeat, c), 1e6),
                    "us");
    }
}

int main(int argc, char **argv)
{
    struct coll c = {.b = {.least = 8, .most = 1 << 20}};
    bench_begin(
        &c.b, argc, argv,
        "barrier bcast reduce allreduce allgather alltoall gather scatter reduce_scatter scan exscan "
        "gatherv scatterv allgatherv alltoallv reduce_scatter_block ibarrier ibcast iallreduce "
        "iallgather ialltoall");
    c.out = bench_alloc(c.b.most * (size_t)c.b.size);
    c.in = bench_alloc(c.b.most * (size_t)c.b.size);
    c.counts = bench_alloc((size_t)c.b.size * sizeof *c.counts);
    c.displs = bench_alloc((size_t)c.b.size * sizeof *c.displs);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        c.kind = &kinds[i];
        if (!bench_wants(&c.b, c.kind->name))
            continue;
        if (c.kind->flow != NOTHING) {
            measure_sizes(&c);
            continue;
        }
        check_barrier(&c);
        bench_print(&c.b, c.kind->name, 0, stats_times(bench_measure(&c.b, repeat, &c), 1e6), "us");
    }
    free(c.out);
    free(c.in);
    free(c.counts);
    free(c.displs);
    return bench_end(&c.b);
}
