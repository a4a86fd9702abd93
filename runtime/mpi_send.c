/* MPI 5.0 sections 3.2, 3.4, 3.6, 3.7.2 and 3.9: sends in all modes and forms. */
#include "args.h"
#include "bsend.h"
#include "lock.h"
#include "request.h"
#include "short.h"

/* The arguments of any form; the count is an int in one of each pair, an MPI_Count in the other. */
#define ARGS                                  \
    &(struct ipcr_args)                       \
    {                                         \
        buf, count, datatype, dest, tag, comm \
    }

static int send_in_full(const struct ipcr_args *a, enum ipcr_send_mode mode)
{
    struct ipcr_msg m;
    int rc = ipcr_args_send(a, mode, &m);
    if (rc == MPI_SUCCESS)
        rc = ipcr_p2p_send(&m);
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

/* Inlined, and the arguments in registers: the long way gets a copy, as objects whose address goes
 * out of here could not stay there. */
__attribute__((always_inline)) static inline int send_blocking(const struct ipcr_args *a)
{
    struct ipcr_msg m;
    m.mode = IPCR_STANDARD;
    if (__builtin_expect(ipcr_args_plain(a, &m, true) && ipcr_short_send(&m), 1))
        return IPCR_LEAVE();
    struct ipcr_args copy = *a;
    return send_in_full(&copy, IPCR_STANDARD);
}

static int start_in_full(const struct ipcr_args *a, enum ipcr_send_mode mode, MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(a->comm, "request");
    struct ipcr_msg m;
    struct ipcr_req *req;
    int rc = ipcr_args_send(a, mode, &m);
    if (rc == MPI_SUCCESS)
        rc = ipcr_p2p_isend(&m, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

/* The same for a send that is over when it returns. */
__attribute__((always_inline)) static inline int send_nonblocking(const struct ipcr_args *a,
                                                                  MPI_Request *request)
{
    struct ipcr_msg m;
    m.mode = IPCR_STANDARD;
    if (__builtin_expect(request && ipcr_args_plain(a, &m, true) && ipcr_short_send(&m), 1)) {
        *request = (MPI_Request)&ipcr_req_sent;
        return IPCR_LEAVE();
    }
    struct ipcr_args copy = *a;
    return start_in_full(&copy, IPCR_STANDARD, request);
}

/* The message is copied, so the request that Ibsend hands out (Bsend: NULL) is complete from the
 * start. */
static int send_buffered(const struct ipcr_args *a, MPI_Request *request)
{
    struct ipcr_msg m;
    int rc = ipcr_args_send(a, IPCR_BUFFERED, &m);
    if (rc == MPI_SUCCESS)
        rc = ipcr_bsend_start(&m);
    if (rc == MPI_SUCCESS && request) {
        struct ipcr_req *req = ipcr_req_new(&m, IPCR_REQ_SEND);
        req->active = req->complete = true;
        *request = (MPI_Request)req;
    }
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

static int send_init(const struct ipcr_args *a, enum ipcr_send_mode mode, MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(a->comm, "request");
    struct ipcr_msg m;
    int rc = ipcr_args_send(a, mode, &m);
    if (rc == MPI_SUCCESS) {
        struct ipcr_req *req = ipcr_req_new(&m, IPCR_REQ_SEND);
        req->persistent = true;
        *request = (MPI_Request)req;
    }
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

int PMPI_Send(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Send");
    return send_blocking(ARGS);
}
IPCR_ALIAS(Send);

int PMPI_Send_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                MPI_Comm comm)
{
    IPCR_ENTER("MPI_Send_c");
    return send_blocking(ARGS);
}
IPCR_ALIAS(Send_c);

int PMPI_Ssend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Ssend");
    return send_in_full(ARGS, IPCR_SYNCHRONOUS);
}
IPCR_ALIAS(Ssend);

int PMPI_Ssend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                 MPI_Comm comm)
{
    IPCR_ENTER("MPI_Ssend_c");
    return send_in_full(ARGS, IPCR_SYNCHRONOUS);
}
IPCR_ALIAS(Ssend_c);

int PMPI_Rsend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Rsend");
    return send_in_full(ARGS, IPCR_READY);
}
IPCR_ALIAS(Rsend);

int PMPI_Rsend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                 MPI_Comm comm)
{
    IPCR_ENTER("MPI_Rsend_c");
    return send_in_full(ARGS, IPCR_READY);
}
IPCR_ALIAS(Rsend_c);

