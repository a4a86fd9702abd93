/* Two processes and what lies between them. */
#include "probe.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void ipcr_probe_cpus(int cpu[2])
{
    cpu_set_t set;
    int found = 0;
    cpu[0] = cpu[1] = 0;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return;
    for (int i = 0; i < CPU_SETSIZE && found < 2; i++)
        if (CPU_ISSET(i, &set))
            cpu[found++] = i;
    if (found == 1)
        cpu[1] = cpu[0];
}

void ipcr_probe_bind(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    sched_setaffinity(0, sizeof set, &set);
}

double ipcr_probe_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void *ipcr_probe_map(size_t bytes)
{
    void *p =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

pid_t ipcr_probe_spawn(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    return pid;
}

void ipcr_probe_reap(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void ipcr_probe_until(atomic_uint *word, unsigned value)
{
    while (atomic_load_explicit(word, memory_order_acquire) != value)
        sched_yield();
}

/* ---- ping-pong ---- */

/* Between the two: words on cache lines of their own, and pipes. */
struct table {
    _Alignas(64) atomic_uint turn[2][16]; /* [0][0]: of the first process, [1][0]: of the second */
    _Alignas(64) atomic_uint ready;
    int pipe[2][2];
};

static void until_spin(atomic_uint *word, unsigned value)
{
    while (atomic_load_explicit(word, memory_order_acquire) != value)
        continue;
}

static void until_futex(atomic_uint *word, unsigned value)
{
    unsigned seen;
    while ((seen = atomic_load(word)) != value)
        syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void until_pipe(int fd)
{
    char byte;
    while (read(fd, &byte, 1) < 0 && errno == EINTR)
        continue;
}

static void tell(struct table *t, enum ipcr_probe_way way, int me, unsigned value)
{
    if (way == IPCR_PROBE_PIPE) {
        while (write(t->pipe[me][1], "", 1) < 0 && errno == EINTR)
            continue;
        return;
    }
    atomic_store(&t->turn[me][0], value);
    if (way == IPCR_PROBE_FUTEX)
        syscall(SYS_futex, &t->turn[me][0], FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void hear(struct table *t, enum ipcr_probe_way way, int other, unsigned value)
{
    switch (way) {
    case IPCR_PROBE_SPIN:
        return until_spin(&t->turn[other][0], value);
    case IPCR_PROBE_YIELD:
        return ipcr_probe_until(&t->turn[other][0], value);
    case IPCR_PROBE_FUTEX:
        return until_futex(&t->turn[other][0], value);
    case IPCR_PROBE_PIPE:
        return until_pipe(t->pipe[other][0]);
    }
}

static _Noreturn void answer(struct table *t, enum ipcr_probe_way way, int cpu, unsigned count)
{
    ipcr_probe_bind(cpu);
    atomic_store(&t->ready, 1);
    for (unsigned i = 1; i <= count; i++) {
        hear(t, way, 0, i);
        tell(t, way, 1, i);
    }
    _exit(0);
}

static double ask(struct table *t, enum ipcr_probe_way way, unsigned count)
{
    ipcr_probe_until(&t->ready, 1);
    double start = ipcr_probe_now();
    for (unsigned i = 1; i <= count; i++) {
        tell(t, way, 0, i);
        hear(t, way, 1, i);
    }
    return (ipcr_probe_now() - start) / count / 2;
}

static int open_pipes(struct table *t)
{
    if (pipe(t->pipe[0]) < 0)
        return -1;
    if (pipe(t->pipe[1]) == 0)
        return 0;
    close(t->pipe[0][0]);
    close(t->pipe[0][1]);
    return -1;
}

static void close_pipes(struct table *t)
{
    for (int i = 0; i < 4; i++)
        close(t->pipe[i / 2][i % 2]);
}

double ipcr_probe_ping(enum ipcr_probe_way way, const int cpu[2], unsigned count)
{
    double seconds = -1;
    struct table *t = ipcr_probe_map(sizeof *t);
    if (!t)
        return -1;
    if (open_pipes(t) == 0) {
        ipcr_probe_bind(cpu[0]);
        pid_t child = ipcr_probe_spawn();
        if (child == 0)
            answer(t, way, cpu[1], count);
        if (child > 0) {
            seconds = ask(t, way, count);
            ipcr_probe_reap(child);
        }
        close_pipes(t);
    }
    munmap(t, sizeof *t);
    return seconds;
}

/* ---- memory ---- */

double ipcr_probe_copy(void *to, const void *from, size_t bytes, long count)
{
    double start = ipcr_probe_now();
    for (long i = 0; i < count; i++) {
        memcpy(to, from, bytes);
        __asm__ volatile("" : : "r"(to), "r"(from) : "memory"); /* keeps every copy */
    }
    return (ipcr_probe_now() - start) / (double)count;
}
