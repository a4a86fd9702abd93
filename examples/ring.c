// ring: a counter travels around all ranks; everybody adds one and passes it on.
//
// The idea: who sends first? If every rank sent before it received, each could wait for the next
// one for ever. Here rank 0 starts the counter, and all others receive before they send. Rank 0
// also offers the place for the counter's return *before* it sends (MPI_Irecv), which makes the
// program right with a single rank too, where the ring is one rank talking to itself.
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, rounds = argc > 1 ? atoi(argv[1]) : 1000;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rounds < 1)
        rounds = 1;
    int next = (rank + 1) % size, prev = (rank + size - 1) % size;

    long counter = 0;
    double start = MPI_Wtime();
    for (int round = 0; round < rounds; round++) {
        if (rank == 0) {
            MPI_Request back;
            long passed_on = counter + 1;
            MPI_Irecv(&counter, 1, MPI_LONG, prev, 0, MPI_COMM_WORLD, &back);
            MPI_Send(&passed_on, 1, MPI_LONG, next, 0, MPI_COMM_WORLD);
            MPI_Wait(&back, MPI_STATUS_IGNORE);
        } else {
            MPI_Recv(&counter, 1, MPI_LONG, prev, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            counter++;
            MPI_Send(&counter, 1, MPI_LONG, next, 0, MPI_COMM_WORLD);
        }
    }
    double seconds = MPI_Wtime() - start;

    // After the last round rank r has seen the counter `rounds` times, last at this value:
    long expect = rank == 0 ? (long)rounds * size : (long)(rounds - 1) * size + rank + 1;
    int wrong = counter != expect, any_wrong;
    MPI_Allreduce(&wrong, &any_wrong, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (wrong)
        printf("ring: rank %d holds %ld, should be %ld\n", rank, counter, expect);
    if (rank == 0) {
        printf("ring: %d rounds over %d rank%s, %.2f microseconds a hop\n", rounds, size,
               size > 1 ? "s" : "", seconds * 1e6 / rounds / size);
        if (any_wrong)
            printf("ring: WRONG: %d ranks hold the wrong counter\n", any_wrong);
        else
            printf("ring: verified: the counter came home as %ld = %d x %d\n", counter, rounds,
                   size);
    }
    MPI_Finalize();
    return any_wrong != 0;
}
