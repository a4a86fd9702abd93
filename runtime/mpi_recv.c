/* MPI 5.0 sections 3.2.4, 3.7.2 and 3.9: receives. */
#include "args.h"
#include "lock.h"
#include "request.h"
#include "short.h"

/* The arguments of any form; the count is an int in one of each pair, an MPI_Count in the other. */
#define ARGS                                    \
    &(struct ipcr_args)                         \
    {                                           \
        buf, count, datatype, source, tag, comm \
    }

static int recv_in_full(const struct ipcr_args *a, MPI_Status *status)
{
    struct ipcr_msg m;
    int rc = ipcr_args_recv(a, &m);
    if (rc == MPI_SUCCESS)
        rc = ipcr_p2p_recv(&m, status);
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

/* Inlined, and the arguments in registers: the long way gets a copy, as objects whose address goes
 * out of here could not stay there. */
__attribute__((always_inline)) static inline int recv_blocking(const struct ipcr_args *a,
                                                               MPI_Status *status)
{
    struct ipcr_msg m;
    m.mode = IPCR_STANDARD;
    if (__builtin_expect(ipcr_args_plain(a, &m, false) && ipcr_short_recv(&m, status), 1))
        return IPCR_LEAVE();
    struct ipcr_args copy = *a;
    return recv_in_full(&copy, status);
}

/* What has come already is received at once, into a request that is complete when it is made. What
 * has come for receives posted before is taken in first: then those that follow find none waiting,
 * and each message goes the short way as long as the sender is ahead. */
static int recv_nonblocking(const struct ipcr_args *a, MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(a->comm, "request");
    struct ipcr_msg m;
    int rc = ipcr_args_recv(a, &m);
    if (rc != MPI_SUCCESS)
        return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
    struct ipcr_req *req = ipcr_req_new(&m, IPCR_REQ_RECV);
    req->active = true;
    if (ipcr_short_recv(&m, &req->status)) {
        req->complete = true;
    } else {
        ipcr_p2p_start_recv(req);
        ipcr_short_take(req);
    }
    *request = (MPI_Request)req;
    return IPCR_LEAVE();
}

static int recv_init(const struct ipcr_args *a, MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(a->comm, "request");
    struct ipcr_msg m;
    int rc = ipcr_args_recv(a, &m);
    if (rc == MPI_SUCCESS) {
        struct ipcr_req *req = ipcr_req_new(&m, IPCR_REQ_RECV);
        req->persistent = true;
        *request = (MPI_Request)req;
    }
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

int PMPI_Recv(void *buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm,
              MPI_Status *status)
{
    IPCR_ENTER("MPI_Recv");
    return recv_blocking(ARGS, status);
}
IPCR_ALIAS(Recv);

int PMPI_Recv_c(void *buf, MPI_Count count, MPI_Datatype datatype, int source, int tag,
                MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Recv_c");
    return recv_blocking(ARGS, status);
}
IPCR_ALIAS(Recv_c);

int PMPI_Irecv(void *buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm,
               MPI_Request *request)
{
    IPCR_ENTER("MPI_Irecv");
    return recv_nonblocking(ARGS, request);
}
IPCR_ALIAS(Irecv);

int PMPI_Irecv_c(void *buf, MPI_Count count, MPI_Datatype datatype, int source, int tag,
                 MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Irecv_c");
    return recv_nonblocking(ARGS, request);
}
IPCR_ALIAS(Irecv_c);

int PMPI_Recv_init(void *buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm,
                   MPI_Request *request)
{
    IPCR_ENTER("MPI_Recv_init");
    return recv_init(ARGS, request);
}
IPCR_ALIAS(Recv_init);

int PMPI_Recv_init_c(void *buf, MPI_Count count, MPI_Datatype datatype, int source, int tag,
                     MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Recv_init_c");
    return recv_init(ARGS, request);
}
IPCR_ALIAS(Recv_init_c);
