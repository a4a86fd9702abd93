/* What a job would look like, without starting anything. */
#include "mapshow.h"

#include <stdio.h>

#include "bind.h"
#include "cpus.h"

enum { MAPSHOW_MATRIX = 24 }; /* more ranks than this make no readable table of pairs */

static void show_cores(const struct ipcr_binding *b, const struct ipcr_plan *plan, int rank,
                       bool local)
{
    const cpu_set_t *set = local ? ipcr_bind_cpus(b, plan->local_of[rank]) : NULL;
    if (!local) {
        printf("chosen there");
        return;
    }
    if (!set) {
        printf("any");
        return;
    }
    const char *comma = "";
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, set)) {
            printf("%s%d", comma, cpu);
            comma = ",";
        }
}

static void show_ranks(const struct ipcr_plan *plan, const bool *local)
{
    struct ipcr_binding *b = NULL;
    for (int i = 0; i < plan->nodes; i++)
        if (local[i])
            b = ipcr_bind_choose((enum ipcr_bind)plan->bind, ipcr_plan_ranks_on(plan, i),
                                 ipcr_cpus_usable());
    printf("%5s  %-24s %-5s %-14s %s\n", "rank", "host", "local", "cpus", "program");
    for (int r = 0; r < plan->size; r++) {
        int node = plan->node_of[r];
        printf("%5d  %-24s %5d ", r, plan->hosts.at[node], plan->local_of[r]);
        show_cores(b, plan, r, local[node]);
        printf("  %s\n", plan->apps[plan->app_of[r]].argv.at[0]);
    }
    ipcr_bind_free(b);
}

static const char *transport(const struct ipcr_plan *plan, int a, int b)
{
    return a == b ? "self" : plan->node_of[a] == plan->node_of[b] ? "shm" : "tcp";
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
