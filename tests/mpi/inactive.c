// The completion calls on null requests, on inactive persistent ones, on arrays that mix them with
// active ones, and on empty arrays: the empty-status rules of section 3.7.
#include "check.h"

enum { TAG = 30 };

// Something that no call would write.
static void spoil(MPI_Status *statuses, int count)
{
    for (int i = 0; i < count; i++) {
        memset(&statuses[i], 0x33, sizeof *statuses);
        statuses[i].MPI_SOURCE = statuses[i].MPI_TAG = 12345;
    }
}

// `idle` is null or inactive; it stays what it is.
static void one(MPI_Request idle)
{
    MPI_Request request = idle;
    MPI_Status status;
    int flag = 0;

    spoil(&status, 1);
    OK(MPI_Wait(&request, &status));
    EMPTY(&status);
    spoil(&status, 1);
    OK(MPI_Test(&request, &flag, &status));
    EQ(flag, 1);
    EMPTY(&status);
    spoil(&status, 1);
    flag = 0;
    OK(MPI_Request_get_status(request, &flag, &status));
    EQ(flag, 1);
    EMPTY(&status);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    CHECK(request == idle);
}

static void arrays(const MPI_Request *idle, int count)
{
    MPI_Request requests[4];
    MPI_Status statuses[4];
    int index = -5, flag = 0, indices[4], done = -5;

    for (int i = 0; i < count; i++)
        requests[i] = idle[i];
    spoil(statuses, 4);
    OK(MPI_Waitall(count, requests, statuses));
    for (int i = 0; i < count; i++)
        EMPTY(&statuses[i]);
    spoil(statuses, 4);
    OK(MPI_Testall(count, requests, &flag, statuses));
    EQ(flag, 1);
    for (int i = 0; i < count; i++)
        EMPTY(&statuses[i]);
    OK(MPI_Waitany(count, requests, &index, &statuses[0]));
    EQ(index, MPI_UNDEFINED);
    EMPTY(&statuses[0]);
    flag = 0, index = -5;
    spoil(statuses, 4);
    OK(MPI_Testany(count, requests, &index, &flag, &statuses[0]));
    EQ(flag, 1);
    EQ(index, MPI_UNDEFINED);
    EMPTY(&statuses[0]);
    OK(MPI_Waitsome(count, requests, &done, indices, statuses));
    EQ(done, MPI_UNDEFINED);
    done = -5;
    OK(MPI_Testsome(count, requests, &done, indices, statuses));
    EQ(done, MPI_UNDEFINED);
    for (int i = 0; i < count; i++)
        CHECK(requests[i] == idle[i]);
}

// One active receive among null and inactive requests: only it counts.
static void among_idle(MPI_Request inactive, int form)
{
    MPI_Request requests[4] = {MPI_REQUEST_NULL, inactive, MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    MPI_Status statuses[4], *own = &statuses[3];
    int value = 0, out = 77, index = -5, indices[4] = {-5}, done = -5;

    spoil(statuses, 4);
    OK(MPI_Irecv(&value, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &requests[3]));
    OK(MPI_Send(&out, 1, MPI_INT, me, TAG, MPI_COMM_WORLD));
    if (form == 0) {
        OK(MPI_Waitall(4, requests, statuses));
        for (int i = 0; i < 3; i++)
            EMPTY(&statuses[i]);
    } else if (form == 1) {
        OK(MPI_Waitany(4, requests, &index, own));
        EQ(index, 3);
    } else {
        OK(MPI_Waitsome(4, requests, &done, indices, statuses));
        EQ(done, 1);
        EQ(indices[0], 3);
        own = &statuses[0];
    }
    STATUS(own, me, TAG, MPI_INT, 1);
    EQ(value, 77);
    CHECK(requests[3] == MPI_REQUEST_NULL);
    CHECK(requests[1] == inactive);
}

// A send's status says nothing but that it was not cancelled.
static void of_a_send(void)
{
    MPI_Request send, receive;
    MPI_Status status;
    int out = 1, in = 0, flag = -1;

    OK(MPI_Irecv(&in, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &receive));
    OK(MPI_Isend(&out, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &send));
    spoil(&status, 1);
    OK(MPI_Wait(&send, &status));
    OK(MPI_Test_cancelled(&status, &flag));
    EQ(flag, 0);
    OK(MPI_Wait(&receive, &status));
    EQ(in, 1);
}

// The single completion calls leave MPI_ERROR alone (section 3.2.5).
static void error_field(void)
{
    MPI_Request request;
    MPI_Status status;
    int out = 1, in = 0;

    OK(MPI_Isend(&out, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &request));
    status.MPI_ERROR = 4711;
    OK(MPI_Recv(&in, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &status));
    EQ(status.MPI_ERROR, 4711);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
}

int main(int argc, char **argv)
{
    MPI_Request idle[4] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL, MPI_REQUEST_NULL, MPI_REQUEST_NULL};
    int value;

    check_begin(&argc, &argv);
    one(MPI_REQUEST_NULL);
    arrays(idle, 4);
    arrays(idle, 0);
    OK(MPI_Recv_init(&value, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &idle[1]));
    OK(MPI_Send_init(&value, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &idle[2]));
    one(idle[1]);
    one(idle[2]);
    arrays(idle, 4);
    arrays(idle + 1, 2);
    for (int form = 0; form < 3; form++) {
        among_idle(idle[1], form);
        among_idle(MPI_REQUEST_NULL, form);
    }
    OK(MPI_Request_free(&idle[1]));
    OK(MPI_Request_free(&idle[2]));
    of_a_send();
    error_field();
    return check_end();
}
