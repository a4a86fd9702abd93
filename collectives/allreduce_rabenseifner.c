/* Allreduce after Rabenseifner: recursive halving reduces the vector piece by piece, recursive
 * doubling brings the pieces back to everyone.
 *
 *   rank     0     1     2     3
 *          abcd  abcd  abcd  abcd
 *          ab..  ..cd  ab..  ..cd     halving: neighbours first
 *          a...  ..c.  .b..  ...d
 *          ab..  ..cd  ab..  ..cd     doubling: the same steps backwards
 *          abcd  abcd  abcd  abcd
 *
 * Cost: 2 log2 n * latency + 2 (n - 1)/n * bytes / bandwidth + (n - 1)/n * arithmetic. Each element
 * is combined in the same order as by allreduce_doubling.c.
 * Thakur, Rabenseifner, Gropp, Optimization of collective communication operations in MPICH, Int.
 * J. High Perf. Comput. Appl. 19 (2005). */
#include "acc.h"

void ipcr_allreduce_rabenseifner(struct ipcr_coll *c)
{
    struct ipcr_fold f = ipcr_fold_make(c->comm->size, c->comm->rank, 0);
    struct ipcr_halving h;
    struct ipcr_acc a;
    ipcr_acc_begin(&a, c, c->rcount, c->rbuf);
    ipcr_acc_fold(&a, &f);
    if (f.v >= 0) {
        ipcr_acc_halve(&a, &f, &h);
        ipcr_acc_settle(&a, h.kept[h.steps]);
        for (int k = h.steps - 1; k >= 0; k--) {
            int with = ipcr_fold_rank(&f, f.v ^ (1 << k));
            ipcr_coll_exchange(c, ipcr_acc_part(&a, h.kept[k + 1]), with,
                               ipcr_acc_part(&a, h.given[k]), with);
        }
    }
    ipcr_acc_unfold(&a, &f);
}
