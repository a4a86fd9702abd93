/* Broadcast by sheets (lines.h): the root shows the data sheet by sheet, everyone else reads them.
 *
 * Cost: a copy on each rank, out of a buffer that stays in the cache; the root waits for nobody
 * before it has shown as many sheets as there are sets. For long data on a crowded node, where to
 * fetch them takes a system call for each page and an answer from each rank. */
#include "lines.h"

#include "coll.h"

void ipcr_bcast_sheets(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    bool root = c->comm->rank == c->root;
    struct ipcr_part image = root ? ipcr_coll_pack(c, all) : ipcr_coll_image(c, all);
    size_t bytes = ipcr_part_size(all);
    for (size_t at = 0, n; at < bytes; at += n) {
        n = bytes - at < IPCR_SHEET_BYTES ? bytes - at : IPCR_SHEET_BYTES;
        ipcr_lines_begin(l);
        if (root) {
            memcpy(ipcr_lines_sheet_room(l), (char *)image.buf + at, n);
            ipcr_lines_show(l, n, IPCR_LINES_ALL);
        } else {
            ipcr_lines_await(l, c->root);
            memcpy((char *)image.buf + at, ipcr_lines_sheet(l, c->root), n);
        }
    }
    if (!root)
        ipcr_coll_unpack(c, image, all);
}
