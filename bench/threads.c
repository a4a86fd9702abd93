// What do threads cost? Ping-pongs between ranks 0 and 1.
//     threads single             latency with MPI_THREAD_SINGLE; a job of its own, since the level
//                                is chosen once
//     threads [multiple] [four]  latency with MPI_THREAD_MULTIPLE and one thread; messages a second
//                                of one and of four threads a rank, each on its own communicator
#include "bench.h"

#include <mpi.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 4 };

struct worker {
    struct threads *all;
    MPI_Comm comm;
    char *buf;
    long count;
    pthread_t thread;
};

struct threads {
    struct bench b;
    int threads, bytes;
    struct worker worker[MOST];
};

static void *ping_pong(void *arg)
{
    struct worker *w = arg;
    int rank = w->all->b.rank, bytes = w->all->bytes;
    for (long i = 0; rank < 2 && i < w->count; i++) {
        if (rank == 0)
            MPI_Send(w->buf, bytes, MPI_BYTE, 1, 0, w->comm);
        MPI_Recv(w->buf, bytes, MPI_BYTE, 1 - rank, 0, w->comm, MPI_STATUS_IGNORE);
        if (rank == 1)
            MPI_Send(w->buf, bytes, MPI_BYTE, 0, 0, w->comm);
    }
    return NULL;
}

// The first worker is the calling thread. A thread that cannot be made ends the job.
static void all_threads(void *arg, long count)
{
    struct threads *t = arg;
    for (int i = 0; i < t->threads; i++)
        t->worker[i].count = count;
    for (int i = 1; i < t->threads; i++)
        if (pthread_create(&t->worker[i].thread, NULL, ping_pong, &t->worker[i]) != 0)
            MPI_Abort(MPI_COMM_WORLD, 2);
    ping_pong(&t->worker[0]);
    for (int i = 1; i < t->threads; i++)
        pthread_join(t->worker[i].thread, NULL);
}

// Each thread's message reaches the same thread of the other rank and comes back whole.
static void verify(struct threads *t)
{
    size_t bytes = (size_t)t->bytes;
    for (int i = 0; i < t->threads; i++)
        if (t->b.rank == 0)
            bench_fill(t->worker[i].buf, bytes, 0, 1, i);
        else
            memset(t->worker[i].buf, 0, bytes);
    all_threads(t, 1);
    for (int i = 0; t->b.rank < 2 && i < t->threads; i++)
        bench_check(&t->b, "threads", t->worker[i].buf, bytes, (int[]){0, 1, i});
}

static struct stats measure(struct threads *t, int threads)
{
    t->threads = threads;
    verify(t);
    return bench_measure(&t->b, all_threads, t);
}

static void measure_size(struct threads *t, size_t bytes)
{
    t->bytes = (int)bytes;
    if (t->b.level == MPI_THREAD_SINGLE) {
        bench_print(&t->b, "lat_single", bytes, stats_times(measure(t, 1), 0.5e6), "us");
        return;
    }
    if (bench_wants(&t->b, "multiple"))
        bench_print(&t->b, "lat_multiple", bytes, stats_times(measure(t, 1), 0.5e6), "us");
    if (bench_wants(&t->b, "four")) {
        bench_print(&t->b, "rate_1_thread", bytes, stats_rate(measure(t, 1), 2e-3), "kmsg/s");
        bench_print(&t->b, "rate_4_threads", bytes, stats_rate(measure(t, MOST), MOST * 2e-3),
                    "kmsg/s");
    }
}

int main(int argc, char **argv)
{
    int single = strcmp(argv[argc - 1], "single") == 0;
    struct threads t = {.b = {.least = 8, .most = 8}};
    t.b.level = single ? MPI_THREAD_SINGLE : MPI_THREAD_MULTIPLE;
    bench_begin(&t.b, argc, argv, single ? "single" : "multiple four");
    for (int i = 0; i < MOST; i++) {
        t.worker[i].all = &t;
        t.worker[i].buf = bench_alloc(t.b.most);
        MPI_Comm_dup(MPI_COMM_WORLD, &t.worker[i].comm);
    }
    for (size_t bytes = t.b.least; t.b.size > 1 && bytes <= t.b.most;
         bytes = bench_next(&t.b, bytes))
        measure_size(&t, bytes);
    for (int i = 0; i < MOST; i++) {
        MPI_Comm_free(&t.worker[i].comm);
        free(t.worker[i].buf);
    }
    return bench_end(&t.b);
}
