/* What a job would look like, without starting anything. */
#include "mapshow.h"

#include <stdio.h>

#include "bind.h"
#include "cpus.h"
#include "environ.h"

enum { MAPSHOW_MATRIX = 24 }; /* more ranks than this make no readable table of pairs */

/* "0,1": the CPUs that a rank is bound to. Those of other hosts are chosen when it starts there. */
static void describe_cores(char *to, size_t room, bool local, const cpu_set_t *set)
{
    size_t n = 0;
    snprintf(to, room, "%s", local ? "any" : "chosen there");
    for (int cpu = 0; local && set && cpu < CPU_SETSIZE && n + 8 < room; cpu++)
        if (CPU_ISSET(cpu, set))
            n += (size_t)snprintf(to + n, room - n, "%s%d", n ? "," : "", cpu);
}

static void show_ranks(const struct ipcr_plan *plan, const bool *local)
{
    struct ipcr_binding *b = NULL;
    for (int i = 0; i < plan->nodes; i++)
        if (local[i])
            b = ipcr_bind_choose((enum ipcr_bind)plan->bind, ipcr_plan_ranks_on(plan, i),
                                 ipcr_cpus_usable());
    printf("%5s  %-24s %5s  %-12s  %s\n", "rank", "host", "there", "cores", "program");
    for (int r = 0; r < plan->size; r++) {
        int node = plan->node_of[r];
        char cores[256];
        describe_cores(cores, sizeof cores, local[node], ipcr_bind_cpus(b, plan->local_of[r]));
        printf("%5d  %-24s %5d  %-12s  %s\n", r, plan->hosts.at[node], plan->local_of[r], cores,
               plan->apps[plan->app_of[r]].argv.at[0]);
    }
    ipcr_bind_free(b);
}

/* As runtime/peer.c chooses: the first of IPCRUN_TRANSPORT (or of all) that reaches the peer. */
static const char *transport(const struct ipcr_plan *plan, int a, int b)
{
    const struct ipcr_app *app = &plan->apps[plan->app_of[a]];
    const char *list = ipcr_environ_get(&app->env, &plan->env, "IPCRUN_TRANSPORT");
    if (a == b)
        return "self";
    for (list = list && *list ? list : "shm,tcp"; *list; list += *list == ',') {
        size_t n = strcspn(list, ",");
        if (n == 3 && !memcmp(list, "shm", n) && plan->node_of[a] == plan->node_of[b])
            return "shm";
        if (n == 3 && !memcmp(list, "tcp", n))
            return "tcp";
        list += n;
    }
    return "none";
}

static void show_pairs(const struct ipcr_plan *plan)
{
    printf("\n%5s ", "");
    for (int b = 0; b < plan->size; b++)
        printf(" %4d", b);
    for (int a = 0; a < plan->size; a++) {
        printf("\n%5d ", a);
        for (int b = 0; b < plan->size; b++)
            printf(" %4s", transport(plan, a, b));
    }
    printf("\n");
}

int ipcr_map_show(const struct ipcr_plan *plan, const bool *local)
{
    show_ranks(plan, local);
    if (plan->size <= MAPSHOW_MATRIX)
        show_pairs(plan);
    else
        printf("\nself: a rank with itself; shm: ranks of one host; tcp: all other pairs\n");
    return fflush(stdout) == 0 ? 0 : IPCR_EXIT_LOST;
}
