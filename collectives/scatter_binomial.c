/* Scatter along a binomial tree: the root sends each child the blocks of its whole subtree, a run
 * of consecutive ranks, in one message; the child keeps its own and passes on the rest.
 *
 *   0  1  2  3  4  5        relative to the root
 *   +----------->
 *   +----->
 *   +-->  +-->  +-->
 *
 * Cost: ceil(log2 n) * latency + (n - 1) blocks / bandwidth at the root; blocks travel packed and
 * are copied once per level, so it is for short ones. */
#include "coll.h"
#include "tree.h"

static struct ipcr_part blocks(const struct ipcr_coll *c, int first, int m)
{
    return ipcr_part(ipcr_coll_spart(c, first).buf, (size_t)m * c->scount, c->stype);
}

/* The blocks of a subtree, straight from the send buffer; where the run of ranks passes the end of
 * the communicator, put together in temporary memory. */
static struct ipcr_part gathered(struct ipcr_coll *c, int first, int m)
{
    int n = c->comm->size, before = n - first;
    if (m <= before)
        return blocks(c, first, m);
    size_t block = c->scount * c->stype->size, bytes = (size_t)m * block;
    struct ipcr_part image = ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes);
    size_t head = (size_t)before * block;
    ipcr_coll_copy(c, blocks(c, first, before), ipcr_part_slice(image, 0, head));
    ipcr_coll_copy(c, blocks(c, 0, m - before), ipcr_part_slice(image, head, bytes - head));
    return image;
}

static void send_from_root(struct ipcr_coll *c)
{
    int n = c->comm->size;
    if (c->rbuf != MPI_IN_PLACE)
        ipcr_coll_copy(c, ipcr_coll_spart(c, c->root), ipcr_coll_rpart(c, c->root));
    for (int v = ipcr_tree_span(n, 0) / 2; v; v /= 2) {
        int first = ipcr_coll_mod(c->root + v, n);
        ipcr_coll_send(c, gathered(c, first, ipcr_tree_size(n, v)), first);
    }
    ipcr_coll_round(c);
}

static void receive_and_pass_on(struct ipcr_coll *c, int v)
{
    int n = c->comm->size, size = ipcr_tree_size(n, v);
    struct ipcr_part mine = ipcr_coll_rpart(c, c->root), all = mine;
    size_t block = ipcr_part_size(mine);
    if (size > 1)
        all = ipcr_part_bytes(ipcr_coll_temp(c, (size_t)size * block), (size_t)size * block);
    ipcr_coll_recv(c, all, ipcr_coll_mod(ipcr_tree_parent(v) + c->root, n));
    ipcr_coll_round(c);
    if (size == 1)
        return;
    ipcr_coll_copy(c, ipcr_part_slice(all, 0, block), mine);
    for (int m = ipcr_tree_span(n, v) / 2; m; m /= 2)
        if (m < size)
            ipcr_coll_send(
                c,
                ipcr_part_slice(all, (size_t)m * block, (size_t)ipcr_tree_size(n, v + m) * block),
                ipcr_coll_mod(v + m + c->root, n));
    ipcr_coll_round(c);
}

void ipcr_scatter_binomial(struct ipcr_coll *c)
{
    int v = ipcr_coll_mod(c->comm->rank - c->root, c->comm->size);
    if (v)
        receive_and_pass_on(c, v);
    else
        send_from_root(c);
}
