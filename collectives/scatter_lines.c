/* Scatter by lines (lines.h): the root shows the blocks of all, everyone else reads its own.
 *
 * Cost: one line written, and one read on each other rank; the root waits for nobody while the
 * others are less than a few dozen collectives behind. Where the blocks for all others together fit
 * a line. */
#include "lines.h"

/* The root's own block is on no line: block i is that of the rank i + 1 after it. */
static void show_all(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    int n = c->comm->size;
    size_t bytes = ipcr_part_size(ipcr_coll_spart(c, c->root)), at = 0;
    char *room = ipcr_lines_room(l, (size_t)(n - 1) * bytes);
    for (int i = 1; i < n; i++, at += bytes)
        ipcr_lines_copy(c, ipcr_coll_spart(c, ipcr_coll_mod(c->root + i, n)),
                        ipcr_part_bytes(room + at, bytes));
    ipcr_lines_show(l, at, IPCR_LINES_ALL);
    if (c->rbuf != MPI_IN_PLACE)
        ipcr_lines_copy(c, ipcr_coll_spart(c, c->root), ipcr_coll_rpart(c, c->root));
}

void ipcr_scatter_lines(struct ipcr_coll *c)
{
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank == c->root) {
        show_all(c);
        return;
    }
    int n = c->comm->size, mine = ipcr_coll_mod(c->comm->rank - c->root - 1, n);
    struct ipcr_part theirs = ipcr_lines_await(c->run->lines, c->root);
    size_t bytes = theirs.count / (size_t)(n - 1);
    ipcr_lines_copy(c, ipcr_part_bytes((char *)theirs.buf + (size_t)mine * bytes, bytes),
                    ipcr_coll_rpart(c, c->root));
}
