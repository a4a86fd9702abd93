/* Reduce, flat: everyone sends to the root, which combines in the order of the binomial tree.
 *
 * Cost: (n - 1) * (bytes / bandwidth + arithmetic) at the root, one wait per rank: for short
 * vectors on a crowded node. Bit for bit the result of reduce_binomial.c. */
#include "flat.h"

void ipcr_reduce_flat(struct ipcr_coll *c)
{
    struct ipcr_flat f = {IPCR_FLAT_TREE, c->root, c->op->commutative ? c->root : 0, c->rcount};
    const void *result = ipcr_flat_combine(c, &f);
    ipcr_coll_round(c);
    if (result && result != c->rbuf)
        ipcr_coll_copy(c, ipcr_part(result, c->rcount, c->rtype),
                       ipcr_part(c->rbuf, c->rcount, c->rtype));
}
