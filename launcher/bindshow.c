/* A picture of a host with its ranks on it:
 *
 *     bindings on node1: 2 packages, 8 cores, 16 hardware threads
 *     +- package 0 ---------------------+
 *     | l3 0  [0 0] [0 0] [1 1] [1 1]   |
 *     +---------------------------------+
 *     ...
 *     rank 0: CPUs 0-1,8-9
 *
 * A bracket is a core, a place in it a hardware thread with the rank that is bound to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"

enum {
    SHOW_CORES = 8,  /* of a line, */
    SHOW_LINE = 88,  /* fewer if it becomes wider than this */
    SHOW_RANKS = 64, /* more are not listed one by one */
    SHOW_CELL = 16   /* the longest text of a hardware thread */
};

struct picture {
    FILE *to;
    const struct ipcr_core *cores;
    int ncores;
    const struct ipcr_binding *b;
    const int *rank;
    int n;
    int cell;          /* width of a hardware thread's text */
    int columns, line; /* cores of a line, and its width */
};

void ipcr_bind_text(char *to, size_t room, const cpu_set_t *set)
{
    size_t at = 0;
    *to = 0;
    for (int cpu = 0, last; cpu < CPU_SETSIZE && at + 16 < room; cpu = last + 1) {
        last = cpu;
        if (!CPU_ISSET(cpu, set))
            continue;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
            last++;
        at += (size_t)snprintf(to + at, room - at, last > cpu ? "%s%d-%d" : "%s%d", at ? "," : "",
                               cpu, last);
    }
}

/* "3", "0+4", "0+4.." for more than two, "." for none. */
static void cell_text(const struct picture *p, int cpu, char text[SHOW_CELL])
{
    int found = 0;
    size_t at = 0;
    for (int i = 0; p->b && i < p->n && found <= 2; i++) {
        if (!CPU_ISSET(cpu, ipcr_bind_cpus(p->b, i)))
            continue;
        if (found++ == 2)
            at += (size_t)snprintf(text + at, SHOW_CELL - at, "..");
        else
            at += (size_t)snprintf(text + at, SHOW_CELL - at, found > 1 ? "+%d" : "%d", p->rank[i]);
    }
    if (!found)
        strcpy(text, ".");
}

static int draw_core(const struct picture *p, const struct ipcr_core *core, FILE *to)
{
    char text[SHOW_CELL];
    int width = fprintf(to, " [");
    for (int cpu = 0, k = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &core->cpus))
            continue;
        cell_text(p, cpu, text);
        width += fprintf(to, "%s%*s", k++ ? " " : "", p->cell, text);
    }
    return width + fprintf(to, "]");
}

static int threads_of(const struct picture *p, int *most)
{
    int threads = 0;
    *most = 0;
    for (int i = 0; i < p->ncores; i++) {
        int n = CPU_COUNT(&p->cores[i].cpus);
        threads += n;
        *most = n > *most ? n : *most;
    }
    return threads;
}

static void measure(struct picture *p)
{
    char text[SHOW_CELL];
    int most;
    threads_of(p, &most);
    p->cell = 1;
    for (int i = 0; i < p->ncores; i++)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
            if (!CPU_ISSET(cpu, &p->cores[i].cpus))
                continue;
            cell_text(p, cpu, text);
            p->cell = (int)strlen(text) > p->cell ? (int)strlen(text) : p->cell;
        }
    int core = most * (p->cell + 1) + 2, fit = SHOW_LINE / core;
    p->columns = p->ncores < SHOW_CORES ? p->ncores : SHOW_CORES;
    if (p->columns > fit)
        p->columns = fit ? fit : 1;
    p->line = p->columns * core;
}

static int count(const struct picture *p, int kind)
{
    int n = 0;
    for (int i = 0; i < p->ncores; i++) {
        int k = 0;
        while (k < i && p->cores[k].in[kind] != p->cores[i].in[kind])
            k++;
        n += k == i;
    }
    return n;
}

