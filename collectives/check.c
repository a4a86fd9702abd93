/* Arguments of collective calls. */
#include "check.h"

#include "env.h"
#include "err.h"
#include "info.h"
#include "lock.h"
#include "observe.h"
#include "request.h"
#include "topo.h"

int ipcr_check_comm(struct ipcr_coll *c, MPI_Comm comm)
{
    c->comm = ipcr_comm_of(comm);
    if (c->comm)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_COMM, "%s",
                         comm == MPI_COMM_NULL ? "the communicator is MPI_COMM_NULL"
                                               : "the handle is not a communicator");
}

int ipcr_check_intra(struct ipcr_coll *c, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (err || !ipcr_comm_is_inter(c->comm))
        return err;
    return ipcr_err_note(MPI_ERR_COMM, "the communicator is an intercommunicator, on which this "
                                       "operation is not defined");
}

int ipcr_check_neighbors(struct ipcr_coll *c, MPI_Comm comm)
{
    struct ipcr_neighbors near;
    int err = ipcr_check_comm(c, comm);
    if (err || ipcr_topo_neighbors(c->comm, &near))
        return err;
    return ipcr_err_note(MPI_ERR_TOPOLOGY, "%s has no topology that would say who is a neighbour",
                         c->comm->name[0] ? c->comm->name : "the communicator");
}

int ipcr_check_root_slowly(struct ipcr_coll *c, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (err || !ipcr_env.check || (c->root >= 0 && c->root < c->comm->remote_size))
        return err;
    const char *name = c->comm->name[0] ? c->comm->name : "the communicator";
    if (!ipcr_comm_is_inter(c->comm))
        return ipcr_err_note(MPI_ERR_ROOT, "the root is %d; %s has ranks 0 to %d", c->root, name,
                             c->comm->size - 1);
    if (c->root == MPI_ROOT || c->root == MPI_PROC_NULL)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ROOT,
                         "the root is %d; the other side of %s has ranks 0 to %d, and on the "
                         "root's side it is MPI_ROOT or MPI_PROC_NULL",
                         c->root, name, c->comm->remote_size - 1);
}

/* One side of a call, for the sentences. */
struct side {
    const char *name; /* "send" or "receive" */
    const void *buf;
};

static struct side send_side(const struct ipcr_coll *c)
{
    return (struct side){"send", c->sbuf};
}

static struct side recv_side(const struct ipcr_coll *c)
{
    return (struct side){"receive", c->rbuf};
}

static int check_type(struct side s, MPI_Datatype handle, struct ipcr_type **type)
{
    *type = ipcr_type_of(handle);
    if (!*type)
        return ipcr_err_note(MPI_ERR_TYPE, "the %s type %s", s.name,
                             handle == MPI_DATATYPE_NULL ? "is MPI_DATATYPE_NULL"
                                                         : "is not a datatype");
    if ((*type)->committed || !ipcr_env.check)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_TYPE, "the %s type %s has not been committed", s.name,
                         ipcr_type_label(*type));
}

/* NULL is the address MPI_BOTTOM, too: right for a type that was built of absolute addresses. */
static int check_buffer(struct side s, uint64_t count, const struct ipcr_type *type)
{
    if (s.buf == MPI_IN_PLACE)
        return ipcr_err_note(MPI_ERR_BUFFER, "MPI_IN_PLACE cannot be the %s buffer here", s.name);
    if (s.buf || count == 0 || !ipcr_env.check || type->size == 0 || !type->predefined)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_BUFFER, "the %s buffer is NULL, but holds %llu x %s", s.name,
                         (unsigned long long)count, ipcr_type_label(type));
}

static int check_count(struct side s, int64_t count)
{
    if (count >= 0 || !ipcr_env.check)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_COUNT, "the %s count is %lld", s.name, (long long)count);
}

static int check_one(struct side s, int64_t count, MPI_Datatype handle, struct ipcr_type **type)
{
    size_t bytes;
    int err = check_count(s, count);
    if (!err)
        err = check_type(s, handle, type);
    if (err)
        return err;
    if (__builtin_expect(
            __builtin_mul_overflow((size_t)count, (*type)->size, &bytes) || bytes > PTRDIFF_MAX, 0))
        return ipcr_err_note(MPI_ERR_COUNT, "the %s count is %lld: so many %s fit in no memory",
                             s.name, (long long)count, ipcr_type_label(*type));
    return check_buffer(s, (uint64_t)count, *type);
}

int ipcr_check_send_slowly(struct ipcr_coll *c, int64_t count, MPI_Datatype type)
{
    return check_one(send_side(c), count, type, &c->stype);
}

int ipcr_check_recv_slowly(struct ipcr_coll *c, int64_t count, MPI_Datatype type)
{
    return check_one(recv_side(c), count, type, &c->rtype);
}

