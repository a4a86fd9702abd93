/* The one clock: CLOCK_MONOTONIC, the same for all processes of a machine, in nanoseconds. Who
 * looks at it with every message takes tick.h instead. */
#ifndef IPCR_CLOCK_H
#define IPCR_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t ipcr_clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

#endif
