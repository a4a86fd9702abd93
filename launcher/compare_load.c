/* Messages between pairs of ranks: patterns, batches, contents. */
#include "compare_load.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "compare.h"

enum { PING = 1, DATA, DONE, ROOM = 8 << 20 }; /* tags; bytes of a window at most */

/* ---- contents ---- */

/* Place `slot` of what rank `from` sends in this batch begins with this word, and grows by STEP
 * from word to word: eight different bytes a word, none like its neighbour's, at the speed of
 * memory. */
#define STEP UINT64_C(0x9e3779b97f4a7c15)

static uint64_t first_word(const struct ipcr_load *l, int from, int slot)
{
    uint64_t seed = (l->batch << 24) ^ ((uint64_t)from << 8) ^ (uint64_t)slot;
    return (seed + 1) * UINT64_C(0xbf58476d1ce4e5b9);
}

static size_t words(const struct ipcr_load *l)
{
    return (l->bytes + 7) / 8;
}

static void fill(struct ipcr_load *l)
{
    for (int slot = 0; slot < l->window; slot++) {
        uint64_t *to = l->out + (size_t)slot * l->stride;
        uint64_t word = first_word(l, l->rank, slot);
        for (size_t i = 0; i < words(l); i++)
            to[i] = word + i * STEP;
    }
}

static bool is_right(const struct ipcr_load *l, int slot)
{
    const uint64_t *got = l->in + (size_t)slot * l->stride;
    uint64_t word = first_word(l, l->peer, slot), differ = 0;
    size_t whole = l->bytes / 8, rest = l->bytes % 8;
    for (size_t i = 0; i < whole; i++)
        differ |= got[i] ^ (word + i * STEP);
    uint64_t last = word + whole * STEP;
    return !differ && memcmp(got + whole, &last, rest) == 0;
}

static void check(struct ipcr_load *l, int slots)
{
    for (int slot = 0; slot < slots; slot++)
        l->wrong += !is_right(l, slot);
    l->checked += (double)slots * (double)l->bytes;
}

/* ---- patterns ---- */

static void *place(const struct ipcr_load *l, uint64_t *buffer, int slot)
{
    return buffer + (size_t)slot * l->stride;
}

static int start_receives(struct ipcr_load *l, int n)
{
    for (int i = 0; i < l->window; i++)
        MPI_Irecv(place(l, l->in, i), (int)l->bytes, MPI_BYTE, l->peer, DATA, MPI_COMM_WORLD,
                  &l->request[n++]);
    return n;
}

static int start_sends(struct ipcr_load *l, int n)
{
    for (int i = 0; i < l->window; i++)
        MPI_Isend(place(l, l->out, i), (int)l->bytes, MPI_BYTE, l->peer, DATA, MPI_COMM_WORLD,
                  &l->request[n++]);
    return n;
}

static void to_itself(struct ipcr_load *l)
{
    MPI_Irecv(l->in, (int)l->bytes, MPI_BYTE, l->peer, PING, MPI_COMM_WORLD, &l->request[0]);
    MPI_Isend(l->out, (int)l->bytes, MPI_BYTE, l->peer, PING, MPI_COMM_WORLD, &l->request[1]);
    MPI_Waitall(2, l->request, MPI_STATUSES_IGNORE);
}

