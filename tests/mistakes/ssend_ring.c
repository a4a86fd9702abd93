/* Everybody sends synchronously to the next one; nobody receives. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int next = (rank + 1) % size, before = (rank + size - 1) % size, x = rank, y;
    if (!fixed || rank != 0)
        MPI_Ssend(&x, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
    MPI_Recv(&y, 1, MPI_INT, before, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (fixed && rank == 0)
        MPI_Ssend(&x, 1, MPI_INT, next, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
