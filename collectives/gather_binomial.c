/* Gather along a binomial tree: each rank collects the blocks of its subtree, a run of consecutive
 * ranks, and sends them to its parent in one message.
 *
 *   0  1  2  3  4  5        relative to the root
 *   <--+  <--+  <--+
 *   <-----+
 *   <-----------+
 *
 * Cost: ceil(log2 n) * latency + (n - 1) blocks / bandwidth at the root; blocks travel packed and
 * are copied once per level, so it is for short ones. */
#include "coll.h"
#include "tree.h"

static struct ipcr_part blocks(const struct ipcr_coll *c, int first, int m)
{
    return ipcr_part(ipcr_coll_rpart(c, first).buf, (size_t)m * c->rcount, c->rtype);
}

/* The one run of ranks that passes the end of the communicator: its blocks come through temporary
 * memory and go to two places. */
struct wrapped {
    struct ipcr_part image;
    int first, size; /* size 0: there is none */
};

static struct ipcr_part wrap(struct ipcr_coll *c, struct wrapped *w, int first, int size)
{
    size_t bytes = (size_t)size * c->rcount * c->rtype->size;
    *w = (struct wrapped){ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes), first, size};
    return w->image;
}

static void unwrap(struct ipcr_coll *c, const struct wrapped *w)
{
    int before = c->comm->size - w->first;
    size_t head = (size_t)before * c->rcount * c->rtype->size;
    ipcr_coll_copy(c, ipcr_part_slice(w->image, 0, head), blocks(c, w->first, before));
    ipcr_coll_copy(c, ipcr_part_slice(w->image, head, w->image.count - head),
                   blocks(c, 0, w->size - before));
}

static void receive_at_root(struct ipcr_coll *c)
{
    int n = c->comm->size;
    struct wrapped w = {.size = 0};
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, c->root), ipcr_coll_rpart(c, c->root));
    for (int v = 1; v < n; v *= 2) {
        int size = ipcr_tree_size(n, v), first = ipcr_coll_mod(c->root + v, n);
        bool fits = first + size <= n;
        ipcr_coll_recv(c, fits ? blocks(c, first, size) : wrap(c, &w, first, size), first);
    }
    ipcr_coll_round(c);
    if (w.size)
        unwrap(c, &w);
}

static void collect_and_pass_on(struct ipcr_coll *c, int v)
{
    int n = c->comm->size, size = ipcr_tree_size(n, v);
    struct ipcr_part mine = ipcr_coll_spart(c, c->root), all = mine;
    size_t block = ipcr_part_size(mine);
    if (size > 1) {
        all = ipcr_part_bytes(ipcr_coll_temp(c, (size_t)size * block), (size_t)size * block);
        for (int m = 1; m < size; m *= 2)
            ipcr_coll_recv(
                c,
                ipcr_part_slice(all, (size_t)m * block, (size_t)ipcr_tree_size(n, v + m) * block),
                ipcr_coll_mod(v + m + c->root, n));
        ipcr_coll_copy(c, mine, ipcr_part_slice(all, 0, block));
        ipcr_coll_round(c);
    }
    ipcr_coll_send(c, all, ipcr_coll_mod(ipcr_tree_parent(v) + c->root, n));
    ipcr_coll_round(c);
}

void ipcr_gather_binomial(struct ipcr_coll *c)
{
    int v = ipcr_coll_mod(c->comm->rank - c->root, c->comm->size);
    if (v)
        collect_and_pass_on(c, v);
    else
        receive_at_root(c);
}
