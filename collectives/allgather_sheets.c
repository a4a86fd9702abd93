/* Allgather by sheets (lines.h): everyone shows its block, sheet by sheet, and reads those of the
 * others.
 *
 * Cost: n copies of a block on each rank, out of buffers that stay in the cache, and one wait for
 * each sheet: for a crowded node. */
#include "lines.h"

#include "coll.h"

struct blocks {
    struct ipcr_part *image; /* of each rank's block */
    size_t bytes;            /* of each */
};

static void meet(struct ipcr_coll *c, const struct blocks *b, size_t at)
{
    struct ipcr_lines *l = c->run->lines;
    size_t left = b->bytes - at, n = left < IPCR_SHEET_BYTES ? left : IPCR_SHEET_BYTES;
    int rank = c->comm->rank;
    ipcr_lines_begin(l);
    memcpy(ipcr_lines_sheet_room(l), (char *)b->image[rank].buf + at, n);
    ipcr_lines_show(l, n, IPCR_LINES_ALL);
    ipcr_lines_await_all(l);
    for (int i = 0; i < c->comm->size; i++)
        if (i != rank)
            memcpy((char *)b->image[i].buf + at, ipcr_lines_sheet(l, i), n);
}

void ipcr_allgather_sheets(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    struct ipcr_part mine = ipcr_coll_given(c, rank);
    struct blocks b = {ipcr_coll_temp(c, (size_t)n * sizeof *b.image), ipcr_part_size(mine)};
    for (int i = 0; i < n; i++)
        b.image[i] =
            i == rank ? ipcr_coll_pack(c, mine) : ipcr_coll_image(c, ipcr_coll_rpart(c, i));
    for (size_t at = 0; at < b.bytes; at += IPCR_SHEET_BYTES)
        meet(c, &b, at);
    for (int i = 0; i < n; i++)
        if (i != rank)
            ipcr_coll_unpack(c, b.image[i], ipcr_coll_rpart(c, i));
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, mine, ipcr_coll_rpart(c, rank));
}
