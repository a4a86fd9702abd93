/* Arguments of collective calls: checked as far as one rank can see, and put into the call object.
 * Each function returns MPI_SUCCESS, or the error class with the facts noted (err.h). */
#ifndef IPCR_CHECK_H
#define IPCR_CHECK_H

#include "coll.h"

/* Sets c->comm. Every other check needs it. */
int ipcr_check_comm(struct ipcr_coll *c, MPI_Comm comm);
/* The same for an operation that intercommunicators do not have. */
int ipcr_check_intra(struct ipcr_coll *c, MPI_Comm comm);
/* The same for an operation of neighbours: it needs a topology. */
int ipcr_check_neighbors(struct ipcr_coll *c, MPI_Comm comm);
/* The communicator and c->root, which on an intercommunicator may be MPI_ROOT or MPI_PROC_NULL. */
int ipcr_check_root_slowly(struct ipcr_coll *c, MPI_Comm comm);
static inline int ipcr_check_root(struct ipcr_coll *c, MPI_Comm comm)
{
    c->comm = ipcr_comm_of(comm);
    if (__builtin_expect(c->comm && (unsigned)c->root < (unsigned)c->comm->remote_size, 1))
        return MPI_SUCCESS;
    return ipcr_check_root_slowly(c, comm);
}

/* Plainly right: the common case, which the callers below find out without a call. A predefined
 * type is committed and short, so nothing overflows. */
static inline bool ipcr_check_is_plain(const void *buf, int64_t count, const struct ipcr_type *type)
{
    return type && type->predefined && (uint64_t)count <= INT32_MAX && buf && buf != MPI_IN_PLACE;
}

/* The send and the receive side: c->sbuf or c->rbuf is set by the caller; count and type are
 * checked and set. MPI_IN_PLACE is an error here: the caller knows where it is allowed. */
int ipcr_check_send_slowly(struct ipcr_coll *c, int64_t count, MPI_Datatype type);
int ipcr_check_recv_slowly(struct ipcr_coll *c, int64_t count, MPI_Datatype type);
static inline int ipcr_check_send(struct ipcr_coll *c, int64_t count, MPI_Datatype type)
{
    c->scount = (size_t)count;
    c->stype = ipcr_type_of(type);
    if (__builtin_expect(ipcr_check_is_plain(c->sbuf, count, c->stype), 1))
        return MPI_SUCCESS;
    return ipcr_check_send_slowly(c, count, type);
}
static inline int ipcr_check_recv(struct ipcr_coll *c, int64_t count, MPI_Datatype type)
{
    c->rcount = (size_t)count;
    c->rtype = ipcr_type_of(type);
    if (__builtin_expect(ipcr_check_is_plain(c->rbuf, count, c->rtype), 1))
        return MPI_SUCCESS;
    return ipcr_check_recv_slowly(c, count, type);
}
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

/* Both buffers of a reduction, its count, type and operation; and the same where the receive buffer
 * is not significant. */
int ipcr_check_vectors(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op);
int ipcr_check_contribution(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op);

/* Is MPI_IN_PLACE the send buffer, where it may be? On intercommunicators it may not. */
static inline bool ipcr_check_in_place(const struct ipcr_coll *c)
{
    return ipcr_coll_in_place(c) && !ipcr_comm_is_inter(c->comm);
}

/* Arrays of the large-count calls, and of the others. */
static inline struct ipcr_counts ipcr_counts_int(const int *v)
{
    return (struct ipcr_counts){v, false};
}
static inline struct ipcr_counts ipcr_counts_wide(const MPI_Count *v)
{
    return (struct ipcr_counts){v, true};
}
static inline struct ipcr_counts ipcr_displs_wide(const MPI_Aint *v)
{
    _Static_assert(sizeof *v == sizeof(int64_t), "displacements are read as 64 bits");
    return (struct ipcr_counts){v, true};
}

/* The end of every collective call: raises `err`, or else makes the last check, runs the call and
 * leaves the library. */
int ipcr_check_finish(struct ipcr_coll *c, int err);
/* The same for the nonblocking and the persistent forms, which give the program a request. */
int ipcr_check_begin(struct ipcr_coll *c, int err, MPI_Request *request);
int ipcr_check_init(struct ipcr_coll *c, int err, MPI_Info info, MPI_Request *request);

#endif
