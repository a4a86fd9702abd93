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

/* Free cores first, as many as are needed; those of other jobs only when these do not suffice. */
static void claim_free_first(struct ipcr_binding *b, long needed, struct ipcr_core *cores, int n)
{
    struct ipcr_core *last = ipcr_alloc(sizeof *last * (size_t)n);
    int nfree = 0, nlast = 0;
    for (int i = 0; i < n; i++)
        if (nfree < needed && claim(b, &cores[i]))
            cores[nfree++] = cores[i];
        else
            last[nlast++] = cores[i];
    memcpy(cores + nfree, last, sizeof *last * (size_t)nlast);
    free(last);
}

/* Larger objects are shared anyway: they keep nobody else off. */
static bool claim_cores(struct ipcr_binding *b, const struct ipcr_bind_wish *w, int n,
                        struct ipcr_core *cores, int ncores)
{
    if (w->how == IPCR_BIND_AUTO)
        return claim_all(b, cores, ncores);
    if (w->object <= IPCR_OBJECT_CORE)
        claim_free_first(b, (long)n * (w->width ? w->width : 1), cores, ncores);
    return true;
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
        if (claim_cores(*to, wish, n, cores, ncores)) {
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
    for (int i = 0; i < b->nclaims; i++)
        close(b->claims[i]);
    free(b->claims);
    free(b->sets);
    free(b);
}
