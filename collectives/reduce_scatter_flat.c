/* Reduce_scatter and reduce_scatter_block, flat: rank 0 receives every vector, combines them and
 * gives each rank its share.
 *
 * Cost: 2 (n - 1) messages and all the arithmetic at rank 0, but one wait per rank: for short
 * vectors on a crowded node. Bit for bit the result of reduce_scatter_halving.c, or, where the
 * operation does not commute, of reduce_scatter_root.c. */
#include "flat.h"

void ipcr_reduce_scatter_flat(struct ipcr_coll *c)
{
    size_t *first = ipcr_coll_shares(c);
    struct ipcr_flat f = {.order = c->op->commutative ? IPCR_FLAT_HALVING : IPCR_FLAT_TREE,
                          .count = first[c->comm->size]};
    ipcr_flat_deal(c, ipcr_flat_combine(c, &f), first);
}