/* Each of n counts, and their sum. */
static int check_counts(int n, struct side s, struct ipcr_counts counts, uint64_t *sum)
{
    *sum = 0;
    if (!counts.v && n > 0)
        return ipcr_err_note(MPI_ERR_ARG, "the array of %s counts is NULL", s.name);
    for (int i = 0; i < n; i++) {
        int64_t count = ipcr_counts_at(counts, i);
        if (count < 0 && ipcr_env.check)
            return ipcr_err_note(MPI_ERR_COUNT, "the %s count of rank %d is %lld", s.name, i,
                                 (long long)count);
        *sum += (uint64_t)count;
    }
    return MPI_SUCCESS;
}

static int check_displs(int n, struct side s, struct ipcr_counts displs)
{
    if (displs.v || n == 0)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG, "the array of %s displacements is NULL", s.name);
}

int ipcr_check_sends(struct ipcr_coll *c, MPI_Datatype type)
{
    uint64_t sum;
    struct side s = send_side(c);
    int n = ipcr_coll_targets(c), err = check_counts(n, s, c->scounts, &sum);
    if (!err)
        err = check_displs(n, s, c->sdispls);
    if (!err)
        err = check_type(s, type, &c->stype);
    return err ? err : check_buffer(s, sum, c->stype);
}

int ipcr_check_recvs(struct ipcr_coll *c, MPI_Datatype type)
{
    uint64_t sum;
    struct side s = recv_side(c);
    int n = ipcr_coll_sources(c), err = check_counts(n, s, c->rcounts, &sum);
    if (!err)
        err = check_displs(n, s, c->rdispls);
    if (!err)
        err = check_type(s, type, &c->rtype);
    return err ? err : check_buffer(s, sum, c->rtype);
}

static int check_types(int n, struct side s, struct ipcr_counts counts, const MPI_Datatype *types)
{
    if (!types && n > 0)
        return ipcr_err_note(MPI_ERR_ARG, "the array of %s types is NULL", s.name);
    for (int i = 0; i < n; i++) {
        struct ipcr_type *type;
        int err = check_one(s, ipcr_counts_at(counts, i), types[i], &type);
        if (err)
            return err;
    }
    return MPI_SUCCESS;
}

int ipcr_check_sends_typed(struct ipcr_coll *c)
{
    uint64_t sum;
    struct side s = send_side(c);
    int n = ipcr_coll_targets(c), err = check_counts(n, s, c->scounts, &sum);
    if (!err)
        err = check_displs(n, s, c->sdispls);
    return err ? err : check_types(n, s, c->scounts, c->stypes);
}

int ipcr_check_recvs_typed(struct ipcr_coll *c)
{
    uint64_t sum;
    struct side s = recv_side(c);
    int n = ipcr_coll_sources(c), err = check_counts(n, s, c->rcounts, &sum);
    if (!err)
        err = check_displs(n, s, c->rdispls);
    return err ? err : check_types(n, s, c->rcounts, c->rtypes);
}

int ipcr_check_operands(struct ipcr_coll *c, int64_t count, MPI_Datatype type)
{
    c->rtype = ipcr_type_of(type);
    if (__builtin_expect(ipcr_check_is_plain(c->sbuf, count, c->rtype), 1))
        return MPI_SUCCESS;
    struct side s = send_side(c);
    int err = check_count(s, count);
    if (!err)
        err = check_type(s, type, &c->rtype);
    if (err || ipcr_check_in_place(c))
        return err;
    return check_buffer(s, (uint64_t)count, c->rtype);
}

int ipcr_check_shares(const struct ipcr_coll *c, uint64_t *sum)
{
    return check_counts(c->comm->size, recv_side(c), c->rcounts, sum);
}

int ipcr_check_op(struct ipcr_coll *c, MPI_Op op)
{
    c->op = ipcr_op_of(op);
    if (c->op)
        return ipcr_env.check ? ipcr_op_check(c->op, c->rtype) : MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_OP, "the operation %s",
                         op == MPI_OP_NULL ? "is MPI_OP_NULL" : "handle is not an operation");
}

int ipcr_check_vectors(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op)
{
    int err = ipcr_check_operands(c, count, type);
    if (!err)
        err = ipcr_check_recv(c, count, type);
    return err ? err : ipcr_check_op(c, op);
}

int ipcr_check_contribution(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op)
{
    c->rbuf = NULL;
    int err = ipcr_check_send(c, count, type);
    c->rcount = c->scount;
    c->rtype = c->stype;
    return err ? err : ipcr_check_op(c, op);
}

static struct ipcr_part times(struct ipcr_part p, int n)
{
    p.count *= (size_t)n;
    return p;
}

/* What this rank sends and receives, as far as it is one stretch; v and w forms: its own blocks.
 * Nothing where these belong to neighbours. */
