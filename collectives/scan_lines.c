/* Scan and exscan by lines (lines.h): everyone shows its operand, and whoever comes after reads it.
 *
 * Cost: one line written, and on rank r r lines read and r operations; the lower ranks wait for
 * nobody while the others are less than a few dozen collectives behind. For vectors that fit a
 * line. Operands stay in rank order, added from the right: with two ranks the bits are those of
 * scan_doubling.c. */
#include "lines.h"

void ipcr_scan_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    struct ipcr_part result = ipcr_part(c->rbuf, c->rcount, c->rtype), mine = result;
    int rank = c->comm->rank, least = rank; /* of the operands in the result */
    mine.buf = (void *)(uintptr_t)ipcr_coll_mine(c);
    ipcr_lines_begin(l);
    if (rank < c->comm->size - 1)
        ipcr_lines_show_part(c, mine, IPCR_LINES_ALL);
    if (c->kind == IPCR_EXSCAN && --least >= 0)
        ipcr_lines_take(c, least, result);
    else if (c->kind == IPCR_SCAN && mine.buf != result.buf)
        ipcr_lines_copy(c, mine, result);
    while (--least >= 0)
        ipcr_coll_reduce(c, ipcr_lines_await(l, least).buf, result);
}
