/* Reductions between the two sides of an intercommunicator. Each side gets the other's operands
 * combined, in the order of their ranks.
 *
 * Reduce: everyone on the other side sends its vector to the root, which combines them.
 *
 * Allreduce: everyone sends its vector to rank 0 of the other side, the leader there. So each
 * leader has what its own side needs, but could tell only the other one; the leaders swap their
 * results, and each hands its side's to those on the other.
 *
 *   A1 A2 -> B0     B0 <-> A0     A0 -> B1 B2       and the same with A and B exchanged
 *
 * Reduce_scatter: the same, of which everyone keeps its share. A leader does not know how the other
 * side shares out, so whole vectors travel.
 *
 * Cost: as many messages and combinations at the leader as the other side has ranks. */
#include "coll.h"

static struct ipcr_part like(struct ipcr_coll *c, struct ipcr_part p)
{
    p.buf = ipcr_coll_temp_like(c, p.count, p.type);
    return p;
}

/* The vectors of the other side's ranks from `first` on, combined in `sum`: from the last to the
 * first, since a merge adds on the left. */
static void combine(struct ipcr_coll *c, struct ipcr_part sum, int first)
{
    int last = c->comm->remote_size - 1;
    struct ipcr_part next = first < last ? like(c, sum) : sum;
    for (int i = last; i >= first; i--) {
        ipcr_coll_recv(c, i == last ? sum : next, i);
        ipcr_coll_round(c);
        if (i < last)
            ipcr_coll_reduce(c, next.buf, sum);
    }
}

void ipcr_inter_reduce(struct ipcr_coll *c)
{
    if (ipcr_coll_at_root(c)) {
        combine(c, ipcr_part(c->rbuf, c->rcount, c->rtype), 0);
        return;
    }
    if (!ipcr_coll_has_share(c))
        return;
    ipcr_coll_send(c, ipcr_part(c->sbuf, c->rcount, c->rtype), c->root);
    ipcr_coll_round(c);
}

/* The leaders begin with each other: each of them would wait for the other's turn if it came last.
 */
static void lead(struct ipcr_coll *c, struct ipcr_part mine, struct ipcr_part result)
{
    int n = c->comm->remote_size;
    struct ipcr_part leaders = n > 1 ? like(c, result) : result, ours = like(c, result);
    ipcr_coll_exchange(c, mine, 0, leaders, 0);
    if (n > 1) {
        combine(c, result, 1);
        ipcr_coll_reduce(c, leaders.buf, result);
    }
    ipcr_coll_exchange(c, result, 0, ours, 0);
    for (int i = 1; i < n; i++)
        ipcr_coll_send(c, ours, i);
    ipcr_coll_round(c);
}

static void allreduce(struct ipcr_coll *c, struct ipcr_part result)
{
    struct ipcr_part mine = ipcr_part(c->sbuf, result.count, result.type);
    if (c->comm->rank == 0)
        lead(c, mine, result);
    else
        ipcr_coll_exchange(c, mine, 0, result, 0);
}

void ipcr_inter_allreduce(struct ipcr_coll *c)
{
    allreduce(c, ipcr_part(c->rbuf, c->rcount, c->rtype));
}

void ipcr_inter_reduce_scatter(struct ipcr_coll *c)
{
    int rank = c->comm->rank;
    const size_t *first = ipcr_coll_shares(c);
    struct ipcr_part all = like(c, ipcr_part(NULL, first[c->comm->size], c->rtype));
    struct ipcr_part mine = ipcr_part_slice(all, first[rank], first[rank + 1] - first[rank]);
    allreduce(c, all);
    ipcr_coll_copy(c, mine, ipcr_part(c->rbuf, mine.count, c->rtype));
}
