// What does a message cost while many wait? Rank 0 sends DEPTH messages with a tag each to rank 1,
// which has posted all receives before, in another order (posted), or receives them in another
// order when all have come (unexpected). In the _any forms every tenth receive takes any source.
// BYTES is the depth; the figure is the time of one message of these.
#include "bench.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { GO = 0, FIRST = 1 }; // tags: GO says that all of one side is done; message k has FIRST + k

struct match {
    struct bench b;
    int depth, any;
    int *order[2]; // in which sender and receiver take the messages
    int *payload;
    MPI_Request *request;
};

// The same order in every run (a linear congruence draws it), different for the two sides.
static void shuffle(int *order, int n, unsigned seed)
{
    for (int i = 0; i < n; i++)
        order[i] = i;
    for (int i = n - 1; i > 0; i--) {
        seed = seed * 1664525u + 1013904223u;
        int at = (int)((seed >> 8) % (unsigned)(i + 1)), kept = order[i];
        order[i] = order[at];
        order[at] = kept;
    }
}

static void send_all(struct match *m)
{
    for (int i = 0; i < m->depth; i++) {
        int k = m->order[0][i];
        m->payload[k] = k;
        MPI_Isend(&m->payload[k], 1, MPI_INT, 1, FIRST + k, MPI_COMM_WORLD, &m->request[i]);
    }
}

static void receive_all(struct match *m)
{
    for (int i = 0; i < m->depth; i++) {
        int k = m->order[1][i];
        m->payload[k] = -1;
        MPI_Irecv(&m->payload[k], 1, MPI_INT, m->any && i % 10 == 9 ? MPI_ANY_SOURCE : 0, FIRST + k,
                  MPI_COMM_WORLD, &m->request[i]);
    }
}

static void check(struct match *m)
{
    for (int k = 0; k < m->depth; k++)
        m->b.wrong += m->payload[k] != k;
}

static void posted(void *arg, long count)
{
    struct match *m = arg;
    for (long i = 0; m->b.rank < 2 && i < count; i++) {
        if (m->b.rank == 1) {
            receive_all(m);
            MPI_Send(NULL, 0, MPI_BYTE, 0, GO, MPI_COMM_WORLD);
        } else {
            MPI_Recv(NULL, 0, MPI_BYTE, 1, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            send_all(m);
        }
        MPI_Waitall(m->depth, m->request, MPI_STATUSES_IGNORE);
        if (m->b.rank == 1)
            check(m);
    }
}

// The last message overtakes none, so whoever has it has seen all others come. The sends are
// nonblocking: nothing promises that as many messages find room before the first receive.
static void unexpected(void *arg, long count)
{
    struct match *m = arg;
    for (long i = 0; m->b.rank < 2 && i < count; i++) {
        if (m->b.rank == 0) {
            send_all(m);
            MPI_Send(NULL, 0, MPI_BYTE, 1, GO, MPI_COMM_WORLD);
        } else {
            MPI_Recv(NULL, 0, MPI_BYTE, 0, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            receive_all(m);
        }
        MPI_Waitall(m->depth, m->request, MPI_STATUSES_IGNORE);
        if (m->b.rank == 1)
            check(m);
    }
}

static const struct {
    const char *name;
    bench_fn *fn;
    int any;
} ways[] = {{"posted", posted, 0},
            {"posted_any", posted, 1},
            {"unexpected", unexpected, 0},
            {"unexpected_any", unexpected, 1}};

static void measure(struct match *m)
{
    shuffle(m->order[0], m->depth, 1);
    shuffle(m->order[1], m->depth, 2);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (!bench_wants(&m->b, ways[i].name))
            continue;
        m->any = ways[i].any;
        bench_print(&m->b, ways[i].name, (size_t)m->depth,
                    stats_times(bench_measure(&m->b, ways[i].fn, m), 1e6 / m->depth), "us");
    }
}

int main(int argc, char **argv)
{
    struct match m = {.b = {.least = 10, .most = 100000, .factor = 100}};
    bench_begin(&m.b, argc, argv, "posted posted_any unexpected unexpected_any");
    size_t ints = m.b.most * sizeof(int);
    m.order[0] = bench_alloc(ints);
    m.order[1] = bench_alloc(ints);
    m.payload = bench_alloc(ints);
    m.request = bench_alloc(m.b.most * sizeof *m.request);
    for (size_t n = m.b.least; m.b.size > 1 && n <= m.b.most; n = bench_next(&m.b, n)) {
        m.depth = (int)n;
        measure(&m);
    }
    free(m.order[0]);
    free(m.order[1]);
    free(m.payload);
    free(m.request);
    return bench_end(&m.b);
}
