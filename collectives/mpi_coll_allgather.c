/* Allgather and allgatherv: MPI 5.0 section 6.7, and their forms of 6.12 and 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static int allgather(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                     int64_t recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (!err)
        err = ipcr_check_recv(c, recvcount, recvtype);
    if (!err && !ipcr_check_in_place(c))
        err = ipcr_check_send(c, sendcount, sendtype);
    return err;
}

int PMPI_Allgather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                   int recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allgather");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, allgather(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Allgather);

int PMPI_Allgather_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                     MPI_Count recvcount, MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allgather_c");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, allgather(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Allgather_c);

int PMPI_Iallgather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                    int recvcount, MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iallgather");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, allgather(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Iallgather);

int PMPI_Iallgather_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                      void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                      MPI_Request *request)
{
    IPCR_ENTER("MPI_Iallgather_c");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, allgather(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Iallgather_c);

int PMPI_Allgather_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                        int recvcount, MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info,
                        MPI_Request *request)
{
    IPCR_ENTER("MPI_Allgather_init");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, allgather(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Allgather_init);

int PMPI_Allgather_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                          void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype, MPI_Comm comm,
                          MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Allgather_init_c");
    struct ipcr_coll c = {.kind = IPCR_ALLGATHER, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, allgather(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Allgather_init_c);

static int allgatherv(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                      MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_comm(c, comm);
    if (!err)
        err = ipcr_check_recvs(c, recvtype);
    if (!err && !ipcr_check_in_place(c))
        err = ipcr_check_send(c, sendcount, sendtype);
    return err;
}

int PMPI_Allgatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                    const int recvcounts[], const int displs[], MPI_Datatype recvtype,
                    MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allgatherv");
    struct ipcr_coll c = {
        .kind = IPCR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
    };
    return ipcr_check_finish(&c, allgatherv(&c, sendcount, sendtype, recvtype, comm));
}
IPCR_ALIAS(Allgatherv);

int PMPI_Allgatherv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                      void *recvbuf, const MPI_Count recvcounts[], const MPI_Aint displs[],
                      MPI_Datatype recvtype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Allgatherv_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
    };
    return ipcr_check_finish(&c, allgatherv(&c, sendcount, sendtype, recvtype, comm));
}
IPCR_ALIAS(Allgatherv_c);

int PMPI_Iallgatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                     const int recvcounts[], const int displs[], MPI_Datatype recvtype,
                     MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iallgatherv");
    struct ipcr_coll c = {
        .kind = IPCR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
    };
    return ipcr_check_begin(&c, allgatherv(&c, sendcount, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Iallgatherv);

int PMPI_Iallgatherv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                       void *recvbuf, const MPI_Count recvcounts[], const MPI_Aint displs[],
                       MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iallgatherv_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
    };
    return ipcr_check_begin(&c, allgatherv(&c, sendcount, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Iallgatherv_c);

int PMPI_Allgatherv_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                         const int recvcounts[], const int displs[], MPI_Datatype recvtype,
                         MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Allgatherv_init");
    struct ipcr_coll c = {
        .kind = IPCR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
    };
    return ipcr_check_init(&c, allgatherv(&c, sendcount, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Allgatherv_init);

int PMPI_Allgatherv_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                           void *recvbuf, const MPI_Count recvcounts[], const MPI_Aint displs[],
                           MPI_Datatype recvtype, MPI_Comm comm, MPI_Info info,
                           MPI_Request *request)
{
    IPCR_ENTER("MPI_Allgatherv_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_ALLGATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
    };
    return ipcr_check_init(&c, allgatherv(&c, sendcount, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Allgatherv_init_c);
