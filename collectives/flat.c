/* Reductions on one rank. */
#include "flat.h"
#include "tree.h"

/* A vector for each place; a merge leaves its result at the left place. */
struct slots {
    struct ipcr_coll *c;
    size_t count;
    void **at;
};

static void merge(const struct slots *s, int left, int right)
{
    ipcr_coll_reduce(s->c, s->at[left], ipcr_part(s->at[right], s->count, s->c->rtype));
    s->at[left] = s->at[right];
}

static void tree(const struct slots *s, int n)
{
    for (int m = 1; m < n; m *= 2)
        for (int i = 0; i + m < n; i += 2 * m)
            merge(s, i, i + m);
}

/* As ipcr_fold_make() pairs them; returns how many are left. */
static int fold(const struct slots *s, int n)
{
    if ((n & (n - 1)) == 0)
        return n;
    struct ipcr_fold f = ipcr_fold_make(n, 0, 0);
    for (int i = 0; i < f.rem; i++)
        merge(s, 2 * i, 2 * i + 1);
    for (int v = 0; v < f.pof2; v++)
        s->at[v] = s->at[ipcr_fold_first(&f, v)];
    return f.pof2;
}

static void halving(const struct slots *s, int n)
{
    for (int m = n / 2; m; m /= 2)
        for (int i = 0; i < m; i++)
            merge(s, i, i + m);
}

/* Receives everything. Mine is copied unless it stands first: there it is never written to. */
static void collect(const struct slots *s, const struct ipcr_flat *f)
{
    struct ipcr_coll *c = s->c;
    int n = c->comm->size;
    struct ipcr_part mine = ipcr_part(ipcr_coll_mine(c), f->count, c->rtype);
    for (int i = 0; i < n; i++) {
        int rank = ipcr_coll_mod(f->first + i, n);
        s->at[i] = mine.buf;
        if (rank == f->root && i == 0)
            continue;
        struct ipcr_part in = mine;
        in.buf = s->at[i] = ipcr_coll_temp_like(c, f->count, c->rtype);
        if (rank == f->root)
            ipcr_coll_copy(c, mine, in);
        else
            ipcr_coll_recv(c, in, rank);
    }
    ipcr_coll_round(c);
}

const void *ipcr_flat_merge(struct ipcr_coll *c, const struct ipcr_flat *f, void **at)
{
    struct slots s = {c, f->count, at};
    int n = c->comm->size;
    if (f->order != IPCR_FLAT_TREE)
        n = fold(&s, n);
    if (f->order == IPCR_FLAT_HALVING)
        halving(&s, n);
    else
        tree(&s, n);
    return s.at[0];
}

const void *ipcr_flat_combine(struct ipcr_coll *c, const struct ipcr_flat *f)
{
    int n = c->comm->size;
    if (c->comm->rank != f->root) {
        ipcr_coll_send(c, ipcr_part(ipcr_coll_mine(c), f->count, c->rtype), f->root);
        return NULL;
    }
    struct slots s = {c, f->count, ipcr_coll_temp(c, (size_t)n * sizeof *s.at)};
    collect(&s, f);
    return ipcr_flat_merge(c, f, s.at);
}

void ipcr_flat_deal(struct ipcr_coll *c, const void *vector, const size_t *first)
{
    int n = c->comm->size, rank = c->comm->rank;
    struct ipcr_part mine = ipcr_part(c->rbuf, first[rank + 1] - first[rank], c->rtype);
    struct ipcr_part all = ipcr_part(vector, first[n], c->rtype);
    if (rank != 0)
        ipcr_coll_recv(c, mine, 0);
    else
        for (int i = 1; i < n; i++)
            ipcr_coll_send(c, ipcr_part_slice(all, first[i], first[i + 1] - first[i]), i);
    ipcr_coll_round(c);
    if (rank == 0 && vector != c->rbuf)
        ipcr_coll_copy(c, ipcr_part_slice(all, 0, first[1]), mine);
}
