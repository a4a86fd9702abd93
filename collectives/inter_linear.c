/* Allgather, alltoall and their v and w forms between the two sides of an intercommunicator: every
 * block straight to whom it is for, all at once, each rank beginning with another one.
 *
 * Cost: one wait; as many messages out and in as the other side has ranks. */
#include "coll.h"

void ipcr_inter_linear(struct ipcr_coll *c)
{
    int n = c->comm->remote_size, begin = c->comm->rank % n;
    for (int i = 0; i < n; i++) {
        int from = ipcr_coll_mod(begin - i, n);
        ipcr_coll_recv(c, ipcr_coll_rpart(c, from), from);
    }
    for (int i = 0; i < n; i++) {
        int to = ipcr_coll_mod(begin + i, n);
        ipcr_coll_send(c, ipcr_coll_spart(c, to), to);
    }
    ipcr_coll_round(c);
}
