/* Scatter by nodes: the blocks of each node go to its leader (levels.h) along a binomial tree of
 * leaders, and the leader hands them on.
 *
 * Cost: ceil(log2 nodes) * latency of the network, which carries a message for each other node.
 * Blocks are copied at the root and at leaders, so it is for short ones; and for ranks that are
 * dealt out to nodes: where those of a node stand together, the tree of ranks crosses hardly more
 * often. */
#include "levels.h"
#include "tree.h"

/* What travels: the blocks of the ranks at places first .. of the team of leaders, node by node. A
 * node's place is its number, counted from that of the root's. */
struct load {
    const struct ipcr_levels *levels;
    struct ipcr_team leaders;
    struct ipcr_part image;
    size_t block; /* bytes of each */
    int first;
    int *ahead; /* [nodes + 1] ranks at the places before this one */
};

static int node_at(const struct load *o, int place)
{
    return ipcr_coll_mod(o->leaders.top + place, o->levels->nodes);
}

static int ranks_at(const struct load *o, int place)
{
    return o->ahead[place + 1] - o->ahead[place];
}

static int rank_at(const struct load *o, int place, int i)
{
    return o->levels->order[o->levels->begin[node_at(o, place)] + i];
}

/* The blocks of so many ranks, from number i of a place on. */
static struct ipcr_part blocks(const struct load *o, int place, int i, int ranks)
{
    int before = o->ahead[place] - o->ahead[o->first] + i;
    return ipcr_part_slice(o->image, (size_t)before * o->block, (size_t)ranks * o->block);
}

static struct load load_of(struct ipcr_coll *c, const struct ipcr_levels *l, size_t block)
{
    struct load o = {.levels = l, .leaders = ipcr_levels_leaders(c, l, c->root), .block = block};
    o.ahead = ipcr_coll_temp(c, ((size_t)l->nodes + 1) * sizeof *o.ahead);
    o.ahead[0] = 0;
    for (int v = 0; v < l->nodes; v++) {
        int node = node_at(&o, v);
        o.ahead[v + 1] = o.ahead[v] + l->begin[node + 1] - l->begin[node];
    }
    o.first = o.leaders.me;
    int end = o.first + ipcr_tree_size(l->nodes, o.first);
    size_t bytes = (size_t)(o.ahead[end] - o.ahead[o.first]) * block;
    o.image = ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes);
    return o;
}

/* To the leaders below this one, each with all that goes through it. */
static void pass_on(struct ipcr_coll *c, const struct load *o)
{
    int nodes = o->levels->nodes, v = o->first;
    for (int m = ipcr_tree_span(nodes, v) / 2; m; m /= 2) {
        int child = v + m;
        if (child >= nodes)
            continue;
        int ranks = o->ahead[child + ipcr_tree_size(nodes, child)] - o->ahead[child];
        ipcr_coll_send(c, blocks(o, child, 0, ranks), ipcr_team_rank(&o->leaders, child));
    }
}

static void send_from_root(struct ipcr_coll *c, const struct load *o)
{
    for (int v = 1; v < o->levels->nodes; v++)
        for (int i = 0; i < ranks_at(o, v); i++)
            ipcr_coll_copy(c, ipcr_coll_spart(c, rank_at(o, v, i)), blocks(o, v, i, 1));
    pass_on(c, o);
    for (int i = 0; i < ranks_at(o, 0); i++) {
        int to = rank_at(o, 0, i);
        if (to != c->root)
            ipcr_coll_send(c, ipcr_coll_spart(c, to), to);
    }
    if (c->rbuf != MPI_IN_PLACE)
        ipcr_coll_copy(c, ipcr_coll_spart(c, c->root), ipcr_coll_rpart(c, c->root));
    ipcr_coll_round(c);
}

static void receive_and_pass_on(struct ipcr_coll *c, const struct load *o)
{
    int v = o->first;
    ipcr_coll_recv(c, o->image, ipcr_team_rank(&o->leaders, ipcr_tree_parent(v)));
    ipcr_coll_round(c);
    pass_on(c, o);
    for (int i = 0; i < ranks_at(o, v); i++) {
        int to = rank_at(o, v, i);
        if (to == c->comm->rank)
            ipcr_coll_copy(c, blocks(o, v, i, 1), ipcr_coll_rpart(c, c->root));
        else
            ipcr_coll_send(c, blocks(o, v, i, 1), to);
    }
    ipcr_coll_round(c);
}

void ipcr_scatter_nodes(struct ipcr_coll *c)
{
    const struct ipcr_levels *l = ipcr_levels_of(c->comm);
    bool root = c->comm->rank == c->root;
    struct ipcr_part mine = root ? ipcr_coll_spart(c, c->root) : ipcr_coll_rpart(c, c->root);
    if (ipcr_part_size(mine) == 0)
        return;
    struct ipcr_team mates = ipcr_levels_mates(c, l, c->root);
    if (mates.me > 0) {
        ipcr_coll_recv(c, mine, ipcr_team_rank(&mates, 0));
        ipcr_coll_round(c);
        return;
    }
    struct load o = load_of(c, l, ipcr_part_size(mine));
    if (root)
        send_from_root(c, &o);
    else
        receive_and_pass_on(c, &o);
}
