/* Reduce by lines (lines.h): everyone shows its vector, the root combines them.
 *
 * Cost: one line written on each rank, n - 1 lines read and n - 1 operations at the root; the
 * others wait for nobody while the root is less than a few dozen collectives behind. For vectors
 * that fit a line. The order is that of the binomial tree, so the bits are those of
 * reduce_binomial.c. */
#include "lines.h"

#include <string.h>

#include "flat.h"

static void combine(struct ipcr_coll *c, size_t bytes)
{
    _Alignas(16) char copies[IPCR_LINES_RANKS][IPCR_LINE_BYTES + 8];
    void *at[IPCR_LINES_RANKS];
    int n = c->comm->size, first = c->op->commutative ? c->root : 0;
    for (int i = 0; i < n; i++) {
        int rank = ipcr_coll_mod(first + i, n);
        const void *vector =
            rank == c->root ? ipcr_coll_mine(c) : ipcr_lines_await(c->run->lines, rank)->bytes;
        at[i] = bytes ? memcpy(copies[i], vector, bytes) : copies[i]; /* there may be no buffer */
    }
    struct ipcr_flat f = {.order = IPCR_FLAT_TREE, .count = c->rcount};
    const void *result = ipcr_flat_merge(c, &f, at);
    if (bytes)
        memcpy(c->rbuf, result, bytes);
}

void ipcr_reduce_lines(struct ipcr_coll *c)
{
    size_t bytes = c->rcount * c->rtype->size;
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank == c->root)
        combine(c, bytes);
    else
        ipcr_lines_show_copy(c->run->lines, ipcr_coll_mine(c), bytes, c->root);
}
