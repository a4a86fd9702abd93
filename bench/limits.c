// What this machine can do at best, without any MPI: the figures that the others are held against.
//     limits [NAME...]       names as in the table at the end; none = all
//
// Two processes that talk are bound to one core each (the first two allowed ones) or to the same.
// Where a machine or a container forbids something, a comment line says so.
#include "stats.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
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

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(const char *what)
{
    fprintf(stderr, "limits: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *map_shared(size_t bytes)
{
    void *p =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (p == MAP_FAILED)
        fail("mmap");
    return p;
}

static void bind_to(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

static void find_cores(void)
{
    cpu_set_t set;
    int found = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        fail("sched_getaffinity");
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
        if (CPU_ISSET(cpu, &set))
            core[found++] = cpu;
    if (found == 1)
        core[1] = core[0];
}

// A child that dies with its parent.
static pid_t spawn(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid < 0)
        fail("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    return pid;
}

static void reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static void futex_wait(atomic_uint *word, unsigned seen)
{
    syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

// The ways in which a process may wait until *word has the value.
static void until_spin(atomic_uint *word, unsigned value)
{
    while (atomic_load_explicit(word, memory_order_acquire) != value)
        continue;
}

static void until_yield(atomic_uint *word, unsigned value)
{
    while (atomic_load_explicit(word, memory_order_acquire) != value)
        sched_yield();
}

static void until_futex(atomic_uint *word, unsigned value)
{
    unsigned seen;
    while ((seen = atomic_load(word)) != value)
        futex_wait(word, seen);
}

struct way {
    const char *name;
    void (*until)(atomic_uint *, unsigned);
    int wakes, same_core;
    unsigned count;
};

static void ping_pong(const struct way *w, int first)
{
    atomic_uint *mine = first ? &shared->ping : &shared->pong;
    atomic_uint *other = first ? &shared->pong : &shared->ping;
    for (unsigned i = 1; i <= w->count; i++) {
        if (!first)
            w->until(other, i);
        atomic_store(mine, i);
        if (w->wakes)
            futex_wake(mine);
        if (first)
            w->until(other, i);
    }
}

// Seconds from one process to the other, one way.
static void measure_way(const struct way *w)
{
    double sample[BATCHES];
    if (!w->same_core && core[0] == core[1]) {
        printf("# %s needs two cores\n", w->name);
        return;
    }
    bind_to(core[0]);
    for (int b = 0; b < BATCHES; b++) {
        memset(shared, 0, sizeof *shared);
        pid_t child = spawn();
        if (child == 0) {
            bind_to(core[w->same_core ? 0 : 1]);
            atomic_store(&shared->arrived, 1);
            ping_pong(w, 0);
            _exit(0);
        }
        until_yield(&shared->arrived, 1);
        double start = now();
        ping_pong(w, 1);
        sample[b] = (now() - start) / w->count / 2;
        reap(child);
    }
    stats_print((struct stats_label){w->name, 2, 0, "ns"},
                stats_times(stats_of(sample, BATCHES, w->count), 1e9));
}

static void line_transfer(void)
{
    measure_way(&(struct way){"line_one_way", until_spin, 0, 0, 100000});
}

static void yield_ping(void)
{
    measure_way(&(struct way){"yield_one_way", until_yield, 0, 1, 20000});
}

static void futex_same(void)
{
    measure_way(&(struct way){"futex_same_core", until_futex, 1, 1, 5000});
}

static void futex_other(void)
{
    measure_way(&(struct way){"futex_other_core", until_futex, 1, 0, 2000});
}

// A counter that the last of n to arrive resets before it opens the gate; those who wait yield.
static void barrier(unsigned n)
{
    unsigned phase = atomic_load(&shared->phase);
    if (atomic_fetch_add(&shared->arrived, 1) + 1 == n) {
        atomic_store(&shared->arrived, 0);
        atomic_store(&shared->phase, phase + 1);
    } else {
        until_yield(&shared->phase, phase + 1);
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
            bind_to(core[i % 2]);
            for (int k = 0; k < count * BATCHES + BATCHES; k++)
                barrier(n);
            _exit(0);
        }
    }
    bind_to(core[0]);
    for (int b = 0; b < BATCHES; b++) {
        barrier(n); // now all are there
        double start = now();
        for (int k = 0; k < count; k++)
            barrier(n);
        sample[b] = (now() - start) / count;
    }
    for (unsigned i = 1; i < n; i++)
        reap(child[i]);
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
    bind_to(core[0]);
    for (size_t bytes = 4096; bytes <= LARGEST; bytes *= 4) {
        long n = operations_for(bytes);
        memset(from, 1, bytes);
        for (int b = 0; b < BATCHES; b++) {
            double start = now();
            for (long i = 0; i < n; i++) {
                memcpy(to, from, bytes);
                __asm__ volatile("" : : "r"(to), "r"(from) : "memory"); // keeps every copy
            }
            sample[b] = (now() - start) / (double)n;
        }
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
    bind_to(core[0]);
    for (size_t bytes = 4096; bytes <= LARGEST; bytes *= 4) {
        unsigned n = bytes < 1 << 20 ? 50 : 5;
        memset(shared, 0, sizeof *shared);
        pid_t child = spawn();
        if (child == 0) {
            bind_to(core[1]);
            for (unsigned i = 1; i <= n * BATCHES; i++) {
                until_yield(&shared->ping, i);
                memset(area, (int)i, bytes);
                atomic_store(&shared->pong, i);
            }
            _exit(0);
        }
        for (unsigned b = 0, i = 1; b < BATCHES; b++) {
            sample[b] = 0;
            for (unsigned k = 0; k < n; k++, i++) {
                atomic_store(&shared->ping, i);
                until_yield(&shared->pong, i);
                double start = now();
                memcpy(to, area, bytes);
                __asm__ volatile("" : : "r"(to) : "memory");
                sample[b] += (now() - start) / n;
            }
        }
        reap(child);
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
    until_yield(&shared->arrived, 1);
    bind_to(core[0]);
    for (size_t bytes = 4096; bytes <= LARGEST; bytes *= 4) {
        long n = operations_for(bytes);
        for (int b = 0; b < BATCHES; b++) {
            double start = now();
            for (long i = 0; i < n; i++) {
                struct iovec to = {own, bytes}, from = {remote, bytes};
                ssize_t got = process_vm_readv(child, &to, 1, &from, 1, 0);
                if (got != (ssize_t)bytes) {
                    printf("# process_vm_readv: %s\n",
                           got < 0 ? strerror(errno) : "read less than asked");
                    goto stop_child;
                }
            }
            sample[b] = (now() - start) / (double)n;
        }
        if (own[bytes - 1] != 2)
            printf("# WRONG: process_vm_readv brought other bytes\n");
        stats_print((struct stats_label){"process_vm_readv", 2, bytes, "MB/s"},
                    stats_rate(stats_of(sample, BATCHES, n), 1e-6 * (double)bytes));
    }
stop_child:
    kill(child, SIGKILL);
    reap(child);
    free(remote);
    munmap(own, LARGEST);
}

// Starting eight processes and seeing them end: a job that does nothing cannot take less.
static void fork_exec(void)
{
    double sample[BATCHES];
    for (int b = 0; b < BATCHES; b++) {
        pid_t child[8];
        double start = now();
        for (int i = 0; i < 8; i++) {
            child[i] = spawn();
            if (child[i] == 0) {
                execl("/proc/self/exe", "limits", "--exit", (char *)NULL);
                _exit(1);
            }
        }
        for (int i = 0; i < 8; i++)
            reap(child[i]);
        sample[b] = now() - start;
    }
    stats_print((struct stats_label){"fork_exec", 8, 0, "ms"},
                stats_times(stats_of(sample, BATCHES, 1), 1e3));
}

static const struct {
    const char *name;
    void (*measure)(void);
} table[] = {
    {"fork_exec", fork_exec}, // first: while no process is bound to a core
    {"line", line_transfer},        {"yield", yield_ping},
    {"futex_same", futex_same},     {"futex_other", futex_other},
    {"barrier", barriers},          {"memcpy", copy_own},
    {"memcpy_shared", copy_shared}, {"process_vm_readv", copy_process_vm},
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
    find_cores();
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
