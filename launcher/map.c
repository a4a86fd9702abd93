/* Placement of ranks: blocks of neighbours, in the order of the hosts, or dealt in turns. */
#include "map.h"

#include <limits.h>
#include <stdlib.h>

static int room_of(const struct ipcr_hosts *h, int i, const struct ipcr_map_wish *wish)
{
    return wish->ppn ? wish->ppn : h->at[i].slots;
}

/* How many ranks each host takes: all that fit before the next host gets any, or one by one. When
 * all are full, the same again. */
static int *shares(int size, const struct ipcr_hosts *h, const struct ipcr_map_wish *wish)
{
    int *share = ipcr_alloc(sizeof(int) * (size_t)h->n),
        *full = ipcr_alloc(sizeof(int) * (size_t)h->n);
    for (int left = size, before = size; left > 0; before = left) {
        for (int i = 0; i < h->n && left > 0; i++) {
            int take = full[i] - share[i];
            take = wish->by_node && take > 1 ? 1 : take;
            take = take < left ? take : left;
            share[i] += take;
            left -= take;
        }
        for (int i = 0; i < h->n && left == before; i++)
            full[i] += room_of(h, i, wish);
    }
    free(full);
    return share;
}

/* Of a rankfile: who is where, counted. */
static int *shares_given(int size, const struct ipcr_hosts *h, const int *host_of)
{
    int *share = ipcr_alloc(sizeof(int) * (size_t)h->n);
    for (int i = 0; i < size; i++)
        share[host_of[i]]++;
    return share;
}

static void place_given(struct ipcr_plan *plan, const int *host_of, const int *node_host)
{
    for (int rank = 0; rank < plan->size; rank++)
        while (node_host[plan->node_of[rank]] != host_of[rank])
            plan->node_of[rank]++;
}

static void fill_apps(struct ipcr_plan *plan)
{
    int rank = 0;
    for (int i = 0; i < plan->napps; i++)
        for (int k = 0; k < plan->apps[i].count; k++)
            plan->app_of[rank++] = i;
}

/* Hosts without a share are left out. */
static void number_nodes(struct ipcr_plan *plan, const struct ipcr_hosts *h, int *share,
                         int *node_host)
{
    plan->nodes = 0;
    for (int i = 0; i < h->n; i++) {
        if (share[i] == 0)
            continue;
        node_host[plan->nodes] = i;
        ipcr_words_add(&plan->hosts, ipcr_copy(h->at[i].name));
        share[plan->nodes++] = share[i];
    }
}

static void place(struct ipcr_plan *plan, int *share, bool dealt)
{
    for (int rank = 0, node = 0; rank < plan->size; node = (node + 1) % plan->nodes)
        for (int k = dealt && share[node] > 1 ? 1 : share[node]; k > 0; k--, share[node]--)
            plan->node_of[rank++] = node;
}

void ipcr_map(struct ipcr_plan *plan, const struct ipcr_hosts *h, const struct ipcr_map_wish *wish,
              int **node_host)
{
    size_t bytes = sizeof(int) * (size_t)plan->size;
    plan->node_of = ipcr_alloc(bytes);
    plan->local_of = ipcr_alloc(bytes);
    plan->app_of = ipcr_alloc(bytes);
    *node_host = ipcr_alloc(sizeof(int) * (size_t)h->n);
    int *share =
        wish->host_of ? shares_given(plan->size, h, wish->host_of) : shares(plan->size, h, wish);
    number_nodes(plan, h, share, *node_host);
    if (wish->host_of)
        place_given(plan, wish->host_of, *node_host);
    else
        place(plan, share, wish->dealt);
    free(share);
    fill_apps(plan);
    ipcr_plan_number(plan);
    long slots = wish->ppn ? (long)wish->ppn * h->n : ipcr_hosts_slots(h);
    plan->universe = slots > INT_MAX ? INT_MAX : slots < plan->size ? plan->size : (int)slots;
}
