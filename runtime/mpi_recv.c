/* MPI 5.0 sections 3.2, 3.8, 3.9 and 3.10: receives, probes, and the combined send and receive. */
#include <stdlib.h>

#include "args.h"
#include "lock.h"
#include "request.h"
#include "status.h"

int PMPI_Recv(void *buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm,
              MPI_Status *status)
{
    IPCR_ENTER("MPI_Recv");
    struct ipcr_msg m;
    int rc = ipcr_args_recv(&(struct ipcr_args){buf, count, datatype, source, tag, comm}, &m);
    if (__builtin_expect(rc == MPI_SUCCESS, 1))
        rc = ipcr_p2p_recv(&m, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Recv);

int PMPI_Irecv(void *buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm,
               MPI_Request *request)
{
    IPCR_ENTER("MPI_Irecv");
    struct ipcr_msg m;
    struct ipcr_req *req;
    int rc = ipcr_args_recv(&(struct ipcr_args){buf, count, datatype, source, tag, comm}, &m);
    if (rc == MPI_SUCCESS)
        rc = ipcr_p2p_irecv(&m, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Irecv);

int PMPI_Recv_init(void *buf, int count, MPI_Datatype datatype, int source, int tag, MPI_Comm comm,
                   MPI_Request *request)
{
    IPCR_ENTER("MPI_Recv_init");
    struct ipcr_msg m;
    int rc = ipcr_args_recv(&(struct ipcr_args){buf, count, datatype, source, tag, comm}, &m);
    if (rc == MPI_SUCCESS) {
        struct ipcr_req *req = ipcr_req_new(&m, IPCR_REQ_RECV);
        req->persistent = true;
        *request = (MPI_Request)req;
    }
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Recv_init);

int PMPI_Sendrecv(const void *sendbuf, int sendcount, MPI_Datatype sendtype, int dest, int sendtag,
                  void *recvbuf, int recvcount, MPI_Datatype recvtype, int source, int recvtag,
                  MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Sendrecv");
    struct ipcr_msg out, in;
    int rc = ipcr_args_send(&(struct ipcr_args){sendbuf, sendcount, sendtype, dest, sendtag, comm},
                            IPCR_STANDARD, &out);
    if (rc == MPI_SUCCESS)
        rc = ipcr_args_recv(
            &(struct ipcr_args){recvbuf, recvcount, recvtype, source, recvtag, comm}, &in);
    if (rc == MPI_SUCCESS)
        rc = ipcr_p2p_sendrecv(&out, &in, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Sendrecv);

/* What is sent is packed aside first, so the buffer is free for the arrival. */
static int replace(struct ipcr_msg *in, int dest, int sendtag, MPI_Status *status)
{
    char small[1024], *packed = small;
    size_t bytes = in->count * in->type->size;
    if (bytes > sizeof small && !(packed = malloc(bytes)))
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a copy of the %zu bytes to send",
                             bytes);
    ipcr_type_pack(in->type, in->count, in->buf, 0, packed, bytes);
    struct ipcr_msg out = *in;
    out.buf = packed;
    out.count = bytes;
    out.type = ipcr_type_of(MPI_BYTE);
    out.rank = dest;
    out.tag = sendtag;
    int rc = ipcr_p2p_sendrecv(&out, in, status);
    if (packed != small)
        free(packed);
    return rc;
}

int PMPI_Sendrecv_replace(void *buf, int count, MPI_Datatype datatype, int dest, int sendtag,
                          int source, int recvtag, MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Sendrecv_replace");
    struct ipcr_msg in, out;
    int rc = ipcr_args_send(&(struct ipcr_args){buf, count, datatype, dest, sendtag, comm},
                            IPCR_STANDARD, &out);
    if (rc == MPI_SUCCESS)
        rc = ipcr_args_recv(&(struct ipcr_args){buf, count, datatype, source, recvtag, comm}, &in);
    if (rc == MPI_SUCCESS)
        rc = replace(&in, dest, sendtag, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Sendrecv_replace);

/* ---- probes: a receive's arguments without a buffer -------------------------------------------
 */

static int probe_args(int source, int tag, MPI_Comm comm, struct ipcr_msg *m)
{
    return ipcr_args_recv(&(struct ipcr_args){NULL, 0, MPI_BYTE, source, tag, comm}, m);
}

static int probe(struct ipcr_msg *m, bool wait, int *flag, MPI_Status *status)
{
    if (m->rank == MPI_PROC_NULL) {
        *flag = 1;
        if (status != MPI_STATUS_IGNORE)
            ipcr_status_set_null(status);
        return MPI_SUCCESS;
    }
    bool found;
    int rc = ipcr_p2p_probe(m, wait, &found, NULL, status);
    *flag = found;
    return rc;
}

static int matched_probe(struct ipcr_msg *m, bool wait, int *flag, MPI_Message *message,
                         MPI_Status *status)
{
    if (m->rank == MPI_PROC_NULL) {
        *message = MPI_MESSAGE_NO_PROC;
        return probe(m, wait, flag, status);
    }
    struct ipcr_unexpected *u = NULL;
    bool found;
    int rc = ipcr_p2p_probe(m, wait, &found, &u, status);
    *flag = found;
    if (found)
        *message = (MPI_Message)u;
    return rc;
}

int PMPI_Probe(int source, int tag, MPI_Comm comm, MPI_Status *status)
{
    IPCR_ENTER("MPI_Probe");
    struct ipcr_msg m;
    int flag, rc = probe_args(source, tag, comm, &m);
    if (rc == MPI_SUCCESS)
        rc = probe(&m, true, &flag, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Probe);

int PMPI_Iprobe(int source, int tag, MPI_Comm comm, int *flag, MPI_Status *status)
{
    IPCR_ENTER("MPI_Iprobe");
    struct ipcr_msg m;
    int rc = probe_args(source, tag, comm, &m);
    if (rc == MPI_SUCCESS)
        rc = probe(&m, false, flag, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Iprobe);

int PMPI_Mprobe(int source, int tag, MPI_Comm comm, MPI_Message *message, MPI_Status *status)
{
    IPCR_ENTER("MPI_Mprobe");
    struct ipcr_msg m;
    int flag, rc = probe_args(source, tag, comm, &m);
    if (rc == MPI_SUCCESS)
        rc = matched_probe(&m, true, &flag, message, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Mprobe);

int PMPI_Improbe(int source, int tag, MPI_Comm comm, int *flag, MPI_Message *message,
                 MPI_Status *status)
{
    IPCR_ENTER("MPI_Improbe");
    struct ipcr_msg m;
    int rc = probe_args(source, tag, comm, &m);
    if (rc == MPI_SUCCESS)
        rc = matched_probe(&m, false, flag, message, status);
    return IPCR_FINISH(ipcr_comm_of(comm), rc);
}
IPCR_ALIAS(Improbe);

/* The message names its communicator; a receive of it needs only a buffer. */
static int mrecv_args(const struct ipcr_args *a, MPI_Message *message, struct ipcr_msg *m)
{
    struct ipcr_unexpected *u = (struct ipcr_unexpected *)*message;
    if (*message == MPI_MESSAGE_NULL)
        return ipcr_err_note(MPI_ERR_REQUEST, "the message handle is MPI_MESSAGE_NULL");
    int rc = ipcr_args_recv(a, m);
    if (rc == MPI_SUCCESS && *message != MPI_MESSAGE_NO_PROC) {
        m->comm = u->comm;
        m->rank = u->src;
        m->tag = u->tag;
    }
    return rc;
}

static int start_mrecv(const struct ipcr_args *a, MPI_Message *message, struct ipcr_req **req)
{
    struct ipcr_msg m;
    int rc = mrecv_args(a, message, &m);
    if (rc != MPI_SUCCESS)
        return rc;
    struct ipcr_unexpected *u = (struct ipcr_unexpected *)*message;
    rc = *message == MPI_MESSAGE_NO_PROC ? ipcr_p2p_irecv(&m, req) : ipcr_p2p_mrecv(&m, u, req);
    *message = MPI_MESSAGE_NULL;
    return rc;
}

/* For MPI_MESSAGE_NO_PROC: a receive from MPI_PROC_NULL, on any communicator. */
#define MRECV_ARGS                                                      \
    &(struct ipcr_args)                                                 \
    {                                                                   \
        buf, count, datatype, MPI_PROC_NULL, MPI_ANY_TAG, MPI_COMM_SELF \
    }

int PMPI_Mrecv(void *buf, int count, MPI_Datatype datatype, MPI_Message *message,
               MPI_Status *status)
{
    IPCR_ENTER("MPI_Mrecv");
    struct ipcr_req *req;
    int rc = start_mrecv(MRECV_ARGS, message, &req);
    if (rc != MPI_SUCCESS)
        return IPCR_FINISH(NULL, rc);
    struct ipcr_comm *comm = req->msg.comm;
    ipcr_req_wait(req);
    ipcr_status_copy(status, &req->status);
    return IPCR_FINISH(comm, ipcr_req_finish(req));
}
IPCR_ALIAS(Mrecv);

int PMPI_Imrecv(void *buf, int count, MPI_Datatype datatype, MPI_Message *message,
                MPI_Request *request)
{
    IPCR_ENTER("MPI_Imrecv");
    struct ipcr_req *req;
    int rc = start_mrecv(MRECV_ARGS, message, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(NULL, rc);
}
IPCR_ALIAS(Imrecv);
