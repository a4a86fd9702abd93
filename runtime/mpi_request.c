/* MPI 5.0 sections 3.7.3 - 3.7.6, 3.8.4 and 3.9: completing, freeing, cancelling and starting
 * requests. */
#include "bsend.h"
#include "err.h"
#include "lock.h"
#include "progress.h"
#include "request.h"
#include "status.h"

/* Null and inactive persistent requests take part in nothing and complete with an empty status. */
static bool is_active(MPI_Request handle)
{
    return handle != MPI_REQUEST_NULL && ipcr_req_of(handle)->active;
}

static bool is_complete(MPI_Request handle)
{
    return ipcr_req_of(handle)->complete;
}

static struct ipcr_comm *comm_of(MPI_Request handle)
{
    const struct ipcr_req *req = handle == MPI_REQUEST_NULL ? NULL : ipcr_req_of(handle);
    return req ? req->msg.comm : NULL;
}

/* Every handle of an array is null or a request, else MPI_ERR_REQUEST (noted). */
static int check_all(int count, const MPI_Request *requests)
{
    if (count < 0)
        return ipcr_err_note(MPI_ERR_ARG, "the number of requests is %d", count);
    if (count && !requests)
        return ipcr_err_note(MPI_ERR_ARG, "the array of requests is NULL");
    for (int i = 0; i < count; i++)
        if (requests[i] != MPI_REQUEST_NULL && !ipcr_req_of(requests[i]))
            return ipcr_err_note(MPI_ERR_REQUEST, "request %d of %d is not a request", i, count);
    return MPI_SUCCESS;
}

static void fill_empty(MPI_Status *to)
{
    if (to == MPI_STATUS_IGNORE)
        return;
    int error = to->MPI_ERROR;
    ipcr_status_set_empty(to);
    to->MPI_ERROR = error;
}

/* The status of a complete request goes out; its error class. */
static int fill_status(MPI_Status *to, struct ipcr_req *req)
{
    if (req->kind == IPCR_REQ_RECV) {
        if (to != MPI_STATUS_IGNORE)
            ipcr_status_copy(to, &req->status);
        return ipcr_req_result(req);
    }
    fill_empty(to);
    if (req->kind == IPCR_REQ_SEND)
        return ipcr_req_result(req);
    MPI_Status nobody;
    return req->class->result ? req->class->result(req, to == MPI_STATUS_IGNORE ? &nobody : to)
                              : MPI_SUCCESS;
}

/* Hands a complete request back to the program: status out, handle gone (or inactive again). */
static int reap(MPI_Request *handle, MPI_Status *status)
{
    struct ipcr_req *req = ipcr_req_of(*handle);
    int rc = fill_status(status, req);
    if (req->persistent) {
        req->active = false;
        return rc;
    }
    ipcr_req_free(req);
    *handle = MPI_REQUEST_NULL;
    return rc;
}

static MPI_Status *status_at(MPI_Status *statuses, int i)
{
    return statuses == MPI_STATUSES_IGNORE ? MPI_STATUS_IGNORE : &statuses[i];
}

/* Raises what went wrong with one request on the communicator it belonged to. */
static int finish_one(MPI_Request *handle, MPI_Status *status)
{
    struct ipcr_comm *comm = comm_of(*handle);
    return IPCR_FINISH(comm, reap(handle, status));
}

int PMPI_Wait(MPI_Request *request, MPI_Status *status)
{
    IPCR_ENTER("MPI_Wait");
    int rc = check_all(1, request);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    if (!is_active(*request)) {
        fill_empty(status);
        return IPCR_LEAVE();
    }
    ipcr_req_wait(ipcr_req_of(*request));
    return finish_one(request, status);
}
IPCR_ALIAS(Wait);

int PMPI_Test(MPI_Request *request, int *flag, MPI_Status *status)
{
    IPCR_ENTER("MPI_Test");
    int rc = check_all(1, request);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    if (!is_active(*request)) {
        *flag = 1;
        fill_empty(status);
        return IPCR_LEAVE();
    }
    if (!is_complete(*request))
        ipcr_progress_poll();
    *flag = is_complete(*request);
    return *flag ? finish_one(request, status) : IPCR_LEAVE();
}
IPCR_ALIAS(Test);

int PMPI_Request_get_status(MPI_Request request, int *flag, MPI_Status *status)
{
    IPCR_ENTER("MPI_Request_get_status");
    int rc = check_all(1, &request);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    if (!is_active(request)) {
        *flag = 1;
        fill_empty(status);
        return IPCR_LEAVE();
    }
    if (!is_complete(request))
        ipcr_progress_poll();
    *flag = is_complete(request);
    if (*flag)
        fill_status(status, ipcr_req_of(request));
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_get_status);

/* ---- any --------------------------------------------------------------------------------------
 */

