/* A synchronous send to oneself, with the receive after it. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 7, y;
    MPI_Request request;
    if (fixed)
        MPI_Irecv(&y, 1, MPI_INT, rank, 1, MPI_COMM_WORLD, &request);
    MPI_Ssend(&x, 1, MPI_INT, rank, 1, MPI_COMM_WORLD);
    if (!fixed)
        MPI_Irecv(&y, 1, MPI_INT, rank, 1, MPI_COMM_WORLD, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
