/* Barrier of an intercommunicator: everyone signals everyone on the other side. Who has heard of
 * all of them may leave: section 6.3 asks no more.
 *
 * Cost: one wait, and as many messages as there are pairs. */
#include "coll.h"

void ipcr_inter_barrier(struct ipcr_coll *c)
{
    for (int i = 0; i < c->comm->remote_size; i++)
        ipcr_coll_await(c, i);
    for (int i = 0; i < c->comm->remote_size; i++)
        ipcr_coll_signal(c, i);
    ipcr_coll_round(c);
}
