/* The collectives that reduce: MPI 5.0 sections 6.9 to 6.12. Each function checks what this rank
 * can see of its arguments and fills the call object. */
#include "check.h"
#include "coll.h"
#include "lock.h"

/* Both buffers, count, type and operation. */
static int check_vectors(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op)
{
    int err = ipcr_check_operands(c, count, type);
    if (!err)
        err = ipcr_check_recv(c, count, type);
    return err ? err : ipcr_check_op(c, op);
}

/* The same where the receive buffer is not significant. */
static int check_operands_only(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op)
{
    c->rbuf = NULL;
    int err = ipcr_check_send(c, count, type);
    c->rcount = c->scount;
    c->rtype = c->stype;
    return err ? err : ipcr_check_op(c, op);
}

int PMPI_Reduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    int err = ipcr_check_root(&c, comm);
    if (!err && c.comm->rank == root)
        err = check_vectors(&c, count, datatype, op);
    else if (!err)
        err = check_operands_only(&c, count, datatype, op);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Reduce);

int PMPI_Allreduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allreduce");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    return ipcr_check_finish(&c, err ? err : check_vectors(&c, count, datatype, op));
}
IPCR_ALIAS(Allreduce);

int PMPI_Scan(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
              MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scan");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    return ipcr_check_finish(&c, err ? err : check_vectors(&c, count, datatype, op));
}
IPCR_ALIAS(Scan);

int PMPI_Exscan(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                MPI_Comm comm)
{
    IPCR_ENTER("MPI_Exscan");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    if (!err && c.comm->rank == 0 && !ipcr_coll_in_place(&c))
        err = check_operands_only(&c, count, datatype, op);
    else if (!err)
        err = check_vectors(&c, count, datatype, op);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Exscan);

int PMPI_Reduce_scatter_block(const void *sendbuf, void *recvbuf, int recvcount,
                              MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_scatter_block");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    return ipcr_check_finish(&c, err ? err : check_vectors(&c, recvcount, datatype, op));
}
IPCR_ALIAS(Reduce_scatter_block);

int PMPI_Reduce_scatter(const void *sendbuf, void *recvbuf, const int recvcounts[],
                        MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_scatter");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    c.rcounts = (struct ipcr_counts){recvcounts, false};
    uint64_t total = 0;
    if (!err)
        err = ipcr_check_shares(&c, &total);
    if (!err)
        err = ipcr_check_operands(&c, (int64_t)total, datatype);
    if (!err)
        err = ipcr_check_recv(&c, ipcr_counts_at(c.rcounts, c.comm->rank), datatype);
    return ipcr_check_finish(&c, err ? err : ipcr_check_op(&c, op));
}
IPCR_ALIAS(Reduce_scatter);
