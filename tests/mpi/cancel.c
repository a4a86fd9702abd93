// MPI_Cancel of receives: one that no message has met is cancelled and takes nothing; one that is
// complete stays complete; in a race it is the one or the other, and no message is lost.
#include "check.h"

enum { TAG = 2 };

static int cancelled(const MPI_Status *status)
{
    int flag = -1;
    OK(MPI_Test_cancelled(status, &flag));
    return flag;
}

static void cancel_unmatched(int source, int tag)
{
    char untouched[64], got[64] = {0}, out[64];
    MPI_Request request;
    MPI_Status status;

    memset(untouched, 0x5a, sizeof untouched);
    OK(MPI_Irecv(untouched, sizeof untouched, MPI_BYTE, source, tag, MPI_COMM_WORLD, &request));
    OK(MPI_Cancel(&request));
    CHECK(request != MPI_REQUEST_NULL);
    OK(MPI_Wait(&request, &status));
    CHECK(request == MPI_REQUEST_NULL);
    EQ(cancelled(&status), 1);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    // The message that comes now goes to the next receive, not to the cancelled one.
    OK(MPI_Irecv(got, sizeof got, MPI_BYTE, MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &request));
    fill(out, sizeof out, 9);
    OK(MPI_Send(out, sizeof out, MPI_BYTE, (me + 1) % np, TAG, MPI_COMM_WORLD));
    OK(MPI_Wait(&request, &status));
    EQ(cancelled(&status), 0);
    STATUS(&status, (me + np - 1) % np, TAG, MPI_BYTE, (int)sizeof got);
    FILLED(got, sizeof got, 9);
    CHECK(all_bytes(untouched, sizeof untouched, 0x5a));
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// In the middle of a queue of receives: the others keep their order.
static void cancel_in_the_middle(void)
{
    enum { COUNT = 9 };
    int values[COUNT], out[COUNT], left = (me + np - 1) % np;
    MPI_Request requests[COUNT];
    MPI_Status statuses[COUNT];

    for (int i = 0; i < COUNT; i++)
        OK(MPI_Irecv(&values[i], 1, MPI_INT, i % 2 ? left : MPI_ANY_SOURCE,
                     i % 3 ? TAG : MPI_ANY_TAG, MPI_COMM_WORLD, &requests[i]));
    for (int i = 1; i < COUNT; i += 2)
        OK(MPI_Cancel(&requests[i]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < COUNT; i += 2) {
        out[i] = i;
        OK(MPI_Send(&out[i], 1, MPI_INT, (me + 1) % np, TAG, MPI_COMM_WORLD));
    }
    OK(MPI_Waitall(COUNT, requests, statuses));
    for (int i = 0; i < COUNT; i++) {
        EQ(cancelled(&statuses[i]), i % 2);
        if (i % 2 == 0)
            EQ(values[i], i);
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Complete before the cancel: the cancel has no effect.
static void cancel_too_late(int bytes)
{
    char *in = need((size_t)bytes), *out = need((size_t)bytes);
    MPI_Request receive, send;
    MPI_Status status;
    int flag = 0;

    fill(out, (size_t)bytes, 4);
    OK(MPI_Irecv(in, bytes, MPI_BYTE, (me + np - 1) % np, TAG, MPI_COMM_WORLD, &receive));
    OK(MPI_Isend(out, bytes, MPI_BYTE, (me + 1) % np, TAG, MPI_COMM_WORLD, &send));
    while (!flag)
        OK(MPI_Request_get_status(receive, &flag, &status));
    OK(MPI_Cancel(&receive));
    OK(MPI_Wait(&receive, &status));
    EQ(cancelled(&status), 0);
    STATUS(&status, (me + np - 1) % np, TAG, MPI_BYTE, bytes);
    FILLED(in, (size_t)bytes, 4);
    OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
    free(out);
    free(in);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// The message is under way while the receive is cancelled.
static void cancel_in_a_race(int rounds, int bytes)
{
    char *in = need((size_t)bytes), *out = need((size_t)bytes);
    MPI_Request receive, send;
    MPI_Status status;

    for (int i = 0; i < rounds; i++) {
        fill(out, (size_t)bytes, (uint64_t)i);
        OK(MPI_Isend(out, bytes, MPI_BYTE, (me + 1) % np, TAG, MPI_COMM_WORLD, &send));
        OK(MPI_Irecv(in, bytes, MPI_BYTE, MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &receive));
        OK(MPI_Cancel(&receive));
        OK(MPI_Wait(&receive, &status));
        if (cancelled(&status))
            OK(MPI_Recv(in, bytes, MPI_BYTE, MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &status));
        STATUS(&status, (me + np - 1) % np, TAG, MPI_BYTE, bytes);
        FILLED(in, (size_t)bytes, (uint64_t)i);
        OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
    }
    free(out);
    free(in);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// A persistent receive is cancelled for this start only.
static void cancel_persistent(void)
{
    int value = -1, out = me;
    MPI_Request request;
    MPI_Status status;

    OK(MPI_Recv_init(&value, 1, MPI_INT, (me + np - 1) % np, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Start(&request));
    OK(MPI_Cancel(&request));
    OK(MPI_Wait(&request, &status));
    CHECK(request != MPI_REQUEST_NULL);
    EQ(cancelled(&status), 1);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(MPI_Start(&request));
    OK(MPI_Send(&out, 1, MPI_INT, (me + 1) % np, TAG, MPI_COMM_WORLD));
    OK(MPI_Wait(&request, &status));
    EQ(cancelled(&status), 0);
    EQ(value, (me + np - 1) % np);
    OK(MPI_Request_free(&request));
}

// Cancelled and then only freed: the program can still end.
static void cancel_and_free(void)
{
    static int value;
    MPI_Request request;

    OK(MPI_Irecv(&value, 1, MPI_INT, MPI_ANY_SOURCE, 99, MPI_COMM_WORLD, &request));
    OK(MPI_Cancel(&request));
    OK(MPI_Request_free(&request));
    CHECK(request == MPI_REQUEST_NULL);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    cancel_unmatched((me + np - 1) % np, TAG);
    cancel_unmatched(MPI_ANY_SOURCE, TAG);
    cancel_unmatched(MPI_ANY_SOURCE, MPI_ANY_TAG);
    cancel_in_the_middle();
    cancel_too_late(8);
    cancel_too_late(500000);
    cancel_in_a_race(500, 8);
    cancel_in_a_race(20, 300000);
    cancel_persistent();
    cancel_and_free();
    return check_end();
}
