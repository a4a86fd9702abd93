/* Reduce after Rabenseifner: the vector is reduced piece by piece by recursive halving, after which
 * each rank owns the result of one piece; the pieces then come together at the root along the same
 * steps backwards.
 *
 *   rank     0     1     2     3
 *          abcd  abcd  abcd  abcd
 *          ab..  ..cd  ab..  ..cd     neighbours exchange halves
 *          a...  ..c.  .b..  ...d     ranks two apart exchange quarters
 *          ab..  ..cd  <-+   <-+
 *          abcd  <-+
 *
 * Cost: 2 log2 n * latency + 2 (n - 1)/n * bytes / bandwidth + (n - 1)/n * arithmetic, instead of
 * log2 n times all of it. Ranks beyond a power of two are folded in first (tree.h).
 * Thakur, Rabenseifner, Gropp, Optimization of collective communication operations in MPICH, Int.
 * J. High Perf. Comput. Appl. 19 (2005). */
#include "acc.h"

/* At each step the ranks on the root's side receive what the others have, who are done then. */
static void collect(struct ipcr_acc *a, const struct ipcr_fold *f, const struct ipcr_halving *h)
{
    int top = ipcr_fold_place(f, f->keep);
    for (int k = h->steps - 1; k >= 0; k--) {
        int distance = 1 << k, with = ipcr_fold_rank(f, f->v ^ distance);
        bool mine = ((f->v ^ top) & distance) == 0;
        if (mine)
            ipcr_coll_recv(a->c, ipcr_acc_part(a, h->given[k]), with);
        else
            ipcr_coll_send(a->c, ipcr_acc_part(a, h->kept[k + 1]), with);
        ipcr_coll_round(a->c);
        if (!mine)
            return;
    }
}

void ipcr_reduce_rabenseifner(struct ipcr_coll *c)
{
    struct ipcr_fold f = ipcr_fold_make(c->comm->size, c->comm->rank, c->root);
    struct ipcr_halving h;
    struct ipcr_acc a;
    bool root = c->comm->rank == c->root;
    ipcr_acc_begin(&a, c, c->rcount, root ? c->rbuf : NULL);
    ipcr_acc_fold(&a, &f);
    if (f.v < 0)
        return;
    ipcr_acc_halve(&a, &f, &h);
    if (root)
        ipcr_acc_settle(&a, h.kept[h.steps]);
    collect(&a, &f, &h);
}
