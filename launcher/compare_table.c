/* The comparison on a terminal: for each layout three tables by size, and one of costs. */
#include <math.h>

#include "compare.h"

enum { NAME_WIDTH = 14, WIDTH = 8, COST_WIDTH = 7 };

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

static void print_cost_heads(FILE *to)
{
    fprintf(to, "\nwhat a message costs: CPU time and waking up in us; > sender, < receiver\n%*s",
            NAME_WIDTH, "");
    for (int i = 0, n = 1; i < IPCR_COSTS; i += n, n = 1) {
        while (i + n < IPCR_COSTS && ipcr_costs[i + n].group == ipcr_costs[i].group)
            n++;
        fprintf(to, " %-*s", n * COST_WIDTH - 1, ipcr_costs[i].group);
    }
    fprintf(to, "\n%*s", NAME_WIDTH, "");
    for (int i = 0; i < IPCR_COSTS; i++)
        fprintf(to, "%*s", COST_WIDTH, ipcr_costs[i].brief);
    fprintf(to, "\n");
}

static void print_costs(FILE *to, const struct ipcr_comparison *c, int layout)
{
    print_cost_heads(to);
    for (int i = 0; i < c->nruns; i++) {
        const struct ipcr_run *run = &c->runs[layout][i];
        if (run->reason)
            continue;
        print_name(to, "", run->transport);
        for (int k = 0; k < IPCR_COSTS; k++)
            fprintf(to, "%*s", COST_WIDTH,
                    ipcr_compare_number(ipcr_cost_of(c, run, &ipcr_costs[k])));
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