int PMPI_Bsend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Bsend");
    return send_buffered(ARGS, NULL);
}
IPCR_ALIAS(Bsend);

int PMPI_Bsend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                 MPI_Comm comm)
{
    IPCR_ENTER("MPI_Bsend_c");
    return send_buffered(ARGS, NULL);
}
IPCR_ALIAS(Bsend_c);

int PMPI_Isend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm,
               MPI_Request *request)
{
    IPCR_ENTER("MPI_Isend");
    return send_nonblocking(ARGS, request);
}
IPCR_ALIAS(Isend);

int PMPI_Isend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                 MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Isend_c");
    return send_nonblocking(ARGS, request);
}
IPCR_ALIAS(Isend_c);

int PMPI_Issend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm,
                MPI_Request *request)
{
    IPCR_ENTER("MPI_Issend");
    return start_in_full(ARGS, IPCR_SYNCHRONOUS, request);
}
IPCR_ALIAS(Issend);

int PMPI_Issend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                  MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Issend_c");
    return start_in_full(ARGS, IPCR_SYNCHRONOUS, request);
}
IPCR_ALIAS(Issend_c);

int PMPI_Irsend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm,
                MPI_Request *request)
{
    IPCR_ENTER("MPI_Irsend");
    return start_in_full(ARGS, IPCR_READY, request);
}
IPCR_ALIAS(Irsend);

int PMPI_Irsend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                  MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Irsend_c");
    return start_in_full(ARGS, IPCR_READY, request);
}
IPCR_ALIAS(Irsend_c);

int PMPI_Ibsend(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm,
                MPI_Request *request)
{
    IPCR_ENTER("MPI_Ibsend");
    return send_buffered(ARGS, request);
}
IPCR_ALIAS(Ibsend);

int PMPI_Ibsend_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                  MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ibsend_c");
    return send_buffered(ARGS, request);
}
IPCR_ALIAS(Ibsend_c);

int PMPI_Send_init(const void *buf, int count, MPI_Datatype datatype, int dest, int tag,
                   MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Send_init");
    return send_init(ARGS, IPCR_STANDARD, request);
}
IPCR_ALIAS(Send_init);

int PMPI_Send_init_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                     MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Send_init_c");
    return send_init(ARGS, IPCR_STANDARD, request);
}
IPCR_ALIAS(Send_init_c);

int PMPI_Ssend_init(const void *buf, int count, MPI_Datatype datatype, int dest, int tag,
                    MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ssend_init");
    return send_init(ARGS, IPCR_SYNCHRONOUS, request);
}
IPCR_ALIAS(Ssend_init);

int PMPI_Ssend_init_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                      MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Ssend_init_c");
    return send_init(ARGS, IPCR_SYNCHRONOUS, request);
}
IPCR_ALIAS(Ssend_init_c);

int PMPI_Rsend_init(const void *buf, int count, MPI_Datatype datatype, int dest, int tag,
                    MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Rsend_init");
    return send_init(ARGS, IPCR_READY, request);
}
IPCR_ALIAS(Rsend_init);

int PMPI_Rsend_init_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                      MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Rsend_init_c");
    return send_init(ARGS, IPCR_READY, request);
}
IPCR_ALIAS(Rsend_init_c);

int PMPI_Bsend_init(const void *buf, int count, MPI_Datatype datatype, int dest, int tag,
                    MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Bsend_init");
    return send_init(ARGS, IPCR_BUFFERED, request);
}
IPCR_ALIAS(Bsend_init);

int PMPI_Bsend_init_c(const void *buf, MPI_Count count, MPI_Datatype datatype, int dest, int tag,
                      MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Bsend_init_c");
    return send_init(ARGS, IPCR_BUFFERED, request);
}
IPCR_ALIAS(Bsend_init_c);
