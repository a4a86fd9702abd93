/* Reduce and allreduce: MPI 5.0 section 6.9, and their forms of 6.12 and 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

/* The root of an intercommunicator receives only. */
static int check_result(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op)
{
    c->sbuf = NULL;
    int err = ipcr_check_recv(c, count, type);
    return err ? err : ipcr_check_op(c, op);
}

static int reduce(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    int err = ipcr_check_root(c, comm);
    if (err)
        return err;
    if (c->root == MPI_PROC_NULL) {
        c->sbuf = c->rbuf = NULL;
        return MPI_SUCCESS;
    }
    if (!ipcr_coll_at_root(c))
        return ipcr_check_contribution(c, count, type, op);
    return ipcr_coll_has_share(c) ? ipcr_check_vectors(c, count, type, op)
                                  : check_result(c, count, type, op);
}

int PMPI_Reduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_finish(&c, reduce(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Reduce);

int PMPI_Reduce_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                  MPI_Op op, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Reduce_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_finish(&c, reduce(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Reduce_c);

int PMPI_Ireduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                 int root, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ireduce");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_begin(&c, reduce(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Ireduce);

int PMPI_Ireduce_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                   MPI_Op op, int root, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ireduce_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_begin(&c, reduce(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Ireduce_c);

int PMPI_Reduce_init(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype,
                     MPI_Op op, int root, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Reduce_init");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_init(&c, reduce(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Reduce_init);

int PMPI_Reduce_init_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                       MPI_Op op, int root, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Reduce_init_c");
    struct ipcr_coll c = {.kind = IPCR_REDUCE, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_init(&c, reduce(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Reduce_init_c);

static int allreduce(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op,
                     MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    return err ? err : ipcr_check_vectors(c, count, type, op);
}

int PMPI_Allreduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allreduce");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, allreduce(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Allreduce);

int PMPI_Allreduce_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                     MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allreduce_c");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, allreduce(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Allreduce_c);

int PMPI_Iallreduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                    MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iallreduce");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, allreduce(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Iallreduce);

int PMPI_Iallreduce_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                      MPI_Op op, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iallreduce_c");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, allreduce(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Iallreduce_c);

int PMPI_Allreduce_init(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype,
                        MPI_Op op, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Allreduce_init");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, allreduce(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Allreduce_init);

int PMPI_Allreduce_init_c(const void *sendbuf, void *recvbuf, MPI_Count count,
                          MPI_Datatype datatype, MPI_Op op, MPI_Comm comm, MPI_Info info,
                          MPI_Request *request)
{
    IPCR_ENTER("MPI_Allreduce_init_c");
    struct ipcr_coll c = {.kind = IPCR_ALLREDUCE, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, allreduce(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Allreduce_init_c);
