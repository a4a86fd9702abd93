/* Trees, folds and chunks: pure arithmetic on ranks. */
#include "tree.h"

int ipcr_tree_pof2(int n)
{
    int p = 1;
    while (p <= n / 2)
        p *= 2;
    return p;
}

int ipcr_tree_span(int n, int v)
{
    if (v)
        return v & -v;
    int p = ipcr_tree_pof2(n);
    return p < n ? 2 * p : p;
}

int ipcr_tree_size(int n, int v)
{
    int span = ipcr_tree_span(n, v);
    return span < n - v ? span : n - v;
}

struct ipcr_fold ipcr_fold_make(int n, int rank, int keep)
{
    struct ipcr_fold f = {.rank = rank, .keep = keep, .other = -1};
    f.pof2 = ipcr_tree_pof2(n);
    f.rem = n - f.pof2;
    if (rank < 2 * f.rem)
        f.other = rank ^ 1;
    f.v = ipcr_fold_place(&f, rank);
    if (ipcr_fold_rank(&f, f.v) != rank)
        f.v = -1;
    return f;
}

int ipcr_fold_place(const struct ipcr_fold *f, int rank)
{
    return rank < 2 * f->rem ? rank / 2 : rank - f->rem;
}

int ipcr_fold_rank(const struct ipcr_fold *f, int v)
{
    if (v >= f->rem)
        return v + f->rem;
    return f->keep == 2 * v + 1 ? f->keep : 2 * v;
}

int ipcr_fold_first(const struct ipcr_fold *f, int v)
{
    return v < f->rem ? 2 * v : v + f->rem;
}

struct ipcr_range ipcr_chunks(size_t count, int n, int i, int m)
{
    size_t size = count / (size_t)n, longer = count % (size_t)n;
    size_t a = (size_t)i, b = a + (size_t)m;
    size_t first = a * size + (a < longer ? a : longer);
    size_t end = b * size + (b < longer ? b : longer);
    return (struct ipcr_range){first, end - first};
}

struct ipcr_range ipcr_chunk(size_t count, int n, int i)
{
    return ipcr_chunks(count, n, i, 1);
}
