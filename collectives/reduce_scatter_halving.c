/* Reduce_scatter and reduce_scatter_block by recursive halving: the farthest ranks first, partners
 * exchange halves of the vector they share and add the half they keep.
 *
 *   rank     0     1     2     3
 *          abcd  abcd  abcd  abcd
 *          ab..  ab..  ..cd  ..cd     ranks two apart
 *          a...  .b..  ..c.  ...d     neighbours
 *
 * The halves are runs of ranks, so each ends with its own share; operands do not stay in rank
 * order, so the operation must commute. Ranks beyond a power of two are folded in first (tree.h)
 * and get their share from who stood in for them. Cost: log2 n * latency + (n - 1)/n * bytes /
 * bandwidth + (n - 1)/n * arithmetic. Thakur, Rabenseifner, Gropp, Optimization of collective
 * communication operations in MPICH, Int. J. High Perf. Comput. Appl. 19 (2005). */
#include "acc.h"

/* Elements that belong to the ranks at places v .. v + m - 1. */
static struct ipcr_range places(const struct ipcr_fold *f, const size_t *first, int v, int m)
{
    size_t begin = first[ipcr_fold_first(f, v)];
    return (struct ipcr_range){begin, first[ipcr_fold_first(f, v + m)] - begin};
}

static void halve(struct ipcr_acc *a, const struct ipcr_fold *f, const size_t *first)
{
    for (int m = f->pof2 / 2; m; m /= 2) {
        int with = f->v ^ m;
        ipcr_acc_exchange(a, ipcr_fold_rank(f, with), places(f, first, with & -m, m),
                          places(f, first, f->v & -m, m));
    }
}

void ipcr_reduce_scatter_halving(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    size_t *first = ipcr_coll_shares(c);
    struct ipcr_fold f = ipcr_fold_make(n, rank, 0);
    struct ipcr_part mine = ipcr_part(c->rbuf, first[rank + 1] - first[rank], c->rtype);
    struct ipcr_acc a;
    ipcr_acc_begin(&a, c, first[n], NULL);
    ipcr_acc_fold(&a, &f);
    if (f.v < 0) {
        ipcr_coll_recv(c, mine, f.other);
        ipcr_coll_round(c);
        return;
    }
    halve(&a, &f, first);
    if (f.other >= 0)
        ipcr_coll_send(c,
                       ipcr_part_slice(a.now, first[f.other], first[f.other + 1] - first[f.other]),
                       f.other);
    ipcr_coll_round(c);
    if (n > 1 || !ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_part_slice(a.now, first[rank], mine.count), mine);
}
