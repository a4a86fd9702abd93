// Generalised requests: which functions are called, how often and when; what they report; together
// with other requests, freed early, cancelled, failing, and completed by another thread.
#include "check.h"

#include <pthread.h>

enum { TAG = 8 };

struct work { // what one request stands for, and what happened to it
    int queried, freed, cancelled;
    int complete_at_cancel;
    int query_code, free_code;
    MPI_Count items;
};

static int query(void *extra, MPI_Status *status)
{
    struct work *work = extra;

    work->queried++;
    EQ(work->freed, 0);
    OK(MPI_Status_set_elements_c(status, MPI_INT, work->items));
    OK(MPI_Status_set_cancelled(status, work->cancelled));
    OK(MPI_Status_set_source(status, 11));
    OK(MPI_Status_set_tag(status, 12));
    return work->query_code;
}

static int done(void *extra)
{
    struct work *work = extra;

    work->freed++;
    return work->free_code;
}

static int cancel(void *extra, int complete)
{
    struct work *work = extra;

    work->cancelled++;
    work->complete_at_cancel = complete;
    return MPI_SUCCESS;
}

static MPI_Request start(struct work *work)
{
    MPI_Request request = MPI_REQUEST_NULL;

    OK(MPI_Grequest_start(query, done, cancel, work, &request));
    CHECK(request != MPI_REQUEST_NULL);
    return request;
}

static void happened(const struct work *work, int queried, int freed)
{
    EQ(work->queried, queried);
    EQ(work->freed, freed);
}

static void waited_for(void)
{
    struct work work = {.items = (MPI_Count)5 << 32};
    MPI_Request request = start(&work);
    MPI_Status status;
    MPI_Count count = 0;
    int flag = -1;

    OK(MPI_Test(&request, &flag, &status));
    EQ(flag, 0);
    happened(&work, 0, 0);
    OK(MPI_Grequest_complete(request));
    happened(&work, 0, 0);
    OK(MPI_Request_get_status(request, &flag, &status));
    EQ(flag, 1);
    happened(&work, 1, 0);
    OK(MPI_Get_elements_c(&status, MPI_INT, &count));
    EQ(count, work.items);
    OK(MPI_Wait(&request, &status));
    CHECK(request == MPI_REQUEST_NULL);
    happened(&work, 2, 1);
    STATUS(&status, 11, 12, MPI_BYTE, MPI_UNDEFINED);
    OK(MPI_Get_count_c(&status, MPI_INT, &count));
    EQ(count, work.items);
}

// Without a status query is called all the same; it always gets one to fill.
static void status_ignored(void)
{
    struct work work[2] = {{0}};
    MPI_Request requests[2] = {start(&work[0]), start(&work[1])};

    OK(MPI_Grequest_complete(requests[1]));
    OK(MPI_Grequest_complete(requests[0]));
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
    happened(&work[0], 1, 1);
    happened(&work[1], 1, 1);
}

// In one array with messages.
static void among_messages(void)
{
    struct work work = {.items = 3};
    int out = me, in = -1, index = -1;
    MPI_Request requests[3];
    MPI_Status status;

    OK(MPI_Irecv(&in, 1, MPI_INT, (me + np - 1) % np, TAG, MPI_COMM_WORLD, &requests[0]));
    requests[1] = start(&work);
    requests[2] = MPI_REQUEST_NULL;
    OK(MPI_Grequest_complete(requests[1]));
    OK(MPI_Waitany(3, requests + 0, &index, &status));
    EQ(index, 1);
    happened(&work, 1, 1);
    STATUS(&status, 11, 12, MPI_INT, 3);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(MPI_Send(&out, 1, MPI_INT, (me + 1) % np, TAG, MPI_COMM_WORLD));
    OK(MPI_Waitall(3, requests, MPI_STATUSES_IGNORE));
    EQ(in, (me + np - 1) % np);
    happened(&work, 1, 1);
}

// MPI_Request_free: free is called, query is not; with an incomplete request when it completes.
static void given_up(void)
{
    struct work before = {0}, after = {0};
    MPI_Request request = start(&before), same = request;

    OK(MPI_Request_free(&request));
    CHECK(request == MPI_REQUEST_NULL);
    happened(&before, 0, 0);
    OK(MPI_Grequest_complete(same));
    happened(&before, 0, 1);
    request = start(&after);
    OK(MPI_Grequest_complete(request));
    OK(MPI_Request_free(&request));
    happened(&after, 0, 1);
}

