// Sends and receives of 8 bytes for bench/instructions to count instructions in: nobody ever calls
// MPI_Recv before its message is there, since waiting would be counted, too. So a token through a
// pipe, without MPI, says so.
//     calls pingpong|stream COUNT FIFO-TO-1 FIFO-TO-0
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 16 }; // messages that are sure to find room before a receive

static double payload;

// callgrind counts inside of these two, by name.
__attribute__((noinline)) void counted_send(int to)
{
    MPI_Send(&payload, 1, MPI_DOUBLE, to, 0, MPI_COMM_WORLD);
}

__attribute__((noinline)) void counted_recv(int from)
{
    MPI_Recv(&payload, 1, MPI_DOUBLE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void tell(int fifo)
{
    if (write(fifo, "", 1) != 1)
        MPI_Abort(MPI_COMM_WORLD, 2);
}

static void await(int fifo)
{
    char token;
    if (read(fifo, &token, 1) != 1)
        MPI_Abort(MPI_COMM_WORLD, 2);
}

// `window` messages to rank 1, and as many back.
static void there_and_back(int rank, int window, const int fifo[2])
{
    for (int turn = 0; turn < 2; turn++) {
        int sends = turn == rank;
        if (!sends)
            await(fifo[rank]);
        for (int i = 0; i < window; i++)
            if (sends)
                counted_send(1 - rank);
            else
                counted_recv(1 - rank);
        if (sends)
            tell(fifo[1 - rank]);
    }
}

int main(int argc, char **argv)
{
    int rank, size, fifo[2];
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc != 5 || size != 2) {
        fprintf(stderr, "usage, with two ranks: calls pingpong|stream COUNT FIFO-TO-1 FIFO-TO-0\n");
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    fifo[1] = open(argv[3], O_RDWR); // both ways, so that opening waits for nobody
    fifo[0] = open(argv[4], O_RDWR);
    int window = strcmp(argv[1], "stream") == 0 ? WINDOW : 1, count = atoi(argv[2]);
    for (int done = 0; done < count; done += window) {
        payload = rank == 0 ? done : -1;
        there_and_back(rank, window, fifo);
        if (payload != done) {
            fprintf(stderr, "rank %d got %g instead of %d\n", rank, payload, done);
            MPI_Abort(MPI_COMM_WORLD, 1);
        }
    }
    MPI_Finalize();
    return 0;
}
