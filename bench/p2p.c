// Point to point: latency, bandwidth one way and both ways, message rate; beside them what a plain
// copy does. With -a the buffers are from MPI_Alloc_mem, and the names end in _alloc.
// Ranks work in pairs, rank i with rank i + size / 2; rates are the sums over all pairs.
#include "bench.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 64, PIECES = 4 << 20 };

struct pair {
    struct bench b;
    int pairs, peer; // peer -1: the odd one out
    int first;       // am I the one that starts?
    int bytes;
    char *out, *in;
    MPI_Request request[2 * WINDOW];
};

static void latency(void *arg, long count)
{
    struct pair *p = arg;
    for (long i = 0; p->peer >= 0 && i < count; i++) {
        if (p->first)
            MPI_Send(p->out, p->bytes, MPI_BYTE, p->peer, 1, MPI_COMM_WORLD);
        MPI_Recv(p->in, p->bytes, MPI_BYTE, p->peer, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (!p->first)
            MPI_Send(p->out, p->bytes, MPI_BYTE, p->peer, 1, MPI_COMM_WORLD);
    }
}

// The first pair alone; the others wait meanwhile.
static void latency_alone(void *arg, long count)
{
    struct pair *p = arg;
    if (p->b.rank == 0 || p->peer == 0)
        latency(p, count);
}

// All messages of a window share one buffer, as in the OSU benchmarks that everybody quotes.
static void window_one_way(void *arg, long count)
{
    struct pair *p = arg;
    for (long i = 0; p->peer >= 0 && i < count; i++) {
        for (int w = 0; w < WINDOW; w++) {
            if (p->first)
                MPI_Isend(p->out, p->bytes, MPI_BYTE, p->peer, 2, MPI_COMM_WORLD, &p->request[w]);
            else
                MPI_Irecv(p->in, p->bytes, MPI_BYTE, p->peer, 2, MPI_COMM_WORLD, &p->request[w]);
        }
        MPI_Waitall(WINDOW, p->request, MPI_STATUSES_IGNORE);
        if (p->first)
            MPI_Recv(p->in, 0, MPI_BYTE, p->peer, 3, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        else
            MPI_Send(p->out, 0, MPI_BYTE, p->peer, 3, MPI_COMM_WORLD);
    }
}

static void window_both_ways(void *arg, long count)
{
    struct pair *p = arg;
    for (long i = 0; p->peer >= 0 && i < count; i++) {
        for (int w = 0; w < WINDOW; w++)
            MPI_Irecv(p->in, p->bytes, MPI_BYTE, p->peer, 4, MPI_COMM_WORLD, &p->request[w]);
        for (int w = 0; w < WINDOW; w++)
            MPI_Isend(p->out, p->bytes, MPI_BYTE, p->peer, 4, MPI_COMM_WORLD,
                      &p->request[WINDOW + w]);
        MPI_Waitall(2 * WINDOW, p->request, MPI_STATUSES_IGNORE);
    }
}

// One rank of each pair copies between its own two buffers; the others wait meanwhile.
static void copy(void *arg, long count)
{
    struct pair *p = arg;
    for (long i = 0; p->first && i < count; i++) {
        memcpy(p->in, p->out, (size_t)p->bytes);
        __asm__ volatile("" : : "r"(p->in) : "memory");
    }
}

// Before a size is measured: a window of messages that all differ, each into its own place, checked
// byte by byte, from both sides.
static void verify(struct pair *p)
{
    if (p->peer < 0)
        return;
    size_t bytes = (size_t)p->bytes;
    int n = bytes * WINDOW <= PIECES ? WINDOW : bytes * 2 <= PIECES ? (int)(PIECES / bytes) : 2;
    char *out = bench_alloc(bytes * (size_t)n), *in = bench_alloc(bytes * (size_t)n);
    for (int w = 0; w < n; w++) {
        size_t at = (size_t)w * bytes;
        bench_fill(out + at, bytes, p->b.rank, p->peer, w);
        MPI_Irecv(in + at, p->bytes, MPI_BYTE, p->peer, 5, MPI_COMM_WORLD, &p->request[w]);
    }
    for (int w = 0; w < n; w++)
        MPI_Isend(out + (size_t)w * bytes, p->bytes, MPI_BYTE, p->peer, 5, MPI_COMM_WORLD,
                  &p->request[n + w]);
    MPI_Waitall(2 * n, p->request, MPI_STATUSES_IGNORE);
    for (int w = 0; w < n; w++)
        bench_check(&p->b, "p2p", in + (size_t)w * bytes, bytes, (int[]){p->peer, p->b.rank, w});
    free(out);
    free(in);
}

static void print(const struct pair *p, const char *name, struct stats s, const char *unit)
{
    char full[40];
    snprintf(full, sizeof full, "%s%s", name, p->b.alloc_mem ? "_alloc" : "");
    bench_print(&p->b, full, (size_t)p->bytes, s, unit);
}

static void measure(struct pair *p, size_t bytes)
{
    const struct bench *b = &p->b;
    double messages = (double)WINDOW * p->pairs, mb = messages * (double)bytes * 1e-6;
    p->bytes = (int)bytes;
    verify(p);
    if (bench_wants(b, "latency"))
        print(p, "latency", stats_times(bench_measure(b, latency, p), 0.5e6), "us");
    if (bench_wants(b, "lat_alone"))
        print(p, "lat_alone", stats_times(bench_measure(b, latency_alone, p), 0.5e6), "us");
    if (bench_wants(b, "bw") && bytes > 0)
        print(p, "bw", stats_rate(bench_measure(b, window_one_way, p), mb), "MB/s");
    if (bench_wants(b, "bibw") && bytes > 0)
        print(p, "bibw", stats_rate(bench_measure(b, window_both_ways, p), 2 * mb), "MB/s");
    if (bench_wants(b, "rate"))
        print(p, "rate", stats_rate(bench_measure(b, window_one_way, p), messages * 1e-3),
              "kmsg/s");
    if (bench_wants(b, "memcpy") && bytes > 0)
        print(p, "memcpy", stats_rate(bench_measure(b, copy, p), mb / WINDOW), "MB/s");
}

int main(int argc, char **argv)
{
    struct pair p = {.b = {.least = 0, .most = 4 << 20}};
    bench_begin(&p.b, argc, argv, "latency lat_alone bw bibw rate memcpy");
    p.pairs = p.b.size / 2;
    p.first = p.b.rank < p.pairs;
    p.peer = p.b.rank >= 2 * p.pairs ? -1 : p.first ? p.b.rank + p.pairs : p.b.rank - p.pairs;
    p.out = bench_buffer(&p.b, p.b.most);
    p.in = bench_buffer(&p.b, p.b.most);
    for (size_t bytes = p.b.least; p.pairs > 0 && bytes <= p.b.most;
         bytes = bench_next(&p.b, bytes))
        measure(&p, bytes);
    bench_buffer_free(&p.b, p.out);
    bench_buffer_free(&p.b, p.in);
    return bench_end(&p.b);
}
