/* Barrier, flat: everyone reports to rank 0, which then releases everyone.
 *
 *   0  1  2  3
 *   <--+--+--+     report
 *   +-->-->-->     release
 *
 * Cost: 2 (n - 1) messages at rank 0, but only one wait per rank, whatever n. On a crowded node a
 * wait is a context switch and those are what a barrier costs there; with free cores rank 0 is the
 * bottleneck and dissemination is faster. */
#include "coll.h"

void ipcr_barrier_flat(struct ipcr_coll *c)
{
    int n = c->comm->size;
    if (c->comm->rank != 0) {
        ipcr_coll_await(c, 0);
        ipcr_coll_signal(c, 0);
        ipcr_coll_round(c);
        return;
    }
    for (int i = 1; i < n; i++)
        ipcr_coll_await(c, i);
    ipcr_coll_round(c);
    for (int i = 1; i < n; i++)
        ipcr_coll_signal(c, i);
    ipcr_coll_round(c);
}
