/* Allgather and allgatherv by lines (lines.h): everyone shows its block and reads those of the
 * others.
 *
 * Cost: one line written and n - 1 lines read on every rank: for blocks that fit a line. */
#include "lines.h"

void ipcr_allgather_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    struct ipcr_part mine = ipcr_coll_given(c, c->comm->rank);
    ipcr_lines_begin(l);
    ipcr_lines_show_part(c, mine, IPCR_LINES_ALL);
    if (!ipcr_coll_in_place(c))
        ipcr_lines_copy(c, mine, ipcr_coll_rpart(c, c->comm->rank));
    ipcr_lines_await_all(l);
    for (int i = 0; i < c->comm->size; i++)
        if (i != c->comm->rank)
            ipcr_lines_take(c, i, ipcr_coll_rpart(c, i));
}
