/* Alltoall, alltoallv and alltoallw: MPI 5.0 section 6.8, and their forms of 6.12 and 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static int alltoall(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                    int64_t recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (!err)
        err = ipcr_check_recv(c, recvcount, recvtype);
    if (!err && !ipcr_check_in_place(c))
        err = ipcr_check_send(c, sendcount, sendtype);
    return err;
}

int PMPI_Alltoall(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                  int recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoall");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Alltoall);

int PMPI_Alltoall_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                    MPI_Count recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoall_c");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Alltoall_c);

int PMPI_Ialltoall(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                   int recvcount, MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ialltoall");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Ialltoall);

int PMPI_Ialltoall_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                     MPI_Count recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                     MPI_Request *request)
{
    IPCR_ENTER("MPI_Ialltoall_c");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Ialltoall_c);

int PMPI_Alltoall_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                       int recvcount, MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info,
                       MPI_Request *request)
{
    IPCR_ENTER("MPI_Alltoall_init");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Alltoall_init);

int PMPI_Alltoall_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                         void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                         MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Alltoall_init_c");
    struct ipcr_coll c = {.kind = IPCR_ALLTOALL, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, alltoall(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Alltoall_init_c);

/* In place the arguments of the send side are not significant. */
static bool is_in_place(struct ipcr_coll *c)
{
    if (!ipcr_check_in_place(c))
        return false;
    c->scounts.v = c->sdispls.v = NULL;
    c->stypes = NULL;
    return true;
}

static int alltoallv(struct ipcr_coll *c, MPI_Datatype sendtype, MPI_Datatype recvtype,
                     MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (!err)
        err = ipcr_check_recvs(c, recvtype);
    if (!err && !is_in_place(c))
        err = ipcr_check_sends(c, sendtype);
    return err;
}

int PMPI_Alltoallv(const void *sendbuf, const int sendcounts[], const int sdispls[],
                   MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                   const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoallv");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
    };
    return ipcr_check_finish(&c, alltoallv(&c, sendtype, recvtype, comm));
}
IPCR_ALIAS(Alltoallv);

int PMPI_Alltoallv_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint sdispls[],
                     MPI_Datatype sendtype, void *recvbuf, const MPI_Count recvcounts[],
                     const MPI_Aint rdispls[], MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoallv_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
    };
    return ipcr_check_finish(&c, alltoallv(&c, sendtype, recvtype, comm));
}
IPCR_ALIAS(Alltoallv_c);

int PMPI_Ialltoallv(const void *sendbuf, const int sendcounts[], const int sdispls[],
                    MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                    const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ialltoallv");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
    };
    return ipcr_check_begin(&c, alltoallv(&c, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Ialltoallv);

int PMPI_Ialltoallv_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint sdispls[],
                      MPI_Datatype sendtype, void *recvbuf, const MPI_Count recvcounts[],
                      const MPI_Aint rdispls[], MPI_Datatype recvtype, MPI_Comm comm,
                      MPI_Request *request)
{
    IPCR_ENTER("MPI_Ialltoallv_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
    };
    return ipcr_check_begin(&c, alltoallv(&c, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Ialltoallv_c);

int PMPI_Alltoallv_init(const void *sendbuf, const int sendcounts[], const int sdispls[],
                        MPI_Datatype sendtype, void *recvbuf, const int recvcounts[],
                        const int rdispls[], MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info,
                        MPI_Request *request)
{
    IPCR_ENTER("MPI_Alltoallv_init");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
    };
    return ipcr_check_init(&c, alltoallv(&c, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Alltoallv_init);

int PMPI_Alltoallv_init_c(const void *sendbuf, const MPI_Count sendcounts[],
                          const MPI_Aint sdispls[], MPI_Datatype sendtype, void *recvbuf,
                          const MPI_Count recvcounts[], const MPI_Aint rdispls[],
                          MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Alltoallv_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
    };
    return ipcr_check_init(&c, alltoallv(&c, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Alltoallv_init_c);

static int alltoallw(struct ipcr_coll *c, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (!err)
        err = ipcr_check_recvs_typed(c);
    if (!err && !is_in_place(c))
        err = ipcr_check_sends_typed(c);
    return err;
}

int PMPI_Alltoallw(const void *sendbuf, const int sendcounts[], const int sdispls[],
                   const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
                   const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoallw");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_finish(&c, alltoallw(&c, comm));
}
IPCR_ALIAS(Alltoallw);

int PMPI_Alltoallw_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint sdispls[],
                     const MPI_Datatype sendtypes[], void *recvbuf, const MPI_Count recvcounts[],
                     const MPI_Aint rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm)
{
    IPCR_ENTER("MPI_Alltoallw_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_finish(&c, alltoallw(&c, comm));
}
IPCR_ALIAS(Alltoallw_c);

int PMPI_Ialltoallw(const void *sendbuf, const int sendcounts[], const int sdispls[],
                    const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
                    const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm,
                    MPI_Request *request)
{
    IPCR_ENTER("MPI_Ialltoallw");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_begin(&c, alltoallw(&c, comm), request);
}
IPCR_ALIAS(Ialltoallw);

int PMPI_Ialltoallw_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint sdispls[],
                      const MPI_Datatype sendtypes[], void *recvbuf, const MPI_Count recvcounts[],
                      const MPI_Aint rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm,
                      MPI_Request *request)
{
    IPCR_ENTER("MPI_Ialltoallw_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_begin(&c, alltoallw(&c, comm), request);
}
IPCR_ALIAS(Ialltoallw_c);

int PMPI_Alltoallw_init(const void *sendbuf, const int sendcounts[], const int sdispls[],
                        const MPI_Datatype sendtypes[], void *recvbuf, const int recvcounts[],
                        const int rdispls[], const MPI_Datatype recvtypes[], MPI_Comm comm,
                        MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Alltoallw_init");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_init(&c, alltoallw(&c, comm), info, request);
}
IPCR_ALIAS(Alltoallw_init);

int PMPI_Alltoallw_init_c(const void *sendbuf, const MPI_Count sendcounts[],
                          const MPI_Aint sdispls[], const MPI_Datatype sendtypes[], void *recvbuf,
                          const MPI_Count recvcounts[], const MPI_Aint rdispls[],
                          const MPI_Datatype recvtypes[], MPI_Comm comm, MPI_Info info,
                          MPI_Request *request)
{
    IPCR_ENTER("MPI_Alltoallw_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLTOALLW,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(sdispls),
        .stypes = sendtypes,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(rdispls),
        .rtypes = recvtypes,
    };
    return ipcr_check_init(&c, alltoallw(&c, comm), info, request);
}
IPCR_ALIAS(Alltoallw_init_c);
