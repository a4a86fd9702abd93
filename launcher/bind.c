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

#include "cpus.h"

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
static bool claim(struct ipcr_binding *b, const cpu_set_t *core)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int len =
        snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "ipcrun-core-%d", first_cpu(core));
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

void ipcr_bind_share(int n, int ncores, int *first)
{
    for (int i = 0; i <= n; i++)
        first[i] = (int)((long)i * ncores / n);
}

static bool share_cores(struct ipcr_binding *b, int n, const cpu_set_t *cores, int ncores)
{
    for (int i = 0; i < ncores; i++)
        if (!claim(b, &cores[i]))
            return false;
    int *first = ipcr_alloc(sizeof *first * (size_t)(n + 1));
    ipcr_bind_share(n, ncores, first);
    for (int i = 0; i < n; i++)
        for (int k = first[i]; k < first[i + 1]; k++)
            CPU_OR(&b->sets[i], &b->sets[i], &cores[k]);
    free(first);
    return true;
}

/* Free cores first; those of other jobs only when these do not suffice. */
static void one_core_each(struct ipcr_binding *b, int n, const cpu_set_t *cores, int ncores)
{
    int *order = ipcr_alloc(sizeof *order * (size_t)ncores), taken = 0, nfree = 0;
    int *last = ipcr_alloc(sizeof *last * (size_t)ncores);
    for (int i = 0; i < ncores; i++)
        if (nfree < n && claim(b, &cores[i]))
            order[nfree++] = i;
        else
            last[taken++] = i;
    memcpy(order + nfree, last, sizeof *last * (size_t)taken);
    for (int i = 0; i < n; i++)
        b->sets[i] = cores[order[i % ncores]];
    free(order);
    free(last);
}

struct ipcr_binding *ipcr_bind_choose(enum ipcr_bind how, int n, int usable)
{
    cpu_set_t *cores;
    /* a single rank's share is everything; too many ranks are left to the scheduler */
    if (how == IPCR_BIND_NONE || (how == IPCR_BIND_AUTO && (n == 1 || n > usable)))
        return NULL;
    int ncores = ipcr_cpus_cores(&cores);
    if (ncores == 0 || (how == IPCR_BIND_AUTO && n > ncores)) {
        free(cores);
        return NULL;
    }
    struct ipcr_binding *b = ipcr_alloc(sizeof *b);
    b->sets = ipcr_alloc(sizeof *b->sets * (size_t)n);
    b->claims = ipcr_alloc(sizeof *b->claims * (size_t)ncores);
    if (how == IPCR_BIND_CORE) {
        one_core_each(b, n, cores, ncores);
    } else if (!share_cores(b, n, cores, ncores)) {
        ipcr_bind_free(b);
        b = NULL;
    }
    free(cores);
    return b;
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