static void sides(const struct ipcr_coll *c, struct ipcr_part *s, struct ipcr_part *r)
{
    int n = c->comm->remote_size, me = ipcr_comm_is_inter(c->comm) ? 0 : c->comm->rank;
    switch (c->kind) {
    case IPCR_REDUCE:
    case IPCR_ALLREDUCE:
    case IPCR_SCAN:
    case IPCR_EXSCAN:
        *s = ipcr_part(c->sbuf, c->rcount, c->rtype);
        *r = ipcr_part(c->rbuf, c->rcount, c->rtype);
        return;
    case IPCR_REDUCE_SCATTER:
    case IPCR_REDUCE_SCATTER_BLOCK:
        *r = ipcr_part(c->rbuf, c->rcount, c->rtype);
        if (c->rcounts.v)
            r->count = (size_t)ipcr_counts_at(c->rcounts, c->comm->rank);
        *s = ipcr_part(c->sbuf, r->count, c->rtype);
        return;
    case IPCR_GATHER:
    case IPCR_ALLGATHER:
        *s = ipcr_coll_spart(c, me);
        *r = times(ipcr_coll_rpart(c, 0), n);
        return;
    case IPCR_SCATTER:
        *s = times(ipcr_coll_spart(c, 0), n);
        *r = ipcr_coll_rpart(c, me);
        return;
    case IPCR_ALLTOALL:
        *s = times(ipcr_coll_spart(c, 0), n);
        *r = times(ipcr_coll_rpart(c, 0), n);
        return;
    case IPCR_NEIGHBOR_ALLGATHER:
    case IPCR_NEIGHBOR_ALLTOALL:
        *s = times(ipcr_coll_spart(c, 0),
                   c->kind == IPCR_NEIGHBOR_ALLTOALL ? ipcr_coll_targets(c) : 1);
        *r = times(ipcr_coll_rpart(c, 0), ipcr_coll_sources(c));
        return;
    case IPCR_NEIGHBOR_ALLGATHERV:
    case IPCR_NEIGHBOR_ALLTOALLV:
    case IPCR_NEIGHBOR_ALLTOALLW:
        *s = *r = ipcr_part_bytes(NULL, 0);
        return;
    default:
        *s = ipcr_coll_spart(c, me);
        *r = ipcr_coll_rpart(c, me);
    }
}

static __attribute__((noinline)) int check_apart_slowly(const struct ipcr_coll *c)
{
    struct ipcr_part s, r;
    sides(c, &s, &r);
    if (!s.type->predefined || !r.type->predefined)
        return MPI_SUCCESS;
    uintptr_t a = (uintptr_t)s.buf, b = (uintptr_t)r.buf;
    size_t longs = ipcr_part_size(s), longr = ipcr_part_size(r);
    if (longs == 0 || longr == 0 || (a < b ? b - a >= longs : a - b >= longr))
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_BUFFER,
                         "the send buffer (%zu bytes at %p) and the receive buffer (%zu bytes at "
                         "%p) overlap; MPI_IN_PLACE says that they are the same",
                         longs, s.buf, longr, r.buf);
}

/* Are the buffers farther from each other than all that one of them can hold? For blocks of one
 * size: what most calls have, answered without looking at what they mean. */
static inline bool far_apart(const struct ipcr_coll *c)
{
    if (c->scounts.v || c->rcounts.v || ipcr_coll_is_neighborly(c->kind))
        return false;
    size_t s = c->stype ? c->scount * c->stype->size : 0;
    size_t r = c->rtype ? c->rcount * c->rtype->size : 0, all;
    if (__builtin_mul_overflow(s > r ? s : r, (size_t)c->comm->remote_size, &all))
        return false;
    uintptr_t a = (uintptr_t)c->sbuf, b = (uintptr_t)c->rbuf;
    return (a < b ? b - a : a - b) >= all;
}

/* Send and receive buffer must not overlap: found where both hold predefined types. */
static inline int check_apart(const struct ipcr_coll *c)
{
    if (!ipcr_env.check || !c->sbuf || !c->rbuf || c->sbuf == MPI_IN_PLACE ||
        c->rbuf == MPI_IN_PLACE || far_apart(c))
        return MPI_SUCCESS;
    return check_apart_slowly(c);
}

int ipcr_check_finish(struct ipcr_coll *c, int err)
{
    if (!err)
        err = check_apart(c);
    if (!err) {
        IPCR_OBSERVE(collective, c);
        err = ipcr_coll_run(c);
    }
    return IPCR_FINISH(c->comm, err);
}

static int check_request(struct ipcr_coll *c, int err, MPI_Request *request)
{
    if (!err && !request)
        err = ipcr_err_note(MPI_ERR_ARG, "the address for the request is NULL");
    return err ? err : check_apart(c);
}

int ipcr_check_begin(struct ipcr_coll *c, int err, MPI_Request *request)
{
    err = check_request(c, err, request);
    if (!err) {
        IPCR_OBSERVE(collective, c);
        *request = (MPI_Request)ipcr_coll_begin(c);
    }
    return IPCR_FINISH(c->comm, err);
}

int ipcr_check_init(struct ipcr_coll *c, int err, MPI_Info info, MPI_Request *request)
{
    err = check_request(c, err, request);
    if (!err && info != MPI_INFO_NULL && !ipcr_info_of(info))
        err = ipcr_err_note(MPI_ERR_INFO, "the handle is not an info object");
    if (!err) {
        IPCR_OBSERVE(collective, c);
        *request = (MPI_Request)ipcr_coll_init(c);
    }
    return IPCR_FINISH(c->comm, err);
}
