/* Gather and gatherv: MPI 5.0 section 6.5, and their forms of 6.12 and 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

/* What both have in common: who sends, and what is not significant. */
static int check_senders(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype)
{
    if (!ipcr_coll_at_root(c))
        c->rbuf = NULL;
    else if (ipcr_check_in_place(c))
        return MPI_SUCCESS;
    if (ipcr_coll_has_share(c))
        return ipcr_check_send(c, sendcount, sendtype);
    c->sbuf = NULL;
    return MPI_SUCCESS;
}

static int gather(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype, int64_t recvcount,
                  MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_root(c, comm);
    if (!err && ipcr_coll_at_root(c))
        err = ipcr_check_recv(c, recvcount, recvtype);
    return err ? err : check_senders(c, sendcount, sendtype);
}

int PMPI_Gather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Gather");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_finish(&c, gather(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Gather);

int PMPI_Gather_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                  MPI_Count recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Gather_c");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_finish(&c, gather(&c, sendcount, sendtype, recvcount, recvtype, comm));
}
IPCR_ALIAS(Gather_c);

int PMPI_Igather(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                 int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm,
                 MPI_Request *request)
{
    IPCR_ENTER("MPI_Igather");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_begin(&c, gather(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Igather);

int PMPI_Igather_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                   MPI_Count recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm,
                   MPI_Request *request)
{
    IPCR_ENTER("MPI_Igather_c");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_begin(&c, gather(&c, sendcount, sendtype, recvcount, recvtype, comm),
                            request);
}
IPCR_ALIAS(Igather_c);

int PMPI_Gather_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                     int recvcount, MPI_Datatype recvtype, int root, MPI_Comm comm, MPI_Info info,
                     MPI_Request *request)
{
    IPCR_ENTER("MPI_Gather_init");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_init(&c, gather(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Gather_init);

int PMPI_Gather_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                       void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype, int root,
                       MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Gather_init_c");
    struct ipcr_coll c = {.kind = IPCR_GATHER, .sbuf = sendbuf, .rbuf = recvbuf, .root = root};
    return ipcr_check_init(&c, gather(&c, sendcount, sendtype, recvcount, recvtype, comm), info,
                           request);
}
IPCR_ALIAS(Gather_init_c);

static int gatherv(struct ipcr_coll *c, int64_t sendcount, MPI_Datatype sendtype,
                   MPI_Datatype recvtype, MPI_Comm comm)
{
    int err = ipcr_check_root(c, comm);
    if (!err && ipcr_coll_at_root(c))
        err = ipcr_check_recvs(c, recvtype);
    else
        c->rcounts.v = c->rdispls.v = NULL;
    return err ? err : check_senders(c, sendcount, sendtype);
}

int PMPI_Gatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                 const int recvcounts[], const int displs[], MPI_Datatype recvtype, int root,
                 MPI_Comm comm)
{
    IPCR_ENTER("MPI_Gatherv");
    struct ipcr_coll c = {
        .kind = IPCR_GATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
        .root = root,
    };
    return ipcr_check_finish(&c, gatherv(&c, sendcount, sendtype, recvtype, comm));
}
IPCR_ALIAS(Gatherv);

int PMPI_Gatherv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                   const MPI_Count recvcounts[], const MPI_Aint displs[], MPI_Datatype recvtype,
                   int root, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Gatherv_c");
    struct ipcr_coll c = {
        .kind = IPCR_GATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
        .root = root,
    };
    return ipcr_check_finish(&c, gatherv(&c, sendcount, sendtype, recvtype, comm));
}
IPCR_ALIAS(Gatherv_c);

int PMPI_Igatherv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                  const int recvcounts[], const int displs[], MPI_Datatype recvtype, int root,
                  MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Igatherv");
    struct ipcr_coll c = {
        .kind = IPCR_GATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
        .root = root,
    };
    return ipcr_check_begin(&c, gatherv(&c, sendcount, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Igatherv);

int PMPI_Igatherv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, void *recvbuf,
                    const MPI_Count recvcounts[], const MPI_Aint displs[], MPI_Datatype recvtype,
                    int root, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Igatherv_c");
    struct ipcr_coll c = {
        .kind = IPCR_GATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
        .root = root,
    };
    return ipcr_check_begin(&c, gatherv(&c, sendcount, sendtype, recvtype, comm), request);
}
IPCR_ALIAS(Igatherv_c);

int PMPI_Gatherv_init(const void *sendbuf, int sendcount, MPI_Datatype sendtype, void *recvbuf,
                      const int recvcounts[], const int displs[], MPI_Datatype recvtype, int root,
                      MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Gatherv_init");
    struct ipcr_coll c = {
        .kind = IPCR_GATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_int(recvcounts),
        .rdispls = ipcr_counts_int(displs),
        .root = root,
    };
    return ipcr_check_init(&c, gatherv(&c, sendcount, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Gatherv_init);

int PMPI_Gatherv_init_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype,
                        void *recvbuf, const MPI_Count recvcounts[], const MPI_Aint displs[],
                        MPI_Datatype recvtype, int root, MPI_Comm comm, MPI_Info info,
                        MPI_Request *request)
{
    IPCR_ENTER("MPI_Gatherv_init_c");
    struct ipcr_coll c = {
        .kind = IPCR_GATHERV,
        .sbuf = sendbuf,
        .rbuf = recvbuf,
        .rcounts = ipcr_counts_wide(recvcounts),
        .rdispls = ipcr_displs_wide(displs),
        .root = root,
    };
    return ipcr_check_init(&c, gatherv(&c, sendcount, sendtype, recvtype, comm), info, request);
}
IPCR_ALIAS(Gatherv_init_c);
