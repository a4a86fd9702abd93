/* How communicators are made from others: for those calls of MPI 5.0 chapters 7 and 8 that make one
 * and do something more with it. All are collective over c and let go of the library lock while
 * they wait. The result is an error class; *made has the program's reference, and is NULL where
 * this process is no member. */
#ifndef IPCR_COMM_MAKE_H
#define IPCR_COMM_MAKE_H

#include "comm.h"

/* Of the members of g, a subset of c's, which keeps its reference; processes of different groups,
 * which are disjoint, may call it together. MPI_Comm_create. */
int ipcr_comm_create(struct ipcr_comm *c, struct ipcr_group *g, struct ipcr_comm **made);

/* Of those with the same color, ordered by key, then by rank in c. MPI_Comm_split. */
int ipcr_comm_split(struct ipcr_comm *c, int color, int key, struct ipcr_comm **made);

#endif
