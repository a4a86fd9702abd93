/* Allreduce by recursive doubling: in step k ranks 2^k apart exchange what they have and merge it,
 * lower ranks on the left. Two ranks: one exchange.
 *
 *   rank    0    1    2    3
 *           a    b    c    d
 *           ab   ab   cd   cd
 *           abcd abcd abcd abcd
 *
 * Cost: log2 n * (latency + bytes / bandwidth + arithmetic); two messages more for ranks beyond a
 * power of two, which are folded in first (tree.h). Every rank computes the same expression, so all
 * have the same bits.
 * Thakur, Rabenseifner, Gropp, Optimization of collective communication operations in MPICH, Int.
 * J. High Perf. Comput. Appl. 19 (2005). */
#include "acc.h"

void ipcr_allreduce_doubling(struct ipcr_coll *c)
{
    struct ipcr_fold f = ipcr_fold_make(c->comm->size, c->comm->rank, 0);
    struct ipcr_range all = {0, c->rcount};
    struct ipcr_acc a;
    ipcr_acc_begin(&a, c, c->rcount, c->rbuf);
    ipcr_acc_fold(&a, &f);
    for (int distance = 1; f.v >= 0 && distance < f.pof2; distance *= 2)
        ipcr_acc_exchange(&a, ipcr_fold_rank(&f, f.v ^ distance), all, all);
    if (f.v >= 0)
        ipcr_acc_settle(&a, all);
    ipcr_acc_unfold(&a, &f);
}
