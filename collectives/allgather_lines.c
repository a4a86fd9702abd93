/* Allgather by lines (lines.h): everyone shows its block and reads those of the others.
 *
 * Cost: one line written and n - 1 lines read on every rank: for blocks that fit a line. */
#include "lines.h"

#include "coll.h"

void ipcr_allgather_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    int rank = c->comm->rank;
    struct ipcr_part mine = ipcr_coll_given(c, rank);
    size_t bytes = ipcr_part_size(mine);
    ipcr_lines_begin(l);
    ipcr_coll_copy(c, mine, ipcr_part_bytes(ipcr_lines_room(l), bytes));
    ipcr_lines_show(l, bytes, IPCR_LINES_ALL);
    ipcr_lines_await_all(l);
    for (int i = 0; i < c->comm->size; i++)
        if (i != rank || !ipcr_coll_in_place(c))
            ipcr_coll_copy(c, ipcr_part_bytes(ipcr_lines_at(l, i), bytes), ipcr_coll_rpart(c, i));
}
