/* Neighbor_alltoall, neighbor_alltoallv and neighbor_alltoallw: MPI 5.0 section 8.6, and their
 * forms of 8.7 and 8.8. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static int neighbor_alltoall(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                             int64_t recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_neighbors(c, comm);
    if (!err)
        err = ipcr_check_recv(c, ipcr_coll_sources(c) ? recvcount : 0, recvtype);
    if (!err)
        err = ipcr_check_send(c, ipcr_coll_targets(c) ? sendcount : 0, sendtype);
    return err;
}

int PMPI_Neighbor_alltoall(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                           int recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_alltoall");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c,
                             neighbor_alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Neighbor_alltoall);

int PMPI_Neighbor_alltoall_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                             void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                             MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_alltoall_c");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c,
                             neighbor_alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Neighbor_alltoall_c);

int PMPI_Ineighbor_alltoall(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                            void *recvbuf, int recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                            MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_alltoall");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(
        &c, neighbor_alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm), request);
}
IPCR_ALIAS(Ineighbor_alltoall);

int PMPI_Ineighbor_alltoall_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                              void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                              MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_alltoall_c");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(
        &c, neighbor_alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm), request);
}
IPCR_ALIAS(Ineighbor_alltoall_c);

int PMPI_Neighbor_alltoall_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype,
                                void *recvbuf, int recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                                MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_alltoall_init");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(
        &c, neighbor_alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm), info, request);
}
IPCR_ALIAS(Neighbor_alltoall_init);

int PMPI_Neighbor_alltoall_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                                  void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                                  MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_alltoall_init_c");
    struct ipcr_coll c = {.kind = IPCR_NEIGHBOR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(
        &c, neighbor_alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm), info, request);
}
IPCR_ALIAS(Neighbor_alltoall_init_c);

static int neighbor_alltoallv(struct ipcr_coll *c, MPI_Datatype sendtype, MPI_Datatype recvtype,
                              MPI_Comm comm)
{
    int err = ipcr_check_neighbors(c, comm);
    if (!err)
        err = ipcr_check_recvs(c, recvtype);
    return err ? err : ipcr_check_sends(c, sendtype);
}

int PMPI_Neighbor_alltoallv(const void *sendbuf, const int sendcounts[], const int sdispls[],
                            MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                            const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_alltoallv");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
    };
    return ipcr_check_finish(&c, neighbor_alltoallv(&c, sendtype, recvtype, comm));
}
IPCR_ALIAS(Neighbor_alltoallv);

int PMPI_Neighbor_alltoallv_c(const void *sendbuf, const MPI_Count sendcounts[],
                              const MPI_Aint sdispls[], MPI_Datatype sendtype, void *recvbuf,
                              const MPI_Count recvcounts[], const MPI_Aint rdispls[],
                              MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_alltoallv_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
    };
    return ipcr_check_finish(&c, neighbor_alltoallv(&c, sendtype, recvtype, comm));
}
IPCR_ALIAS(Neighbor_alltoallv_c);

int PMPI_Ineighbor_alltoallv(const void *sendbuf, const int sendcounts[], const int sdispls[],
                             MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                             const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm,
                             MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_alltoallv");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
    };
    return ipcr_check_begin(&c, neighbor_alltoallv(&c, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Ineighbor_alltoallv);

int PMPI_Ineighbor_alltoallv_c(const void *sendbuf, const MPI_Count sendcounts[],
                               const MPI_Aint sdispls[], MPI_Datatype sendtype, void *recvbuf,
                               const MPI_Count recvcounts[], const MPI_Aint rdispls[],
                               MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_alltoallv_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
    };
    return ipcr_check_begin(&c, neighbor_alltoallv(&c, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Ineighbor_alltoallv_c);

int PMPI_Neighbor_alltoallv_init(const void *sendbuf, const int sendcounts[], const int sdispls[],
                                 MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                                 const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm,
                                 MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_alltoallv_init");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
    };
    return ipcr_check_init(&c, neighbor_alltoallv(&c, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Neighbor_alltoallv_init);

int PMPI_Neighbor_alltoallv_init_c(const void *sendbuf, const MPI_Count sendcounts[],
                                   const MPI_Aint sdispls[], MPI_Datatype sendtype, void *recvbuf,
                                   const MPI_Count recvcounts[], const MPI_Aint rdispls[],
                                   MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info,
                                   MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_alltoallv_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
    };
    return ipcr_check_init(&c, neighbor_alltoallv(&c, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Neighbor_alltoallv_init_c);

static int neighbor_alltoallw(struct ipcr_coll *c, MPI_Comm comm)
{
    int err = ipcr_check_neighbors(c, comm);
    if (!err)
        err = ipcr_check_recvs_typed(c);
    return err ? err : ipcr_check_sends_typed(c);
}

int PMPI_Neighbor_alltoallw(const void *sendbuf, const int sendcounts[], const MPI_Aint sdispls[],
                            const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
                            const MPI_Aint rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_alltoallw");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_finish(&c, neighbor_alltoallw(&c, comm));
}
IPCR_ALIAS(Neighbor_alltoallw);

int PMPI_Neighbor_alltoallw_c(const void *sendbuf, const MPI_Count sendcounts[],
                              const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
                              void *recvbuf, const MPI_Count recvcounts[], const MPI_Aint rdispls[],
                              const MPI_Datatype recvtypes[], MPI_Comm comm)
{
    IPCR_ENTER("MPI_Neighbor_alltoallw_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_finish(&c, neighbor_alltoallw(&c, comm));
}
IPCR_ALIAS(Neighbor_alltoallw_c);

int PMPI_Ineighbor_alltoallw(const void *sendbuf, const int sendcounts[], const MPI_Aint sdispls[],
                             const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
                             const MPI_Aint rdispls[], const MPI_Datatype recvtypes[],
                             MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_alltoallw");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_begin(&c, neighbor_alltoallw(&c, comm), request);
}
IPCR_ALIAS(Ineighbor_alltoallw);

int PMPI_Ineighbor_alltoallw_c(const void *sendbuf, const MPI_Count sendcounts[],
                               const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
                               void *recvbuf, const MPI_Count recvcounts[],
                               const MPI_Aint rdispls[], const MPI_Datatype recvtypes[],
                               MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ineighbor_alltoallw_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_begin(&c, neighbor_alltoallw(&c, comm), request);
}
IPCR_ALIAS(Ineighbor_alltoallw_c);

int PMPI_Neighbor_alltoallw_init(const void *sendbuf, const int sendcounts[],
                                 const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
                                 void *recvbuf, const int recvcounts[], const MPI_Aint rdispls[],
                                 const MPI_Datatype recvtypes[], MPI_Comm comm, MPI_Info info,
                                 MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_alltoallw_init");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_init(&c, neighbor_alltoallw(&c, comm), info, request);
}
IPCR_ALIAS(Neighbor_alltoallw_init);

int PMPI_Neighbor_alltoallw_init_c(const void *sendbuf, const MPI_Count sendcounts[],
                                   const MPI_Aint sdispls[], const MPI_Datatype sendtypes[],
                                   void *recvbuf, const MPI_Count recvcounts[],
                                   const MPI_Aint rdispls[], const MPI_Datatype recvtypes[],
                                   MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Neighbor_alltoallw_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_NEIGHBOR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_init(&c, neighbor_alltoallw(&c, comm), info, request);
}
IPCR_ALIAS(Neighbor_alltoallw_init_c);
