// How much of a transfer hides behind computing? Rank 0 sends to rank 1, and the sender (send), the
// receiver (recv) or both (both) compute 5 ms between starting and waiting; the other one waits at
// once. The figure is the share of the shorter of the two, the transfer alone and the computing,
// that the longer one hides: 100 % is the most there is (noise may show a little more), and less
// than nothing counts as nothing.
#include "bench.h"

#include <mpi.h>
#include <stdlib.h>

static const double compute_s = 0.005;

struct overlap {
    struct bench b;
    int bytes, computes; // computes: a bit for each of the two ranks
    char *buf;
};

static void compute(void)
{
    for (double start = MPI_Wtime(); MPI_Wtime() - start < compute_s;)
        ;
}

// Seconds from the start to the end of the transfer, of the slowest rank that computes. `with`:
// does it?
static double transfer(struct overlap *o, int with)
{
    MPI_Request request;
    double mine = 0, slowest;
    int rank = o->b.rank, counts = rank < 2 && (o->computes >> rank & 1);
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    if (rank == 0)
        MPI_Isend(o->buf, o->bytes, MPI_BYTE, 1, 0, MPI_COMM_WORLD, &request);
    else if (rank == 1)
        MPI_Irecv(o->buf, o->bytes, MPI_BYTE, 0, 0, MPI_COMM_WORLD, &request);
    if (with && counts)
        compute();
    if (rank < 2)
        MPI_Wait(&request, MPI_STATUS_IGNORE);
    if (counts)
        mine = MPI_Wtime() - start;
    MPI_Allreduce(&mine, &slowest, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return slowest;
}

static void verify(struct overlap *o)
{
    if (o->b.rank == 0)
        bench_fill(o->buf, (size_t)o->bytes, 0, 1, o->computes);
    transfer(o, 1);
    if (o->b.rank == 1)
        bench_check(&o->b, "overlap", o->buf, (size_t)o->bytes, (int[]){0, 1, o->computes});
}

static void measure(struct overlap *o, const char *name)
{
    double *sample = bench_alloc((size_t)o->b.batches * sizeof *sample);
    verify(o);
    for (int i = 0; i < o->b.batches; i++) {
        double alone = transfer(o, 0), together = transfer(o, 1);
        double most = alone < compute_s ? alone : compute_s;
        double share = 100 * (alone + compute_s - together) / most;
        sample[i] = share > 0 ? share : 0;
    }
    bench_print(&o->b, name, (size_t)o->bytes, stats_of(sample, o->b.batches, 1), "%");
    free(sample);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *word, *name;
        int computes;
    } ways[] = {
        {"send", "overlap_send", 1}, {"recv", "overlap_recv", 2}, {"both", "overlap_both", 3}};
    struct overlap o = {.b = {.least = 4 << 20, .most = 4 << 20}};
    bench_begin(&o.b, argc, argv, "send recv both");
    o.buf = bench_buffer(&o.b, o.b.most);
    for (size_t bytes = o.b.least; o.b.size > 1 && bytes <= o.b.most;
         bytes = bench_next(&o.b, bytes)) {
        o.bytes = (int)bytes;
        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
            o.computes = ways[i].computes;
            if (bench_wants(&o.b, ways[i].word))
                measure(&o, ways[i].name);
        }
    }
    bench_buffer_free(&o.b, o.buf);
    return bench_end(&o.b);
}
