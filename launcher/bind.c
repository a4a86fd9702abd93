/* Which rank gets which cores.
 *
 * Two jobs on one machine must not bind to the same cores. A core is claimed by binding a socket to
 * an abstract name: no file, and the kernel gives it back however the agent ends. */
#include "bind.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct ipcr_binding {
    cpu_set_t *sets; /* [n] */
    int *claims;     /* [nclaims] sockets */
    int nclaims;
};

static int first_cpu(const cpu_set_t *set)
{
    int cpu = 0;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, set))
        cpu++;
    return cpu;
}

/* False if another job has claimed the core (or sockets cannot be had). */
static bool claim(struct ipcr_binding *b, const struct ipcr_core *core)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (ipcr_cpus_imagined())
        return true;
    int len = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "ipcrun-core-%d",
                       first_cpu(&core->cpus));
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    socklen_t bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);
    if (bind(fd, (struct sockaddr *)&name, bytes) < 0) {
        close(fd);
        return false;
    }
    b->claims[b->nclaims++] = fd;
    return true;
}

static bool claim_all(struct ipcr_binding *b, const struct ipcr_core *cores, int ncores)
{
    for (int i = 0; i < ncores; i++)
        if (!claim(b, &cores[i]))
            return false;
    return true;
}

static void release(struct ipcr_binding *b)
{
    while (b->nclaims > 0)
        close(b->claims[--b->nclaims]);
}

/* ---- parts of the machine for each rank: those first that no other job uses ---- */

struct choice {
    const struct ipcr_bind_wish *wish;
    const struct ipcr_core *cores;
    int ncores, ranks;
    bool *taken;            /* [ncores] another job has claimed it */
    struct ipcr_core *list; /* [ncores] those to choose from */
};

/* What is claimed as a whole: what a rank gets, and a core at least. */
static int unit_of(const struct choice *c)
{
    return c->wish->object > IPCR_OBJECT_CORE ? c->wish->object : IPCR_OBJECT_CORE;
}

static bool is_free(const struct choice *c, int core)
{
    int unit = unit_of(c);
    for (int i = 0; i < c->ncores; i++)
        if (c->taken[i] && c->cores[i].in[unit] == c->cores[core].in[unit])
            return false;
    return true;
}

/* Do the first `n` of the list have a part for each rank? */
static bool suffices(const struct choice *c, int n)
{
    long parts = 0, needed = (long)c->ranks * (c->wish->width ? c->wish->width : 1);
    int unit = unit_of(c);
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < i && c->list[k].in[unit] != c->list[i].in[unit])
            k++;
        if (c->wish->object == IPCR_OBJECT_HWTHREAD)
            parts += CPU_COUNT(&c->list[i].cpus);
        else
            parts += k == i;
    }
    return parts >= needed;
}

/* Fills the list and returns how many: free parts, and behind them the others if these are too few.
 */
static int arrange(struct choice *c)
{
    int n = 0;
    for (int i = 0; i < c->ncores; i++)
        if (is_free(c, i))
            c->list[n++] = c->cores[i];
    if (suffices(c, n))
        return n;
    for (int i = 0; i < c->ncores; i++)
        if (!is_free(c, i))
            c->list[n++] = c->cores[i];
    return n;
}

/* Claims the cores that ranks have been given. False: one more than was known is another job's. */
static bool claim_given(struct ipcr_binding *b, struct choice *c)
{
    cpu_set_t given, common;
    bool ok = true;
    CPU_ZERO(&given);
    for (int k = 0; k < c->ranks; k++)
        CPU_OR(&given, &given, &b->sets[k]);
    for (int i = 0; i < c->ncores; i++) {
        CPU_AND(&common, &given, &c->cores[i].cpus);
        if (CPU_COUNT(&common) == 0 || claim(b, &c->cores[i]) || c->taken[i])
            continue;
        c->taken[i] = true;
        ok = false;
    }
    return ok;
}

/* Places the ranks, and again without the parts that turn out to be another job's, until all the
 * rest is ours. Each round learns of one more at least, so it ends. */
