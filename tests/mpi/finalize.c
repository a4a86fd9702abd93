// What is under way when a rank calls MPI_Finalize still arrives (section 11.2.2): sends that are
// complete here, buffered ones, freed ones; and the others may go on meanwhile.
#include "check.h"
#include "proc.h"

enum { SMALL = 100, LARGE = 500000, TAG = 1 };

static char eager[SMALL], *buffered, *freed;

static void send_and_leave(void)
{
    static char room[LARGE + MPI_BSEND_OVERHEAD + 64];
    MPI_Request request;

    fill(eager, SMALL, 1);
    OK(MPI_Send(eager, SMALL, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
    fill(buffered, LARGE, 2);
    OK(MPI_Buffer_attach(room, (int)sizeof room));
    OK(MPI_Bsend(buffered, LARGE, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
    memset(buffered, 0, LARGE);
    // Never waited for: freed, and the memory left alone.
    fill(freed, LARGE, 3);
    OK(MPI_Isend(freed, LARGE, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Request_free(&request));
}

static void receive_late(void)
{
    nap(0.3);
    OK(MPI_Recv(eager, SMALL, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    FILLED(eager, SMALL, 1);
    OK(MPI_Recv(buffered, LARGE, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    FILLED(buffered, LARGE, 2);
    OK(MPI_Recv(freed, LARGE, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    FILLED(freed, LARGE, 3);
}

// Ranks from 1 on talk while rank 0 waits in MPI_Finalize.
static void talk_behind_its_back(MPI_Comm rest)
{
    int rank, size, in = -1;

    OK(MPI_Comm_rank(rest, &rank));
    OK(MPI_Comm_size(rest, &size));
    for (int i = 0; i < 100; i++) {
        OK(MPI_Sendrecv(&i, 1, MPI_INT, (rank + 1) % size, TAG, &in, 1, MPI_INT,
                        (rank + size - 1) % size, TAG, rest, MPI_STATUS_IGNORE));
        EQ(in, i);
        OK(MPI_Barrier(rest));
    }
}

int main(int argc, char **argv)
{
    MPI_Comm rest;
    int failures;

    check_begin(&argc, &argv);
    buffered = need(LARGE);
    freed = need(LARGE);
    OK(MPI_Comm_split(MPI_COMM_WORLD, me == 0, me, &rest));
    if (me == 0 && np > 1)
        send_and_leave();
    if (me == 1)
        receive_late();
    if (me > 0)
        talk_behind_its_back(rest);
    failures = check_end();
    free(buffered);
    free(freed);
    return failures;
}
