/* The collectives that move data, and the barrier: MPI 5.0 sections 6.3 to 6.8. Each function
 * checks what this rank can see of its arguments and fills the call object. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static bool at_root(const struct ipcr_coll *c)
{
    return c->comm->rank == c->root;
}

static struct ipcr_counts ints(const int *v)
{
    return (struct ipcr_counts){v, false};
}

int PMPI_Barrier(MPI_Comm comm)
{
    IPCR_ENTER("MPI_Barrier");
    struct ipcr_coll c = {.kind = IPCR_BARRIER};
    return ipcr_check_finish(&c, ipcr_check_comm(&c, comm));
}
IPCR_ALIAS(Barrier);

int PMPI_Bcast(void *buffer, int count, MPI_Datatype datatype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Bcast");
    struct ipcr_coll c = {.kind = IPCR_BCAST, .rbuf = buffer, .root = root};
    int err = ipcr_check_root(&c, comm);
    if (!err)
        err = ipcr_check_recv(&c, count, datatype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Bcast);

/* Gather and gatherv have this in common: who sends, and what is not significant. */
static int check_gather(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype)
{
    if (!at_root(c))
        c->rbuf = NULL;
    else if (ipcr_coll_in_place(c))
        return MPI_SUCCESS;
    return ipcr_check_send(c, sendcount, sendtype);
}

int PMPI_Gather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Gather");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    int err = ipcr_check_root(&c, comm);
    if (!err && at_root(&c))
        err = ipcr_check_recv(&c, recvcount, recvtype);
    if (!err)
        err = check_gather(&c, sendcount, sendtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Gather);

int PMPI_Gatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                 const int recvcounts[], const int displs[], MPI_Datatype recvtype, int root,
                 MPI_Comm comm)
{
    IPCR_ENTER("MPI_Gatherv");
    struct ipcr_coll c = {.kind = IPCR_GATHERV, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    int err = ipcr_check_root(&c, comm);
    if (!err && at_root(&c)) {
        c.rcounts = ints(recvcounts);
        c.rdispls = ints(displs);
        err = ipcr_check_recvs(&c, recvtype);
    }
    if (!err)
        err = check_gather(&c, sendcount, sendtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Gatherv);

static int check_scatter(struct ipcr_coll *c, int64_t recvcount, MPI_Datatype recvtype)
{
    if (!at_root(c))
        c->sbuf = NULL;
    else if (c->rbuf == MPI_IN_PLACE)
        return MPI_SUCCESS;
    return ipcr_check_recv(c, recvcount, recvtype);
}

int PMPI_Scatter(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                 int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scatter");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    int err = ipcr_check_root(&c, comm);
    if (!err && at_root(&c))
        err = ipcr_check_send(&c, sendcount, sendtype);
    if (!err)
        err = check_scatter(&c, recvcount, recvtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Scatter);

int PMPI_Scatterv(const void *sendbuf, const int sendcounts[], const int displs[],
                  MPI_Datatype sendtype, void *recvbuf, int recvcount, MPI_Datatype recvtype,
                  int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scatterv");
    struct ipcr_coll c = {.kind = IPCR_SCATTERV, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    int err = ipcr_check_root(&c, comm);
    if (!err && at_root(&c)) {
        c.scounts = ints(sendcounts);
        c.sdispls = ints(displs);
        err = ipcr_check_sends(&c, sendtype);
    }
    if (!err)
        err = check_scatter(&c, recvcount, recvtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Scatterv);

int PMPI_Allgather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                   int recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allgather");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    if (!err)
        err = ipcr_check_recv(&c, recvcount, recvtype);
    if (!err && !ipcr_coll_in_place(&c))
        err = ipcr_check_send(&c, sendcount, sendtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Allgather);

int PMPI_Allgatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                    const int recvcounts[], const int displs[], MPI_Datatype recvtype,
                    MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allgatherv");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHERV,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ints(recvcounts),
                          .rdispls = ints(displs)};
    int err = ipcr_check_comm(&c, comm);
    if (!err)
        err = ipcr_check_recvs(&c, recvtype);
    if (!err && !ipcr_coll_in_place(&c))
        err = ipcr_check_send(&c, sendcount, sendtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Allgatherv);

int PMPI_Alltoall(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                  int recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoall");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    int err = ipcr_check_comm(&c, comm);
    if (!err)
        err = ipcr_check_recv(&c, recvcount, recvtype);
    if (!err && !ipcr_coll_in_place(&c))
        err = ipcr_check_send(&c, sendcount, sendtype);
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Alltoall);

int PMPI_Alltoallv(const void *sendbuf, const int sendcounts[], const int sdispls[],
                   MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                   const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoallv");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALLV,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ints(recvcounts),
                          .rdispls = ints(rdispls)};
    int err = ipcr_check_comm(&c, comm);
    if (!err)
        err = ipcr_check_recvs(&c, recvtype);
    if (!err && !ipcr_coll_in_place(&c)) {
        c.scounts = ints(sendcounts);
        c.sdispls = ints(sdispls);
        err = ipcr_check_sends(&c, sendtype);
    }
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Alltoallv);

int PMPI_Alltoallw(const void *sendbuf, const int sendcounts[], const int sdispls[],
                   const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
                   const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoallw");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALLW,
                          .sbuf = sendbuf,
                          .rbuf = recvbuf,
                          .rcounts = ints(recvcounts),
                          .rdispls = ints(rdispls),
                          .rtypes = recvtypes};
    int err = ipcr_check_comm(&c, comm);
    if (!err)
        err = ipcr_check_recvs_typed(&c);
    if (!err && !ipcr_coll_in_place(&c)) {
        c.scounts = ints(sendcounts);
        c.sdispls = ints(sdispls);
        c.stypes = sendtypes;
        err = ipcr_check_sends_typed(&c);
    }
    return ipcr_check_finish(&c, err);
}
IPCR_ALIAS(Alltoallw);
