/* MPI 5.0 sections 3.7.3, 3.8.4 and 3.9: starting persistent requests, cancelling and freeing
 * requests. */
#include "bsend.h"
#include "decide.h"
#include "err.h"
#include "lock.h"
#include "request.h"

static int raise_bad(MPI_Request request)
{
    return IPCR_RAISE(NULL, MPI_ERR_REQUEST, "%s",
                      request == MPI_REQUEST_NULL ? "the request is MPI_REQUEST_NULL"
                                                  : "the handle is not a request");
}

int PMPI_Request_free(MPI_Request *request)
{
    IPCR_ENTER("MPI_Request_free");
    struct ipcr_req *req = ipcr_req_of(*request);
    if (!req)
        return raise_bad(*request);
    *request = MPI_REQUEST_NULL;
    if (req->active && !req->complete)
        req->orphan = true; /* lives on until it completes */
    else
        ipcr_req_free(req);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_free);

static int cancel(struct ipcr_req *req)
{
    if (req->kind == IPCR_REQ_OTHER && !req->class->cancel)
        return ipcr_err_note(MPI_ERR_REQUEST, "a %s cannot be cancelled", req->class->name);
    if (req->kind == IPCR_REQ_OTHER)
        return req->class->cancel(req);
    if (req->kind == IPCR_REQ_SEND) {
        ipcr_p2p_cancel_send(req);
        return MPI_SUCCESS;
    }
    if (IPCR_DECIDED())
        ipcr_decide_cancel(req);
    ipcr_p2p_cancel_recv(req);
    return MPI_SUCCESS;
}

int PMPI_Cancel(MPI_Request *request)
{
    IPCR_ENTER("MPI_Cancel");
    struct ipcr_req *req = ipcr_req_of(*request);
    if (!req)
        return raise_bad(*request);
    return IPCR_FINISH(req->msg.comm, req->active ? cancel(req) : MPI_SUCCESS);
}
IPCR_ALIAS(Cancel);

static int start_other(struct ipcr_req *req)
{
    req->complete = false;
    return req->class->start(req);
}

/* A buffered send completes when it is copied; what travels is a request of its own. */
static int start_buffered(struct ipcr_req *req)
{
    req->complete = true;
    return ipcr_bsend_start(&req->msg);
}

static int start_active(struct ipcr_req *req)
{
    if (req->kind == IPCR_REQ_OTHER)
        return start_other(req);
    if (req->kind == IPCR_REQ_SEND && req->msg.mode == IPCR_BUFFERED)
        return start_buffered(req);
    if (req->kind == IPCR_REQ_SEND)
        ipcr_p2p_start_send(req);
    else
        ipcr_p2p_start_recv(req);
    return MPI_SUCCESS;
}

static int start(struct ipcr_req *req)
{
    if (!req->persistent)
        return ipcr_err_note(MPI_ERR_REQUEST, "the request is not a persistent one");
    if (req->active)
        return ipcr_err_note(MPI_ERR_REQUEST, "the persistent request is active already");
    req->active = true;
    int rc = start_active(req);
    if (rc != MPI_SUCCESS)
        req->active = false;
    return rc;
}

int PMPI_Start(MPI_Request *request)
{
    IPCR_ENTER("MPI_Start");
    struct ipcr_req *req = ipcr_req_of(*request);
    if (!req)
        return raise_bad(*request);
    return IPCR_FINISH(req->msg.comm, start(req));
}
IPCR_ALIAS(Start);

int PMPI_Startall(int count, MPI_Request array_of_requests[])
{
    IPCR_ENTER("MPI_Startall");
    if (count < 0 || (count && !array_of_requests))
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "there are %d requests at %p", count,
                          (void *)array_of_requests);
    for (int i = 0; i < count; i++) {
        struct ipcr_req *req = ipcr_req_of(array_of_requests[i]);
        int rc =
            req ? start(req)
                : ipcr_err_note(MPI_ERR_REQUEST, "request %d of %d is null, or is none", i, count);
        if (rc != MPI_SUCCESS)
            return IPCR_FINISH(req ? req->msg.comm : NULL, rc);
    }
    return IPCR_LEAVE();
}
IPCR_ALIAS(Startall);
