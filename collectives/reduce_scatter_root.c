/* Reduce_scatter and reduce_scatter_block by way of rank 0: a reduce of the whole vector, as the
 * table chooses it, and each rank gets its share from there.
 *
 * Cost: those of the reduce, and (n - 1)/n * bytes / bandwidth at rank 0. It keeps the order of
 * operands, so it is the one for operations that do not commute. */
#include "flat.h"
#include "table.h"

void ipcr_reduce_scatter_root(struct ipcr_coll *c)
{
    size_t *first = ipcr_coll_shares(c);
    struct ipcr_coll reduce = *c;
    reduce.kind = IPCR_REDUCE;
    reduce.root = 0;
    reduce.sbuf = ipcr_coll_mine(c);
    reduce.rcount = first[c->comm->size];
    reduce.rcounts.v = NULL;
    reduce.rbuf = NULL;
    if (c->comm->rank == 0)
        reduce.rbuf = ipcr_coll_temp_like(c, reduce.rcount, c->rtype);
    ipcr_coll_select(&reduce)->run(&reduce);
    ipcr_flat_deal(c, reduce.rbuf, first);
}
