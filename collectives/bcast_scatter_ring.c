/* Broadcast by scatter and allgather: the message is cut into n pieces, spread along a binomial
 * tree, and the pieces then go round a ring until everyone has all of them.
 *
 *   rank    0     1     2     3           4 pieces a b c d, root 0
 *         abcd   .     .     .
 *         abcd   b     cd    d            scatter
 *         abcd   ab    bcd   cd           ring: pass on what came last ...
 *         abcd   abd   abcd? ...          ... n - 1 times
 *
 * Pieces are bytes of the packed message, so any layout can be cut; one that has gaps is packed
 * first and unpacked at the end.
 * Cost: (log2 n + n - 1) * latency + 2 (n - 1)/n * bytes / bandwidth: hardly depends on n for long
 * messages. van de Geijn, On global combine operations, J. Parallel Distrib. Comput. 22 (1994). */
#include "coll.h"
#include "tree.h"

/* Pieces i .. i + m - 1, by place in the tree. */
static struct ipcr_part pieces(const struct ipcr_coll *c, struct ipcr_part image, int i, int m)
{
    struct ipcr_range r = ipcr_chunks(image.count, c->comm->size, i, m);
    return ipcr_part_slice(image, r.first, r.count);
}

static void scatter(struct ipcr_coll *c, struct ipcr_part image, int v)
{
    int n = c->comm->size;
    if (v) {
        int parent = ipcr_coll_mod(ipcr_tree_parent(v) + c->root, n);
        ipcr_coll_recv(c, pieces(c, image, v, ipcr_tree_size(n, v)), parent);
        ipcr_coll_round(c);
    }
    for (int m = ipcr_tree_span(n, v) / 2; m; m /= 2)
        if (v + m < n)
            ipcr_coll_send(c, pieces(c, image, v + m, ipcr_tree_size(n, v + m)),
                           ipcr_coll_mod(v + m + c->root, n));
    ipcr_coll_round(c);
}

static void ring(struct ipcr_coll *c, struct ipcr_part image, int v)
{
    int n = c->comm->size, rank = c->comm->rank;
    for (int step = 0; step < n - 1; step++)
        ipcr_coll_exchange(
            c, pieces(c, image, ipcr_coll_mod(v - step, n), 1), ipcr_coll_mod(rank + 1, n),
            pieces(c, image, ipcr_coll_mod(v - step - 1, n), 1), ipcr_coll_mod(rank - 1, n));
}

void ipcr_bcast_scatter_ring(struct ipcr_coll *c)
{
    struct ipcr_part all = ipcr_part(c->rbuf, c->rcount, c->rtype);
    bool root = c->comm->rank == c->root;
    struct ipcr_part image = root ? ipcr_coll_pack(c, all) : ipcr_coll_image(c, all);
    int v = ipcr_coll_mod(c->comm->rank - c->root, c->comm->size);
    scatter(c, image, v);
    ring(c, image, v);
    if (!root)
        ipcr_coll_unpack(c, image, all);
}
