/* Scan and exscan by recursive doubling: in step k each rank sends the sum of the 2^k operands up
 * to its own to the rank 2^k ahead, and adds on its left what comes from the rank 2^k behind.
 *
 *   rank   0    1    2     3
 *          a    b    c     d
 *          a    ab   bc    cd
 *          a    ab   abc   abcd
 *
 * Cost: ceil(log2 n) * (latency + bytes / bandwidth + arithmetic). An exclusive scan keeps a second
 * sum that leaves out this rank's own operand. Operands stay in rank order.
 * Hillis, Steele, Data parallel algorithms, Comm. ACM 29 (1986). */
#include "coll.h"

struct sums {
    struct ipcr_part upto; /* operands up to mine, as many as were seen */
    struct ipcr_part theirs, before;
    bool exclusive, any; /* any: `before` has an operand */
};

static void add(struct ipcr_coll *c, struct sums *s)
{
    if (s->exclusive && s->any)
        ipcr_coll_reduce(c, s->theirs.buf, s->before);
    else if (s->exclusive)
        ipcr_coll_copy(c, s->theirs, s->before);
    s->any = true;
    ipcr_coll_reduce(c, s->theirs.buf, s->upto);
}

static void scan(struct ipcr_coll *c, struct sums *s)
{
    int n = c->comm->size, rank = c->comm->rank;
    for (int distance = 1; distance < n; distance *= 2) {
        bool from = rank - distance >= 0;
        if (rank + distance < n)
            ipcr_coll_send(c, s->upto, rank + distance);
        if (from)
            ipcr_coll_recv(c, s->theirs, rank - distance);
        ipcr_coll_round(c);
        if (from)
            add(c, s);
    }
}

void ipcr_scan_doubling(struct ipcr_coll *c)
{
    struct ipcr_part result = ipcr_part(c->rbuf, c->rcount, c->rtype), mine = result;
    struct sums s = {.upto = result, .theirs = result, .before = result};
    mine.buf = (void *)(uintptr_t)ipcr_coll_mine(c);
    s.exclusive = c->kind == IPCR_EXSCAN;
    s.theirs.buf = ipcr_coll_temp_like(c, c->rcount, c->rtype);
    if (s.exclusive)
        s.upto.buf = ipcr_coll_temp_like(c, c->rcount, c->rtype);
    if (mine.buf != s.upto.buf)
        ipcr_coll_copy(c, mine, s.upto);
    scan(c, &s);
}
