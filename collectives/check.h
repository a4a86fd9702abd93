/* Arguments of collective calls: checked as far as one rank can see, and put into the call object.
 * Each function returns MPI_SUCCESS, or the error class with the facts noted (err.h). */
#ifndef IPCR_CHECK_H
#define IPCR_CHECK_H

#include "coll.h"

/* Sets c->comm. Every other check needs it. */
int ipcr_check_comm(struct ipcr_coll *c, MPI_Comm comm);
/* The communicator and c->root. */
int ipcr_check_root(struct ipcr_coll *c, MPI_Comm comm);

/* The send and the receive side: c->sbuf or c->rbuf is set by the caller; count and type are
 * checked and set. MPI_IN_PLACE is an error here: the caller knows where it is allowed. */
int ipcr_check_send(struct ipcr_coll *c, int64_t count, MPI_Datatype type);
int ipcr_check_recv(struct ipcr_coll *c, int64_t count, MPI_Datatype type);
/* The same with counts and displacements for each rank, set by the caller. */
int ipcr_check_sends(struct ipcr_coll *c, MPI_Datatype type);
int ipcr_check_recvs(struct ipcr_coll *c, MPI_Datatype type);
/* And with types for each rank, set by the caller. */
int ipcr_check_sends_typed(struct ipcr_coll *c);
int ipcr_check_recvs_typed(struct ipcr_coll *c);

/* The send side of a reduction, which shares count and type with the receive side; c->sbuf may be
 * MPI_IN_PLACE. `count` elements are contributed. */
int ipcr_check_operands(struct ipcr_coll *c, int64_t count, MPI_Datatype type);
/* The counts of reduce_scatter (c->rcounts), and their sum. */
int ipcr_check_shares(const struct ipcr_coll *c, uint64_t *sum);
int ipcr_check_op(struct ipcr_coll *c, MPI_Op op);

/* The end of every collective call: raises `err`, or else makes the last check, runs the call and
 * leaves the library. */
int ipcr_check_finish(struct ipcr_coll *c, int err);

#endif
