/* A count that was computed wrongly. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[4] = {0}, n = fixed ? 4 : -4;
    if (rank == 0)
        MPI_Send(x, n, MPI_INT, 1, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(x, 4, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