static void cancelled(void)
{
    struct work work = {0}, late = {0};
    MPI_Request request = start(&work);
    MPI_Status status;
    int flag = 0;

    OK(MPI_Cancel(&request));
    EQ(work.cancelled, 1);
    EQ(work.complete_at_cancel, 0);
    OK(MPI_Grequest_complete(request));
    OK(MPI_Wait(&request, &status));
    OK(MPI_Test_cancelled(&status, &flag));
    EQ(flag, 1);
    request = start(&late);
    OK(MPI_Grequest_complete(request));
    OK(MPI_Cancel(&request));
    EQ(late.cancelled, 1);
    CHECK(late.complete_at_cancel);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
}

// What a function returns is what the call returns that made it happen; codes of the program, too.
static void failing(void)
{
    struct work bad_free = {.free_code = MPI_ERR_OTHER}, bad_query = {.query_code = MPI_ERR_TAG};
    struct work good = {0}, own = {0};
    MPI_Request request, requests[2];
    MPI_Status statuses[2];
    int class, code;

    request = start(&bad_free);
    OK(MPI_Grequest_complete(request));
    FAILS(MPI_Wait(&request, MPI_STATUS_IGNORE), MPI_ERR_OTHER);
    happened(&bad_free, 1, 1);
    request = start(&bad_query);
    OK(MPI_Grequest_complete(request));
    FAILS(MPI_Wait(&request, MPI_STATUS_IGNORE), MPI_ERR_TAG);
    happened(&bad_query, 1, 1);

    OK(MPI_Add_error_class(&class));
    OK(MPI_Add_error_code(class, &code));
    own.free_code = code;
    requests[0] = start(&good);
    requests[1] = start(&own);
    OK(MPI_Grequest_complete(requests[0]));
    OK(MPI_Grequest_complete(requests[1]));
    FAILS(MPI_Waitall(2, requests, statuses), MPI_ERR_IN_STATUS);
    EQ(statuses[0].MPI_ERROR, MPI_SUCCESS);
    EQ(statuses[1].MPI_ERROR, code);
    happened(&good, 1, 1);
    happened(&own, 1, 1);
}

static void wrong(void)
{
    struct work work = {0};
    MPI_Request request;
    int value = 0;

    FAILS(MPI_Grequest_start(NULL, done, cancel, &work, &request), MPI_ERR_ARG);
    FAILS(MPI_Grequest_complete(MPI_REQUEST_NULL), MPI_ERR_REQUEST);
    OK(MPI_Recv_init(&value, 1, MPI_INT, 0, TAG, MPI_COMM_WORLD, &request));
    FAILS(MPI_Grequest_complete(request), MPI_ERR_REQUEST);
    OK(MPI_Request_free(&request));
    request = start(&work);
    OK(MPI_Grequest_complete(request));
    FAILS(MPI_Grequest_complete(request), MPI_ERR_REQUEST);
    FAILS(MPI_Start(&request), MPI_ERR_REQUEST);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    happened(&work, 1, 1);
}

struct job {
    MPI_Request request;
    int delay; // milliseconds
};

static void *worker(void *argument)
{
    struct job *job = argument;
    double begin = MPI_Wtime();

    while (MPI_Wtime() - begin < job->delay / 1000.0)
        sched_yield();
    OK(MPI_Grequest_complete(job->request));
    return NULL;
}

// The use that these requests were made for: a thread does the work, the main one waits.
static void threads(void)
{
    enum { COUNT = 4 };
    struct work works[COUNT] = {{0}};
    MPI_Request requests[COUNT];
    struct job jobs[COUNT];
    pthread_t threads[COUNT];

    for (int i = 0; i < COUNT; i++) {
        works[i].items = i;
        requests[i] = start(&works[i]);
        jobs[i] = (struct job){requests[i], 30 - 7 * i};
    }
    for (int i = 0; i < COUNT; i++)
        pthread_create(&threads[i], NULL, worker, &jobs[i]);
    for (int i = 0; i < COUNT; i++) {
        int index = -1;
        MPI_Status status;
        OK(MPI_Waitany(COUNT, requests, &index, &status));
        if (index < 0 || index >= COUNT)
            FAIL("index is %d", index);
        else
            STATUS(&status, 11, 12, MPI_INT, index);
    }
    for (int i = 0; i < COUNT; i++) {
        pthread_join(threads[i], NULL);
        happened(&works[i], 1, 1);
    }
}

int main(int argc, char **argv)
{
    int provided = MPI_THREAD_SINGLE;

    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &np);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    waited_for();
    status_ignored();
    among_messages();
    given_up();
    cancelled();
    failing();
    wrong();
    if (provided == MPI_THREAD_MULTIPLE)
        threads();
    return check_end();
}
