/* MPI 5.0 section 3.8: probes, and receives of the messages that matched probes took. */
#include "args.h"
#include "lock.h"
#include "request.h"
#include "status.h"

/* A probe has a receive's arguments without a buffer. */
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
    if (!flag)
        return IPCR_NO_PLACE_ON(comm, "flag");
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
    if (!message)
        return IPCR_NO_PLACE_ON(comm, "message");
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
    if (!flag)
        return IPCR_NO_PLACE_ON(comm, "flag");
    if (!message)
        return IPCR_NO_PLACE_ON(comm, "message");
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
    if ((uintptr_t)u < 4096 && *message != MPI_MESSAGE_NO_PROC)
        return ipcr_err_note(MPI_ERR_REQUEST, "the handle is not a message");
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

static int mrecv_blocking(const struct ipcr_args *a, MPI_Message *message, MPI_Status *status)
{
    struct ipcr_req *req;
    int rc = start_mrecv(a, message, &req);
    if (rc != MPI_SUCCESS)
        return IPCR_FINISH(NULL, rc);
    struct ipcr_comm *comm = req->msg.comm;
    ipcr_req_wait(req);
    ipcr_status_copy(status, &req->status);
    return IPCR_FINISH(comm, ipcr_req_finish(req));
}

static int mrecv_nonblocking(const struct ipcr_args *a, MPI_Message *message, MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE("request");
    struct ipcr_req *req;
    int rc = start_mrecv(a, message, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(NULL, rc);
}

int PMPI_Mrecv(void *buf, int count, MPI_Datatype datatype, MPI_Message *message,
               MPI_Status *status)
{
    IPCR_ENTER("MPI_Mrecv");
    return mrecv_blocking(MRECV_ARGS, message, status);
}
IPCR_ALIAS(Mrecv);

int PMPI_Mrecv_c(void *buf, MPI_Count count, MPI_Datatype datatype, MPI_Message *message,
                 MPI_Status *status)
{
    IPCR_ENTER("MPI_Mrecv_c");
    return mrecv_blocking(MRECV_ARGS, message, status);
}
IPCR_ALIAS(Mrecv_c);

int PMPI_Imrecv(void *buf, int count, MPI_Datatype datatype, MPI_Message *message,
                MPI_Request *request)
{
    IPCR_ENTER("MPI_Imrecv");
    return mrecv_nonblocking(MRECV_ARGS, message, request);
}
IPCR_ALIAS(Imrecv);

int PMPI_Imrecv_c(void *buf, MPI_Count count, MPI_Datatype datatype, MPI_Message *message,
                  MPI_Request *request)
{
    IPCR_ENTER("MPI_Imrecv_c");
    return mrecv_nonblocking(MRECV_ARGS, message, request);
}
IPCR_ALIAS(Imrecv_c);
