/* Placement of ranks: blocks of neighbours, in the order of the hosts. */
#include "map.h"

#include <limits.h>
#include <stdlib.h>

/* How many ranks each host takes. */
static int *shares(int size, const struct ipcr_hosts *h, int ppn)
{
    int *share = ipcr_alloc(sizeof(int) * (size_t)h->n);
    for (int left = size; left > 0;)
        for (int i = 0; i < h->n && left > 0; i++) {
            int take = ppn ? ppn : h->at[i].slots;
            take = take < left ? take : left;
            share[i] += take;
            left -= take;
        }
    return share;
}

static void fill_apps(struct ipcr_plan *plan)
{
    int rank = 0;
    for (int i = 0; i < plan->napps; i++)
        for (int k = 0; k < plan->apps[i].count; k++)
            plan->app_of[rank++] = i;
}

void ipcr_map(struct ipcr_plan *plan, const struct ipcr_hosts *h, int ppn, int **node_host)
{
    size_t bytes = sizeof(int) * (size_t)plan->size;
    plan->node_of = ipcr_alloc(bytes);
    plan->local_of = ipcr_alloc(bytes);
    plan->app_of = ipcr_alloc(bytes);
    plan->nodes = 0;
    *node_host = ipcr_alloc(sizeof(int) * (size_t)h->n);
    int *share = shares(plan->size, h, ppn);
    for (int i = 0, rank = 0; i < h->n; i++) {
        if (share[i] == 0)
            continue;
        (*node_host)[plan->nodes] = i;
        ipcr_words_add(&plan->hosts, ipcr_copy(h->at[i].name));
        for (int k = 0; k < share[i]; k++)
            plan->node_of[rank++] = plan->nodes;
        plan->nodes++;
    }
    free(share);
    fill_apps(plan);
    ipcr_plan_number(plan);
    long slots = ppn ? (long)ppn * h->n : ipcr_hosts_slots(h);
    plan->universe = slots > INT_MAX ? INT_MAX : slots < plan->size ? plan->size : (int)slots;
}
