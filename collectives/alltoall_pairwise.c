/* Alltoall, alltoallv and alltoallw, pairwise: in step i each rank sends to the rank i ahead and
 * receives from the one i behind; with a power of two of ranks it exchanges with rank XOR i.
 *
 * Cost: (n - 1) * latency + (n - 1) blocks / bandwidth with one message in flight per direction:
 * for long blocks, which would only get into each other's way. */
#include "coll.h"

void ipcr_alltoall_pairwise(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    bool pof2 = (n & (n - 1)) == 0;
    ipcr_coll_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    for (int i = 1; i < n; i++) {
        int to = pof2 ? rank ^ i : ipcr_coll_mod(rank + i, n);
        int from = pof2 ? rank ^ i : ipcr_coll_mod(rank - i, n);
        ipcr_coll_exchange(c, ipcr_coll_spart(c, to), to, ipcr_coll_rpart(c, from), from);
    }
}
