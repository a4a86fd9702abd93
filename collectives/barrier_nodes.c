/* Barrier by nodes: each node's ranks tell their leader (levels.h), the leaders do a dissemination
 * among themselves, and each tells its node.
 *
 * Cost: log2(nodes) * latency of the network and nodes * log2(nodes) messages over it, where
 * dissemination over all ranks sends that many for every rank. */
#include "levels.h"

static void disseminate(struct ipcr_coll *c, const struct ipcr_team *t)
{
    for (int distance = 1; t->me >= 0 && distance < t->n; distance *= 2) {
        ipcr_coll_await(c, ipcr_team_rank(t, ipcr_coll_mod(t->me - distance, t->n)));
        ipcr_coll_signal(c, ipcr_team_rank(t, ipcr_coll_mod(t->me + distance, t->n)));
        ipcr_coll_round(c);
    }
}

void ipcr_barrier_nodes(struct ipcr_coll *c)
{
    const struct ipcr_levels *l = ipcr_levels_of(c->comm);
    struct ipcr_team mates = ipcr_levels_mates(c, l, 0), leaders = ipcr_levels_leaders(c, l, 0);
    ipcr_team_up(c, &mates);
    disseminate(c, &leaders);
    ipcr_team_down(c, &mates, ipcr_part_bytes(c, 0));
    ipcr_coll_round(c);
}
