/* Allreduce by lines (lines.h): everyone shows its vector and combines all of them itself.
 *
 * Cost: one line written, n - 1 lines read and n - 1 operations on every rank: for vectors that fit
 * a line. The order is that of recursive doubling, so the bits are those of allreduce_doubling.c.
 */
#include "lines.h"

#include "flat.h"

void ipcr_allreduce_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    const void *mine = ipcr_coll_mine(c), *shown[IPCR_LINES_RANKS];
    ipcr_lines_begin(l);
    ipcr_lines_show_part(c, ipcr_part(mine, c->rcount, c->rtype), IPCR_LINES_ALL);
    ipcr_lines_await_all(l);
    for (int i = 0; i < c->comm->size; i++)
        shown[i] = i == c->comm->rank ? mine : ipcr_lines_at(l, i).buf;
    ipcr_lines_merge(c, &(struct ipcr_flat){.order = IPCR_FLAT_DOUBLING, .count = c->rcount},
                     shown);
}
