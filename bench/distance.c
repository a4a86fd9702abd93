// A page that two ranks share, without help of the MPI: one opens what the other has made.
#include "distance.h"

#include <fcntl.h>
#include <mpi.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TRIPS = 100, SAMPLES = 7, PATIENCE = 20000 };

// Each writes its own line and reads the other's.
struct page {
    _Alignas(128) _Atomic unsigned turn[2][32];
};

static struct {
    struct page *page;
    int rank;
    unsigned next;
} here;

struct offer { // what rank 0 tells; both in one host's terms
    char host[256];
    int pid, fd;
};

static struct offer make_offer(void)
{
    struct offer o = {.pid = (int)getpid()};
    gethostname(o.host, sizeof o.host - 1);
    o.fd = memfd_create("bench-distance", MFD_CLOEXEC);
    if (o.fd >= 0 && ftruncate(o.fd, sizeof(struct page)) < 0) {
        close(o.fd);
        o.fd = -1;
    }
    return o;
}

// NULL: rank 1 is elsewhere, or may not open it.
static struct page *take_offer(const struct offer *o)
{
    char host[256] = "", path[64];
    gethostname(host, sizeof host - 1);
    if (o->fd < 0 || strcmp(host, o->host) != 0)
        return NULL;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", o->pid, o->fd);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *p = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

void distance_open(int rank, int size)
{
    struct offer o = {.fd = -1};
    int good;
    here.rank = rank;
    if (size != 2)
        return;
    if (rank == 0)
        o = make_offer();
    MPI_Bcast(&o, sizeof o, MPI_BYTE, 0, MPI_COMM_WORLD);
    struct page *mine = take_offer(&o);
    int has = mine != NULL;
    MPI_Allreduce(&has, &good, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    if (good)
        here.page = mine;
    else if (mine)
        munmap(mine, sizeof *mine);
    if (rank == 0 && o.fd >= 0)
        close(o.fd);
}

void distance_close(void)
{
    if (here.page)
        munmap(here.page, sizeof *here.page);
    here.page = NULL;
}

// The other may have lost its core, or share ours.
static void await(unsigned turn)
{
    for (int looks = 1;
         atomic_load_explicit(&here.page->turn[!here.rank][0], memory_order_acquire) != turn;
         looks++)
        if (looks % PATIENCE == 0)
            sched_yield();
}

static void show(unsigned turn)
{
    atomic_store_explicit(&here.page->turn[here.rank][0], turn, memory_order_release);
}

static double trips(void)
{
    double begin = MPI_Wtime();
    for (int i = 0; i < TRIPS; i++) {
        unsigned turn = ++here.next;
        if (here.rank == 0)
            show(turn);
        await(turn);
        if (here.rank == 1)
            show(turn);
    }
    return (MPI_Wtime() - begin) / (2 * TRIPS) * 1e9;
}

static int less(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

double distance_ns(void)
{
    double sample[SAMPLES];
    if (!here.page)
        return 0;
    MPI_Barrier(MPI_COMM_WORLD); // neither waits any more for what the other has yet to hand over
    trips();                     // until both are here
    for (int i = 0; i < SAMPLES; i++)
        sample[i] = trips();
    qsort(sample, SAMPLES, sizeof *sample, less);
    return sample[SAMPLES / 2];
}
