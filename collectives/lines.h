/* Lines: a little shared memory in which each rank of a node shows something to all others. What
 * short collectives on one node are made of, where messages would cost more than the work: a rank
 * writes its own line, and reads those of the others, and that is all that happens.
 *
 * The node segment (seg.h) has SLOTS sets of lines, one line a rank and parity in each. Members of
 * a communicator agree on a slot when it starts its third collective, so that short-lived ones take
 * none; communicators without common members may have the same slot. A meeting with number s uses
 * parity s & 1. Why two are enough: a rank shows line s + 2 in place of s only after meeting s + 1,
 * for which all others must have shown s + 1, after they had read all of s. */
#ifndef IPCR_LINES_H
#define IPCR_LINES_H

#include "comm.h"
#include "seg.h"

enum { IPCR_LINES_RANKS = 64 }; /* of the largest communicator that gets lines */

struct ipcr_lines {
    struct ipcr_comm *comm; /* whose these are; no reference: it owns this */
    int slot;
    uint32_t seq;                /* meetings so far */
    int first;                   /* members before this one have come to the present meeting */
    struct ipcr_line *row[2];    /* the slot's lines of all ranks of the node, by parity */
    struct ipcr_bell *bells;     /* of all ranks of the node */
    int local[IPCR_LINES_RANKS]; /* of each member: its number on the node */
};

/* Stands for "has none": not one node, too many ranks, another transport was chosen, no free slot,
 * or threads. */
extern struct ipcr_lines ipcr_lines_none;

struct ipcr_lines *ipcr_lines_agree(struct ipcr_comm *comm);

/* The lines of comm, or NULL. Called at the start of every blocking collective, in the same order
 * by all members; may then block to agree with them. */
static inline struct ipcr_lines *ipcr_lines_of(struct ipcr_comm *comm)
{
    struct ipcr_lines *l = comm->coll_cache;
    if (__builtin_expect(!l && comm->coll_seq >= 2, 0))
        l = ipcr_lines_agree(comm);
    return l == &ipcr_lines_none ? NULL : l;
}

/* Shows `bytes` (at most IPCR_LINE_BYTES) at `mine` and waits until every member has come. */
void ipcr_lines_meet(struct ipcr_lines *l, const void *mine, size_t bytes);

/* What member i showed at this meeting: readable until the next one. */
static inline const void *ipcr_lines_at(const struct ipcr_lines *l, int i)
{
    return l->row[l->seq & 1][l->local[i]].bytes;
}

#endif
