/* Sent as integers, received as floating-point numbers. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[4] = {1, 2, 3, 4};
    float y[4];
    if (rank == 0)
        MPI_Send(x, 4, MPI_INT, 1, 0, MPI_COMM_WORLD);
    else if (fixed)
        MPI_Recv(x, 4, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    else
        MPI_Recv(y, 4, MPI_FLOAT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
