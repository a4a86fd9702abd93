/* Scatter and scatterv: MPI 5.0 section 6.6, and their forms of 6.12 and 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

/* What both have in common: who receives, and what is not significant. */
static int check_receivers(struct ipcr_coll *c, int64_t recvcount, MPI_Datatype recvtype)
{
    if (!ipcr_coll_at_root(c))
        c->sbuf = NULL;
    else if (c->rbuf == MPI_IN_PLACE && ipcr_coll_has_share(c))
        return MPI_SUCCESS;
    if (ipcr_coll_has_share(c))
        return ipcr_check_recv(c, recvcount, recvtype);
    c->rbuf = NULL;
    return MPI_SUCCESS;
}

static int scatter(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype, int64_t recvcount,
                   MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_root(c, comm);
    if (!err && ipcr_coll_at_root(c))
        err = ipcr_check_send(c, sendcount, sendtype);
    return err ? err : check_receivers(c, recvcount, recvtype);
}

int PMPI_Scatter(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                 int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scatter");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_finish(&c, scatter(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Scatter);

int PMPI_Scatter_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                   MPI_Count recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scatter_c");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_finish(&c, scatter(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Scatter_c);

int PMPI_Iscatter(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                  int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm,
                  MPI_Request *request)
{
    IPCR_ENTER("MPI_Iscatter");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_begin(&c, scatter(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Iscatter);

int PMPI_Iscatter_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                    MPI_Count recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm,
                    MPI_Request *request)
{
    IPCR_ENTER("MPI_Iscatter_c");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_begin(&c, scatter(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Iscatter_c);

int PMPI_Scatter_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                      int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm, MPI_Info info,
                      MPI_Request *request)
{
    IPCR_ENTER("MPI_Scatter_init");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_init(&c, scatter(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Scatter_init);

int PMPI_Scatter_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                        void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype, int root,
                        MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Scatter_init_c");
    struct ipcr_coll c = {.kind = IPCR_SCATTER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_init(&c, scatter(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Scatter_init_c);

static int scatterv(struct ipcr_coll *c, MPI_Datatype sendtype, int64_t recvcount,
                    MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_root(c, comm);
    if (!err && ipcr_coll_at_root(c))
        err = ipcr_check_sends(c, sendtype);
    else
        c->scounts.v = c->sdispls.v = NULL;
    return err ? err : check_receivers(c, recvcount, recvtype);
}

int PMPI_Scatterv(const void *sendbuf, const int sendcounts[], const int displs[],
                  MPI_Datatype sendtype, void *recvbuf, int recvcount, MPI_Datatype recvtype,
                  int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scatterv");
    struct ipcr_coll c = {
        .kind = IPCR_SCATTERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(displs),
        .root = root,
    };
    return ipcr_check_finish(&c, scatterv(&c, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Scatterv);

int PMPI_Scatterv_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint displs[],
                    MPI_Datatype sendtype, void *recvbuf, MPI_Count recvcount,
                    MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scatterv_c");
    struct ipcr_coll c = {
        .kind = IPCR_SCATTERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(displs),
        .root = root,
    };
    return ipcr_check_finish(&c, scatterv(&c, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Scatterv_c);

int PMPI_Iscatterv(const void *sendbuf, const int sendcounts[], const int displs[],
                   MPI_Datatype sendtype, void *recvbuf, int recvcount, MPI_Datatype recvtype,
                   int root, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iscatterv");
    struct ipcr_coll c = {
        .kind = IPCR_SCATTERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(displs),
        .root = root,
    };
    return ipcr_check_begin(&c, scatterv(&c, sendtype, recvcount, recvtype, comm), request);
}
IPCR_ALIAS(Iscatterv);

int PMPI_Iscatterv_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint displs[],
                     MPI_Datatype sendtype, void *recvbuf, MPI_Count recvcount,
                     MPI_Datatype recvtype, int root, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iscatterv_c");
    struct ipcr_coll c = {
        .kind = IPCR_SCATTERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(displs),
        .root = root,
    };
    return ipcr_check_begin(&c, scatterv(&c, sendtype, recvcount, recvtype, comm), request);
}
IPCR_ALIAS(Iscatterv_c);

int PMPI_Scatterv_init(const void *sendbuf, const int sendcounts[], const int displs[],
                       MPI_Datatype sendtype, void *recvbuf, int recvcount, MPI_Datatype recvtype,
                       int root, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Scatterv_init");
    struct ipcr_coll c = {
        .kind = IPCR_SCATTERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_int(sendcounts),
        .sdispls = ipcr_counts_int(displs),
        .root = root,
    };
    return ipcr_check_init(&c, scatterv(&c, sendtype, recvcount, recvtype, comm), info, request);
}
IPCR_ALIAS(Scatterv_init);

int PMPI_Scatterv_init_c(const void *sendbuf, const MPI_Count sendcounts[], const MPI_Aint displs[],
                         MPI_Datatype sendtype, void *recvbuf, MPI_Count recvcount,
                         MPI_Datatype recvtype, int root, MPI_Comm comm, MPI_Info info,
                         MPI_Request *request)
{
    IPCR_ENTER("MPI_Scatterv_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_SCATTERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .scounts = ipcr_counts_wide(sendcounts),
        .sdispls = ipcr_displs_wide(displs),
        .root = root,
    };
    return ipcr_check_init(&c, scatterv(&c, sendtype, recvcount, recvtype, comm), info, request);
}
IPCR_ALIAS(Scatterv_init_c);
