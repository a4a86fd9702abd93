// MPI_Cancel of sends: a message that nobody has received disappears; one that was received is
// complete; in a race it is the one or the other, on both sides.
#include "check.h"

enum { TAG = 15, LONG = 300000 };

static int cancelled(const MPI_Status *status)
{
    int flag = -1;
    OK(MPI_Test_cancelled(status, &flag));
    return flag;
}

static void start(char *data, int bytes, int synchronous, MPI_Request *request)
{
    if (synchronous)
        OK(MPI_Issend(data, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, request));
    else
        OK(MPI_Isend(data, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, request));
}

// The middle one of three is taken back; the others arrive in order. No receive is posted before
// all three are sent and one is cancelled.
static void unmatched(int bytes, int synchronous)
{
    char *data = need((size_t)bytes * 3);
    MPI_Request requests[3];
    MPI_Status status;
    int flag = -1;

    if (me == 0) {
        for (int i = 0; i < 3; i++) {
            fill(data + (size_t)i * (size_t)bytes, (size_t)bytes, (uint64_t)i);
            start(data + (size_t)i * (size_t)bytes, bytes, synchronous, &requests[i]);
        }
        OK(MPI_Cancel(&requests[1]));
        CHECK(requests[1] != MPI_REQUEST_NULL);
        OK(MPI_Wait(&requests[1], &status));
        EQ(cancelled(&status), 1);
        memset(data + bytes, 0, (size_t)bytes);
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    if (me == 0) {
        for (int i = 0; i < 3; i += 2) {
            OK(MPI_Wait(&requests[i], &status));
            EQ(cancelled(&status), 0);
        }
    } else if (me == 1) {
        for (int i = 0; i < 3; i += 2) {
            OK(MPI_Recv(data, bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &status));
            STATUS(&status, 0, TAG, MPI_BYTE, bytes);
            FILLED(data, (size_t)bytes, (uint64_t)i);
        }
        OK(MPI_Iprobe(0, TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
    }
    free(data);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Taken by a matched probe it cannot be cancelled any more.
static void probed(int bytes)
{
    char *data = need((size_t)bytes);
    MPI_Request request;
    MPI_Message message;
    MPI_Status status;

    if (me == 0) {
        fill(data, (size_t)bytes, 5);
        start(data, bytes, 1, &request);
    } else if (me == 1) {
        OK(MPI_Mprobe(0, TAG, MPI_COMM_WORLD, &message, MPI_STATUS_IGNORE));
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    if (me == 0) {
        OK(MPI_Cancel(&request));
        OK(MPI_Wait(&request, &status));
        EQ(cancelled(&status), 0);
    } else if (me == 1) {
        OK(MPI_Mrecv(data, bytes, MPI_BYTE, &message, MPI_STATUS_IGNORE));
        FILLED(data, (size_t)bytes, 5);
    }
    free(data);
}

// A persistent send is as good as new afterwards.
static void persistent(void)
{
    char data[64] = {0}, in[64];
    MPI_Request request;
    MPI_Status status;

    if (me == 0) {
        OK(MPI_Ssend_init(data, sizeof data, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, &request));
        fill(data, sizeof data, 1);
        OK(MPI_Start(&request));
        OK(MPI_Cancel(&request));
        OK(MPI_Wait(&request, &status));
        EQ(cancelled(&status), 1);
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    if (me == 0) {
        fill(data, sizeof data, 2);
        OK(MPI_Start(&request));
        OK(MPI_Wait(&request, &status));
        EQ(cancelled(&status), 0);
        OK(MPI_Request_free(&request));
    } else if (me == 1) {
        OK(MPI_Recv(in, sizeof in, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        FILLED(in, sizeof in, 2);
    }
}

// Whoever is first: the sender says whether it was cancelled, and the receiver has it if not.
static void race(int bytes, int rounds)
{
    char *data = need((size_t)bytes);
    uint64_t state = (uint64_t)me;
    int gone = 0;
    MPI_Request request;
    MPI_Status status;

    for (int i = 0; i < rounds; i++) {
        OK(MPI_Barrier(MPI_COMM_WORLD));
        for (volatile uint64_t spin = rnd(&state, 3000); spin > 0; spin--)
            ;
        if (me == 0) {
            fill(data, (size_t)bytes, (uint64_t)i);
            start(data, bytes, 1, &request);
            OK(MPI_Cancel(&request));
            OK(MPI_Wait(&request, &status));
            gone = cancelled(&status);
            OK(MPI_Send(&gone, 1, MPI_INT, 1, TAG + 1, MPI_COMM_WORLD));
        } else if (me == 1) {
            OK(MPI_Irecv(data, bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &request));
            OK(MPI_Recv(&gone, 1, MPI_INT, 0, TAG + 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
            if (gone)
                OK(MPI_Cancel(&request));
            OK(MPI_Wait(&request, &status));
            EQ(cancelled(&status), gone);
            if (!gone)
                FILLED(data, (size_t)bytes, (uint64_t)i);
        }
    }
    free(data);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    if (np > 1) {
        unmatched(8, 1);
        unmatched(2000, 1);
        unmatched(LONG, 0);
        unmatched(LONG, 1);
        probed(8);
        probed(LONG);
        persistent();
        race(8, 300);
        race(LONG, 100);
    }
    return check_end();
}
