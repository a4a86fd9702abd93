/* Gather and gatherv, linear: everyone sends its block to the root, which receives them all at
 * once, each where it belongs.
 *
 * Cost: (n - 1) messages at the root, one wait and no extra copy for anyone: for long blocks, for
 * crowded nodes, and for gatherv, where only the root knows the sizes. */
#include "coll.h"

void ipcr_gather_linear(struct ipcr_coll *c)
{
    int n = c->comm->size, root = c->root;
    if (c->comm->rank != root) {
        ipcr_coll_send(c, ipcr_coll_spart(c, root), root);
        ipcr_coll_round(c);
        return;
    }
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, root), ipcr_coll_rpart(c, root));
    for (int i = 1; i < n; i++) {
        int from = ipcr_coll_mod(root + i, n);
        ipcr_coll_recv(c, ipcr_coll_rpart(c, from), from);
    }
    ipcr_coll_round(c);
}