static void choose_parts(struct ipcr_binding *b, const struct ipcr_bind_wish *wish, int n,
                         const struct ipcr_core *cores, int ncores)
{
    struct choice c = {wish, cores, ncores, n, NULL, NULL};
    c.taken = ipcr_alloc(sizeof *c.taken * (size_t)ncores);
    c.list = ipcr_alloc(sizeof *c.list * (size_t)ncores);
    for (;;) {
        ipcr_bind_place(wish, n, c.list, arrange(&c), b->sets);
        if (claim_given(b, &c))
            break;
        release(b);
    }
    free(c.list);
    free(c.taken);
}

/* The user's word counts whatever other jobs have claimed; but they shall hear of it. */
static void claim_cpus(struct ipcr_binding *b, const cpu_set_t *set)
{
    for (int cpu = 0; cpu < CPU_SETSIZE && b->nclaims < CPU_SETSIZE; cpu++) {
        struct ipcr_core core = {0};
        CPU_SET(cpu, &core.cpus);
        if (CPU_ISSET(cpu, set))
            claim(b, &core);
    }
}

static bool take_list(struct ipcr_binding *b, const struct ipcr_bind_wish *w, int n, char *why,
                      size_t room)
{
    cpu_set_t mask;
    int items, unused;
    if (!ipcr_bind_item(w->list, 0, &mask, &items) ||
        sched_getaffinity(0, sizeof mask, &mask) < 0) {
        snprintf(why, room, "'%.100s' is no list of CPUs", w->list);
        return false;
    }
    for (int i = 0; i < n; i++) {
        ipcr_bind_item(w->list, i % items, &b->sets[i], &unused);
        CPU_AND(&b->sets[i], &b->sets[i], &mask);
        claim_cpus(b, &b->sets[i]);
        if (CPU_COUNT(&b->sets[i]))
            continue;
        char may[200];
        ipcr_bind_text(may, sizeof may, &mask);
        snprintf(why, room, "cannot bind to item %d of '%.100s': only CPUs %s may be used here",
                 i % items, w->list, may);
        return false;
    }
    return true;
}

static bool has_room(const struct ipcr_bind_wish *w, int n, int have, char *why, size_t room)
{
    long need = (long)n * (w->width ? w->width : 1);
    if (!w->disjoint || need <= have)
        return true;
    snprintf(why, room, "%d ranks with %d cores each need %ld cores, and %d can be used here", n,
             w->width, need, have);
    return false;
}

static struct ipcr_binding *make(int n, int ncores)
{
    struct ipcr_binding *b = ipcr_alloc(sizeof *b);
    b->sets = ipcr_alloc(sizeof *b->sets * (size_t)n);
    b->claims = ipcr_alloc(sizeof *b->claims * (size_t)(ncores + 1));
    return b;
}

bool ipcr_bind_choose(struct ipcr_binding **to, const struct ipcr_bind_wish *wish, int n,
                      int usable, char *why, size_t room)
{
    struct ipcr_core *cores;
    bool is_auto = wish->how == IPCR_BIND_AUTO;
    *to = NULL;
    if (wish->how == IPCR_BIND_LIST) {
        *to = make(n, CPU_SETSIZE);
        return take_list(*to, wish, n, why, room);
    }
    /* a single rank's share is everything; too many ranks are left to the scheduler */
    if (wish->how == IPCR_BIND_NONE || (is_auto && (n == 1 || n > usable)))
        return true;
    int ncores = ipcr_cpus_cores(&cores);
    bool ok = has_room(wish, n, ncores && ncores < usable ? ncores : usable, why, room);
    if (ok && ncores > 0 && !(is_auto && n > ncores)) {
        *to = make(n, ncores);
        if (!is_auto) {
            choose_parts(*to, wish, n, cores, ncores);
        } else if (claim_all(*to, cores, ncores)) {
            ipcr_bind_place(wish, n, cores, ncores, (*to)->sets);
        } else {
            ipcr_bind_free(*to);
            *to = NULL;
        }
    }
    free(cores);
    return ok;
}

const cpu_set_t *ipcr_bind_cpus(const struct ipcr_binding *b, int local)
{
    return b ? &b->sets[local] : NULL;
}

void ipcr_bind_free(struct ipcr_binding *b)
{
    if (!b)
        return;
    release(b);
    free(b->claims);
    free(b->sets);
    free(b);
}
