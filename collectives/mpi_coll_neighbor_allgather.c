/* Neighbor_allgather and neighbor_allgatherv: MPI 5.0 section 8.6, and their forms of 8.7 and 8.8.
 * Without a neighbour on one side nothing on that side is looked at but the type. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static int neighbor_allgather(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                              int64_t recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_neighbors(c, comm);
    if (!err)
        err = ipcr_check_recv(c, ipcr_coll_sources(c) ? recvcount : 0, recvtype);
    if (!err)
        err = ipcr_check_send(c, ipcr_coll_targets(c) ? sendcount : 0, sendtype);
    return err;
}

int PMPI_Neighbor_allgather(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                            void *recvbuf, int recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_allgather");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(
        &c, neighbor_allgather(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Neighbor_allgather);

int PMPI_Neighbor_allgather_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                              void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                              MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_allgather_c");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(
        &c, neighbor_allgather(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Neighbor_allgather_c);

int PMPI_Ineighbor_allgather(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                             void *recvbuf, int recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                             MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_allgather");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(
        &c, neighbor_allgather(&c, sendcount, sendtype, recvcount, recvtype, comm), request);
}
IPCR_ALIAS(Ineighbor_allgather);

int PMPI_Ineighbor_allgather_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                               void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                               MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_allgather_c");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(
        &c, neighbor_allgather(&c, sendcount, sendtype, recvcount, recvtype, comm), request);
}
IPCR_ALIAS(Ineighbor_allgather_c);

int PMPI_Neighbor_allgather_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                                 void *recvbuf, int recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                                 MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_allgather_init");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(
        &c, neighbor_allgather(&c, sendcount, sendtype, recvcount, recvtype, comm), info, request);
}
IPCR_ALIAS(Neighbor_allgather_init);

int PMPI_Neighbor_allgather_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                                   void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                                   MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_allgather_init_c");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(
        &c, neighbor_allgather(&c, sendcount, sendtype, recvcount, recvtype, comm), info, request);
}
IPCR_ALIAS(Neighbor_allgather_init_c);

static int neighbor_allgatherv(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                               MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_neighbors(c, comm);
    if (!err)
        err = ipcr_check_recvs(c, recvtype);
    if (!err)
        err = ipcr_check_send(c, ipcr_coll_targets(c) ? sendcount : 0, sendtype);
    return err;
}

int PMPI_Neighbor_allgatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                             void *recvbuf, const int recvcounts[], const int displs[],
                             MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_allgatherv");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
    };
    return ipcr_check_finish(&c, neighbor_allgatherv(&c, sendcount, sendtype, recvtype, comm));
}
IPCR_ALIAS(Neighbor_allgatherv);

int PMPI_Neighbor_allgatherv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                               void *recvbuf, const MPI_Count recvcounts[], const MPI_Aint displs[],
                               MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_allgatherv_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
    };
    return ipcr_check_finish(&c, neighbor_allgatherv(&c, sendcount, sendtype, recvtype, comm));
}
IPCR_ALIAS(Neighbor_allgatherv_c);

int PMPI_Ineighbor_allgatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                              void *recvbuf, const int recvcounts[], const int displs[],
                              MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_allgatherv");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
    };
    return ipcr_check_begin(&c, neighbor_allgatherv(&c, sendcount, sendtype, recvtype, comm),
                            request);
}
IPCR_ALIAS(Ineighbor_allgatherv);

int PMPI_Ineighbor_allgatherv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                                void *recvbuf, const MPI_Count recvcounts[],
                                const MPI_Aint displs[], MPI_Datatype recvtype, MPI_Comm comm,
                                MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_allgatherv_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
    };
    return ipcr_check_begin(&c, neighbor_allgatherv(&c, sendcount, sendtype, recvtype, comm),
                            request);
}
IPCR_ALIAS(Ineighbor_allgatherv_c);

int PMPI_Neighbor_allgatherv_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                                  void *recvbuf, const int recvcounts[], const int displs[],
                                  MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info,
                                  MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_allgatherv_init");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
    };
    return ipcr_check_init(&c, neighbor_allgatherv(&c, sendcount, sendtype, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Neighbor_allgatherv_init);

int PMPI_Neighbor_allgatherv_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                                    void *recvbuf, const MPI_Count recvcounts[],
                                    const MPI_Aint displs[], MPI_Datatype recvtype, MPI_Comm comm,
                                    MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_allgatherv_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
    };
    return ipcr_check_init(&c, neighbor_allgatherv(&c, sendcount, sendtype, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Neighbor_allgatherv_init_c);
