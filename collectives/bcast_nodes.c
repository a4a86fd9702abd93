/* Broadcast by nodes: along a binomial tree of leaders (levels.h), of which the root is one, and
 * from each of them to its node.
 *
 *   node 0   root > 1 2 3
 *             |
 *   node 1   4 > 5 6 7
 *
 * Cost: ceil(log2 nodes) * (latency + bytes / bandwidth) of the network, which carries the message
 * once for each other node: the least there is. Karonis and others, Exploiting hierarchy in
 * parallel computer networks to optimize collective operation performance, IPDPS 2000. */
#include "levels.h"

void ipcr_bcast_nodes(struct ipcr_coll *c)
{
    const struct ipcr_levels *l = ipcr_levels_of(c->comm);
    struct ipcr_team mates = ipcr_levels_mates(c, l, c->root);
    struct ipcr_team leaders = ipcr_levels_leaders(c, l, c->root);
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    if (!ipcr_part_size(all))
        return;
    ipcr_team_down(c, &leaders, all);
    ipcr_team_down(c, &mates, all);
    ipcr_coll_round(c);
}
