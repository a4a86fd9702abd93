/* Barrier by dissemination: in step k every rank signals the rank 2^k ahead and waits for the one
 * 2^k behind, so after ceil(log2 n) steps each has heard of all. Two ranks: one exchange.
 *
 *   step 0   0>1  1>2  2>3  3>4  4>0
 *   step 1   0>2  1>3  2>4  3>0  4>1
 *   step 2   0>4  1>0  2>1  3>2  4>3
 *
 * Cost: ceil(log2 n) * latency. Hensgen, Finkel, Manber, Two algorithms for barrier
 * synchronization, Int. J. Parallel Programming 17 (1988). */
#include "coll.h"

void ipcr_barrier_dissemination(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    for (int distance = 1; distance < n; distance *= 2) {
        ipcr_coll_await(c, ipcr_coll_mod(rank - distance, n));
        ipcr_coll_signal(c, ipcr_coll_mod(rank + distance, n));
        ipcr_coll_round(c);
    }
}
