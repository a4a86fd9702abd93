/* Reduce along a binomial tree: each rank merges its children's vectors, nearest first, and sends
 * the result to its parent. Subtrees are runs of consecutive ranks, so operands stay in rank order.
 *
 *   0  1  2  3  4  5
 *   <--+  <--+  <--+
 *   <-----+
 *   <-----------+
 *
 * A commutative operation counts ranks from the root; any other from rank 0, which then hands the
 * result to the root.
 * Cost: ceil(log2 n) * (latency + bytes / bandwidth + arithmetic). */
#include "acc.h"

void ipcr_reduce_binomial(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    int top = c->op->commutative ? c->root : 0;
    int v = ipcr_coll_mod(rank - top, n);
    struct ipcr_range all = {0, c->rcount};
    struct ipcr_acc a;
    ipcr_acc_begin(&a, c, c->rcount, v == 0 && rank == c->root ? c->rbuf : NULL);
    for (int m = 1; m < ipcr_tree_span(n, v); m *= 2)
        if (v + m < n)
            ipcr_acc_recv(&a, ipcr_coll_mod(v + m + top, n), all, true);
    if (v) {
        ipcr_coll_send(c, a.now, ipcr_coll_mod(ipcr_tree_parent(v) + top, n));
        ipcr_coll_round(c);
    }
    if (top == c->root) {
        if (v == 0)
            ipcr_acc_settle(&a, all);
        return;
    }
    if (v == 0)
        ipcr_coll_send(c, a.now, c->root);
    else if (rank == c->root)
        ipcr_coll_recv(c, ipcr_part(c->rbuf, c->rcount, c->rtype), 0);
    ipcr_coll_round(c);
}
