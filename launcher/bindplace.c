/* Which rank of a host gets which CPUs.
 *
 * Ranks are dealt to the objects that they are mapped by (without that, the host is the only one).
 * Within its object each rank has a place: an equal share of the cores, or the next cores in turn,
 * or whatever larger object its share begins in. */
#include <stdlib.h>
#include <string.h>

#include "bind.h"

struct place {
    const struct ipcr_bind_wish *wish;
    const struct ipcr_core *all;
    int nall;
    struct ipcr_core *own; /* [nown] cores of the object that the rank is dealt to */
    int nown, ranks;       /* ranks that are dealt to it */
};

static void add(cpu_set_t *to, const struct ipcr_core *core)
{
    CPU_OR(to, to, &core->cpus);
}

/* The objects of a kind in which these cores lie, in the order of the cores. */
static int distinct(const struct ipcr_core *cores, int n, int kind, int *objects)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < count && objects[k] != cores[i].in[kind])
            k++;
        if (k == count)
            objects[count++] = cores[i].in[kind];
    }
    return count;
}

static void share(const struct place *p, int k, cpu_set_t *set)
{
    int first = (int)((long)k * p->nown / p->ranks),
        next = (int)((long)(k + 1) * p->nown / p->ranks);
    add(set, &p->own[first]);
    for (int i = first + 1; i < next; i++)
        add(set, &p->own[i]);
}

static void next_cores(const struct place *p, int k, int width, cpu_set_t *set)
{
    for (int i = 0; i < width; i++)
        add(set, &p->own[((long)k * width + i) % p->nown]);
}

/* Hardware thread number u of the cores, one core after the other. */
static void add_thread(const struct place *p, int u, cpu_set_t *set)
{
    for (int i = 0; i < p->nown; i++)
        for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
            if (CPU_ISSET(cpu, &p->own[i].cpus) && u-- == 0)
                CPU_SET(cpu, set);
}

static void next_threads(const struct place *p, int k, int width, cpu_set_t *set)
{
    int threads = 0;
    for (int i = 0; i < p->nown; i++)
        threads += CPU_COUNT(&p->own[i].cpus);
    for (int i = 0; i < width; i++)
        add_thread(p, (int)(((long)k * width + i) % threads), set);
}

/* The whole object in which the rank's share begins, and those behind it. */
static void objects(const struct place *p, int k, int width, cpu_set_t *set)
{
    int kind = p->wish->object, at = 0;
    int *list = ipcr_alloc(sizeof *list * (size_t)p->nall);
    int n = distinct(p->all, p->nall, kind, list);
    const struct ipcr_core *anchor = &p->own[(long)k * p->nown / p->ranks];
    while (list[at] != anchor->in[kind])
        at++;
    for (int w = 0; w < width && w < n; w++)
        for (int i = 0; i < p->nall; i++)
            if (p->all[i].in[kind] == list[(at + w) % n])
                add(set, &p->all[i]);
    free(list);
}

static void place_rank(const struct place *p, int k, cpu_set_t *set)
{
    int width = p->wish->width ? p->wish->width : 1;
    if (p->wish->how == IPCR_BIND_AUTO)
        share(p, k, set);
    else if (p->wish->object == IPCR_OBJECT_CORE)
        next_cores(p, k, width, set);
    else if (p->wish->object == IPCR_OBJECT_HWTHREAD)
        next_threads(p, k, width, set);
    else
        objects(p, k, width, set);
}

/* Which of the objects a rank is dealt to. */
static int group_of(const struct ipcr_bind_wish *w, int rank, int ngroups)
{
    return (w->block ? rank / w->block : rank) % ngroups;
}

static void take_group(struct place *p, int object, bool all)
{
    p->nown = 0;
    for (int i = 0; i < p->nall; i++)
        if (all || p->all[i].in[p->wish->map_by] == object)
            p->own[p->nown++] = p->all[i];
}

void ipcr_bind_place(const struct ipcr_bind_wish *wish, int n, const struct ipcr_core *cores,
                     int ncores, cpu_set_t *sets)
{
    bool grouped = wish->map_by > IPCR_OBJECT_CORE || wish->block;
    int *groups = ipcr_alloc(sizeof *groups * (size_t)ncores);
    int ngroups = grouped ? distinct(cores, ncores, wish->map_by, groups) : 1;
    struct place p = {.wish = wish, .all = cores, .nall = ncores};
    p.own = ipcr_alloc(sizeof *p.own * (size_t)ncores);
    memset(sets, 0, sizeof *sets * (size_t)n);
    for (int g = 0; g < ngroups && g < n; g++) {
        take_group(&p, groups[g], !grouped);
        p.ranks = 0;
        for (int i = 0; i < n; i++)
            p.ranks += group_of(wish, i, ngroups) == g;
        for (int i = 0, k = 0; i < n; i++)
            if (group_of(wish, i, ngroups) == g)
                place_rank(&p, k++, &sets[i]);
    }
    free(p.own);
    free(groups);
}

/* ---- lists ---- */

static bool number(const char **at, int *cpu)
{
    char *end;
    if (**at < '0' || **at > '9')
        return false;
    long n = strtol(*at, &end, 10);
    *at = end;
    *cpu = (int)n;
    return n < CPU_SETSIZE;
}

/* "0-3+8" up to a comma or the end. */
static bool read_item(const char **at, cpu_set_t *set)
{
    int first, last;
    CPU_ZERO(set);
    for (;; (*at)++) {
        if (!number(at, &first))
            return false;
        last = first;
        if (**at == '-' && ((*at)++, !number(at, &last)))
            return false;
        if (last < first)
            return false;
        for (int cpu = first; cpu <= last; cpu++)
            CPU_SET(cpu, set);
        if (**at != '+')
            return **at == 0 || **at == ',';
    }
}

bool ipcr_bind_item(const char *list, int item, cpu_set_t *set, int *items)
{
    cpu_set_t one;
    *items = 0;
    for (const char *at = list;; at++) {
        if (!read_item(&at, &one))
            return false;
        if ((*items)++ == item)
            *set = one;
        if (*at == 0)
            return true;
    }
}
