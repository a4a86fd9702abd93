/* The limits beside the transports: what a cache line, a sleeping process and a copy cost here. A
 * process of its own writes them as lines, so that a machine that hangs in one of them is survived
 * like a transport that does. */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "probe.h"
#include "util.h"

enum { TRIES = 5 };

static const struct ping {
    const char *layout, *name;
    enum ipcr_probe_way way;
    bool one_core;
    unsigned count;
} pings[] = {
    {"two-cores", "cache line", IPCR_PROBE_SPIN, false, 20000},
    {"two-cores", "bare futex", IPCR_PROBE_FUTEX, false, 300},
    {"two-cores", "bare pipe", IPCR_PROBE_PIPE, false, 300},
    {"one-core", "sched_yield", IPCR_PROBE_YIELD, true, 3000},
    {"one-core", "bare futex", IPCR_PROBE_FUTEX, true, 1000},
    {"one-core", "bare pipe", IPCR_PROBE_PIPE, true, 1000},
};

static void say(const char *layout, enum ipcr_metric metric, size_t bytes, double value,
                const char *name)
{
    printf("limit %s %s %zu %.9g %s\n", layout, ipcr_metrics[metric].key, bytes, value, name);
    fflush(stdout);
}

/* The least of some tries: a limit is what nothing else disturbed. */
static void measure_ping(const struct ping *p, const int cpu[2], unsigned divide)
{
    int both[2] = {cpu[0], p->one_core ? cpu[0] : cpu[1]};
    double best = -1;
    if (!p->one_core && cpu[0] == cpu[1])
        return;
    for (int i = 0; i < TRIES; i++) {
        double s = ipcr_probe_ping(p->way, both, p->count / divide);
        best = s >= 0 && (best < 0 || s < best) ? s : best;
    }
    if (best >= 0)
        say(p->layout, IPCR_LATENCY, 1, 1e6 * best, p->name);
}

static void measure_copies(bool quick, int cpu)
{
    char *from = ipcr_probe_map(IPCR_COMPARE_LARGEST), *to = ipcr_probe_map(IPCR_COMPARE_LARGEST);
    if (!from || !to)
        return;
    ipcr_probe_bind(cpu);
    memset(from, 1, IPCR_COMPARE_LARGEST);
    int factor = quick ? IPCR_COMPARE_QUICK_FACTOR : IPCR_COMPARE_FACTOR;
    for (size_t bytes = 1; bytes; bytes = ipcr_compare_next(bytes, factor)) {
        long count = bytes < 4096 ? 10000 : (long)(((quick ? 8 : 32) << 20) / bytes);
        double best = ipcr_probe_copy(to, from, bytes, count);
        for (int i = 1; i < TRIES; i++) {
            double s = ipcr_probe_copy(to, from, bytes, count);
            best = s < best ? s : best;
        }
        for (int i = 0; i < IPCR_LAYOUTS; i++)
            say(ipcr_layouts[i].key, IPCR_ONE_WAY, bytes, 1e-6 * (double)bytes / best, "memcpy");
    }
}

/* argv[2]: two CPUs, argv[3]: "quick" or "normal". */
int ipcr_compare_limits(int argc, char **argv)
{
    int cpu[2];
    if (argc != 4 || sscanf(argv[2], "%d,%d", &cpu[0], &cpu[1]) != 2)
        return IPCR_EXIT_USAGE;
    bool quick = strcmp(argv[3], "quick") == 0;
    for (size_t i = 0; i < sizeof pings / sizeof *pings; i++)
        measure_ping(&pings[i], cpu, quick ? 5 : 1);
    measure_copies(quick, cpu[0]);
    return 0;
}