/* What divides a package into lines: the kind with the most objects that is more than a core. */
static enum ipcr_object rows_kind(const struct picture *p)
{
    int packages = count(p, IPCR_OBJECT_PACKAGE);
    if (count(p, IPCR_OBJECT_L3) > packages)
        return IPCR_OBJECT_L3;
    return count(p, IPCR_OBJECT_NUMA) > packages ? IPCR_OBJECT_NUMA : IPCR_OBJECT_PACKAGE;
}

static void draw_row(const struct picture *p, int first, int end, const char *label)
{
    for (int i = first; i < end;) {
        int width = 0;
        fprintf(p->to, "| %-8s", i == first ? label : "");
        for (int k = 0; k < p->columns && i < end; k++)
            width += draw_core(p, &p->cores[i++], p->to);
        fprintf(p->to, "%*s |\n", p->line - width, "");
    }
}

static void draw_edge(const struct picture *p, const char *title)
{
    int left = p->line + 10 - fprintf(p->to, "+-%s", title);
    for (int i = 0; i < left; i++)
        fputc('-', p->to);
    fprintf(p->to, "-+\n");
}

/* Cores of a package follow each other, and so do those of a row. */
static void draw_packages(const struct picture *p)
{
    static const char *const names[] = {[IPCR_OBJECT_L3] = "l3", [IPCR_OBJECT_NUMA] = "numa"};
    enum ipcr_object rows = rows_kind(p);
    char text[32];
    for (int i = 0, next; i < p->ncores; i = next) {
        int package = p->cores[i].in[IPCR_OBJECT_PACKAGE], row = p->cores[i].in[rows];
        if (i == 0 || package != p->cores[i - 1].in[IPCR_OBJECT_PACKAGE]) {
            snprintf(text, sizeof text, " package %d ", package);
            draw_edge(p, text);
        }
        for (next = i; next < p->ncores && p->cores[next].in[rows] == row; next++)
            if (p->cores[next].in[IPCR_OBJECT_PACKAGE] != package)
                break;
        snprintf(text, sizeof text, "%s %d", rows == IPCR_OBJECT_PACKAGE ? "" : names[rows], row);
        draw_row(p, i, next, rows == IPCR_OBJECT_PACKAGE ? "cores" : text);
    }
    draw_edge(p, "");
}

static void list_ranks(const struct picture *p)
{
    char cpus[256];
    for (int i = 0; p->b && i < p->n && i < SHOW_RANKS; i++) {
        const cpu_set_t *set = ipcr_bind_cpus(p->b, i);
        ipcr_bind_text(cpus, sizeof cpus, set);
        fprintf(p->to, "rank %d: CPU%s %s\n", p->rank[i], CPU_COUNT(set) > 1 ? "s" : "", cpus);
    }
    if (p->b && p->n > SHOW_RANKS)
        fprintf(p->to, "... and %d more\n", p->n - SHOW_RANKS);
    if (!p->b)
        fprintf(p->to, "its %d rank%s not bound\n", p->n, p->n > 1 ? "s are" : " is");
}

char *ipcr_bind_draw(const char *host, const struct ipcr_binding *b, const int *rank, int n)
{
    char *text = NULL;
    size_t size;
    struct ipcr_core *cores;
    struct picture p = {.b = b, .rank = rank, .n = n, .to = open_memstream(&text, &size)};
    int most, packages;
    if (!p.to)
        return ipcr_copy("");
    p.ncores = ipcr_cpus_cores(&cores);
    p.cores = cores;
    packages = count(&p, IPCR_OBJECT_PACKAGE);
    fprintf(p.to, "bindings on %s: ", host);
    if (p.ncores) {
        fprintf(p.to, "%d package%s, %d core%s, %d hardware threads\n", packages,
                packages > 1 ? "s" : "", p.ncores, p.ncores > 1 ? "s" : "", threads_of(&p, &most));
        measure(&p);
        draw_packages(&p);
    } else {
        fprintf(p.to, "its cores are not known (no hwloc)\n");
    }
    list_ranks(&p);
    fclose(p.to);
    free(cores);
    return text;
}
