/* Broadcast, linear: the root sends to everyone.
 *
 * Cost: (n - 1) messages at the root, one wait for everyone else. The choice on a crowded node,
 * where a chain of ranks that wake each other is slower than one rank that wakes them all. */
#include "coll.h"

void ipcr_bcast_linear(struct ipcr_coll *c)
{
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    if (c->comm->rank != c->root)
        ipcr_coll_recv(c, all, c->root);
    else
        for (int i = 1; i < c->comm->size; i++)
            ipcr_coll_send(c, all, ipcr_coll_mod(c->root + i, c->comm->size));
    ipcr_coll_round(c);
}
