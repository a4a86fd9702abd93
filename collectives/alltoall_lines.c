/* Alltoall by lines (lines.h): everyone shows its blocks for all, and reads its own from each.
 *
 * Cost: one line written and n - 1 lines read on every rank: where the blocks for all ranks
 * together fit a line. */
#include "lines.h"

#include "coll.h"

void ipcr_alltoall_lines(struct ipcr_coll *c)
{
    char mine[IPCR_LINE_BYTES];
    int n = c->comm->size, rank = c->comm->rank;
    size_t bytes = ipcr_part_size(ipcr_coll_rpart(c, 0));
    for (int i = 0; i < n; i++)
        ipcr_coll_copy(c, ipcr_coll_given(c, i), ipcr_part_bytes(mine + (size_t)i * bytes, bytes));
    ipcr_lines_meet(c->run->lines, mine, (size_t)n * bytes);
    for (int i = 0; i < n; i++) {
        const char *theirs = ipcr_lines_at(c->run->lines, i);
        ipcr_coll_copy(c, ipcr_part_bytes(theirs + (size_t)rank * bytes, bytes),
                       ipcr_coll_rpart(c, i));
    }
}
