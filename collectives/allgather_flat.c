/* Allgather and allgatherv, flat: everyone sends its block to rank 0, which sends the whole to
 * everyone.
 *
 * Cost: 2 (n - 1) messages and n (n - 1) blocks out of rank 0, but one wait per rank: for short
 * blocks on a crowded node. */
#include "coll.h"

/* All blocks as one part, if they lie in the receive buffer as they travel: one after another. */
static bool in_one_piece(const struct ipcr_coll *c, struct ipcr_part *all)
{
    int n = c->comm->size;
    *all = ipcr_part(c->rbuf, (size_t)n * c->rcount, c->rtype);
    if (!c->rcounts.v)
        return true;
    int64_t begin = ipcr_counts_at(c->rdispls, 0), at = begin;
    for (int i = 0; i < n; i++) {
        if (ipcr_counts_at(c->rdispls, i) != at)
            return false;
        at += ipcr_counts_at(c->rcounts, i);
    }
    *all = ipcr_part(ipcr_coll_rpart(c, 0).buf, (size_t)(at - begin), c->rtype);
    return true;
}

static size_t size_of_all(const struct ipcr_coll *c)
{
    size_t bytes = 0;
    for (int i = 0; i < c->comm->size; i++)
        bytes += ipcr_part_size(ipcr_coll_rpart(c, i));
    return bytes;
}

/* Block by block between the receive buffer and the image that travels. */
static void convert(struct ipcr_coll *c, struct ipcr_part image, bool out)
{
    size_t at = 0;
    for (int i = 0; i < c->comm->size; i++) {
        struct ipcr_part block = ipcr_coll_rpart(c, i);
        struct ipcr_part bytes = ipcr_part_slice(image, at, ipcr_part_size(block));
        ipcr_coll_copy(c, out ? block : bytes, out ? bytes : block);
        at += bytes.count;
    }
}

static void serve(struct ipcr_coll *c, struct ipcr_part all, bool direct)
{
    int n = c->comm->size;
    if (!ipcr_coll_in_place(c))
        ipcr_coll_copy(c, ipcr_coll_spart(c, 0), ipcr_coll_rpart(c, 0));
    for (int i = 1; i < n; i++)
        ipcr_coll_recv(c, ipcr_coll_rpart(c, i), i);
    ipcr_coll_round(c);
    if (!direct)
        convert(c, all, true);
    for (int i = 1; i < n; i++)
        ipcr_coll_send(c, all, i);
    ipcr_coll_round(c);
}

void ipcr_allgather_flat(struct ipcr_coll *c)
{
    int rank = c->comm->rank;
    struct ipcr_part all;
    bool direct = in_one_piece(c, &all);
    if (!direct) {
        size_t bytes = size_of_all(c);
        all = ipcr_part_bytes(ipcr_coll_temp(c, bytes), bytes);
    }
    if (rank == 0) {
        serve(c, all, direct);
        return;
    }
    ipcr_coll_send(c, ipcr_coll_given(c, rank), 0);
    ipcr_coll_recv(c, all, 0);
    ipcr_coll_round(c);
    if (!direct)
        convert(c, all, false);
}
