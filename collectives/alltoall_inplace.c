/* Alltoall, alltoallv and alltoallw in place: in step i ranks r and i - r (mod n) swap their blocks
 * through temporary memory for one of them.
 *
 *   n = 4    i = 0: 1-3   i = 1: 0-1 2-3   i = 2: 0-2   i = 3: 0-3 1-2
 *
 * Cost: n * latency + (n - 1) blocks / bandwidth and a copy, in the memory of one block instead of
 * n. */
#include "coll.h"

void ipcr_alltoall_inplace(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    size_t longest = 0;
    for (int i = 0; i < n; i++) {
        size_t bytes = ipcr_part_size(ipcr_coll_rpart(c, i));
        if (i != rank && bytes > longest)
            longest = bytes;
    }
    void *theirs = ipcr_coll_temp(c, longest);
    for (int i = 0; i < n; i++) {
        int with = ipcr_coll_mod(i - rank, n);
        if (with == rank)
            continue;
        struct ipcr_part block = ipcr_coll_rpart(c, with);
        struct ipcr_part in = ipcr_part_bytes(theirs, ipcr_part_size(block));
        ipcr_coll_exchange(c, block, with, in, with);
        ipcr_coll_copy(c, in, block);
    }
}
