// Nonblocking receives of messages that have come already, and of some that have not: in order,
// with what their statuses say, whatever was posted before them.
#include "check.h"
#include "proc.h"

enum { COUNT = 150, LONGEST = 5000, TAG = 3, OTHER = 4 };

static int length(int i)
{
    return i * i % 7 == 0 ? i * 31 % LONGEST : i % 33;
}

static void send_all(int to)
{
    char out[LONGEST];
    for (int i = 0; i < COUNT; i++) {
        fill(out, (size_t)length(i), (uint64_t)i);
        OK(MPI_Send(out, length(i), MPI_BYTE, to, i % 5 == 0 ? OTHER : TAG, MPI_COMM_WORLD));
    }
}

// Of rank `from`, message after message; with `any` every third receive takes any tag.
static void receive_all(int from, int any)
{
    char *in = need((size_t)COUNT * LONGEST);
    MPI_Request requests[COUNT];
    MPI_Status statuses[COUNT];
    for (int i = 0; i < COUNT; i++) {
        int tag = any && i % 3 == 0 ? MPI_ANY_TAG : i % 5 == 0 ? OTHER : TAG;
        OK(MPI_Irecv(in + (size_t)i * LONGEST, LONGEST, MPI_BYTE,
                     any && i % 7 == 0 ? MPI_ANY_SOURCE : from, tag, MPI_COMM_WORLD, &requests[i]));
    }
    OK(MPI_Waitall(COUNT, requests, statuses));
    for (int i = 0; i < COUNT; i++) {
        STATUS(&statuses[i], from, i % 5 == 0 ? OTHER : TAG, MPI_BYTE, length(i));
        FILLED(in + (size_t)i * LONGEST, (size_t)length(i), (uint64_t)i);
    }
    free(in);
}

// The receives are posted first, and then the sender is ahead.
static void windows(int any)
{
    for (int ahead = 0; ahead < 2; ahead++) {
        if (me == 0 && !ahead)
            OK(MPI_Recv(NULL, 0, MPI_BYTE, 1, OTHER, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        if (me == 0)
            send_all(1);
        if (me != 1)
            continue;
        if (!ahead)
            OK(MPI_Send(NULL, 0, MPI_BYTE, 0, OTHER, MPI_COMM_WORLD));
        else
            nap(0.02);
        receive_all(0, any);
    }
}

// A message that is too long for a receive that finds it there is an error when that is waited for,
// and the next one is none.
static void too_long(void)
{
    int out[4] = {1, 2, 3, 4}, in[2] = {0, 0};
    MPI_Request request;
    MPI_Status status;
    if (me == 0)
        for (int i = 0; i < 2; i++)
            OK(MPI_Send(out, 4 - 2 * i, MPI_INT, 1, TAG, MPI_COMM_WORLD));
    if (me != 1)
        return;
    nap(0.02);
    for (int i = 0; i < 2; i++) {
        OK(MPI_Irecv(in, 2, MPI_INT, 0, TAG, MPI_COMM_WORLD, &request));
        if (i == 0)
            FAILS(MPI_Wait(&request, &status), MPI_ERR_TRUNCATE);
        else
            OK(MPI_Wait(&request, &status));
        EQ(in[1], 2);
    }
}

// Rank 1 finds all it waits for complete, and sends a large message to the last rank all the same.
static void others_go_on(void)
{
    enum { LARGE = 1000000 };
    char *large = need(LARGE), small;
    MPI_Request out, in;
    int done = 0;
    if (me == 1) {
        fill(large, LARGE, 9);
        OK(MPI_Isend(large, LARGE, MPI_BYTE, np - 1, TAG, MPI_COMM_WORLD, &out));
        while (!done) {
            OK(MPI_Irecv(&small, 1, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &in));
            OK(MPI_Wait(&in, MPI_STATUS_IGNORE));
            done = small;
        }
        OK(MPI_Wait(&out, MPI_STATUS_IGNORE));
    } else if (me == 0) {
        while (!done) {
            OK(MPI_Iprobe(np - 1, OTHER, MPI_COMM_WORLD, &done, MPI_STATUS_IGNORE));
            small = (char)done;
            OK(MPI_Send(&small, 1, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
        }
        OK(MPI_Recv(NULL, 0, MPI_BYTE, np - 1, OTHER, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    } else if (me == np - 1) {
        OK(MPI_Recv(large, LARGE, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        FILLED(large, LARGE, 9);
        OK(MPI_Send(NULL, 0, MPI_BYTE, 0, OTHER, MPI_COMM_WORLD));
    }
    free(large);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    windows(0);
    windows(1);
    too_long();
    if (np > 2)
        others_go_on();
    return check_end();
}
