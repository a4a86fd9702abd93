/* MPI 5.0 sections 3.7.3, 3.7.5 and 3.7.6: completing requests, and asking how they are. */
#include "decide.h"
#include "err.h"
#include "lock.h"
#include "observe.h"
#include "progress.h"
#include "request.h"
#include "status.h"

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
    if (req->kind == IPCR_REQ_SEND) {
        if (to != MPI_STATUS_IGNORE)
            ipcr_status_set_cancelled(to, req->cancelled);
        return ipcr_req_result(req);
    }
    MPI_Status nobody = {0};
    return req->class->result ? req->class->result(req, to == MPI_STATUS_IGNORE ? &nobody : to)
                              : MPI_SUCCESS;
}

/* The status of a request that is complete, inactive or null; it stays the program's. */
static void look(MPI_Status *to, MPI_Request handle)
{
    if (ipcr_req_is_active(handle))
        fill_status(to, ipcr_req_of(handle));
    else
        fill_empty(to);
}

/* Hands a complete request back to the program: status out, handle gone (or inactive again). The
 * request may have been the last to know its communicator: if it failed, the caller gets a
 * reference, for the error handler. */
static int reap(MPI_Request *handle, MPI_Status *status)
{
    struct ipcr_req *req = ipcr_req_of(*handle);
    if (req == &ipcr_req_sent) {
        fill_empty(status);
        *handle = MPI_REQUEST_NULL;
        return MPI_SUCCESS;
    }
    IPCR_OBSERVE(back, req, status != MPI_STATUS_IGNORE);
    int rc = fill_status(status, req);
    if (req->kind == IPCR_REQ_OTHER && req->class->retire)
        rc = req->class->retire(req, rc);
    if (rc != MPI_SUCCESS && req->msg.comm)
        ipcr_comm_retain(req->msg.comm);
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

/* Raises what went wrong with a reaped request on the communicator it belonged to. */
static int raise_reaped(struct ipcr_comm *comm, int class)
{
    int result = IPCR_RAISE(comm, class, NULL);
    if (comm) {
        ipcr_lock_enter(ipcr_door.call);
        ipcr_comm_release(comm);
        IPCR_LEAVE();
    }
    return result;
}

static bool all_complete(int count, const MPI_Request *requests)
{
    for (int i = 0; i < count; i++)
        if (ipcr_req_is_active(requests[i]) && !is_complete(requests[i]))
            return false;
    return true;
}

/* The same after one attempt to make progress, if that is needed. `looks`: they stay the program's.
 */
static bool look_for_all(int count, const MPI_Request *requests, bool looks)
{
    if (IPCR_DECIDED())
        return ipcr_decide_all(
            &(struct ipcr_asked){.requests = requests, .count = count, .looks = looks});
    if (all_complete(count, requests))
        return true;
    ipcr_progress_poll();
    return all_complete(count, requests);
}

static int finish_one(MPI_Request *handle, MPI_Status *status)
{
    struct ipcr_comm *comm = comm_of(*handle);
    int rc = reap(handle, status);
    return rc == MPI_SUCCESS ? IPCR_LEAVE() : raise_reaped(comm, rc);
}

int PMPI_Wait(MPI_Request *request, MPI_Status *status)
{
    IPCR_ENTER("MPI_Wait");
    int rc = check_all(1, request);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    if (!ipcr_req_is_active(*request)) {
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
    if (!flag)
        return IPCR_NO_PLACE("flag");
    int rc = check_all(1, request);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    if (!ipcr_req_is_active(*request)) {
        *flag = 1;
        fill_empty(status);
        return IPCR_LEAVE();
    }
    *flag = look_for_all(1, request, false);
    return *flag ? finish_one(request, status) : IPCR_LEAVE();
}
IPCR_ALIAS(Test);

/* ---- any and some: which are reported ----------------------------------------------------------
 */

/* Complete requests, at most a->most of them, into indices; *active counts those that may yet. */
static int collect(const struct ipcr_asked *a, int *indices, int *active)
{
    int n = 0;
    *active = 0;
    for (int i = 0; i < a->count && n < a->most; i++) {
        if (!ipcr_req_is_active(a->requests[i]))
            continue;
        ++*active;
        if (is_complete(a->requests[i]))
            indices[n++] = i;
    }
    return n;
}

/* Those that the call reports: their number, 0 after one attempt to make progress in vain (never if
 * it waits), MPI_UNDEFINED if there is no active request at all. */
static int choose(const struct ipcr_asked *a, int *indices)
{
    struct ipcr_idle idle = {.any = a};
    int active, n;
    if (IPCR_DECIDED())
        return ipcr_decide_some(a, indices);
    n = collect(a, indices, &active);
    if (n == 0 && active && !a->waits) {
        ipcr_progress_poll();
        return collect(a, indices, &active);
    }
    while (n == 0 && active) {
        ipcr_progress_step(&idle);
        n = collect(a, indices, &active);
    }
    ipcr_progress_end(&idle);
    return active ? n : MPI_UNDEFINED;
}

/* One that the call reports; MPI_UNDEFINED: *flag says whether that is because none is active. */
static int choose_one(const struct ipcr_asked *a, int *flag)
{
    int i, n = choose(a, &i);
    *flag = n != 0;
    return n == 1 ? i : MPI_UNDEFINED;
}

/* ---- any --------------------------------------------------------------------------------------
 */

int PMPI_Waitany(int count, MPI_Request array_of_requests[], int *indx, MPI_Status *status)
{
    IPCR_ENTER("MPI_Waitany");
    if (!indx)
        return IPCR_NO_PLACE("indx");
    int flag, rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *indx = choose_one(
        &(struct ipcr_asked){
            .requests = array_of_requests, .count = count, .most = 1, .waits = true},
        &flag);
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
    if (!indx)
        return IPCR_NO_PLACE("indx");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *indx = choose_one(
        &(struct ipcr_asked){.requests = array_of_requests, .count = count, .most = 1}, flag);
    if (*indx != MPI_UNDEFINED)
        return finish_one(&array_of_requests[*indx], status);
    if (*flag)
        fill_empty(status);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Testany);

/* ---- all --------------------------------------------------------------------------------------
 */

struct outcome {            /* of a call that reports on several requests */
    struct ipcr_comm *comm; /* of the first that failed */
    int class;              /* its error class */
};

/* Enters the error class of the request whose status is the i-th. MPI_ERROR is set in all statuses
 * if some request has failed, and in none otherwise (section 3.2.5); so the first failure also sets
 * those that were filled before. */
static void report(struct outcome *o, MPI_Status *statuses, int i, struct ipcr_comm *comm,
                   int class)
{
    if (class != MPI_SUCCESS && o->class == MPI_SUCCESS) {
        o->class = class;
        o->comm = comm;
        for (int j = 0; j < i && statuses != MPI_STATUSES_IGNORE; j++)
            statuses[j].MPI_ERROR = MPI_SUCCESS;
    } else if (class != MPI_SUCCESS && comm) {
        ipcr_comm_release(comm); /* reap() kept it; one handler is called */
    }
    if (o->class != MPI_SUCCESS && statuses != MPI_STATUSES_IGNORE)
        statuses[i].MPI_ERROR = class;
}

/* While nothing has failed there is nothing to report. */
static inline void note(struct outcome *o, MPI_Status *statuses, int i, struct ipcr_comm *comm,
                        int class)
{
    if (__builtin_expect(class != MPI_SUCCESS || o->class != MPI_SUCCESS, 0))
        report(o, statuses, i, comm, class);
}

/* Hands all requests of a complete set back. One failure makes the call fail with
 * MPI_ERR_IN_STATUS, and then every status says how its request went (section 3.7.5). */
static int reap_all(int count, MPI_Request *requests, MPI_Status *statuses)
{
    struct outcome o = {0};
    for (int i = 0; i < count; i++) {
        if (!ipcr_req_is_active(requests[i])) {
            fill_empty(status_at(statuses, i));
            note(&o, statuses, i, NULL, MPI_SUCCESS);
            continue;
        }
        struct ipcr_comm *comm = comm_of(requests[i]);
        note(&o, statuses, i, comm, reap(&requests[i], status_at(statuses, i)));
    }
    if (o.class == MPI_SUCCESS)
        return IPCR_LEAVE();
    return raise_reaped(o.comm, statuses == MPI_STATUSES_IGNORE ? o.class : MPI_ERR_IN_STATUS);
}

/* One poll brings what several requests wait for: the last one ends it, not each. */
static void wait_for_all(int count, const MPI_Request *requests)
{
    const struct ipcr_req *last = NULL;
    for (int i = count; i-- > 0 && !last;)
        if (ipcr_req_is_active(requests[i]) && !is_complete(requests[i]))
            last = ipcr_req_of(requests[i]);
    for (int i = 0; last && i < count; i++) {
        if (!ipcr_req_is_active(requests[i]) || is_complete(requests[i]))
            continue;
        struct ipcr_idle idle = {.on = ipcr_req_of(requests[i]), .completes = true};
        while (!idle.on->complete) {
            idle.until = last->complete ? NULL : last;
            ipcr_progress_step(&idle);
        }
        ipcr_progress_end(&idle);
    }
}

int PMPI_Waitall(int count, MPI_Request array_of_requests[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Waitall");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    wait_for_all(count, array_of_requests);
    return reap_all(count, array_of_requests, array_of_statuses);
}
IPCR_ALIAS(Waitall);

int PMPI_Testall(int count, MPI_Request array_of_requests[], int *flag,
                 MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Testall");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *flag = look_for_all(count, array_of_requests, false);
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

/* Chooses and reaps; *done is MPI_UNDEFINED when no request is active at all. */
static int reap_some(const struct some *s, bool waits)
{
    struct outcome o = {0};
    struct ipcr_asked asked = {
        .requests = s->requests, .count = s->count, .most = s->count, .waits = waits};
    *s->done = choose(&asked, s->indices);
    for (int n = 0; n < *s->done; n++) {
        MPI_Request *request = &s->requests[s->indices[n]];
        struct ipcr_comm *comm = comm_of(*request);
        note(&o, s->statuses, n, comm, reap(request, status_at(s->statuses, n)));
    }
    if (o.class == MPI_SUCCESS)
        return IPCR_LEAVE();
    return raise_reaped(o.comm, s->statuses == MPI_STATUSES_IGNORE ? o.class : MPI_ERR_IN_STATUS);
}

int PMPI_Waitsome(int incount, MPI_Request array_of_requests[], int *outcount,
                  int array_of_indices[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Waitsome");
    if (!outcount)
        return IPCR_NO_PLACE("outcount");
    int rc = check_all(incount, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    return reap_some(
        &(struct some){array_of_requests, incount, outcount, array_of_indices, array_of_statuses},
        true);
}
IPCR_ALIAS(Waitsome);

int PMPI_Testsome(int incount, MPI_Request array_of_requests[], int *outcount,
                  int array_of_indices[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Testsome");
    if (!outcount)
        return IPCR_NO_PLACE("outcount");
    int rc = check_all(incount, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    return reap_some(
        &(struct some){array_of_requests, incount, outcount, array_of_indices, array_of_statuses},
        false);
}
IPCR_ALIAS(Testsome);

/* ---- looking without taking: section 3.7.6 -----------------------------------------------------
 * An error is not reported here; it stays with the request until that is handed back. */

int PMPI_Request_get_status(MPI_Request request, int *flag, MPI_Status *status)
{
    IPCR_ENTER("MPI_Request_get_status");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    int rc = check_all(1, &request);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *flag = look_for_all(1, &request, true);
    if (*flag)
        look(status, request);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_get_status);

int PMPI_Request_get_status_any(int count, const MPI_Request array_of_requests[], int *indx,
                                int *flag, MPI_Status *status)
{
    IPCR_ENTER("MPI_Request_get_status_any");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *indx = choose_one(
        &(struct ipcr_asked){
            .requests = array_of_requests, .count = count, .most = 1, .looks = true},
        flag);
    if (*flag)
        look(status, *indx == MPI_UNDEFINED ? MPI_REQUEST_NULL : array_of_requests[*indx]);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_get_status_any);

int PMPI_Request_get_status_all(int count, const MPI_Request array_of_requests[], int *flag,
                                MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Request_get_status_all");
    int rc = check_all(count, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *flag = look_for_all(count, array_of_requests, true);
    for (int i = 0; i < count && *flag; i++)
        look(status_at(array_of_statuses, i), array_of_requests[i]);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_get_status_all);

int PMPI_Request_get_status_some(int incount, const MPI_Request array_of_requests[], int *outcount,
                                 int array_of_indices[], MPI_Status array_of_statuses[])
{
    IPCR_ENTER("MPI_Request_get_status_some");
    int rc = check_all(incount, array_of_requests);
    if (rc != MPI_SUCCESS)
        return IPCR_RAISE(NULL, rc, NULL);
    *outcount = choose(
        &(struct ipcr_asked){
            .requests = array_of_requests, .count = incount, .most = incount, .looks = true},
        array_of_indices);
    for (int n = 0; n < *outcount; n++)
        look(status_at(array_of_statuses, n), array_of_requests[array_of_indices[n]]);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Request_get_status_some);
