/* Reduce by nodes: each node combines its vectors at its leader (levels.h), the leaders combine
 * theirs at the root, along binomial trees.
 *
 * Cost: ceil(log2 nodes) * (latency + bytes / bandwidth) of the network, which carries one vector
 * for each other node. For operations that commute: operands are taken node by node. */
#include "acc.h"
#include "levels.h"

void ipcr_reduce_nodes(struct ipcr_coll *c)
{
    const struct ipcr_levels *l = ipcr_levels_of(c->comm);
    struct ipcr_team mates = ipcr_levels_mates(c, l, c->root);
    struct ipcr_team leaders = ipcr_levels_leaders(c, l, c->root);
    bool root = c->comm->rank == c->root;
    struct ipcr_acc a;
    ipcr_acc_begin(&a, c, c->rcount, root ? c->rbuf : NULL);
    ipcr_team_combine(&a, &mates);
    ipcr_team_combine(&a, &leaders);
    if (root)
        ipcr_acc_settle(&a, (struct ipcr_range){0, c->rcount});
}
