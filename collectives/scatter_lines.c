/* Scatter by lines (lines.h): the root shows the blocks of all, everyone else reads its own.
 *
 * Cost: one line written, and one read on each other rank; the root waits for nobody while the
 * others are less than a few dozen collectives behind. Where the blocks for all ranks together fit
 * a line. */
#include "lines.h"

#include "coll.h"

static void show_all(struct ipcr_coll *c)
{
    char *room = ipcr_lines_room(c->run->lines);
    size_t bytes = ipcr_part_size(ipcr_coll_spart(c, c->root));
    for (int i = 0; i < c->comm->size; i++)
        if (i != c->root)
            ipcr_coll_copy(c, ipcr_coll_spart(c, i),
                           ipcr_part_bytes(room + (size_t)i * bytes, bytes));
    ipcr_lines_show(c->run->lines, (size_t)c->comm->size * bytes, IPCR_LINES_ALL);
    if (c->rbuf != MPI_IN_PLACE)
        ipcr_coll_copy(c, ipcr_coll_spart(c, c->root), ipcr_coll_rpart(c, c->root));
}

void ipcr_scatter_lines(struct ipcr_coll *c)
{
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank == c->root) {
        show_all(c);
        return;
    }
    const struct ipcr_line *theirs = ipcr_lines_await(c->run->lines, c->root);
    size_t bytes = theirs->size / (size_t)c->comm->size;
    ipcr_coll_copy(c, ipcr_part_bytes(theirs->bytes + (size_t)c->comm->rank * bytes, bytes),
                   ipcr_coll_rpart(c, c->root));
}
