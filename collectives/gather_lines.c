/* Gather and gatherv by lines (lines.h): everyone shows its block, the root reads them. In a
 * gatherv each block that does not fit a line is a message: its rank and the root both know that.
 *
 * Cost: one line written on each rank, n - 1 read at the root; the others wait for nobody while the
 * root is less than a few dozen collectives behind. */
#include "lines.h"

static void give(struct ipcr_coll *c, struct ipcr_part mine)
{
    if (ipcr_part_size(mine) <= IPCR_LINE_LONG) {
        ipcr_lines_show_part(c, mine, c->root);
        return;
    }
    ipcr_coll_send(c, mine, c->root);
    ipcr_coll_round(c);
}

static void take_all(struct ipcr_coll *c)
{
    int n = c->comm->size, root = c->root;
    if (!ipcr_coll_in_place(c))
        ipcr_lines_copy(c, ipcr_coll_spart(c, root), ipcr_coll_rpart(c, root));
    for (int i = 1; i < n; i++) {
        int from = ipcr_coll_mod(root + i, n);
        struct ipcr_part block = ipcr_coll_rpart(c, from);
        if (ipcr_part_size(block) <= IPCR_LINE_LONG)
            ipcr_lines_take(c, from, block);
        else
            ipcr_coll_recv(c, block, from);
    }
    ipcr_coll_round(c);
}

void ipcr_gather_lines(struct ipcr_coll *c)
{
    ipcr_lines_begin(c->run->lines);
    if (c->comm->rank == c->root)
        take_all(c);
    else
        give(c, ipcr_coll_spart(c, c->root));
}
