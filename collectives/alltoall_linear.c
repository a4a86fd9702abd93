/* Alltoall, alltoallv and alltoallw, linear: all messages at once, each rank beginning with its
 * neighbour so that not everyone talks to rank 0 first.
 *
 * Cost: one wait; n - 1 messages out and in per rank, all in flight together: for blocks of medium
 * size and for crowded nodes. */
#include "coll.h"

void ipcr_alltoall_linear(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    ipcr_coll_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    for (int i = 1; i < n; i++) {
        int from = ipcr_coll_mod(rank - i, n);
        ipcr_coll_recv(c, ipcr_coll_rpart(c, from), from);
    }
    for (int i = 1; i < n; i++) {
        int to = ipcr_coll_mod(rank + i, n);
        ipcr_coll_send(c, ipcr_coll_spart(c, to), to);
    }
    ipcr_coll_round(c);
}
