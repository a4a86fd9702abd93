/* The running reduction: a vector to which operands are added on its left or right, in rank order,
 * without a copy where two buffers taking turns will do. Reductions of several ranks are written
 * with it, on whole vectors or on ranges that shrink (recursive halving). */
#ifndef IPCR_ACC_H
#define IPCR_ACC_H

#include "coll.h"
#include "tree.h"

struct ipcr_acc {
    struct ipcr_coll *c;
    struct ipcr_part now; /* the whole vector; what counts of it is the range last merged */
    bool borrowed;        /* now.buf is the program's send buffer: never written */
    void *room[2];        /* where results may lie: the result's home, and the other. NULL: not yet
                             allocated */
};

/* Begins with `count` elements of this rank's contribution. `home` is where the result should end
 * up, NULL: in temporary memory. */
void ipcr_acc_begin(struct ipcr_acc *a, struct ipcr_coll *c, size_t count, void *home);
/* `range` of the vector, where it is now. */
static inline struct ipcr_part ipcr_acc_part(const struct ipcr_acc *a, struct ipcr_range range)
{
    return ipcr_part_slice(a->now, range.first, range.count);
}
/* Receives `range` from a rank and merges it: its operands come after mine (right) or before. Sends
 * of the same round may have been given before. */
void ipcr_acc_recv(struct ipcr_acc *a, int from, struct ipcr_range range, bool right);
/* Sends `give` and receives and merges `keep`; operands go in the order of ranks. */
void ipcr_acc_exchange(struct ipcr_acc *a, int with, struct ipcr_range give,
                       struct ipcr_range keep);
/* The fold before a power-of-two algorithm: sends my vector to my representative, or merges that
 * of the rank I represent. */
void ipcr_acc_fold(struct ipcr_acc *a, const struct ipcr_fold *f);
/* Its end: the represented rank receives the result, which has been settled, at its home. */
void ipcr_acc_unfold(struct ipcr_acc *a, const struct ipcr_fold *f);
/* Moves `range` of the result to its home, which must exist. */
void ipcr_acc_settle(struct ipcr_acc *a, struct ipcr_range range);

/* Recursive halving with distance doubling: at step k ranks 2^k apart exchange halves of the range
 * they share, so operands stay in rank order. kept[0] is the whole vector, kept[k + 1] what I
 * kept in step k, given[k] what I gave away. */
struct ipcr_halving {
    int steps;
    struct ipcr_range kept[33], given[32];
};
void ipcr_acc_halve(struct ipcr_acc *a, const struct ipcr_fold *f, struct ipcr_halving *h);

#endif
