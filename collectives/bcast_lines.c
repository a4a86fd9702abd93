/* Broadcast by lines (lines.h): the root shows the data, everyone else reads it.
 *
 * Cost: one line written, and one read on each other rank; the root waits for nobody while the
 * others are less than a few dozen collectives behind. For data that fit a line. */
#include "lines.h"

void ipcr_bcast_lines(struct ipcr_coll *c)
{
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank == c->root)
        ipcr_lines_show_part(c, all, IPCR_LINES_ALL);
    else
        ipcr_lines_take(c, c->root, all);
}
