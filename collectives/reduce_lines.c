/* Reduce by lines (lines.h): everyone shows its vector, the root combines them.
 *
 * Cost: one line written on each rank, n - 1 lines read and n - 1 operations at the root; the
 * others wait for nobody while the root is less than a few dozen collectives behind. For vectors
 * that fit a line. The order is that of the binomial tree, so the bits are those of
 * reduce_binomial.c. */
#include "lines.h"

#include "flat.h"

static void combine(struct ipcr_coll *c)
{
    const void *shown[IPCR_LINES_RANKS];
    for (int i = 0; i < c->comm->size; i++)
        shown[i] = i == c->root ? ipcr_coll_mine(c) : ipcr_lines_await(c->run->lines, i).buf;
    struct ipcr_flat f = {
        .order = IPCR_FLAT_TREE, .first = c->op->commutative ? c->root : 0, .count = c->rcount};
    ipcr_lines_merge(c, &f, shown);
}

void ipcr_reduce_lines(struct ipcr_coll *c)
{
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank == c->root)
        combine(c);
    else
        ipcr_lines_show_part(c, ipcr_part(ipcr_coll_mine(c), c->rcount, c->rtype), c->root);
}
