/* How communicators are made: for those calls of MPI 5.0 chapters 7 and 8 that make one and do
 * something more with it. All are collective and let go of the library lock while they wait. The
 * result is an error class; *made has the program's reference, and is NULL where this process is no
 * member. */
#ifndef IPCR_COMM_MAKE_H
#define IPCR_COMM_MAKE_H

#include "agree.h"
#include "comm.h"

/* Of the members of g, a subset of c's, which keeps its reference; processes of different groups,
 * which are disjoint, may call it together. On an intercommunicator g is of my side, and the other
 * side names its own. MPI_Comm_create. */
int ipcr_comm_create(struct ipcr_comm *c, struct ipcr_group *g, struct ipcr_comm **made);

/* Of those with the same color, ordered by key, then by rank in c. MPI_Comm_split. */
int ipcr_comm_split(struct ipcr_comm *c, int color, int key, struct ipcr_comm **made);

/* What they are made of. References to the groups go over. */
struct ipcr_sides {
    struct ipcr_group *group;  /* NULL: this process only takes part in the agreement */
    struct ipcr_group *remote; /* NULL: not an intercommunicator */
    struct ipcr_comm *parent;  /* whose error handler it inherits; NULL: none */
};
int ipcr_comm_make(struct ipcr_circle *k, struct ipcr_sides sides, struct ipcr_comm **made);

/* The same where the circle is all of c. `entered`: every member is known to be here. */
int ipcr_comm_make_in(struct ipcr_comm *c, struct ipcr_sides sides, bool entered,
                      struct ipcr_comm **made);

/* A copy of c without a context, with its groups, topology and attributes; the hints are those
 * given (NULL: none). *class says whether the attributes' copy functions and memory let it: an
 * error does not keep this process from the agreement, for which others wait already. */
struct ipcr_comm *ipcr_comm_prepare_copy(struct ipcr_comm *c, const struct ipcr_info *hints,
                                         int *class);
/* Gives up a copy that got no context, or whose preparation failed. */
void ipcr_comm_drop_copy(struct ipcr_comm *copy);

/* Tells the other side our group and learns theirs (one reference), by way of the leaders. */
int ipcr_comm_swap_groups(struct ipcr_circle *k, const struct ipcr_group *ours,
                          struct ipcr_group **theirs);

/* An intercommunicator of `ours` (which keeps its reference) and what the other leader names. k
 * gets its key here. `refused`: what the leader has found wrong, an error class, which it tells
 * its side; the other side is left waiting. */
int ipcr_intercomm_make(struct ipcr_circle *k, struct ipcr_group *ours, struct ipcr_comm *parent,
                        int refused, struct ipcr_comm **made);

/* The way out of a call that makes one: *newcomm is written only if `made` is there. */
int ipcr_comm_hand_out(struct ipcr_comm *c, int class, const struct ipcr_comm *made,
                       MPI_Comm *newcomm);

#endif