/* The first complete request; MPI_UNDEFINED if there is none. *active counts those that may yet. */
static int find_complete(int count, const MPI_Request *requests, int *active)
{
    *active = 0;
    for (int i = 0; i < count; i++) {
        if (!is_active(requests[i]))
            continue;
        ++*active;
        if (is_complete(requests[i]))
            return i;
    }
    return MPI_UNDEFINED;
}

int PMPI_Waitany(int count, MPI_Request array_of_requests[], int *indx, MPI_Status *status)
{
    IPCR_ENTER("MPI_Waitany");
    struct ipcr_idle idle = {0};
    int active, rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    while ((*indx = find_complete(count, array_of_requests, &active)) == MPI_UNDEFINED && active)
        ipcr_progress_step(&idle);
    if (*indx != MPI_UNDEFINED)
        return finish_one(&array_of_requests[*indx], status);
    fill_empty(status);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Waitany);

int PMPI_Testany(int count, MPI_Request array_of_requests[], int *indx, int *flag,
                 MPI_Status *status)
{
    IPCR_ENTER("MPI_Testany");
    int active, rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *indx = find_complete(count, array_of_requests, &active);
    if (*indx == MPI_UNDEFINED && active) {
        ipcr_progress_poll();
        *indx = find_complete(count, array_of_requests, &active);
    }
    *flag = *indx != MPI_UNDEFINED || !active;
    if (*indx != MPI_UNDEFINED)
        return finish_one(&array_of_requests[*indx], status);
    if (*flag)
        fill_empty(status);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Testany);

/* ---- all --------------------------------------------------------------------------------------
 */

/* Hands all requests of a complete set back. One failure makes the call fail with
 * MPI_ERR_IN_STATUS, and then every status says how its request went (section 3.7.5). */
static int reap_all(int count, MPI_Request *requests, MPI_Status *statuses)
{
    struct ipcr_comm *comm = NULL;
    int failed = 0, first = MPI_SUCCESS;
    for (int i = 0; i < count; i++) {
        MPI_Status *status = status_at(statuses, i);
        if (!is_active(requests[i])) {
            fill_empty(status);
        } else {
            struct ipcr_comm *its = comm_of(requests[i]);
            int rc = reap(&requests[i], status);
            if (status != MPI_STATUS_IGNORE)
                status->MPI_ERROR = rc;
            if (rc != MPI_SUCCESS && !failed++) {
                comm = its;
                first = rc;
            }
        }
    }
    if (!failed)
        return IPCR_LEAVE();
    for (int i = 0; i < count && statuses != MPI_STATUSES_IGNORE; i++)
        if (statuses[i].MPI_ERROR == MPI_ERR_PENDING)
            statuses[i].MPI_ERROR = MPI_SUCCESS;
    return IPCR_FINISH(comm, statuses == MPI_STATUSES_IGNORE ? first : MPI_ERR_IN_STATUS);
}

