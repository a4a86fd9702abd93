/* Messages of all sizes around the ring of ranks, and reductions, for so many seconds: a job to be
 * killed in the middle of anything. Prints "running" once all ranks have met; ends with 0.
 *
 * usage: busy SECONDS [quiet]    quiet: everybody waits in MPI_Recv instead, for the last rank */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 20 };

static void exchange(int rank, int size, unsigned round)
{
    static char out[MOST], in[MOST];
    int bytes = (int)(round * 2654435761u % 7 == 0 ? MOST : round * 2654435761u % 5000);
    int sum, one = 1;
    MPI_Sendrecv(out, bytes, MPI_BYTE, (rank + 1) % size, 1, in, bytes, MPI_BYTE,
                 (rank + size - 1) % size, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (sum != size)
        MPI_Abort(MPI_COMM_WORLD, 3);
}

static void be_busy(int rank, int size, double seconds)
{
    double end = MPI_Wtime() + seconds;
    int over = 0;
    for (unsigned round = 1; !over; round++) {
        exchange(rank, size, round);
        over = rank == 0 && MPI_Wtime() > end;
        MPI_Bcast(&over, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
}

/* The last rank computes; the others sleep in MPI_Recv until it says that it is over. */
static void be_quiet(int rank, int size, double seconds)
{
    double end = MPI_Wtime() + seconds;
    int over = 1;
    if (rank < size - 1) {
        MPI_Recv(&over, 1, MPI_INT, size - 1, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        return;
    }
    while (MPI_Wtime() < end)
        continue;
    for (int r = 0; r < size - 1; r++)
        MPI_Send(&over, 1, MPI_INT, r, 2, MPI_COMM_WORLD);
}

int main(int argc, char **argv)
{
    int rank, size;
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    exchange(rank, size, 0);
    if (rank == 0) {
        printf("running\n");
        fflush(stdout);
    }
    if (argc > 2 && strcmp(argv[2], "quiet") == 0)
        be_quiet(rank, size, seconds);
    else
        be_busy(rank, size, seconds);
    MPI_Finalize();
    return 0;
}
