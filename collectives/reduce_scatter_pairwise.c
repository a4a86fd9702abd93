/* Reduce_scatter and reduce_scatter_block, pairwise: in step i each rank sends the rank i ahead its
 * share of this rank's vector, receives its own share from the rank i behind and adds it.
 *
 * Cost: (n - 1) * (latency + share * (1 / bandwidth + arithmetic)): the least data of all, nothing
 * travels twice; for long vectors. Operands are taken in the order rank, rank - 1, ..., so the
 * operation must commute. */
#include "coll.h"

void ipcr_reduce_scatter_pairwise(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    size_t *first = ipcr_coll_shares(c);
    struct ipcr_part all = ipcr_part(ipcr_coll_mine(c), first[n], c->rtype);
    struct ipcr_part mine = ipcr_part_slice(all, first[rank], first[rank + 1] - first[rank]);
    struct ipcr_part result = ipcr_part(c->rbuf, mine.count, c->rtype), sum = result, in = result;
    if (ipcr_coll_in_place(c)) /* the vector lies where the result is to be */
        sum.buf = ipcr_coll_temp_like(c, mine.count, c->rtype);
    in.buf = ipcr_coll_temp_like(c, mine.count, c->rtype);
    ipcr_coll_copy(c, mine, sum);
    for (int i = 1; i < n; i++) {
        int to = ipcr_coll_mod(rank + i, n);
        ipcr_coll_exchange(c, ipcr_part_slice(all, first[to], first[to + 1] - first[to]), to, in,
                           ipcr_coll_mod(rank - i, n));
        ipcr_coll_reduce(c, in.buf, sum);
    }
    if (sum.buf != result.buf)
        ipcr_coll_copy(c, sum, result);
}
