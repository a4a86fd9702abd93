/* What the machine itself does when two processes talk, without any MPI: the limits that transports
 * are held against. For `ipcrun --compare-ipc` and for bench/limits. */
#ifndef IPCR_PROBE_H
#define IPCR_PROBE_H

#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

/* CPUs of the first two of the affinity mask; the same one twice where there is only one. */
void ipcr_probe_cpus(int cpu[2]);
void ipcr_probe_bind(int cpu);

double ipcr_probe_now(void); /* seconds, monotonic */
/* Memory that children share, touched; NULL with errno set. */
void *ipcr_probe_map(size_t bytes);
/* fork() of a child that dies with its parent. */
pid_t ipcr_probe_spawn(void);
void ipcr_probe_reap(pid_t pid);

/* Waits, handing the core on, until the word has the value. */
void ipcr_probe_until(atomic_uint *word, unsigned value);

/* How one process tells another one that something is there. */
enum ipcr_probe_way {
    IPCR_PROBE_SPIN,  /* a cache line that both look at all the time */
    IPCR_PROBE_YIELD, /* the same with sched_yield() between looks */
    IPCR_PROBE_FUTEX, /* the same, asleep between */
    IPCR_PROBE_PIPE   /* a byte in a pipe, asleep in read() */
};

/* `count` round trips of one byte at most between processes bound to these CPUs: the seconds of
 * half a round trip; negative with errno set. */
double ipcr_probe_ping(enum ipcr_probe_way way, const int cpu[2], unsigned count);

/* Seconds of one memcpy() between two buffers of this process, the mean of `count`. */
double ipcr_probe_copy(void *to, const void *from, size_t bytes, long count);

#endif
