/* Scatter and scatterv, linear: the root sends each rank its block.
 *
 * Cost: (n - 1) messages at the root, one wait and no extra copy for anyone: for long blocks, for
 * crowded nodes, and for scatterv, where only the root knows the sizes. */
#include "coll.h"

void ipcr_scatter_linear(struct ipcr_coll *c)
{
    int n = c->comm->size, root = c->root;
    if (c->comm->rank != root) {
        ipcr_coll_recv(c, ipcr_coll_rpart(c, root), root);
        ipcr_coll_round(c);
        return;
    }
    if (c->rbuf != MPI_IN_PLACE)
        ipcr_coll_copy(c, ipcr_coll_spart(c, root), ipcr_coll_rpart(c, root));
    for (int i = 1; i < n; i++) {
        int to = ipcr_coll_mod(root + i, n);
        ipcr_coll_send(c, ipcr_coll_spart(c, to), to);
    }
    ipcr_coll_round(c);
}
