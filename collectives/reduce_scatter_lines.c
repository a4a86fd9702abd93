/* Reduce_scatter and reduce_scatter_block by lines (lines.h): everyone shows its vector, combines
 * all of them itself and takes its share.
 *
 * Cost: one line written, n - 1 lines read and n - 1 operations on every rank: for vectors that fit
 * a line. The order is that of recursive halving, so the bits are those of
 * reduce_scatter_halving.c. */
#include "lines.h"

#include <string.h>

#include "flat.h"

void ipcr_reduce_scatter_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    _Alignas(16) char copies[IPCR_LINES_RANKS][IPCR_LINE_BYTES + 8];
    void *at[IPCR_LINES_RANKS];
    int n = c->comm->size, rank = c->comm->rank;
    const size_t *first = ipcr_coll_shares(c);
    size_t element = c->rtype->size, bytes = first[n] * element;
    ipcr_lines_begin(l);
    ipcr_lines_show_copy(l, ipcr_coll_mine(c), bytes, IPCR_LINES_ALL);
    ipcr_lines_await_all(l);
    for (int i = 0; i < n; i++)
        at[i] = memcpy(copies[i], ipcr_lines_at(l, i), bytes);
    struct ipcr_flat f = {.order = IPCR_FLAT_HALVING, .count = first[n]};
    const char *result = ipcr_flat_merge(c, &f, at);
    size_t share = (first[rank + 1] - first[rank]) * element;
    if (share) /* there may be no buffer at all */
        memcpy(c->rbuf, result + first[rank] * element, share);
}
