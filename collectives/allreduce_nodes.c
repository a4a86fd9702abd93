/* Allreduce by nodes: each node combines its vectors at its leader (levels.h), the leaders do an
 * allreduce among themselves, and each gives the result to its node.
 *
 *   node 0   0 < 1 2 3        0 > 1 2 3
 *            |            or  x
 *   node 1   4 < 5 6 7        4 > 5 6 7
 *
 * Leaders exchange by recursive doubling where they are a power of two, log2(nodes) times latency
 * and nodes * log2(nodes) vectors over the network; else along a tree, up and down again. For
 * operations that commute: operands are taken node by node. All ranks have the same bits. */
#include "acc.h"
#include "levels.h"

static void among_leaders(struct ipcr_acc *a, const struct ipcr_team *t)
{
    struct ipcr_range all = {0, a->now.count};
    if (t->me < 0)
        return;
    if ((t->n & (t->n - 1)) == 0) {
        for (int distance = 1; distance < t->n; distance *= 2)
            ipcr_acc_exchange(a, ipcr_team_rank(t, t->me ^ distance), all, all);
        ipcr_acc_settle(a, all);
        return;
    }
    ipcr_team_combine(a, t);
    if (t->me == 0)
        ipcr_acc_settle(a, all);
    ipcr_team_down(a->c, t, ipcr_part(a->c->rbuf, all.count, a->c->rtype));
}

void ipcr_allreduce_nodes(struct ipcr_coll *c)
{
    const struct ipcr_levels *l = ipcr_levels_of(c->comm);
    struct ipcr_team mates = ipcr_levels_mates(c, l, 0), leaders = ipcr_levels_leaders(c, l, 0);
    struct ipcr_acc a;
    if (!c->rcount)
        return;
    ipcr_acc_begin(&a, c, c->rcount, c->rbuf);
    ipcr_team_combine(&a, &mates);
    among_leaders(&a, &leaders);
    ipcr_team_down(c, &mates, ipcr_part(c->rbuf, c->rcount, c->rtype));
    ipcr_coll_round(c);
}
