/* Broadcast by lines (lines.h): the root shows the data, everyone else reads it.
 *
 * Cost: one line written, and one read on each other rank; the root waits for nobody while the
 * others are less than a few dozen collectives behind. For data that fit a line. */
#include "lines.h"

#include "coll.h"

void ipcr_bcast_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    ipcr_lines_begin(l);
    if (c->comm->rank == c->root) {
        ipcr_lines_show_copy(l, ipcr_coll_pack(c, all).buf, ipcr_part_size(all), IPCR_LINES_ALL);
        return;
    }
    const struct ipcr_line *theirs = ipcr_lines_await(l, c->root);
    ipcr_coll_copy(c, ipcr_part_bytes(theirs->bytes, theirs->size), all);
}
