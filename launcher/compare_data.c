/* What is measured, where the ranks are, and how sizes and figures are written. */
#include <math.h>

#include "compare.h"

const struct ipcr_metric_row ipcr_metrics[IPCR_METRICS] = {
    [IPCR_LATENCY] = {"latency_us", "us", "latency: half a round trip"},
    [IPCR_ONE_WAY] = {"one_way_MBps", "MB/s", "bandwidth, one way"},
    [IPCR_BOTH_WAYS] = {"both_ways_MBps", "MB/s", "bandwidth, both ways at once"},
    [IPCR_RATE] = {"messages_per_s", "1/s", "messages a second, one way"},
    [IPCR_CPU_SEND] = {"cpu_send_us", "us", "CPU time of a message in a stream, sender"},
    [IPCR_CPU_RECV] = {"cpu_recv_us", "us", "CPU time of a message in a stream, receiver"},
    [IPCR_SWITCH_SEND] = {"switches_send", "", "context switches of a message in a stream, sender"},
    [IPCR_SWITCH_RECV] = {"switches_recv", "",
                          "context switches of a message in a stream, receiver"},
    [IPCR_SWITCH_PING] = {"switches_ping", "", "context switches of a message of a ping-pong"},
    [IPCR_CALLS_SEND] = {"calls_send", "", "system calls of a message in a stream, sender"},
    [IPCR_CALLS_RECV] = {"calls_recv", "", "system calls of a message in a stream, receiver"},
    [IPCR_CALLS_PING] = {"calls_ping", "", "system calls of a message of a ping-pong"},
    [IPCR_WAKE_UP] = {"wake_up_us", "us", "from a send to a receiver that slept"},
};

const struct ipcr_layout ipcr_layouts[IPCR_LAYOUTS] = {
    {"two-cores", "2 ranks, each on a core of its own", 2, 2},
    {"one-core", "2 ranks on one core", 2, 1},
    {"eight-ranks", "8 ranks in four pairs, on all cores", 8, 0},
};

size_t ipcr_compare_next(size_t bytes, int factor)
{
    size_t next = bytes * (size_t)factor;
    if (bytes >= IPCR_COMPARE_LARGEST)
        return 0;
    return next < IPCR_COMPARE_LARGEST ? next : IPCR_COMPARE_LARGEST;
}

enum { SMALL_AT = 1, LARGE_AT = 256 << 10 };

static const char small_stream[] = "1 B in a stream", ping[] = "1 B ping-pong", asleep[] = "asleep",
                  large_stream[] = "256 KiB in a stream";

const struct ipcr_cost ipcr_costs[IPCR_COSTS] = {
    {IPCR_RATE, SMALL_AT, small_stream, "messages/s", "msg/s"},
    {IPCR_CPU_SEND, SMALL_AT, small_stream, "CPU send", "cpu>"},
    {IPCR_CPU_RECV, SMALL_AT, small_stream, "receive", "cpu<"},
    {IPCR_CALLS_SEND, SMALL_AT, small_stream, "calls send", "calls>"},
    {IPCR_CALLS_RECV, SMALL_AT, small_stream, "receive", "calls<"},
    {IPCR_SWITCH_SEND, SMALL_AT, small_stream, "switches send", "swit>"},
    {IPCR_SWITCH_RECV, SMALL_AT, small_stream, "receive", "swit<"},
    {IPCR_CALLS_PING, SMALL_AT, ping, "calls", "calls"},
    {IPCR_SWITCH_PING, SMALL_AT, ping, "switches", "switch"},
    {IPCR_WAKE_UP, SMALL_AT, asleep, "wakes up in", "wakes"},
    {IPCR_CPU_SEND, LARGE_AT, large_stream, "CPU send", "cpu>"},
    {IPCR_CPU_RECV, LARGE_AT, large_stream, "receive", "cpu<"},
    {IPCR_CALLS_SEND, LARGE_AT, large_stream, "calls send", "calls>"},
    {IPCR_CALLS_RECV, LARGE_AT, large_stream, "receive", "calls<"},
};

double ipcr_cost_of(const struct ipcr_comparison *c, const struct ipcr_run *run,
                    const struct ipcr_cost *cost)
{
    for (int i = 0; i < c->nsizes; i++)
        if (c->sizes[i] == cost->bytes)
            return run->series[cost->metric].at[i];
    return NAN;
}

const char *ipcr_compare_bytes(size_t bytes)
{
    static char text[4][24];
    static int next;
    char *t = text[next++ % 4];
    if (bytes >= 1 << 20)
        snprintf(t, sizeof *text, "%zu MiB", bytes >> 20);
    else if (bytes >= 1 << 10)
        snprintf(t, sizeof *text, "%zu KiB", bytes >> 10);
    else
        snprintf(t, sizeof *text, "%zu B", bytes);
    return t;
}

const char *ipcr_compare_number(double v)
{
    static char text[4][24];
    static int next;
    char *t = text[next++ % 4];
    if (isnan(v))
        snprintf(t, sizeof *text, "-");
    else if (v >= 99999.5)
        snprintf(t, sizeof *text,
                 v >= 9.995e6  ? "%.0fM"
                 : v >= 999500 ? "%.1fM"
                               : "%.0fk",
                 v >= 999500 ? v * 1e-6 : v * 1e-3);
    else
        snprintf(t, sizeof *text, "%.*f", v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2, v);
    return t;
}
