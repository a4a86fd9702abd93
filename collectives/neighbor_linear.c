/* All neighbourhood collectives: every message at once, to and from the neighbours in their order.
 *
 * Cost: one wait; a message for each neighbour. Who has few neighbours cannot do better, and of
 * many the program knows more than the library.
 *
 * Two processes may be neighbours more than once, and a process its own. Between two ranks messages
 * match in order, so the k-th edge from one to the other must be the k-th receive there. In a graph
 * the program's lists say so. On a grid what goes out in the negative direction comes in from the
 * positive one (MPI 5.0 section 8.6): where a dimension has one or two places and is closed, both
 * are the same process, and the order of the lists alone would mix them up. Receives there are
 * given in pairs the other way round. */
#include "coll.h"
#include "topo.h"

void ipcr_neighbor_linear(struct ipcr_coll *c)
{
    struct ipcr_neighbors near = {0};
    bool known = ipcr_topo_neighbors(c->comm, &near), grid = known && ipcr_topo_cart(c->comm);
    for (int i = 0; i < near.in; i++) {
        int k = grid ? i ^ 1 : i;
        if (near.from[k] != MPI_PROC_NULL)
            ipcr_coll_recv(c, ipcr_coll_rpart(c, k), near.from[k]);
    }
    for (int k = 0; k < near.out; k++)
        if (near.to[k] != MPI_PROC_NULL)
            ipcr_coll_send(c, ipcr_coll_spart(c, k), near.to[k]);
    ipcr_coll_round(c);
}
