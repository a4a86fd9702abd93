/* Allreduce by lines (lines.h): everyone shows its vector and combines all of them itself.
 *
 * Cost: one line written, n - 1 lines read and n - 1 operations on every rank: for vectors that fit
 * a line. The order is that of recursive doubling, so the bits are those of allreduce_doubling.c.
 */
#include "lines.h"

#include <string.h>

#include "flat.h"

void ipcr_allreduce_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    _Alignas(16) char copies[IPCR_LINES_RANKS][IPCR_LINE_BYTES + 8];
    void *at[IPCR_LINES_RANKS];
    size_t bytes = c->rcount * c->rtype->size;
    ipcr_lines_begin(l);
    ipcr_lines_show_copy(l, ipcr_coll_mine(c), bytes, IPCR_LINES_ALL);
    ipcr_lines_await_all(l);
    for (int i = 0; i < c->comm->size; i++)
        at[i] = memcpy(copies[i], ipcr_lines_at(l, i), bytes);
    struct ipcr_flat f = {.order = IPCR_FLAT_DOUBLING, .count = c->rcount};
    const void *result = ipcr_flat_merge(c, &f, at);
    if (bytes) /* there may be no buffer at all */
        memcpy(c->rbuf, result, bytes);
}
