/* Allreduce, flat: everyone sends to rank 0, which combines and sends the result to everyone.
 *
 * Cost: 2 (n - 1) messages and all the arithmetic at rank 0, but one wait per rank: for short
 * vectors on a crowded node, where recursive doubling pays log2 n context switches per rank. Bit
 * for bit the result of allreduce_doubling.c. */
#include "flat.h"

void ipcr_allreduce_flat(struct ipcr_coll *c)
{
    struct ipcr_flat f = {IPCR_FLAT_DOUBLING, 0, 0, c->rcount};
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype), result = all;
    result.buf = (void *)(uintptr_t)ipcr_flat_combine(c, &f);
    if (c->comm->rank != 0) { /* in place, too: the result cannot come before mine has arrived */
        ipcr_coll_recv(c, all, 0);
        ipcr_coll_round(c);
        return;
    }
    for (int i = 1; i < c->comm->size; i++)
        ipcr_coll_send(c, result, i);
    ipcr_coll_round(c);
    if (result.buf != all.buf)
        ipcr_coll_copy(c, result, all);
}