void ipcr_load_ping_pong(struct ipcr_load *l, long count)
{
    int n = (int)l->bytes;
    for (long i = 0; l->peer == l->rank && i < 2 * count; i++)
        to_itself(l);
    for (long i = 0; l->peer != l->rank && i < count; i++) {
        if (l->sends)
            MPI_Send(l->out, n, MPI_BYTE, l->peer, PING, MPI_COMM_WORLD);
        MPI_Recv(l->in, n, MPI_BYTE, l->peer, PING, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (!l->sends)
            MPI_Send(l->out, n, MPI_BYTE, l->peer, PING, MPI_COMM_WORLD);
    }
}

/* The receiver answers a window, or a fast sender would be many windows ahead of it. */
void ipcr_load_one_way(struct ipcr_load *l, long count)
{
    bool alone = l->peer == l->rank;
    for (long i = 0; i < count; i++) {
        int n = alone || !l->sends ? start_receives(l, 0) : 0;
        n = l->sends ? start_sends(l, n) : n;
        MPI_Waitall(n, l->request, MPI_STATUSES_IGNORE);
        if (alone)
            continue;
        if (l->sends)
            MPI_Recv(NULL, 0, MPI_BYTE, l->peer, DONE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        else
            MPI_Send(NULL, 0, MPI_BYTE, l->peer, DONE, MPI_COMM_WORLD);
    }
}

void ipcr_load_both_ways(struct ipcr_load *l, long count)
{
    for (long i = 0; i < count; i++) {
        int n = start_sends(l, start_receives(l, 0));
        MPI_Waitall(n, l->request, MPI_STATUSES_IGNORE);
    }
}

/* ---- batches ---- */

double ipcr_load_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct used {
    double cpu, switches;
};

static struct used used_so_far(void)
{
    struct rusage u;
    struct timespec t;
    getrusage(RUSAGE_SELF, &u);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* finer than what getrusage() tells */
    return (struct used){(double)t.tv_sec + 1e-9 * (double)t.tv_nsec,
                         (double)(u.ru_nvcsw + u.ru_nivcsw)};
}

/* Of all ranks: the longest time, and what each side has used. */
static struct ipcr_load_cost total(const struct ipcr_load *l, double seconds,
                                   const struct used *used, unsigned long calls)
{
    struct ipcr_load_cost c;
    double mine[6] = {0}, sum[6];
    int side = l->sends ? 0 : 1;
    mine[side] = used->cpu;
    mine[2 + side] = used->switches;
    mine[4 + side] = (double)calls;
    MPI_Allreduce(&seconds, &c.seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    MPI_Allreduce(mine, sum, 6, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    memcpy(c.cpu, sum, sizeof c.cpu);
    memcpy(c.switches, sum + 2, sizeof c.switches);
    memcpy(c.calls, sum + 4, sizeof c.calls);
    return c;
}

static void check_batch(struct ipcr_load *l, ipcr_pattern *pattern)
{
    if (pattern == ipcr_load_ping_pong)
        check(l, 1);
    else if (pattern == ipcr_load_both_ways || !l->sends || l->peer == l->rank)
        check(l, l->window);
}

struct ipcr_load_cost ipcr_load_batch(struct ipcr_load *l, ipcr_pattern *pattern, long count)
{
    l->batch++;
    fill(l);
    MPI_Barrier(MPI_COMM_WORLD);
    struct used before = used_so_far();
    unsigned long calls = ipcr_count_now(); /* around the pattern alone: used_so_far() makes some */
    double start = ipcr_load_now();
    pattern(l, count);
    double seconds = ipcr_load_now() - start;
    calls = ipcr_count_now() - calls;
    struct used used = used_so_far();
    used.cpu -= before.cpu;
    used.switches -= before.switches;
    check_batch(l, pattern);
    return total(l, seconds, &used, calls);
}

/* ---- buffers ---- */

void ipcr_load_size(struct ipcr_load *l, size_t bytes, int window)
{
    size_t stride = (bytes + 63) / 64 * 8; /* whole cache lines: places do not disturb each other */
    size_t fits = l->room / stride;
    window = window < IPCR_LOAD_WINDOW ? window : IPCR_LOAD_WINDOW;
    l->bytes = bytes;
    l->stride = stride;
    l->window = (size_t)window < fits ? window : (int)fits;
}

bool ipcr_load_open(struct ipcr_load *l, size_t largest)
{
    size_t bytes = largest > ROOM / 2 ? 2 * largest : ROOM;
    void *out = NULL, *in = NULL;
    MPI_Comm_rank(MPI_COMM_WORLD, &l->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &l->size);
    l->peer = (l->rank + l->size / 2) % l->size;
    l->sends = l->size == 1 || l->rank < l->size / 2;
    if (posix_memalign(&out, 4096, bytes) != 0)
        return false;
    if (posix_memalign(&in, 4096, bytes) != 0) {
        free(out);
        return false;
    }
    memset(out, 0, bytes); /* touched now, or the first messages would pay for the pages */
    memset(in, 0, bytes);
    l->out = out;
    l->in = in;
    l->room = bytes / 8;
    return true;
}

void ipcr_load_close(struct ipcr_load *l)
{
    free(l->out);
    free(l->in);
}
