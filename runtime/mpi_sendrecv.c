/* MPI 5.0 section 3.10: a send and a receive in one call, blocking and nonblocking. */
#include <stdlib.h>

#include "args.h"
#include "lock.h"
#include "request.h"
#include "sendrecv.h"

/* The arguments of any form; counts are ints in one of each pair, MPI_Counts in the other. */
#define SEND_ARGS                                         \
    &(struct ipcr_args)                                   \
    {                                                     \
        sendbuf, sendcount, sendtype, dest, sendtag, comm \
    }
#define RECV_ARGS                                           \
    &(struct ipcr_args)                                     \
    {                                                       \
        recvbuf, recvcount, recvtype, source, recvtag, comm \
    }
#define SEND_ARGS_IN_PLACE                        \
    &(struct ipcr_args)                           \
    {                                             \
        buf, count, datatype, dest, sendtag, comm \
    }
#define RECV_ARGS_IN_PLACE                          \
    &(struct ipcr_args)                             \
    {                                               \
        buf, count, datatype, source, recvtag, comm \
    }

struct both { /* the two messages of a call */
    struct ipcr_msg out, in;
};

static int check(const struct ipcr_args *out, const struct ipcr_args *in, struct both *b)
{
    int rc = ipcr_args_send(out, IPCR_EXCHANGE, &b->out);
    return rc == MPI_SUCCESS ? ipcr_args_recv(in, &b->in) : rc;
}

/* In place both are described by the same buffer; what is sent is copied aside, to room[size] if it
 * fits there. */
static int check_in_place(const struct ipcr_args *out, const struct ipcr_args *in, void *room,
                          size_t size, struct both *b)
{
    int rc = check(out, in, b);
    if (rc == MPI_SUCCESS)
        rc = ipcr_sendrecv_copy(&b->in, room, size, &b->out);
    b->out.rank = out->rank;
    b->out.tag = out->tag;
    return rc;
}

static int exchange(const struct ipcr_args *out, const struct ipcr_args *in, MPI_Status *status)
{
    struct both b;
    int rc = check(out, in, &b);
    if (rc == MPI_SUCCESS)
        rc = ipcr_p2p_sendrecv(&b.out, &b.in, status);
    return IPCR_FINISH(ipcr_comm_of(in->comm), rc);
}

static int exchange_in_place(const struct ipcr_args *out, const struct ipcr_args *in,
                             MPI_Status *status)
{
    char room[1024];
    struct both b;
    int rc = check_in_place(out, in, room, sizeof room, &b);
    if (rc == MPI_SUCCESS) {
        rc = ipcr_p2p_sendrecv(&b.out, &b.in, status);
        if (b.out.buf != room)
            free(b.out.buf);
    }
    return IPCR_FINISH(ipcr_comm_of(in->comm), rc);
}

static int start(const struct ipcr_args *out, const struct ipcr_args *in, MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(out->comm, "request");
    struct both b;
    struct ipcr_req *req;
    int rc = check(out, in, &b);
    if (rc == MPI_SUCCESS)
        rc = ipcr_sendrecv_start(&b.out, &b.in, NULL, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(ipcr_comm_of(in->comm), rc);
}

static int start_in_place(const struct ipcr_args *out, const struct ipcr_args *in,
                          MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(out->comm, "request");
    struct both b;
    struct ipcr_req *req;
    int rc = check_in_place(out, in, NULL, 0, &b);
    if (rc == MPI_SUCCESS)
        rc = ipcr_sendrecv_start(&b.out, &b.in, b.out.buf, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(ipcr_comm_of(in->comm), rc);
}

int PMPI_Sendrecv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, int dest, int sendtag,
                  void *recvbuf, int recvcount, MPI_Datatype recvtype, int source, int recvtag,
                  MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Sendrecv");
    return exchange(SEND_ARGS, RECV_ARGS, status);
}
IPCR_ALIAS(Sendrecv);

int PMPI_Sendrecv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, int dest,
                    int sendtag, void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                    int source, int recvtag, MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Sendrecv_c");
    return exchange(SEND_ARGS, RECV_ARGS, status);
}
IPCR_ALIAS(Sendrecv_c);

int PMPI_Isendrecv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, int dest, int sendtag,
                   void *recvbuf, int recvcount, MPI_Datatype recvtype, int source, int recvtag,
                   MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Isendrecv");
    return start(SEND_ARGS, RECV_ARGS, request);
}
IPCR_ALIAS(Isendrecv);

int PMPI_Isendrecv_c(const void *sendbuf, MPI_Count sendcount, MPI_Datatype sendtype, int dest,
                     int sendtag, void *recvbuf, MPI_Count recvcount, MPI_Datatype recvtype,
                     int source, int recvtag, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Isendrecv_c");
    return start(SEND_ARGS, RECV_ARGS, request);
}
IPCR_ALIAS(Isendrecv_c);

int PMPI_Sendrecv_replace(void *buf, int count, MPI_Datatype datatype, int dest, int sendtag,
                          int source, int recvtag, MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Sendrecv_replace");
    return exchange_in_place(SEND_ARGS_IN_PLACE, RECV_ARGS_IN_PLACE, status);
}
IPCR_ALIAS(Sendrecv_replace);

int PMPI_Sendrecv_replace_c(void *buf, MPI_Count count, MPI_Datatype datatype, int dest,
                            int sendtag, int source, int recvtag, MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Sendrecv_replace_c");
    return exchange_in_place(SEND_ARGS_IN_PLACE, RECV_ARGS_IN_PLACE, status);
}
IPCR_ALIAS(Sendrecv_replace_c);

int PMPI_Isendrecv_replace(void *buf, int count, MPI_Datatype datatype, int dest, int sendtag,
                           int source, int recvtag, MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Isendrecv_replace");
    return start_in_place(SEND_ARGS_IN_PLACE, RECV_ARGS_IN_PLACE, request);
}
IPCR_ALIAS(Isendrecv_replace);

int PMPI_Isendrecv_replace_c(void *buf, MPI_Count count, MPI_Datatype datatype, int dest,
                             int sendtag, int source, int recvtag, MPI_Comm comm,
                             MPI_Request *request)
{
    IPCR_ENTER("MPI_Isendrecv_replace_c");
    return start_in_place(SEND_ARGS_IN_PLACE, RECV_ARGS_IN_PLACE, request);
}
IPCR_ALIAS(Isendrecv_replace_c);
