/* The counter's rate is found out by comparing it with the system's clock: after 2 ms for the first
 * time, until when the system's clock serves, then after four times as long as before, at last
 * every half second. Each span is known better than the one before, so that both stay together
 * within a microsecond or so. */
#include "tick.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"

enum { TRIES = 4 };
static const uint64_t first_ns = 2000000, again_ns = 500000000;

static struct {
    bool usable;   /* there is such a counter, and the kernel trusts it */
    uint64_t rate; /* nanoseconds a tick, times 2^32; 0: not known yet */
    uint64_t base_ticks, base_ns, again_ticks;
    uint64_t last_ns; /* what was answered */
} tick;

#ifdef __x86_64__
static inline uint64_t ticks(void)
{
    return __builtin_ia32_rdtsc();
}

static bool kernel_trusts_it(void)
{
    char name[16] = "";
    FILE *f = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");
    bool is = f && fgets(name, sizeof name, f) && strcmp(name, "tsc\n") == 0;
    if (f)
        fclose(f);
    return is;
}
#else
static inline uint64_t ticks(void)
{
    return 0;
}

static bool kernel_trusts_it(void)
{
    return false;
}
#endif

/* Both at one moment: of some tries the one in which least happened in between. */
static void look(uint64_t *at_ticks, uint64_t *at_ns)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        uint64_t before = ticks(), ns = ipcr_clock_ns(), took = ticks() - before;
        if (took >= least)
            continue;
        least = took;
        *at_ticks = before + took / 2;
        *at_ns = ns;
    }
}

static void compare(void)
{
    uint64_t at_ticks, at_ns;
    look(&at_ticks, &at_ns);
    uint64_t span_ticks = at_ticks - tick.base_ticks, span_ns = at_ns - tick.base_ns;
    tick.base_ticks = at_ticks;
    tick.base_ns = at_ns;
    tick.rate = span_ticks ? (uint64_t)(((unsigned __int128)span_ns << 32) / span_ticks) : 0;
    double next_ns =
        4 * (double)span_ns < (double)again_ns ? 4 * (double)span_ns : (double)again_ns;
    tick.again_ticks = (uint64_t)(next_ns / (double)span_ns * (double)span_ticks);
}

void ipcr_tick_open(void)
{
    memset(&tick, 0, sizeof tick);
    tick.usable = kernel_trusts_it();
    if (tick.usable)
        look(&tick.base_ticks, &tick.base_ns);
}

static uint64_t by_system(void)
{
    uint64_t ns = ipcr_clock_ns();
    if (tick.usable && ns - tick.base_ns >= first_ns)
        compare();
    return ns;
}

static uint64_t by_counter(void)
{
    uint64_t since = ticks() - tick.base_ticks;
    if (since >= tick.again_ticks) {
        compare();
        since = ticks() - tick.base_ticks;
    }
    return tick.base_ns + (uint64_t)(((unsigned __int128)since * tick.rate) >> 32);
}

uint64_t ipcr_tick_ns(void)
{
    uint64_t ns = tick.rate ? by_counter() : by_system();
    tick.last_ns = ns > tick.last_ns ? ns : tick.last_ns;
    return tick.last_ns;
}
