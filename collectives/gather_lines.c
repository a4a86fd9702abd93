/* Gather by lines (lines.h): everyone shows its block, the root reads them.
 *
 * Cost: one line written on each rank, n - 1 read at the root; the others wait for nobody while the
 * root is less than a few dozen collectives behind. For blocks that fit a line. */
#include "lines.h"

#include "coll.h"

void ipcr_gather_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    int root = c->root;
    ipcr_lines_begin(l);
    if (c->comm->rank != root) {
        struct ipcr_part mine = ipcr_coll_spart(c, root);
        ipcr_lines_show_copy(l, ipcr_coll_pack(c, mine).buf, ipcr_part_size(mine), root);
        return;
    }
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, root), ipcr_coll_rpart(c, root));
    for (int i = 1; i < c->comm->size; i++) {
        int from = ipcr_coll_mod(root + i, c->comm->size);
        const struct ipcr_line *theirs = ipcr_lines_await(l, from);
        ipcr_coll_copy(c, ipcr_part_bytes(theirs->bytes, theirs->size), ipcr_coll_rpart(c, from));
    }
}
