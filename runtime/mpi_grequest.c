/* MPI 5.0 section 13.2: generalised requests, whose work the program does itself. */
#include <stdlib.h>

#include "err.h"
#include "lock.h"
#include "request.h"

struct grequest { /* the program's functions and what they are called with */
    MPI_Grequest_query_function *query;
    MPI_Grequest_free_function *free;
    MPI_Grequest_cancel_function *cancel;
    void *extra;
    bool retired; /* free was called */
};

/* The functions run under the library's lock and may call MPI. That must not change under which
 * name errors of the call around them are reported. */
static int call_query(const struct grequest *g, MPI_Status *status)
{
    const char *call = ipcr_door.call;
    int code = g->query(g->extra, status);
    ipcr_door.call = call;
    return code;
}

static int call_free(struct grequest *g)
{
    const char *call = ipcr_door.call;
    g->retired = true;
    int code = g->free(g->extra);
    ipcr_door.call = call;
    return code;
}

static int call_cancel(const struct grequest *g, bool complete)
{
    const char *call = ipcr_door.call;
    int code = g->cancel(g->extra, complete);
    ipcr_door.call = call;
    return code;
}

static int result(struct ipcr_req *req, MPI_Status *status)
{
    return call_query(req->state, status);
}

/* What free returns is what the call returns that handed the request back. Where it is content, an
 * error of query must not be lost. */
static int retire(struct ipcr_req *req, int result)
{
    int code = call_free(req->state);
    return code != MPI_SUCCESS ? code : result;
}

static int cancel(struct ipcr_req *req)
{
    return call_cancel(req->state, req->complete);
}

/* A request that MPI_Request_free gave up was never handed back: its free is still to be called. */
static void release(struct ipcr_req *req)
{
    struct grequest *g = req->state;
    if (!g->retired)
        call_free(g);
    free(g);
}

static const struct ipcr_req_class generalised = {.name = "generalised request",
                                                  .cancel = cancel,
                                                  .result = result,
                                                  .retire = retire,
                                                  .release = release};

int PMPI_Grequest_start(MPI_Grequest_query_function *query_fn, MPI_Grequest_free_function *free_fn,
                        MPI_Grequest_cancel_function *cancel_fn, void *extra_state,
                        MPI_Request *request)
{
    IPCR_ENTER("MPI_Grequest_start");
    if (!query_fn || !free_fn || !cancel_fn)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "%s is NULL",
                          !query_fn  ? "query_fn"
                          : !free_fn ? "free_fn"
                                     : "cancel_fn");
    struct grequest *g = malloc(sizeof *g);
    if (!g)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for a generalised request");
    *g = (struct grequest){query_fn, free_fn, cancel_fn, extra_state, false};
    struct ipcr_req *req = ipcr_req_new_other(&generalised, g, NULL);
    req->active = true;
    *request = (MPI_Request)req;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Grequest_start);

int PMPI_Grequest_complete(MPI_Request request)
{
    IPCR_ENTER("MPI_Grequest_complete");
    struct ipcr_req *req = ipcr_req_of(request);
    if (!req || req->kind != IPCR_REQ_OTHER || req->class != &generalised)
        return IPCR_RAISE(NULL, MPI_ERR_REQUEST, "the handle is not a generalised request");
    if (req->complete)
        return IPCR_RAISE(NULL, MPI_ERR_REQUEST, "the request is complete already");
    ipcr_req_complete(req);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Grequest_complete);
