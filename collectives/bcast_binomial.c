/* Broadcast along a binomial tree: who has the message passes it on, to the largest subtree first.
 *
 *            0                 numbers are relative to the root
 *        ____|______
 *       4    2      1
 *      / \   |
 *     6   5  3
 *     |
 *     7
 *
 * Cost: ceil(log2 n) * (latency + bytes / bandwidth): right for short messages; for long ones the
 * whole message crosses every level. */
#include "coll.h"
#include "tree.h"

void ipcr_bcast_binomial(struct ipcr_coll *c)
{
    int n = c->comm->size, v = ipcr_coll_mod(c->comm->rank - c->root, n);
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    if (v) {
        ipcr_coll_recv(c, all, ipcr_coll_mod(ipcr_tree_parent(v) + c->root, n));
        ipcr_coll_round(c);
    }
    for (int m = ipcr_tree_span(n, v) / 2; m; m /= 2)
        if (v + m < n)
            ipcr_coll_send(c, all, ipcr_coll_mod(v + m + c->root, n));
    ipcr_coll_round(c);
}
