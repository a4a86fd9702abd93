/* MPI 5.0 chapter 4: partitioned communication. */
#include "args.h"
#include "decide.h"
#include "info.h"
#include "lock.h"
#include "partitioned.h"
#include "progress.h"
#include "request.h"

/* The arguments of any form; the count is an int in one of each pair, an MPI_Count in the other. */
#define ARGS                                  \
    &(struct ipcr_args)                       \
    {                                         \
        buf, count, datatype, dest, tag, comm \
    }

/* Neither side takes wildcards (section 4.2), so both are checked as a send is. No hints for these
 * are defined, nor are there any of ours. */
static int init(const struct ipcr_args *a, int partitions, MPI_Info info,
                int (*make)(const struct ipcr_msg *, int, struct ipcr_req **), MPI_Request *request)
{
    if (!request)
        return IPCR_NO_PLACE_ON(a->comm, "request");
    struct ipcr_msg m;
    struct ipcr_req *req;
    int rc = ipcr_args_send(a, IPCR_STANDARD, &m);
    if (rc == MPI_SUCCESS && info != MPI_INFO_NULL && !ipcr_info_of(info))
        rc = ipcr_err_note(MPI_ERR_INFO, "the handle is not an info object");
    if (rc == MPI_SUCCESS)
        rc = make(&m, partitions, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(ipcr_comm_of(a->comm), rc);
}

int PMPI_Psend_init(const void *buf, int partitions, int count, MPI_Datatype datatype, int dest,
                    int tag, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Psend_init");
    return init(ARGS, partitions, info, ipcr_part_send_init, request);
}
IPCR_ALIAS(Psend_init);

int PMPI_Psend_init_c(const void *buf, int partitions, MPI_Count count, MPI_Datatype datatype,
                      int dest, int tag, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Psend_init_c");
    return init(ARGS, partitions, info, ipcr_part_send_init, request);
}
IPCR_ALIAS(Psend_init_c);

int PMPI_Precv_init(void *buf, int partitions, int count, MPI_Datatype datatype, int dest, int tag,
                    MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Precv_init");
    return init(ARGS, partitions, info, ipcr_part_recv_init, request);
}
IPCR_ALIAS(Precv_init);

int PMPI_Precv_init_c(void *buf, int partitions, MPI_Count count, MPI_Datatype datatype, int dest,
                      int tag, MPI_Comm comm, MPI_Info info, MPI_Request *request)
{
    IPCR_ENTER("MPI_Precv_init_c");
    return init(ARGS, partitions, info, ipcr_part_recv_init, request);
}
IPCR_ALIAS(Precv_init_c);

/* The request of a call about partitions, or NULL (noted). */
static struct ipcr_req *request_of(MPI_Request request)
{
    struct ipcr_req *req = ipcr_req_of(request);
    if (!req)
        ipcr_err_note(MPI_ERR_REQUEST, "%s",
                      request == MPI_REQUEST_NULL ? "the request is MPI_REQUEST_NULL"
                                                  : "the handle is not a request");
    return req;
}

static int ready(MPI_Request request, int low, int high)
{
    struct ipcr_req *req = request_of(request);
    if (!req)
        return IPCR_FINISH(NULL, MPI_ERR_REQUEST);
    return IPCR_FINISH(req->msg.comm, ipcr_part_ready(req, low, high));
}

int PMPI_Pready(int partition, MPI_Request request)
{
    IPCR_ENTER("MPI_Pready");
    return ready(request, partition, partition);
}
IPCR_ALIAS(Pready);

int PMPI_Pready_range(int partition_low, int partition_high, MPI_Request request)
{
    IPCR_ENTER("MPI_Pready_range");
    return ready(request, partition_low, partition_high);
}
IPCR_ALIAS(Pready_range);

int PMPI_Pready_list(int length, const int array_of_partitions[], MPI_Request request)
{
    IPCR_ENTER("MPI_Pready_list");
    struct ipcr_req *req = request_of(request);
    if (!req)
        return IPCR_FINISH(NULL, MPI_ERR_REQUEST);
    if (length < 0 || (length && !array_of_partitions))
        return IPCR_RAISE(req->msg.comm, MPI_ERR_ARG, "the list has %d partitions at %p", length,
                          (const void *)array_of_partitions);
    for (int i = 0; i < length; i++) {
        int rc = ipcr_part_ready(req, array_of_partitions[i], array_of_partitions[i]);
        if (rc != MPI_SUCCESS)
            return IPCR_FINISH(req->msg.comm, rc);
    }
    return IPCR_LEAVE();
}
IPCR_ALIAS(Pready_list);

static int look(struct ipcr_req *req, int partition, bool *there)
{
    int rc = ipcr_part_arrived(req, partition, there);
    if (rc != MPI_SUCCESS || *there)
        return rc;
    ipcr_progress_poll();
    return ipcr_part_arrived(req, partition, there);
}

/* The answer that was recorded; a yes is true before it is given. */
static int decide(struct ipcr_req *req, int partition, bool *there)
{
    struct ipcr_idle idle = {0};
    bool yes = ipcr_decide_flag(*there);
    int rc = MPI_SUCCESS;
    while (yes && !*there && rc == MPI_SUCCESS) {
        ipcr_progress_step(&idle);
        rc = ipcr_part_arrived(req, partition, there);
    }
    ipcr_progress_end(&idle);
    *there = yes;
    return rc;
}

int PMPI_Parrived(MPI_Request request, int partition, int *flag)
{
    IPCR_ENTER("MPI_Parrived");
    if (!flag)
        return IPCR_NO_PLACE("flag");
    bool there = false;
    struct ipcr_req *req = request_of(request);
    if (!req)
        return IPCR_FINISH(NULL, MPI_ERR_REQUEST);
    int rc = look(req, partition, &there);
    if (rc == MPI_SUCCESS && IPCR_DECIDED())
        rc = decide(req, partition, &there);
    if (rc == MPI_SUCCESS)
        *flag = there;
    return IPCR_FINISH(req->msg.comm, rc);
}
IPCR_ALIAS(Parrived);
