/* The receive asks for another tag than the message has. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 42;
    if (rank == 0)
        MPI_Send(&x, 1, MPI_INT, 1, 8, MPI_COMM_WORLD);
    else
        MPI_Recv(&x, 1, MPI_INT, 0, fixed ? 8 : 9, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
