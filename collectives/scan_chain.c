/* Scan and exscan down a chain: each rank adds its operand to what comes from the rank before and
 * hands the sum to the next one. Long vectors are cut into segments, so that all ranks work at the
 * same time; a user's operation gets its vector whole.
 *
 *   round   0     1      2
 *     0     a>    a
 *     1     b>   ba>     a      (segments a b c)
 *     2     c>   cb>    ba
 *
 * Cost: (n - 2 + segments) * (latency + segment * (1 / bandwidth + arithmetic)): one addition per
 * element and rank instead of log2 n.
 *
 * In one piece ("linear") each rank waits once, and on a crowded node that is what counts: those
 * that have got their vector work while the others wait, and one rank begins the next scan while
 * another is still at this one. Either way the bits are the same. */
#include "coll.h"

enum { SEGMENT = 64 * 1024 }; /* bytes */

struct chain {
    struct ipcr_part sum;  /* operands up to mine, for the next rank */
    struct ipcr_part left; /* operands before mine */
    size_t step, segments; /* elements in a segment, and how many */
};

static struct ipcr_part segment(const struct chain *s, struct ipcr_part p, size_t k)
{
    size_t first = k * s->step, left = p.count - first;
    return ipcr_part_slice(p, first, left < s->step ? left : s->step);
}

static void cut(const struct ipcr_coll *c, struct chain *s, size_t most)
{
    s->step = c->rcount ? c->rcount : 1;
    if (c->op->predefined && c->rtype->size && s->step > most / c->rtype->size)
        s->step = most / c->rtype->size;
    s->segments = (c->rcount + s->step - 1) / s->step;
}

static void scan(struct ipcr_coll *c, size_t most)
{
    int n = c->comm->size, rank = c->comm->rank;
    struct ipcr_part result = ipcr_part(c->rbuf, c->rcount, c->rtype), mine = result;
    struct chain s = {.sum = result, .left = result};
    mine.buf = (void *)(uintptr_t)ipcr_coll_mine(c);
    *(c->kind == IPCR_EXSCAN ? &s.sum.buf : &s.left.buf) =
        ipcr_coll_temp_like(c, c->rcount, c->rtype);
    if (mine.buf != s.sum.buf)
        ipcr_coll_copy(c, mine, s.sum);
    cut(c, &s, most);
    for (size_t k = 0; k <= s.segments; k++) {
        bool take = rank > 0 && k < s.segments;
        if (take)
            ipcr_coll_recv(c, segment(&s, s.left, k), rank - 1);
        if (rank < n - 1 && k > 0)
            ipcr_coll_send(c, segment(&s, s.sum, k - 1), rank + 1);
        ipcr_coll_round(c);
        if (take && (rank < n - 1 || c->kind == IPCR_SCAN))
            ipcr_coll_reduce(c, segment(&s, s.left, k).buf, segment(&s, s.sum, k));
    }
}

void ipcr_scan_chain(struct ipcr_coll *c)
{
    scan(c, SEGMENT);
}

void ipcr_scan_linear(struct ipcr_coll *c)
{
    scan(c, SIZE_MAX);
}
