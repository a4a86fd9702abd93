/* Alltoall by lines (lines.h): everyone shows its blocks for all others, and reads its own from
 * each.
 *
 * Two ranks do alltoallv and alltoallw so, too: both know how long the one block on each line is.
 * Of more ranks nobody knows where its block begins.
 *
 * Cost: one line written and n - 1 lines read on every rank: where the blocks for all others
 * together fit a line, or on a crowded node a sheet. */
#include "lines.h"

/* On a line there are the blocks for all but its owner: that for rank i is number i, or one less
 * where the owner stands before it. */
static size_t place(int i, int owner)
{
    return (size_t)(i - (i > owner));
}

void ipcr_alltoall_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    int n = c->comm->size, rank = c->comm->rank;
    size_t bytes = ipcr_part_size(ipcr_coll_given(c, rank == 0)); /* of each on this rank's line */
    ipcr_lines_begin(l);
    size_t shown = (size_t)(n - 1) * bytes;
    char *room = ipcr_lines_room_for(l, shown);
    for (int i = 0; i < n; i++)
        if (i != rank)
            ipcr_lines_copy(c, ipcr_coll_given(c, i),
                            ipcr_part_bytes(room + place(i, rank) * bytes, bytes));
    ipcr_lines_show(l, shown, IPCR_LINES_ALL);
    if (!ipcr_coll_in_place(c))
        ipcr_lines_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    ipcr_lines_await_all(l);
    for (int i = 0; i < n; i++) {
        const char *theirs = ipcr_lines_found(l, i, shown);
        struct ipcr_part mine = ipcr_coll_rpart(c, i);
        if (i != rank)
            ipcr_lines_copy(
                c, ipcr_part_bytes(theirs + place(rank, i) * bytes, ipcr_part_size(mine)), mine);
    }
}
