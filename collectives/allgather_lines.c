/* Allgather by lines (lines.h): everyone shows its block and reads those of the others.
 *
 * Cost: one line written and n - 1 lines read on every rank: for blocks that fit a line. */
#include "lines.h"

#include "coll.h"

void ipcr_allgather_lines(struct ipcr_coll *c)
{
    int rank = c->comm->rank;
    struct ipcr_part image = ipcr_coll_pack(c, ipcr_coll_given(c, rank));
    size_t bytes = ipcr_part_size(image);
    ipcr_lines_meet(c->run->lines, image.buf, bytes);
    for (int i = 0; i < c->comm->size; i++)
        if (i != rank || !ipcr_coll_in_place(c))
            ipcr_coll_copy(c, ipcr_part_bytes(ipcr_lines_at(c->run->lines, i), bytes),
                           ipcr_coll_rpart(c, i));
}
