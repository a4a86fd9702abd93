/* Bcast, gather, scatter and their v forms between the two sides of an intercommunicator: the root
 * exchanges a message with everyone on the other side. Nobody else on its own side takes part.
 *
 * Cost: as many messages at the root as the other side has ranks, one wait for everyone. */
#include "coll.h"

static bool gathers(const struct ipcr_coll *c)
{
    return c->kind == IPCR_GATHER || c->kind == IPCR_GATHERV;
}

static struct ipcr_part block(const struct ipcr_coll *c, bool out, int rank)
{
    if (c->kind == IPCR_BCAST)
        return ipcr_part(c->rbuf, c->rcount, c->rtype);
    return out ? ipcr_coll_spart(c, rank) : ipcr_coll_rpart(c, rank);
}

void ipcr_inter_rooted(struct ipcr_coll *c)
{
    bool root = ipcr_coll_at_root(c), out = root != gathers(c);
    if (!root && !ipcr_coll_has_share(c))
        return;
    int first = root ? 0 : c->root, last = root ? c->comm->remote_size - 1 : c->root;
    for (int i = first; i <= last; i++) {
        if (out)
            ipcr_coll_send(c, block(c, true, i), i);
        else
            ipcr_coll_recv(c, block(c, false, i), i);
    }
    ipcr_coll_round(c);
}
