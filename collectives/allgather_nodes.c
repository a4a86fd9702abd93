/* Allgather by nodes: each node's blocks go to its leader (levels.h), leaders exchange the blocks
 * of their nodes, each in one message, and give the whole to their nodes.
 *
 * Cost: nodes * (nodes - 1) messages over the network, each of a node's blocks, all at once. Blocks
 * are copied once more at both leaders, so it is for short ones. */
#include "levels.h"

/* The blocks of a node, one after another, as they travel. */
struct bundle {
    struct ipcr_part image;
    size_t block;
    const int *rank;
    int n;
};

static struct bundle bundle_of(struct ipcr_coll *c, const struct ipcr_levels *l, int node)
{
    struct bundle b = {.block = c->rcount * c->rtype->size, .rank = l->order + l->begin[node]};
    b.n = l->begin[node + 1] - l->begin[node];
    size_t bytes = b.block * (size_t)b.n;
    b.image = ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes);
    return b;
}

static void move(struct ipcr_coll *c, const struct bundle *b, bool in)
{
    for (int i = 0; i < b->n; i++) {
        struct ipcr_part stretch =
            ipcr_part_bytes((char *)b->image.buf + (size_t)i * b->block, b->block);
        struct ipcr_part mine = ipcr_coll_rpart(c, b->rank[i]);
        ipcr_coll_copy(c, in ? mine : stretch, in ? stretch : mine);
    }
}

static void to_leader(struct ipcr_coll *c, const struct ipcr_team *mates)
{
    int me = c->comm->rank;
    struct ipcr_part mine = ipcr_coll_given(c, me);
    for (int v = 1; mates->me == 0 && v < mates->n; v++) {
        int from = ipcr_team_rank(mates, v);
        ipcr_coll_recv(c, ipcr_coll_rpart(c, from), from);
    }
    if (mates->me > 0)
        ipcr_coll_send(c, mine, ipcr_team_rank(mates, 0));
    else if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, mine, ipcr_coll_rpart(c, me));
    ipcr_coll_round(c);
}

static void among_leaders(struct ipcr_coll *c, const struct ipcr_levels *l,
                          const struct ipcr_team *leaders)
{
    if (leaders->me < 0)
        return;
    struct bundle *all = ipcr_coll_temp(c, (size_t)l->nodes * sizeof *all);
    for (int i = 0; i < l->nodes; i++)
        all[i] = bundle_of(c, l, i);
    const struct bundle *mine = &all[leaders->me];
    move(c, mine, true);
    for (int i = 1; i < l->nodes; i++) {
        int from = ipcr_coll_mod(leaders->me - i, l->nodes);
        ipcr_coll_recv(c, all[from].image, ipcr_team_rank(leaders, from));
    }
    for (int i = 1; i < l->nodes; i++)
        ipcr_coll_send(c, mine->image,
                       ipcr_team_rank(leaders, ipcr_coll_mod(leaders->me + i, l->nodes)));
    ipcr_coll_round(c);
    for (int i = 0; i < l->nodes; i++)
        if (i != leaders->me)
            move(c, &all[i], false);
}

void ipcr_allgather_nodes(struct ipcr_coll *c)
{
    const struct ipcr_levels *l = ipcr_levels_of(c->comm);
    struct ipcr_team mates = ipcr_levels_mates(c, l, 0), leaders = ipcr_levels_leaders(c, l, 0);
    if (c->rcount * c->rtype->size == 0)
        return;
    to_leader(c, &mates);
    among_leaders(c, l, &leaders);
    ipcr_team_down(c, &mates, ipcr_part(c->rbuf, (size_t)c->comm->size * c->rcount, c->rtype));
    ipcr_coll_round(c);
}
