/* Who stands where in a new topology. */
#include "topo_plan.h"

#include <stdlib.h>

#include "err.h"
#include "group.h"
#include "job.h"
#include "topo_map.h"

static bool map(const struct ipcr_plan *plan, const int *node, int *place)
{
    return plan->cart ? ipcr_topo_map_cart(plan->cart, node, place)
                      : ipcr_topo_map_graph(plan->graph, node, place);
}

int *ipcr_plan_places(const struct ipcr_comm *c, const struct ipcr_plan *plan)
{
    int n = plan->n, *place = malloc(2 * ((size_t)n + 1) * sizeof *place), *node = place + n;
    if (!place)
        return NULL;
    for (int r = 0; r < n; r++) {
        place[r] = r;
        node[r] = ipcr_job.node_of[c->group->world[r]];
    }
    if (plan->reorder && !c->one_node && !map(plan, node, place)) {
        free(place);
        return NULL;
    }
    return place;
}

struct ipcr_group *ipcr_plan_group(const struct ipcr_comm *c, const struct ipcr_plan *plan)
{
    int *place = ipcr_plan_places(c, plan);
    struct ipcr_group *g = place ? ipcr_group_new(plan->n) : NULL;
    if (!g)
        ipcr_err_fatal("no memory for a topology of %d processes", plan->n);
    for (int r = 0; r < plan->n; r++)
        g->world[place[r]] = c->group->world[r];
    free(place);
    return ipcr_group_settle(g);
}
