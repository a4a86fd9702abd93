/* The receive asks for a message from another rank than the sender. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 42;
    if (rank == 0)
        MPI_Send(&x, 1, MPI_INT, 1, 0, MPI_COMM_WORLD);
    if (rank == 1)
        MPI_Recv(&x, 1, MPI_INT, fixed ? 0 : 2, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
