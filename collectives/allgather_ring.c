/* Allgather and allgatherv round a ring: in each step every rank passes on the block that came
 * last.
 *
 *   rank   0     1     2
 *          a>    b>    c>
 *          ca>   ab>   bc>      (n - 1 steps)
 *          bca   cab   abc
 *
 * Cost: (n - 1) * latency + (n - 1) blocks / bandwidth, with neighbours only and nothing copied:
 * for long blocks. */
#include "coll.h"

void ipcr_allgather_ring(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    /* My own block goes out of the send buffer: what I have just written is dearer to fetch. */
    struct ipcr_part out = ipcr_coll_given(c, rank);
    for (int step = 0; step < n - 1; step++) {
        struct ipcr_part in = ipcr_coll_rpart(c, ipcr_coll_mod(rank - step - 1, n));
        ipcr_coll_exchange(c, out, ipcr_coll_mod(rank + 1, n), in, ipcr_coll_mod(rank - 1, n));
        out = in;
    }
}
