/* Allreduce round a ring: the vector is cut into n pieces. Piece i starts at rank i + 1, collects
 * every rank's share on its way round, and is complete at rank i; a second turn brings it to all.
 *
 *   rank     0     1     2         pieces a b c, + counts shares
 *          c>    a>    b>
 *          b+>   c+>   a+>
 *          a++   b++   c++         complete; then the same way once more, without arithmetic
 *
 * Cost: 2 (n - 1) * latency + 2 (n - 1)/n * bytes / bandwidth + (n - 1)/n * arithmetic, with
 * neighbours only: for long vectors. Operands are rotated, so the operation must commute; a piece
 * is combined in one place, so all ranks have the same bits. Patarasuk, Yuan, Bandwidth optimal
 * all-reduce algorithms for clusters of workstations, J. Parallel Distrib. Comput. 69 (2009). */
#include "coll.h"
#include "tree.h"

static struct ipcr_part piece(const struct ipcr_coll *c, const void *buf, int i)
{
    struct ipcr_range r = ipcr_chunk(c->rcount, c->comm->size, ipcr_coll_mod(i, c->comm->size));
    return ipcr_part_slice(ipcr_part(buf, c->rcount, c->rtype), r.first, r.count);
}

/* A piece from the left is received where the sum is to be and mine is added from the send buffer.
 * In place mine is there already, and theirs needs a place of its own. */
static void collect(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    int next = ipcr_coll_mod(rank + 1, n), previous = ipcr_coll_mod(rank - 1, n);
    void *other = NULL;
    if (ipcr_coll_in_place(c))
        other = ipcr_coll_temp_like(c, ipcr_chunk(c->rcount, n, 0).count, c->rtype);
    for (int step = 0; step < n - 1; step++) {
        struct ipcr_part out = piece(c, step ? c->rbuf : ipcr_coll_mine(c), rank - 1 - step + n);
        struct ipcr_part sum = piece(c, c->rbuf, rank - 2 - step + n);
        struct ipcr_part in = other ? ipcr_part(other, sum.count, sum.type) : sum;
        ipcr_coll_exchange(c, out, next, in, previous);
        ipcr_coll_reduce(c, other ? other : piece(c, c->sbuf, rank - 2 - step + n).buf, sum);
    }
}

void ipcr_allreduce_ring(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    int next = ipcr_coll_mod(rank + 1, n), previous = ipcr_coll_mod(rank - 1, n);
    if (n == 1) {
        if (!ipcr_coll_in_place(c))
            ipcr_coll_copy(c, piece(c, c->sbuf, 0), piece(c, c->rbuf, 0));
        return;
    }
    collect(c);
    for (int step = 0; step < n - 1; step++)
        ipcr_coll_exchange(c, piece(c, c->rbuf, rank - step), next,
                           piece(c, c->rbuf, rank - step - 1), previous);
}
