/* Scan and exscan by sheets (lines.h), down a chain: each rank shows the sum of the operands up to
 * its own, sheet by sheet, and the next one reads it there.
 *
 * Cost: on each rank a copy into the sheet, an addition and a copy out of one, in memory that stays
 * in the cache; the first rank waits for nobody before it has shown as many sheets as there are
 * sets. For long vectors on a crowded node. Bit for bit the result of scan_chain.c. */
#include "lines.h"

/* The sum for the next rank. In place mine is where the result will be, so this comes first. */
static const void *show_sum(struct ipcr_coll *c, struct ipcr_part mine, const void *before)
{
    struct ipcr_lines *l = c->run->lines;
    size_t bytes = ipcr_part_size(mine);
    struct ipcr_part sum = mine;
    sum.buf = ipcr_lines_sheet_room(l);
    memcpy(sum.buf, mine.buf, bytes);
    if (before)
        ipcr_coll_reduce(c, before, sum);
    ipcr_lines_show(l, bytes, c->comm->rank + 1);
    return sum.buf;
}

static void meet(struct ipcr_coll *c, struct ipcr_part mine, struct ipcr_part result)
{
    struct ipcr_lines *l = c->run->lines;
    int rank = c->comm->rank;
    bool last = rank == c->comm->size - 1, inclusive = c->kind == IPCR_SCAN;
    const void *before = NULL, *upto = mine.buf;
    ipcr_lines_begin(l);
    if (rank > 0) {
        ipcr_lines_await(l, rank - 1);
        before = ipcr_lines_sheet(l, rank - 1);
    }
    if (!last)
        upto = show_sum(c, mine, before);
    const void *found = inclusive ? upto : before;
    if (found && found != result.buf)
        memcpy(result.buf, found, ipcr_part_size(result));
    if (last && inclusive)
        ipcr_coll_reduce(c, before, result);
}

void ipcr_scan_sheets(struct ipcr_coll *c)
{
    struct ipcr_part result = ipcr_part(c->rbuf, c->rcount, c->rtype), mine = result;
    size_t most = IPCR_SHEET_BYTES / c->rtype->size;
    mine.buf = (void *)(uintptr_t)ipcr_coll_mine(c);
    for (size_t at = 0, n; at < c->rcount; at += n) {
        n = c->rcount - at < most ? c->rcount - at : most;
        meet(c, ipcr_part_slice(mine, at, n), ipcr_part_slice(result, at, n));
    }
}
