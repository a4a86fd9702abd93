// MPI_Request_get_status and its forms for any, all and some: they say what a request's state is
// and leave it as it is, as often as one likes; and MPI_ERROR in statuses.
#include "check.h"

enum { TAG = 4, COUNT = 4 };

static int right, left;

static void send(int i)
{
    int value = 10 * me + i;
    OK(MPI_Send(&value, 1, MPI_INT, right, TAG + i, MPI_COMM_WORLD));
}

static void none_active(void)
{
    MPI_Request requests[COUNT], send;
    MPI_Status statuses[COUNT];
    int flag = -1, index = -1, done = -1, indices[COUNT], value = 0;

    OK(MPI_Send_init(&value, 1, MPI_INT, right, TAG, MPI_COMM_WORLD, &send));
    for (int i = 0; i < COUNT; i++)
        requests[i] = i % 2 ? send : MPI_REQUEST_NULL;
    OK(MPI_Request_get_status_any(COUNT, requests, &index, &flag, statuses));
    EQ(index, MPI_UNDEFINED);
    EQ(flag, 1);
    EMPTY(statuses);
    OK(MPI_Request_get_status_all(COUNT, requests, &flag, statuses));
    EQ(flag, 1);
    for (int i = 0; i < COUNT; i++)
        EMPTY(&statuses[i]);
    OK(MPI_Request_get_status_some(COUNT, requests, &done, indices, statuses));
    EQ(done, MPI_UNDEFINED);
    OK(MPI_Request_get_status_any(0, NULL, &index, &flag, statuses));
    EQ(index, MPI_UNDEFINED);
    EQ(flag, 1);
    OK(MPI_Request_get_status_all(0, NULL, &flag, MPI_STATUSES_IGNORE));
    EQ(flag, 1);
    OK(MPI_Request_get_status_some(0, NULL, &done, NULL, MPI_STATUSES_IGNORE));
    EQ(done, MPI_UNDEFINED);
    OK(MPI_Request_free(&send));
}

// Receive 2 is complete, the others cannot be.
static void one_complete(MPI_Request *requests)
{
    MPI_Status statuses[COUNT];
    int flag = 0, index = -1, done = -1, indices[COUNT];

    send(2);
    while (!flag)
        OK(MPI_Request_get_status(requests[2], &flag, &statuses[0]));
    for (int again = 0; again < 3; again++) {
        OK(MPI_Request_get_status_any(COUNT, requests, &index, &flag, &statuses[0]));
        EQ(flag, 1);
        EQ(index, 2);
        STATUS(&statuses[0], left, TAG + 2, MPI_INT, 1);
        OK(MPI_Request_get_status_some(COUNT, requests, &done, indices, statuses));
        EQ(done, 1);
        EQ(indices[0], 2);
        STATUS(&statuses[0], left, TAG + 2, MPI_INT, 1);
        OK(MPI_Request_get_status_all(COUNT, requests, &flag, statuses));
        EQ(flag, 0);
        OK(MPI_Request_get_status(requests[1], &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
    }
    CHECK(requests[2] != MPI_REQUEST_NULL);
}

static void all_complete(MPI_Request *requests)
{
    MPI_Status statuses[COUNT];
    int flag = 0, done = -1, indices[COUNT];

    for (int i = 0; i < COUNT; i++)
        if (i != 2)
            send(i);
    while (!flag)
        OK(MPI_Request_get_status_all(COUNT, requests, &flag, statuses));
    for (int i = 0; i < COUNT; i++)
        STATUS(&statuses[i], left, TAG + i, MPI_INT, 1);
    OK(MPI_Request_get_status_some(COUNT, requests, &done, indices, MPI_STATUSES_IGNORE));
    EQ(done, COUNT);
    for (int i = 0; i < COUNT; i++)
        EQ(indices[i], i);
}

static void receives(void)
{
    MPI_Request requests[COUNT];
    MPI_Status statuses[COUNT];
    int values[COUNT], flag = -1, index = -1, done = -1, indices[COUNT];

    for (int i = 0; i < COUNT; i++)
        OK(MPI_Irecv(&values[i], 1, MPI_INT, left, TAG + i, MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(MPI_Request_get_status_any(COUNT, requests, &index, &flag, statuses));
    EQ(flag, 0);
    OK(MPI_Request_get_status_some(COUNT, requests, &done, indices, statuses));
    EQ(done, 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    one_complete(requests);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    all_complete(requests);
    OK(MPI_Waitall(COUNT, requests, statuses));
    for (int i = 0; i < COUNT; i++) {
        CHECK(requests[i] == MPI_REQUEST_NULL);
        EQ(values[i], 10 * left + i);
        STATUS(&statuses[i], left, TAG + i, MPI_INT, 1);
    }
}

// MPI_ERROR of statuses is written if and only if the call returns MPI_ERR_IN_STATUS.
static void errors(int bad)
{
    MPI_Request requests[COUNT];
    MPI_Status statuses[COUNT];
    int values[COUNT][2], out[2] = {1, 2}, done = 0;

    for (int i = 0; i < COUNT; i++) {
        statuses[i].MPI_ERROR = -55;
        OK(MPI_Irecv(values[i], i == bad ? 1 : 2, MPI_INT, left, TAG + i, MPI_COMM_WORLD,
                     &requests[i]));
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < COUNT; i++)
        OK(MPI_Send(out, 2, MPI_INT, right, TAG + i, MPI_COMM_WORLD));
    if (bad < 0) {
        OK(MPI_Waitall(COUNT, requests, statuses));
    } else {
        while (!done)
            OK(MPI_Request_get_status_all(COUNT, requests, &done, statuses));
        FAILS(MPI_Waitall(COUNT, requests, statuses), MPI_ERR_IN_STATUS);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK(requests[i] == MPI_REQUEST_NULL);
        EQ(statuses[i].MPI_ERROR, bad < 0 ? -55 : i == bad ? MPI_ERR_TRUNCATE : MPI_SUCCESS);
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    right = (me + 1) % np;
    left = (me + np - 1) % np;
    none_active();
    receives();
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    errors(-1);
    errors(0);
    errors(2);
    errors(COUNT - 1);
    return check_end();
}
