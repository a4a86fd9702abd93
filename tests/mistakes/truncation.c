/* The message is longer than the buffer of its receive. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x[20] = {0};
    if (rank == 0)
        MPI_Send(x, 20, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(x, fixed ? 20 : 10, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
