/* Reductions on one rank: it receives every vector and combines them in the very order in which the
 * distributed algorithm would, so that the choice between the two (a crowded node or not) never
 * shows in the last bit of a result. */
#ifndef IPCR_FLAT_H
#define IPCR_FLAT_H

#include "coll.h"

enum ipcr_flat_order {
    IPCR_FLAT_TREE,     /* binomial tree */
    IPCR_FLAT_DOUBLING, /* fold, then neighbours first (recursive doubling) */
    IPCR_FLAT_HALVING   /* fold, then the farthest first (recursive halving) */
};

/* Combines `count` elements of every rank's contribution at rank `root`; there it returns the
 * result, which is not to be written to. Elsewhere it returns NULL and leaves the round of its send
 * open, so that the caller can receive in the same one. Vectors are taken in rank order beginning
 * with `first`. */
struct ipcr_flat {
    enum ipcr_flat_order order;
    int root, first;
    size_t count;
};
const void *ipcr_flat_combine(struct ipcr_coll *c, const struct ipcr_flat *f);

/* Combines vectors that are all here, in the order of f. All but the first may be written to; the
 * result lies where the last one was. */
const void *ipcr_flat_merge(struct ipcr_coll *c, const struct ipcr_flat *f, void **at);

/* The second half of a reduce_scatter by one rank: rank 0, which has the whole vector (elsewhere it
 * is not looked at), gives each rank its share. first: see ipcr_coll_shares(). */
void ipcr_flat_deal(struct ipcr_coll *c, const void *vector, const size_t *first);

#endif
