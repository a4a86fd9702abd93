/* Ranks by node, and what teams of them do. */
#include "levels.h"

#include <stdlib.h>
#include <string.h>

#include "acc.h"
#include "err.h"

/* Nodes get their numbers in the order of their first ranks. */
static int number_nodes(struct ipcr_levels *l, int n, const int *node)
{
    int nodes = 0;
    for (int r = 0; r < n; r++) {
        int first = 0;
        while (node[first] != node[r])
            first++;
        l->node_of[r] = first == r ? nodes++ : l->node_of[first];
    }
    return nodes;
}

/* A counting sort, which keeps ranks in order. */
static void sort_ranks(struct ipcr_levels *l, int n)
{
    for (int r = 0; r < n; r++)
        l->begin[l->node_of[r] + 1]++;
    for (int i = 0; i < l->nodes; i++)
        l->begin[i + 1] += l->begin[i];
    for (int r = n - 1; r >= 0; r--) {
        int node = l->node_of[r], at = l->begin[node + 1] - 1;
        while (l->order[at] >= 0)
            at--;
        l->order[at] = r;
    }
}

struct ipcr_levels *ipcr_levels_make(int n, const int *node)
{
    size_t ints = (size_t)n * 3 + 1;
    struct ipcr_levels *l = calloc(1, sizeof *l + ints * sizeof(int));
    if (!l)
        ipcr_err_fatal("no memory for the order of the %d ranks of a communicator by node", n);
    l->node_of = (int *)(l + 1);
    l->order = l->node_of + n;
    l->begin = l->order + n;
    memset(l->order, -1, (size_t)n * sizeof(int));
    l->nodes = number_nodes(l, n, node);
    sort_ranks(l, n);
    return l;
}

const struct ipcr_levels *ipcr_levels_of(struct ipcr_comm *comm)
{
    if (comm->levels)
        return comm->levels;
    int *node = malloc((size_t)comm->size * sizeof *node);
    if (!node)
        ipcr_err_fatal("no memory for the nodes of the %d ranks of a communicator", comm->size);
    for (int r = 0; r < comm->size; r++)
        node[r] = ipcr_job.node_of[comm->group->world[r]];
    comm->levels = ipcr_levels_make(comm->size, node);
    free(node);
    return comm->levels;
}

static int leader(const struct ipcr_levels *l, int node, int root)
{
    return l->node_of[root] == node ? root : l->order[l->begin[node]];
}

/* A team of n at `rank`, with those two ranks at the top and as me. */
static struct ipcr_team team(const int *rank, int n, int top, int me)
{
    struct ipcr_team t = {.rank = rank, .n = n, .me = -1};
    while (rank[t.top] != top)
        t.top++;
    for (int i = 0; i < n; i++)
        if (ipcr_team_rank(&t, i) == me)
            t.me = i;
    return t;
}

struct ipcr_team ipcr_levels_mates(const struct ipcr_coll *c, const struct ipcr_levels *l, int root)
{
    int me = c->comm->rank, node = l->node_of[me], first = l->begin[node];
    struct ipcr_team t =
        team(l->order + first, l->begin[node + 1] - first, leader(l, node, root), me);
    t.flat = c->comm->crowded;
    return t;
}

struct ipcr_team ipcr_levels_leaders(struct ipcr_coll *c, const struct ipcr_levels *l, int root)
{
    int *rank = ipcr_coll_temp(c, (size_t)l->nodes * sizeof *rank);
    for (int i = 0; i < l->nodes; i++)
        rank[i] = leader(l, i, root);
    return team(rank, l->nodes, root, c->comm->rank);
}

static void pass(struct ipcr_coll *c, struct ipcr_part p, int to)
{
    if (ipcr_part_size(p))
        ipcr_coll_send(c, p, to);
    else
        ipcr_coll_signal(c, to);
}

static void receive(struct ipcr_coll *c, struct ipcr_part p, int from)
{
    if (ipcr_part_size(p))
        ipcr_coll_recv(c, p, from);
    else
        ipcr_coll_await(c, from);
    ipcr_coll_round(c);
}

void ipcr_team_down(struct ipcr_coll *c, const struct ipcr_team *t, struct ipcr_part all)
{
    if (t->me < 0)
        return;
    if (t->me > 0)
        receive(c, all, ipcr_team_rank(t, t->flat ? 0 : ipcr_tree_parent(t->me)));
    if (t->flat) {
        for (int v = 1; t->me == 0 && v < t->n; v++)
            pass(c, all, ipcr_team_rank(t, v));
        return;
    }
    for (int m = ipcr_tree_span(t->n, t->me) / 2; m; m /= 2)
        if (t->me + m < t->n)
            pass(c, all, ipcr_team_rank(t, t->me + m));
}

void ipcr_team_up(struct ipcr_coll *c, const struct ipcr_team *t)
{
    if (t->me < 0)
        return;
    for (int m = 1; m < ipcr_tree_span(t->n, t->me); m *= 2)
        if (t->me + m < t->n)
            ipcr_coll_await(c, ipcr_team_rank(t, t->me + m));
    ipcr_coll_round(c);
    if (t->me > 0)
        ipcr_coll_signal(c, ipcr_team_rank(t, ipcr_tree_parent(t->me)));
    ipcr_coll_round(c);
}

void ipcr_team_combine(struct ipcr_acc *a, const struct ipcr_team *t)
{
    struct ipcr_range all = {0, a->now.count};
    if (t->me < 0)
        return;
    for (int m = 1; m < ipcr_tree_span(t->n, t->me); m *= 2)
        if (t->me + m < t->n)
            ipcr_acc_recv(a, ipcr_team_rank(t, t->me + m), all, true);
    if (t->me > 0)
        ipcr_coll_send(a->c, a->now, ipcr_team_rank(t, ipcr_tree_parent(t->me)));
    ipcr_coll_round(a->c);
}