int PMPI_Waitall(int count, MPI_Request array_of_requests[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Waitall");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    for (int i = 0; i < count; i++)
        if (is_active(array_of_requests[i]))
            ipcr_req_wait(ipcr_req_of(array_of_requests[i]));
    return reap_all(count, array_of_requests, array_of_statuses);
}
IPCR_ALIAS(Waitall);

static bool all_complete(int count, const MPI_Request *requests)
{
    for (int i = 0; i < count; i++)
        if (is_active(requests[i]) && !is_complete(requests[i]))
            return false;
    return true;
}

int PMPI_Testall(int count, MPI_Request array_of_requests[], int *flag,
                 MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Testall");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *flag = all_complete(count, array_of_requests);
    if (!*flag) {
        ipcr_progress_poll();
        *flag = all_complete(count, array_of_requests);
    }
    return *flag ? reap_all(count, array_of_requests, array_of_statuses) : IPCR_LEAVE();
}
IPCR_ALIAS(Testall);

/* ---- some -------------------------------------------------------------------------------------
 */

struct some { /* the output of Waitsome and Testsome */
    MPI_Request *requests;
    int count;
    int *done, *indices;
    MPI_Status *statuses;
};

/* Reaps what is complete; *done is MPI_UNDEFINED when no request is active at all. */
static int reap_some(const struct some *s)
{
    struct ipcr_comm *comm = NULL;
    int n = 0, active = 0, failed = 0;
    for (int i = 0; i < s->count; i++) {
        if (!is_active(s->requests[i]))
            continue;
        active++;
        if (!is_complete(s->requests[i]))
            continue;
        struct ipcr_comm *its = comm_of(s->requests[i]);
        MPI_Status *status = status_at(s->statuses, n);
        int rc = reap(&s->requests[i], status);
        if (status != MPI_STATUS_IGNORE)
            status->MPI_ERROR = rc;
        if (rc != MPI_SUCCESS && !failed++)
            comm = its;
        s->indices[n++] = i;
    }
    *s->done = active ? n : MPI_UNDEFINED;
    return failed ? IPCR_RAISE(comm, MPI_ERR_IN_STATUS, NULL) : IPCR_LEAVE();
}

int PMPI_Waitsome(int incount, MPI_Request array_of_requests[], int *outcount,
                  int array_of_indices[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Waitsome");
    struct ipcr_idle idle = {0};
    int active, rc = check_all(incount, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    while (find_complete(incount, array_of_requests, &active) == MPI_UNDEFINED && active)
        ipcr_progress_step(&idle);
    return reap_some(
        &(struct some){array_of_requests, incount, outcount, array_of_indices, array_of_statuses});
}
IPCR_ALIAS(Waitsome);

int PMPI_Testsome(int incount, MPI_Request array_of_requests[], int *outcount,
                  int array_of_indices[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Testsome");
    int active, rc = check_all(incount, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    if (find_complete(incount, array_of_requests, &active) == MPI_UNDEFINED && active)
        ipcr_progress_poll();
    return reap_some(
        &(struct some){array_of_requests, incount, outcount, array_of_indices, array_of_statuses});
}
IPCR_ALIAS(Testsome);

/* ---- life -------------------------------------------------------------------------------------
 */

int PMPI_Request_free(MPI_Request *request)
{
    IPCR_ENTER("MPI_Request_free");
    struct ipcr_req *req = ipcr_req_of(*request);
    if (!req)
        return IPCR_RAISE(NULL, MPI_ERR_REQUEST, "%s",
                          *request == MPI_REQUEST_NULL ? "the request is MPI_REQUEST_NULL"
                                                       : "the handle is not a request");
    *request = MPI_REQUEST_NULL;
    if (req->active && !req->complete)
        req->orphan = true; /* lives on until it completes */
    else
        ipcr_req_free(req);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_free);

static void cancel(struct ipcr_req *req)
{
    if (req->kind != IPCR_REQ_OTHER)
        ipcr_p2p_cancel(req);
    else if (req->class->cancel)
        req->class->cancel(req);
}

int PMPI_Cancel(MPI_Request *request)
{
    IPCR_ENTER("MPI_Cancel");
    struct ipcr_req *req = ipcr_req_of(*request);
    if (!req)
        return IPCR_RAISE(NULL, MPI_ERR_REQUEST, "%s",
                          *request == MPI_REQUEST_NULL ? "the request is MPI_REQUEST_NULL"
                                                       : "the handle is not a request");
    if (req->active)
        cancel(req);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Cancel);

int PMPI_Test_cancelled(const MPI_Status *status, int *flag)
{
    *flag = ipcr_status_cancelled(status);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Test_cancelled);

int PMPI_Status_set_cancelled(MPI_Status *status, int flag)
{
    ipcr_status_set_cancelled(status, flag != 0);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Status_set_cancelled);

/* A buffered send completes when it is copied; what travels is a request of its own. */
static int start_buffered(struct ipcr_req *req)
{
    req->complete = true;
    return ipcr_bsend_start(&req->msg);
}

static int start(struct ipcr_req *req)
{
    if (!req->persistent)
        return ipcr_err_note(MPI_ERR_REQUEST, "the request is not a persistent one");
    if (req->active)
        return ipcr_err_note(MPI_ERR_REQUEST, "the persistent request is active already");
    req->active = true;
    if (req->kind == IPCR_REQ_OTHER) {
        req->complete = false;
        return req->class->start(req);
    }
    if (req->kind == IPCR_REQ_SEND && req->msg.mode == IPCR_BUFFERED)
        return start_buffered(req);
    if (req->kind == IPCR_REQ_SEND)
        ipcr_p2p_start_send(req);
    else
        ipcr_p2p_start_recv(req);
    return MPI_SUCCESS;
}

int PMPI_Start(MPI_Request *request)
{
    IPCR_ENTER("MPI_Start");
    struct ipcr_req *req = ipcr_req_of(*request);
    if (!req)
        return IPCR_RAISE(NULL, MPI_ERR_REQUEST, "the handle is not a request");
    return IPCR_FINISH(req->msg.comm, start(req));
}
IPCR_ALIAS(Start);

int PMPI_Startall(int count, MPI_Request array_of_requests[])
{
    IPCR_ENTER("MPI_Startall");
    int rc = check_all(count, array_of_requests);
    struct ipcr_comm *comm = NULL;
    for (int i = 0; i < count && rc == MPI_SUCCESS; i++) {
        struct ipcr_req *req = ipcr_req_of(array_of_requests[i]);
        comm = req ? req->msg.comm : NULL;
        rc = req ? start(req) : ipcr_err_note(MPI_ERR_REQUEST, "request %d is null", i);
    }
    return IPCR_FINISH(comm, rc);
}
IPCR_ALIAS(Startall);
