/* What a job would look like, without starting anything. */
#include "mapshow.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "bind.h"
#include "cpus.h"

enum { MAPSHOW_MATRIX = 24 }; /* more ranks than this make no readable table of pairs */

/* The binding of the local ranks; those of other hosts are chosen when they start there. */
static struct ipcr_binding *local_binding(const struct ipcr_plan *plan, int node)
{
    struct ipcr_binding *b;
    char why[512];
    int usable = ipcr_cpus_imagined() ? INT_MAX : ipcr_cpus_usable();
    struct ipcr_bind_wish wish;
    char *list = ipcr_plan_bind(&wish, plan, node);
    bool ok = ipcr_bind_choose(&b, &wish, ipcr_plan_ranks_on(plan, node), usable, why, sizeof why);
    free(list);
    if (ok)
        return b;
    ipcr_say("host %s: %s", plan->hosts.at[node], why);
    exit(IPCR_EXIT_USAGE);
}

static void draw(const struct ipcr_plan *plan, int node, const struct ipcr_binding *b)
{
    int *rank = ipcr_alloc(sizeof *rank * (size_t)plan->size), n = 0;
    for (int r = 0; r < plan->size; r++)
        if (plan->node_of[r] == node)
            rank[n++] = r;
    char *picture = ipcr_bind_draw(plan->hosts.at[node], b, rank, n);
    printf("%s\n", picture);
    free(picture);
    free(rank);
}

static void show_ranks(const struct ipcr_plan *plan, const bool *local)
{
    struct ipcr_binding *b = NULL;
    int here = -1;
    for (int i = 0; i < plan->nodes; i++)
        if (local[i])
            here = i;
    if (here >= 0)
        b = local_binding(plan, here);
    if (here >= 0 && plan->bind.report)
        draw(plan, here, b);
    printf("%5s  %-24s %5s  %-12s  %s\n", "rank", "host", "there", "cores", "program");
    for (int r = 0; r < plan->size; r++) {
        int node = plan->node_of[r];
        char cores[256];
        snprintf(cores, sizeof cores, "%s", node == here ? "any" : "chosen there");
        if (node == here && b)
            ipcr_bind_text(cores, sizeof cores, ipcr_bind_cpus(b, plan->local_of[r]));
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
