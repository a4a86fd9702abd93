/* The comparison on a terminal: for each layout three tables by size, and one of costs. */
#include <math.h>

#include "compare.h"

enum { NAME_WIDTH = 13, WIDTH = 8, SMALL_AT = 1, LARGE_AT = 256 << 10 };

static void print_name(FILE *to, const char *mark, const char *name)
{
    int n = fprintf(to, "%s%s", mark, name);
    fprintf(to, "%*s", n < NAME_WIDTH ? NAME_WIDTH - n : 1, "");
}

static void print_series(FILE *to, const struct ipcr_comparison *c, const struct ipcr_series *s)
{
    for (int i = 0; i < c->nsizes; i++)
        fprintf(to, "%*s", WIDTH, ipcr_compare_number(s->at[i]));
    fprintf(to, "\n");
}

static void print_sizes(FILE *to, const struct ipcr_comparison *c, const char *title)
{
    fprintf(to, "\n%s\n%*s", title, NAME_WIDTH, "");
    for (int i = 0; i < c->nsizes; i++)
        fprintf(to, "%*s", WIDTH, ipcr_compare_bytes(c->sizes[i]));
    fprintf(to, "\n");
}

static void print_metric(FILE *to, const struct ipcr_comparison *c, int layout,
                         enum ipcr_metric metric)
{
    char title[80];
    snprintf(title, sizeof title, "%s, %s", ipcr_metrics[metric].text, ipcr_metrics[metric].unit);
    print_sizes(to, c, title);
    for (int i = 0; i < c->nruns; i++) {
        const struct ipcr_run *run = &c->runs[layout][i];
        if (run->reason)
            continue;
        print_name(to, "", run->transport);
        print_series(to, c, &run->series[metric]);
    }
    for (int i = 0; i < c->limits[layout].n; i++) {
        const struct ipcr_limit *l = &c->limits[layout].at[i];
        if (l->metric != metric)
            continue;
        print_name(to, "= ", l->name);
        print_series(to, c, &l->series);
    }
}

/* ---- costs ---- */

static const struct column {
    enum ipcr_metric metric;
    size_t bytes;
} columns[] = {
    {IPCR_RATE, SMALL_AT},        {IPCR_CPU_SEND, SMALL_AT},   {IPCR_CPU_RECV, SMALL_AT},
    {IPCR_CALLS_SEND, SMALL_AT},  {IPCR_CALLS_RECV, SMALL_AT}, {IPCR_SWITCH_SEND, SMALL_AT},
    {IPCR_SWITCH_RECV, SMALL_AT}, {IPCR_CALLS_PING, SMALL_AT}, {IPCR_SWITCH_PING, SMALL_AT},
    {IPCR_WAKE_UP, SMALL_AT},     {IPCR_CPU_SEND, LARGE_AT},   {IPCR_CPU_RECV, LARGE_AT},
    {IPCR_CALLS_SEND, LARGE_AT},  {IPCR_CALLS_RECV, LARGE_AT},
};

static double value_at(const struct ipcr_comparison *c, const struct ipcr_run *run,
                       const struct column *column)
{
    for (int i = 0; i < c->nsizes; i++)
        if (c->sizes[i] == column->bytes)
            return run->series[column->metric].at[i];
    return NAN;
}

static void print_costs(FILE *to, const struct ipcr_comparison *c, int layout)
{
    fprintf(to, "\nwhat a message costs either side (send, receive)\n");
    fprintf(to, "%*s  1 B in a stream%39s| 1 B ping-pong  |asleep | 256 KiB in a stream\n",
            NAME_WIDTH - 1, "", "");
    fprintf(to, "%*s%8s%12s us%12s%15s | calls switches | up, us|%9s us%14s\n", NAME_WIDTH - 1, "",
            "per s", "CPU", "calls", "switches", "CPU", "calls");
    for (int i = 0; i < c->nruns; i++) {
        const struct ipcr_run *run = &c->runs[layout][i];
        if (run->reason)
            continue;
        print_name(to, "", run->transport);
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            fprintf(to, "%*s", WIDTH - 1, ipcr_compare_number(value_at(c, run, &columns[k])));
        fprintf(to, "\n");
    }
}

/* ---- what there is to say about runs ---- */

static void print_remarks(FILE *to, const struct ipcr_comparison *c, int layout)
{
    double checked = 0;
    long wrong = 0;
    fprintf(to, "\n");
    for (int i = 0; i < c->nruns; i++) {
        const struct ipcr_run *run = &c->runs[layout][i];
        checked += run->checked;
        wrong += run->wrong;
        if (run->reason)
            fprintf(to, "%s: not measured: %s\n", run->transport, run->reason);
        if (run->skipped)
            fprintf(to, "%s: %s\n", run->transport, run->skipped);
        if (run->wrong)
            fprintf(to, "%s: WRONG: %ld messages had other bytes than were sent\n", run->transport,
                    run->wrong);
    }
    fprintf(to, "%.0f MB compared byte by byte, %ld messages wrong\n", checked * 1e-6, wrong);
}

void ipcr_compare_table(const struct ipcr_comparison *c, FILE *to)
{
    fprintf(to, "What each transport costs on this machine\n%s, %d usable cores, %s, %s\n", c->cpu,
            c->cores, c->kernel, c->date);
    if (c->load > 0.5)
        fprintf(to, "The load was %.2f already before: the figures will show it.\n", c->load);
    for (int l = 0; l < IPCR_LAYOUTS; l++) {
        fprintf(to, "\n==== %s ====\n", ipcr_layouts[l].title);
        print_metric(to, c, l, IPCR_LATENCY);
        print_metric(to, c, l, IPCR_ONE_WAY);
        print_metric(to, c, l, IPCR_BOTH_WAYS);
        print_costs(to, c, l);
        print_remarks(to, c, l);
    }
    fprintf(to,
            "\n= is the machine without MPI: the limit. self is one rank alone. System calls were "
            "counted in a\npass of its own under ptrace, where a rank that polls makes fewer of "
            "them; all else without it.\nIt took %.0f s.\n",
            c->seconds);
}
