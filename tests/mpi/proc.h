// What a rank can learn about itself from the kernel: its clock, its CPU time, its memory.
#ifndef TESTS_MPI_PROC_H
#define TESTS_MPI_PROC_H

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

// Seconds on a clock that all processes of one machine share.
static inline double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline void nap(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    while (nanosleep(&t, &t) != 0)
        continue;
}

// User and system time of this process so far, all threads, in seconds.
static inline double cpu_seconds(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
}

// A line of /proc/self/status such as "VmHWM:", in KiB; -1 where it is missing.
static inline long memory_kib(const char *line_name)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long kib = -1;

    if (status == NULL)
        return -1;
    while (fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, line_name, strlen(line_name)) == 0)
            sscanf(line + strlen(line_name), "%ld", &kib);
    fclose(status);
    return kib;
}

// Weak: there only where a sanitizer is linked in, here or by the library.
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

// True where memory tells nothing: a sanitizer keeps what was freed.
static inline int memory_is_padded(void)
{
    return __asan_init != NULL || __tsan_init != NULL;
}

// The most memory this process ever had resident.
static inline long peak_kib(void)
{
    return memory_kib("VmHWM:");
}

#endif
