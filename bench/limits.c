// What this machine can do at best, without any MPI: the figures that the others are held against.
//     limits [NAME...]       names as in the table at the end; none = all
//     limits --serve ADDRESS:PORT, limits --meet ADDRESS:PORT      TCP between two hosts
//
// Two processes that talk are bound to one core each (the first two allowed ones) or to the same.
// Where a machine or a container forbids something, a comment line says so.
#include "../launcher/probe.h"
#include "limits_net.h"
#include "limits_wake.h"
#include "stats.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BATCHES = 15, LARGEST = 16 << 20 };

struct shared { // one cache line each
    _Alignas(64) atomic_uint ping;
    _Alignas(64) atomic_uint pong;
    _Alignas(64) atomic_uint arrived;
    _Alignas(64) atomic_uint phase;
};

static struct shared *shared;
static char *area;  // LARGEST bytes that processes share
static int core[2]; // two cores to bind to; the same one twice where there is only one

static void fail(const char *what)
{
    fprintf(stderr, "limits: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *map_shared(size_t bytes)
{
    void *p = ipcr_probe_map(bytes);
    if (!p)
        fail("mmap");
    return p;
}

static pid_t spawn(void)
{
    pid_t pid = ipcr_probe_spawn();
    if (pid < 0)
        fail("fork");
    return pid;
}

struct ping {
    const char *name;
    enum ipcr_probe_way way;
    int same_core;
    unsigned count;
};

// Seconds from one process to the other, one way.
static void measure_ping(const struct ping *p)
{
    double sample[BATCHES];
    int cpu[2] = {core[0], core[p->same_core ? 0 : 1]};
    if (!p->same_core && core[0] == core[1]) {
        printf("# %s needs two cores\n", p->name);
        return;
    }
    for (int b = 0; b < BATCHES; b++)
        if ((sample[b] = ipcr_probe_ping(p->way, cpu, p->count)) < 0)
            fail(p->name);
    stats_print((struct stats_label){p->name, 2, 0, "ns"},
                stats_times(stats_of(sample, BATCHES, p->count), 1e9));
}

static void line_transfer(void)
{
    measure_ping(&(struct ping){"line_one_way", IPCR_PROBE_SPIN, 0, 100000});
}

static void yield_ping(void)
{
    measure_ping(&(struct ping){"yield_one_way", IPCR_PROBE_YIELD, 1, 20000});
}

static void futex_same(void)
{
    measure_ping(&(struct ping){"futex_same_core", IPCR_PROBE_FUTEX, 1, 5000});
}

static void futex_other(void)
{
    measure_ping(&(struct ping){"futex_other_core", IPCR_PROBE_FUTEX, 0, 2000});
}

static void pipe_same(void)
{
    measure_ping(&(struct ping){"pipe_same_core", IPCR_PROBE_PIPE, 1, 5000});
}

static void pipe_other(void)
{
    measure_ping(&(struct ping){"pipe_other_core", IPCR_PROBE_PIPE, 0, 2000});
}

// A counter that the last of n to arrive resets before it opens the gate; those who wait yield.
static void barrier(unsigned n)
{
    unsigned phase = atomic_load(&shared->phase);
    if (atomic_fetch_add(&shared->arrived, 1) + 1 == n) {
        atomic_store(&shared->arrived, 0);
        atomic_store(&shared->phase, phase + 1);
    } else {
        ipcr_probe_until(&shared->phase, phase + 1);
    }
}

static void measure_barrier(unsigned n, int count)
{
    double sample[BATCHES];
    pid_t child[8];
    memset(shared, 0, sizeof *shared);
    for (unsigned i = 1; i < n; i++) {
        child[i] = spawn();
        if (child[i] == 0) {
            ipcr_probe_bind(core[i % 2]);
            for (int k = 0; k < count * BATCHES + BATCHES; k++)
                barrier(n);
            _exit(0);
        }
    }
    ipcr_probe_bind(core[0]);
    for (int b = 0; b < BATCHES; b++) {
        barrier(n); // now all are there
        double start = ipcr_probe_now();
        for (int k = 0; k < count; k++)
            barrier(n);
        sample[b] = (ipcr_probe_now() - start) / count;
    }
    for (unsigned i = 1; i < n; i++)
        ipcr_probe_reap(child[i]);
    stats_print((struct stats_label){"barrier_yield", (int)n, 0, "us"},
                stats_times(stats_of(sample, BATCHES, count), 1e6));
}

static void barriers(void)
{
    measure_barrier(2, 20000);
    measure_barrier(8, 2000);
}

static long operations_for(size_t bytes)
{
    return bytes < 64 << 10 ? 2000 : (long)((128 << 20) / bytes);
}

// One core, both buffers its own: the rate at which nothing can be copied faster.
static void copy_own(void)
{
    char *from = map_shared(LARGEST), *to = map_shared(LARGEST);
    double sample[BATCHES];
    ipcr_probe_bind(core[0]);
    for (size_t bytes = 4096; bytes <= LARGEST; bytes *= 4) {
        long n = operations_for(bytes);
        memset(from, 1, bytes);
        for (int b = 0; b < BATCHES; b++)
            sample[b] = ipcr_probe_copy(to, from, bytes, n);
        stats_print((struct stats_label){"memcpy_own", 1, bytes, "MB/s"},
                    stats_rate(stats_of(sample, BATCHES, n), 1e-6 * (double)bytes));
    }
    munmap(from, LARGEST);
    munmap(to, LARGEST);
}

// A process on the other core writes a buffer, this one copies it out: what one message costs that
// is copied once. Only the copying is timed.
static void copy_shared(void)
{
    double sample[BATCHES];
    char *to = map_shared(LARGEST);
    ipcr_probe_bind(core[0]);
    for (size_t bytes = 4096; bytes <= LARGEST; bytes *= 4) {
        unsigned n = bytes < 1 << 20 ? 50 : 5;
        memset(shared, 0, sizeof *shared);
        pid_t child = spawn();
        if (child == 0) {
            ipcr_probe_bind(core[1]);
            for (unsigned i = 1; i <= n * BATCHES; i++) {
                ipcr_probe_until(&shared->ping, i);
                memset(area, (int)i, bytes);
                atomic_store(&shared->pong, i);
            }
            _exit(0);
        }
        for (unsigned b = 0, i = 1; b < BATCHES; b++) {
            sample[b] = 0;
            for (unsigned k = 0; k < n; k++, i++) {
                atomic_store(&shared->ping, i);
                ipcr_probe_until(&shared->pong, i);
                double start = ipcr_probe_now();
                memcpy(to, area, bytes);
                __asm__ volatile("" : : "r"(to) : "memory");
                sample[b] += (ipcr_probe_now() - start) / n;
            }
        }
        ipcr_probe_reap(child);
        stats_print((struct stats_label){"memcpy_from_other", 2, bytes, "MB/s"},
                    stats_rate(stats_of(sample, BATCHES, n), 1e-6 * (double)bytes));
    }
    munmap(to, LARGEST);
}

// The kernel copies out of another process's private memory.
static void copy_process_vm(void)
{
    char *own = map_shared(LARGEST), *remote = malloc(LARGEST);
    double sample[BATCHES];
    if (!remote)
        fail("malloc");
    memset(remote, 1, LARGEST);
    pid_t child = spawn();
    if (child == 0) {
        memset(remote, 2, LARGEST); // its own pages now, no longer the parent's
        atomic_store(&shared->arrived, 1);
        for (;;)
            pause();
    }
    ipcr_probe_until(&shared->arrived, 1);
    ipcr_probe_bind(core[0]);
    for (size_t bytes = 4096; bytes <= LARGEST; bytes *= 4) {
        long n = operations_for(bytes);
        for (int b = 0; b < BATCHES; b++) {
            double start = ipcr_probe_now();
            for (long i = 0; i < n; i++) {
                struct iovec to = {own, bytes}, from = {remote, bytes};
                ssize_t got = process_vm_readv(child, &to, 1, &from, 1, 0);
                if (got != (ssize_t)bytes) {
                    printf("# process_vm_readv: %s\n",
                           got < 0 ? strerror(errno) : "read less than asked");
                    goto stop_child;
                }
            }
            sample[b] = (ipcr_probe_now() - start) / (double)n;
        }
        if (own[bytes - 1] != 2)
            printf("# WRONG: process_vm_readv brought other bytes\n");
        stats_print((struct stats_label){"process_vm_readv", 2, bytes, "MB/s"},
                    stats_rate(stats_of(sample, BATCHES, n), 1e-6 * (double)bytes));
    }
stop_child:
    kill(child, SIGKILL);
    ipcr_probe_reap(child);
    free(remote);
    munmap(own, LARGEST);
}

// Starting eight processes and seeing them end: a job that does nothing cannot take less.
static void fork_exec(void)
{
    double sample[BATCHES];
    for (int b = 0; b < BATCHES; b++) {
        pid_t child[8];
        double start = ipcr_probe_now();
        for (int i = 0; i < 8; i++) {
            child[i] = spawn();
            if (child[i] == 0) {
                execl("/proc/self/exe", "limits", "--exit", (char *)NULL);
                _exit(1);
            }
        }
        for (int i = 0; i < 8; i++)
            ipcr_probe_reap(child[i]);
        sample[b] = ipcr_probe_now() - start;
    }
    stats_print((struct stats_label){"fork_exec", 8, 0, "ms"},
                stats_times(stats_of(sample, BATCHES, 1), 1e3));
}

static void tcp(void)
{
    limits_tcp(core);
}

static void wake(void)
{
    limits_wake(core);
}

static const struct {
    const char *name;
    void (*measure)(void);
} table[] = {
    {"fork_exec", fork_exec}, // first: while no process is bound to a core
    {"wake", wake},
    {"line", line_transfer},
    {"yield", yield_ping},
    {"futex_same", futex_same},
    {"futex_other", futex_other},
    {"pipe_same", pipe_same},
    {"pipe_other", pipe_other},
    {"barrier", barriers},
    {"memcpy", copy_own},
    {"memcpy_shared", copy_shared},
    {"process_vm_readv", copy_process_vm},
    {"tcp", tcp},
};

static int named(const char *name, char **names)
{
    for (char **n = names; *n; n++)
        if (strcmp(*n, name) == 0)
            return 1;
    return *names == NULL;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--exit") == 0)
        return 0;
    if (argc == 3 && strcmp(argv[1], "--serve") == 0)
        return limits_serve(argv[2]);
    if (argc == 3 && strcmp(argv[1], "--meet") == 0)
        return limits_meet(argv[2]);
    ipcr_probe_cpus(core);
    shared = map_shared(sizeof *shared);
    area = map_shared(LARGEST);
    stats_print_head();
    int ran = 0;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (named(table[i].name, argv + 1)) {
            memset(shared, 0, sizeof *shared);
            table[i].measure();
            ran++;
        }
    }
    if (ran == 0)
        fprintf(stderr, "limits: no such measurement; see the table at the end of limits.c\n");
    return ran ? 0 : 2;
}
