/* Allgather by recursive doubling: in step k ranks 2^k apart exchange all they have, aligned runs
 * of 2^k blocks. For a power of two of ranks.
 *
 *   rank   0     1     2     3
 *          a...  .b..  ..c.  ...d
 *          ab..  ab..  ..cd  ..cd
 *          abcd  abcd  abcd  abcd
 *
 * Cost: log2 n * latency + (n - 1) blocks / bandwidth, nothing copied: blocks are received where
 * they stay. */
#include "coll.h"

void ipcr_allgather_doubling(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    struct ipcr_part all = ipcr_part(c->rbuf, (size_t)n * c->rcount, c->rtype);
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    for (int m = 1; m < n; m *= 2) {
        int with = rank ^ m;
        size_t mine = (size_t)(rank & -m) * c->rcount, theirs = (size_t)(with & -m) * c->rcount;
        size_t count = (size_t)m * c->rcount;
        /* My own block goes out of the send buffer: what I have just written is dearer to fetch. */
        struct ipcr_part out =
            m == 1 ? ipcr_coll_given(c, rank) : ipcr_part_slice(all, mine, count);
        ipcr_coll_exchange(c, out, with, ipcr_part_slice(all, theirs, count), with);
    }
}
