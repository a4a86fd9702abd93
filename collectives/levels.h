/* Two levels: the ranks of a communicator by node, for collectives over several nodes with several
 * ranks each. One rank of each node, its leader, speaks with other nodes; so the network carries
 * each thing once per node, whatever the number of ranks there, and everything else happens in
 * memory. A node's leader is its first rank, or the root where that is on the node.
 *
 * Nodes are numbered by their first ranks, and ranks stand by rank in their node. Every member has
 * the same picture. */
#ifndef IPCR_LEVELS_H
#define IPCR_LEVELS_H

#include "coll.h"

/* Kept with its communicator (comm.h), in one block. */
struct ipcr_levels {
    int nodes;
    int *node_of; /* [size] of each rank */
    int *begin;   /* [nodes + 1] where a node's ranks begin in `order` */
    int *order;   /* [size] ranks, node by node */
};

/* Of n ranks, of which number r is on the node with any name `node[r]`. The caller frees it. Ends
 * the job when there is no memory. */
struct ipcr_levels *ipcr_levels_make(int n, const int *node);

/* Those of the communicator; made on first use. */
const struct ipcr_levels *ipcr_levels_of(struct ipcr_comm *comm);

/* Some of the ranks, as an algorithm sees them: place 0 is the top, and I am at place `me`, -1: not
 * among them. Places follow `order` from the top on, round and round. */
struct ipcr_team {
    const int *rank; /* [n] */
    int n, me, top;
    bool flat; /* of one crowded node: whoever waits for one that waits costs a context switch */
};
static inline int ipcr_team_rank(const struct ipcr_team *t, int place)
{
    return t->rank[ipcr_coll_mod(t->top + place, t->n)];
}

/* This rank's node under its leader; and the leaders under that of the root's node, for which this
 * makes an array of the call. root: a rank. */
struct ipcr_team ipcr_levels_mates(const struct ipcr_coll *c, const struct ipcr_levels *l,
                                   int root);
struct ipcr_team ipcr_levels_leaders(struct ipcr_coll *c, const struct ipcr_levels *l, int root);

/* Along a binomial tree, or on a crowded node at once, from the top of a team to all of it. A part
 * of zero bytes is a signal. Leaves the round of the sends open, so that the caller can add to it;
 * who is not in the team does nothing. */
void ipcr_team_down(struct ipcr_coll *c, const struct ipcr_team *t, struct ipcr_part all);
/* Signals from all of a team to its top, along the same tree. */
void ipcr_team_up(struct ipcr_coll *c, const struct ipcr_team *t);

/* Combines what the members' accumulators have, along a binomial tree, in that of the top. */
struct ipcr_acc;
void ipcr_team_combine(struct ipcr_acc *a, const struct ipcr_team *t);

#endif
