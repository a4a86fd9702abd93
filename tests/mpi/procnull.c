// MPI_PROC_NULL as source and destination of every point-to-point call: each succeeds at once, and
// a receive gives the status that section 3.10 names and leaves the buffer alone.
#include "check.h"

enum { TAG = 6, BYTES = 32 };

typedef int send_call(const void *, int, MPI_Datatype, int, int, MPI_Comm);
typedef int isend_call(const void *, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request *);

static char data[BYTES];

static void sends(void)
{
    send_call *const calls[] = {MPI_Send, MPI_Bsend, MPI_Ssend, MPI_Rsend};
    isend_call *const icalls[] = {MPI_Isend, MPI_Ibsend, MPI_Issend, MPI_Irsend};
    isend_call *const inits[] = {MPI_Send_init, MPI_Bsend_init, MPI_Ssend_init, MPI_Rsend_init};
    MPI_Request request;
    int flag = 0;

    for (int mode = 0; mode < 4; mode++) {
        OK(calls[mode](data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD));
        OK(icalls[mode](data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        OK(icalls[mode](data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
        OK(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 1);
        OK(inits[mode](data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
        for (int round = 0; round < 3; round++) {
            OK(MPI_Start(&request));
            OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        }
        OK(MPI_Request_free(&request));
    }
}

static void receives(void)
{
    MPI_Request request;
    MPI_Status status;
    int flag = 0;

    OK(MPI_Recv(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &status));
    NOBODY(&status);
    OK(MPI_Recv(data, BYTES, MPI_BYTE, MPI_PROC_NULL, MPI_ANY_TAG, MPI_COMM_WORLD, &status));
    NOBODY(&status);
    OK(MPI_Irecv(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Wait(&request, &status));
    NOBODY(&status);
    OK(MPI_Irecv(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Test(&request, &flag, &status));
    EQ(flag, 1);
    NOBODY(&status);
    OK(MPI_Recv_init(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
    for (int round = 0; round < 3; round++) {
        OK(MPI_Start(&request));
        OK(MPI_Wait(&request, &status));
        NOBODY(&status);
    }
    OK(MPI_Request_free(&request));
    CHECK(all_bytes(data, BYTES, 0x6b));
}

// A chain without ends: each rank shifts to the right, the borders talk to nobody.
static void chain(void)
{
    int left = me == 0 ? MPI_PROC_NULL : me - 1, right = me == np - 1 ? MPI_PROC_NULL : me + 1;
    int got = -1, value = me;
    MPI_Status status;

    OK(MPI_Sendrecv(&me, 1, MPI_INT, right, TAG, &got, 1, MPI_INT, left, TAG, MPI_COMM_WORLD,
                    &status));
    EQ(got, me == 0 ? -1 : me - 1);
    if (me == 0)
        NOBODY(&status);
    else
        STATUS(&status, me - 1, TAG, MPI_INT, 1);
    OK(MPI_Sendrecv_replace(&value, 1, MPI_INT, right, TAG, left, TAG, MPI_COMM_WORLD, &status));
    EQ(value, me == 0 ? 0 : me - 1);
    value = 88;
    OK(MPI_Sendrecv_replace(&value, 1, MPI_INT, MPI_PROC_NULL, TAG, MPI_PROC_NULL, TAG,
                            MPI_COMM_WORLD, &status));
    EQ(value, 88);
    NOBODY(&status);
}

// In one array with real requests.
static void mixed(void)
{
    int in = -1, index = -5;
    MPI_Request requests[4];
    MPI_Status statuses[4];

    OK(MPI_Irecv(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Irecv(&in, 1, MPI_INT, MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &requests[1]));
    OK(MPI_Isend(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &requests[2]));
    OK(MPI_Isend(&me, 1, MPI_INT, (me + 1) % np, TAG, MPI_COMM_WORLD, &requests[3]));
    OK(MPI_Waitall(4, requests, statuses));
    NOBODY(&statuses[0]);
    EQ(in, (me + np - 1) % np);
    // Complete from the start, so Waitany has something to return although nobody sends.
    OK(MPI_Irecv(&in, 1, MPI_INT, MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Irecv(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &requests[1]));
    OK(MPI_Waitany(2, requests, &index, &statuses[0]));
    EQ(index, 1);
    NOBODY(&statuses[0]);
    OK(MPI_Cancel(&requests[0]));
    OK(MPI_Wait(&requests[0], MPI_STATUS_IGNORE));
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    memset(data, 0x6b, BYTES);
    sends();
    receives();
    chain();
    OK(MPI_Barrier(MPI_COMM_WORLD));
    mixed();
    return check_end();
}
