/* The table of schedulers, and what their allocations mean for the hosts of a job. */
#include "scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* The first that is here is taken: what is most particular comes first, and a mere host file last.
 */
static const struct ipcr_scheduler schedulers[] = {
    {"slurm", "Slurm", "SLURM_JOB_NODELIST", "SLURM_JOB_ID", "srun", "slurm", false,
     ipcr_sched_slurm},
    {"lsf", "LSF", "LSB_JOBID", "LSB_JOBID", "bsub", "lsf", false, ipcr_sched_lsf},
    {"sge", "Grid Engine", "PE_HOSTFILE", "JOB_ID", "qsub", "sge", false, ipcr_sched_sge},
    {"pbs", "PBS", "PBS_NODEFILE", "PBS_JOBID", "qsub", NULL, false, ipcr_sched_file},
    {"hostfile", "a host file", "OMPI_MCA_orte_default_hostfile", NULL, NULL, NULL, true,
     ipcr_sched_file},
    {"hostfile", "a host file", "PRTE_MCA_prte_default_hostfile", NULL, NULL, NULL, true,
     ipcr_sched_file},
    {"hostfile", "a host file", "HYDRA_HOST_FILE", NULL, NULL, NULL, true, ipcr_sched_file},
    {"hostfile", "a host file", "I_MPI_HYDRA_HOST_FILE", NULL, NULL, NULL, true, ipcr_sched_file},
};

const struct ipcr_scheduler *ipcr_scheduler_row(int i)
{
    return (size_t)i < sizeof schedulers / sizeof *schedulers ? &schedulers[i] : NULL;
}

bool ipcr_scheduler_is_here(const struct ipcr_scheduler *s)
{
    const char *hosts = getenv(s->hosts);
    return hosts && *hosts;
}

const char *ipcr_scheduler_job(const struct ipcr_scheduler *s)
{
    return s->job ? getenv(s->job) : NULL;
}

/* One may write the name out and the other not: node1 is node1.cluster. */
static bool same_host(const char *a, const char *b)
{
    size_t n = strcspn(a, "."), m = strcspn(b, ".");
    if (strcmp(a, b) == 0)
        return true;
    bool one_is_short = !a[n] || !b[m], is_number = strspn(a, "0123456789") == n;
    return one_is_short && !is_number && n == m && strncmp(a, b, n) == 0;
}

static void mark_local(struct ipcr_allocation *a)
{
    char name[256] = "";
    if (!a->own && gethostname(name, sizeof name - 1) < 0)
        return;
    for (int i = 0; i < a->hosts.n; i++)
        a->hosts.at[i].local = same_host(a->hosts.at[i].name, a->own ? a->own : name);
}

bool ipcr_scheduler_read(struct ipcr_allocation *a, const struct ipcr_scheduler *s, char *why,
                         size_t room)
{
    char reason[400];
    *a = (struct ipcr_allocation){.by = s};
    if (s->read(a, reason, sizeof reason)) {
        mark_local(a);
        return true;
    }
    snprintf(why, room, "cannot tell the hosts of %s from %s: %s", s->title, s->hosts, reason);
    return false;
}

/* NULL: none. */
static const struct ipcr_scheduler *first_here(void)
{
    for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; i++)
        if (ipcr_scheduler_is_here(&schedulers[i]))
            return &schedulers[i];
    return NULL;
}

/* A name may have several rows: the one that is here, or else the last. NULL: there is no such. */
static const struct ipcr_scheduler *called(const char *name)
{
    const struct ipcr_scheduler *found = NULL;
    for (size_t i = 0; i < sizeof schedulers / sizeof *schedulers; i++)
        if (strcmp(schedulers[i].name, name) == 0 && !(found && ipcr_scheduler_is_here(found)))
            found = &schedulers[i];
    return found;
}

/* "user" is what MPICH's -rmk calls it. */
static bool is_none(const char *name)
{
    return strcmp(name, "none") == 0 || strcmp(name, "user") == 0;
}

static bool is_auto(const char *name)
{
    return !name || !*name || strcmp(name, "auto") == 0;
}

bool ipcr_scheduler_is_name(const char *name)
{
    return is_auto(name) || is_none(name) || called(name);
}

bool ipcr_scheduler_find(struct ipcr_allocation *a, const char *wanted, char *why, size_t room)
{
    *a = (struct ipcr_allocation){0};
    if (!ipcr_scheduler_is_name(wanted)) {
        snprintf(why, room, "'%.40s' is no scheduler that is known here", wanted);
        return false;
    }
    const struct ipcr_scheduler *s = is_auto(wanted) ? first_here() : called(wanted);
    if (!s)
        return true;
    if (ipcr_scheduler_is_here(s))
        return ipcr_scheduler_read(a, s, why, room);
    snprintf(why, room, "--scheduler %s: this is no job of %s (%s is not set)", s->name, s->title,
             s->hosts);
    return false;
}

static void take_all(const struct ipcr_allocation *a, struct ipcr_hosts *h)
{
    h->at = ipcr_alloc(sizeof *h->at * (size_t)a->hosts.n);
    h->n = a->hosts.n;
    for (int i = 0; i < h->n; i++) {
        h->at[i] = a->hosts.at[i];
        h->at[i].name = ipcr_copy(a->hosts.at[i].name);
    }
}

/* NULL: not one of them. */
static const struct ipcr_host *find(const struct ipcr_allocation *a, const char *name)
{
    const char *at = strrchr(name, '@'), *host = at ? at + 1 : name;
    bool local = ipcr_hosts_is_local(host);
    for (int i = 0; i < a->hosts.n; i++)
        if (same_host(a->hosts.at[i].name, host) || (local && a->hosts.at[i].local))
            return &a->hosts.at[i];
    return NULL;
}

bool ipcr_scheduler_hosts(const struct ipcr_allocation *a, struct ipcr_hosts *h, char *why,
                          size_t room)
{
    if (!a->by || (h->n && a->by->open))
        return true;
    if (h->n == 0) {
        take_all(a, h);
        return true;
    }
    for (int i = 0; i < h->n; i++) {
        struct ipcr_host *host = &h->at[i];
        const struct ipcr_host *given = find(a, host->name);
        if (!given) {
            const char *job = ipcr_scheduler_job(a->by);
            snprintf(
                why, room,
                "host %.100s is none of the %d hosts that %s has given to job %.40s (--scheduler "
                "none uses it all the same)",
                host->name, a->hosts.n, a->by->title, job ? job : "?");
            return false;
        }
        if (!host->counted)
            host->slots = given->slots;
        host->local = given->local;
        if (!strchr(host->name, '@')) {
            free(host->name);
            host->name = ipcr_copy(given->name);
        }
    }
    return true;
}

void ipcr_allocation_free(struct ipcr_allocation *a)
{
    ipcr_hosts_free(&a->hosts);
    *a = (struct ipcr_allocation){0};
}
