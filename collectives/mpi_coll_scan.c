/* Scan and exscan: MPI 5.0 section 6.11, and their forms of 6.12 and 6.13. */
#include "check.h"
#include "coll.h"
#include "lock.h"

static int scan(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    int err = ipcr_check_intra(c, comm);
    return err ? err : ipcr_check_vectors(c, count, type, op);
}

int PMPI_Scan(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
              MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scan");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, scan(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Scan);

int PMPI_Scan_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Scan_c");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, scan(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Scan_c);

int PMPI_Iscan(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
               MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iscan");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, scan(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Iscan);

int PMPI_Iscan_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                 MPI_Op op, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iscan_c");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, scan(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Iscan_c);

int PMPI_Scan_init(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                   MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Scan_init");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, scan(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Scan_init);

int PMPI_Scan_init_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                     MPI_Op op, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Scan_init_c");
    struct ipcr_coll c = {.kind = IPCR_SCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, scan(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Scan_init_c);

static int exscan(struct ipcr_coll *c, int64_t count, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    int err = ipcr_check_intra(c, comm);
    if (err)
        return err;
    bool receives = c->comm->rank > 0 || ipcr_coll_in_place(c);
    return receives ? ipcr_check_vectors(c, count, type, op)
                    : ipcr_check_contribution(c, count, type, op);
}

int PMPI_Exscan(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                MPI_Comm comm)
{
    IPCR_ENTER("MPI_Exscan");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, exscan(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Exscan);

int PMPI_Exscan_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                  MPI_Op op, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Exscan_c");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_finish(&c, exscan(&c, count, datatype, op, comm));
}
IPCR_ALIAS(Exscan_c);

int PMPI_Iexscan(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                 MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iexscan");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, exscan(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Iexscan);

int PMPI_Iexscan_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                   MPI_Op op, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Iexscan_c");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_begin(&c, exscan(&c, count, datatype, op, comm), request);
}
IPCR_ALIAS(Iexscan_c);

int PMPI_Exscan_init(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype,
                     MPI_Op op, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Exscan_init");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, exscan(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Exscan_init);

int PMPI_Exscan_init_c(const void *sendbuf, void *recvbuf, MPI_Count count, MPI_Datatype datatype,
                       MPI_Op op, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Exscan_init_c");
    struct ipcr_coll c = {.kind = IPCR_EXSCAN, .sbuf = sendbuf, .rbuf = recvbuf};
    return ipcr_check_init(&c, exscan(&c, count, datatype, op, comm), info, request);
}
IPCR_ALIAS(Exscan_init_c);
