/* What a job would look like, without starting anything. */
#include "mapshow.h"

#include <stdio.h>

#include "bind.h"
#include "cpus.h"

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

static void show_matrix(const struct ipcr_plan *plan, const struct ipcr_route *route)
{
    printf("\n%5s ", "");
    for (int b = 0; b < plan->size; b++)
        printf(" %6d", b);
    for (int a = 0; a < plan->size; a++) {
        printf("\n%5d ", a);
        for (int b = 0; b < plan->size; b++)
            printf(" %6s", ipcr_route_name(route, ipcr_talk_pair(plan, a, b)));
    }
    printf("\n");
}

static void show_choice(const struct ipcr_plan *plan, const struct ipcr_route *route)
{
    printf("\n");
    for (enum ipcr_pair p = 0; p < IPCR_PAIRS; p++)
        if (ipcr_talk_has(plan, p))
            printf("%s: %s (%s)\n", ipcr_route_text(p), ipcr_route_name(route, p), route->why[p]);
}

int ipcr_map_show(const struct ipcr_plan *plan, const bool *local, const struct ipcr_route *route)
{
    show_ranks(plan, local);
    if (plan->size <= MAPSHOW_MATRIX)
        show_matrix(plan, route);
    show_choice(plan, route);
    return fflush(stdout) == 0 ? 0 : IPCR_EXIT_LOST;
}
