/* Reduce along a binomial tree over a power of two, in which neighbours merge first and whoever has
 * the root among its own goes on. Places in the fold (tree.h) are counted by exclusive or with the
 * root's, so operands stay in rank order wherever the root is.
 *
 *   root 0                root 2
 *   0  1  2  3            0  1  2  3
 *   <--+  <--+            <--+  <--+
 *   <-----+               +----->
 *
 * Cost: ceil(log2 n) * (latency + bytes / bandwidth + arithmetic), and one wait for half of the
 * ranks: for long vectors on a crowded node, where the many steps of reduce_rabenseifner.c are as
 * many context switches. Bit for bit its result. */
#include "acc.h"

void ipcr_reduce_tree(struct ipcr_coll *c)
{
    struct ipcr_fold f = ipcr_fold_make(c->comm->size, c->comm->rank, c->root);
    struct ipcr_range all = {0, c->rcount};
    struct ipcr_acc a;
    ipcr_acc_begin(&a, c, c->rcount, c->comm->rank == c->root ? c->rbuf : NULL);
    ipcr_acc_fold(&a, &f);
    if (f.v < 0)
        return;
    int away = f.v ^ ipcr_fold_place(&f, c->root), m = 1;
    for (; m < f.pof2 && !(away & m); m *= 2)
        ipcr_acc_recv(&a, ipcr_fold_rank(&f, f.v ^ m), all, !(f.v & m));
    if (away)
        ipcr_coll_send(c, a.now, ipcr_fold_rank(&f, f.v ^ m));
    else
        ipcr_acc_settle(&a, all);
    ipcr_coll_round(c);
}
