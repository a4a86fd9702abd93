/* Reduce_scatter_block and reduce_scatter: MPI 5.0 section 6.10, and their forms of 6.12 and
 * 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static int reduce_scatter_block(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op,
                                MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    return err ? err : ipcr_check_vectors(c, count, type, op);
}

int PMPI_Reduce_scatter_block(const void *sendbuf, void *recvbuf, int recvcount,
                              MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_scatter_block");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, reduce_scatter_block(&c, recvcount, datatype, op, comm));
}
IPCR_ALIAS(Reduce_scatter_block);

int PMPI_Reduce_scatter_block_c(const void *sendbuf, void *recvbuf, MPI_Count recvcount,
                                MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_scatter_block_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, reduce_scatter_block(&c, recvcount, datatype, op, comm));
}
IPCR_ALIAS(Reduce_scatter_block_c);

int PMPI_Ireduce_scatter_block(const void *sendbuf, void *recvbuf, int recvcount,
                               MPI_Datatype datatype, MPI_Op op, MPI_Comm comm,
                               MPI_Request *request)
{
    IPCR_ENTER("MPI_Ireduce_scatter_block");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, reduce_scatter_block(&c, recvcount, datatype, op, comm), request);
}
IPCR_ALIAS(Ireduce_scatter_block);

int PMPI_Ireduce_scatter_block_c(const void *sendbuf, void *recvbuf, MPI_Count recvcount,
                                 MPI_Datatype datatype, MPI_Op op, MPI_Comm comm,
                                 MPI_Request *request)
{
    IPCR_ENTER("MPI_Ireduce_scatter_block_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, reduce_scatter_block(&c, recvcount, datatype, op, comm), request);
}
IPCR_ALIAS(Ireduce_scatter_block_c);

int PMPI_Reduce_scatter_block_init(const void *sendbuf, void *recvbuf, int recvcount,
                                   MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                                   MPI_Request *request)
{
    IPCR_ENTER("MPI_Reduce_scatter_block_init");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, reduce_scatter_block(&c, recvcount, datatype, op, comm), info,
                           request);
}
IPCR_ALIAS(Reduce_scatter_block_init);

int PMPI_Reduce_scatter_block_init_c(const void *sendbuf, void *recvbuf, MPI_Count recvcount,
                                     MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                                     MPI_Request *request)
{
    IPCR_ENTER("MPI_Reduce_scatter_block_init_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER_BLOCK, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, reduce_scatter_block(&c, recvcount, datatype, op, comm), info,
                           request);
}
IPCR_ALIAS(Reduce_scatter_block_init_c);

static int reduce_scatter(struct ipcr_coll *c, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    uint64_t total = 0;
    if (!err)
        err = ipcr_check_shares(c, &total);
    if (!err)
        err = ipcr_check_operands(c, (int64_t)total, type);
    if (!err)
        err = ipcr_check_recv(c, ipcr_counts_at(c->rcounts, c->comm->rank), type);
    return err ? err : ipcr_check_op(c, op);
}

int PMPI_Reduce_scatter(const void *sendbuf, void *recvbuf, const int recvcounts[],
                        MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_scatter");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ipcr_counts_int(recvcounts)};
    return ipcr_check_finish(&c, reduce_scatter(&c, datatype, op, comm));
}
IPCR_ALIAS(Reduce_scatter);

int PMPI_Reduce_scatter_c(const void *sendbuf, void *recvbuf, const MPI_Count recvcounts[],
                          MPI_Datatype datatype, MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_scatter_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ipcr_counts_wide(recvcounts)};
    return ipcr_check_finish(&c, reduce_scatter(&c, datatype, op, comm));
}
IPCR_ALIAS(Reduce_scatter_c);

int PMPI_Ireduce_scatter(const void *sendbuf, void *recvbuf, const int recvcounts[],
                         MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ireduce_scatter");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ipcr_counts_int(recvcounts)};
    return ipcr_check_begin(&c, reduce_scatter(&c, datatype, op, comm), request);
}
IPCR_ALIAS(Ireduce_scatter);

int PMPI_Ireduce_scatter_c(const void *sendbuf, void *recvbuf, const MPI_Count recvcounts[],
                           MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ireduce_scatter_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ipcr_counts_wide(recvcounts)};
    return ipcr_check_begin(&c, reduce_scatter(&c, datatype, op, comm), request);
}
IPCR_ALIAS(Ireduce_scatter_c);

int PMPI_Reduce_scatter_init(const void *sendbuf, void *recvbuf, const int recvcounts[],
                             MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                             MPI_Request *request)
{
    IPCR_ENTER("MPI_Reduce_scatter_init");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ipcr_counts_int(recvcounts)};
    return ipcr_check_init(&c, reduce_scatter(&c, datatype, op, comm), info, request);
}
IPCR_ALIAS(Reduce_scatter_init);

int PMPI_Reduce_scatter_init_c(const void *sendbuf, void *recvbuf, const MPI_Count recvcounts[],
                               MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                               MPI_Request *request)
{
    IPCR_ENTER("MPI_Reduce_scatter_init_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE_SCATTER,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ipcr_counts_wide(recvcounts)};
    return ipcr_check_init(&c, reduce_scatter(&c, datatype, op, comm), info, request);
}
IPCR_ALIAS(Reduce_scatter_init_c);
