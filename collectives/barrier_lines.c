/* Barrier by lines (lines.h): everyone shows that it has come and waits to see all others.
 *
 * Cost: one store, and n - 1 loads of lines that others write; on a crowded node a context switch
 * or two per rank. */
#include "lines.h"

void ipcr_barrier_lines(struct ipcr_coll *c)
{
    struct ipcr_lines *l = c->run->lines;
    ipcr_lines_begin(l);
    ipcr_lines_room(l, 0);
    ipcr_lines_show(l, 0, IPCR_LINES_ALL);
    ipcr_lines_await_all(l);
}
