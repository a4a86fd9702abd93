/* Gather by lines (lines.h): everyone shows its block, the root reads them.
 *
 * Cost: one line written on each rank, n - 1 read at the root; the others wait for nobody while the
 * root is less than a few dozen collectives behind. For blocks that fit a line. */
#include "lines.h"

void ipcr_gather_lines(struct ipcr_coll *c)
{
    int n = c->comm->size, root = c->root;
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank != root) {
        ipcr_lines_show_part(c, ipcr_coll_spart(c, root), root);
        return;
    }
    if (!ipcr_coll_in_place(c))
        ipcr_lines_copy(c, ipcr_coll_spart(c, root), ipcr_coll_rpart(c, root));
    for (int i = 1; i < n; i++) {
        int from = ipcr_coll_mod(root + i, n);
        ipcr_lines_take(c, from, ipcr_coll_rpart(c, from));
    }
}
