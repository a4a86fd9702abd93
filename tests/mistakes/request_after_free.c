/* A copy of a request outlives the request. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 0;
    MPI_Request request, copy;
    if (rank == 0) {
        MPI_Irecv(&x, 1, MPI_INT, 1, 0, MPI_COMM_WORLD, &request);
        copy = request;
        MPI_Wait(&request, MPI_STATUS_IGNORE);
        if (!fixed)
            MPI_Wait(&copy, MPI_STATUS_IGNORE);
    } else {
        MPI_Send(&x, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
    }
    MPI_Finalize();
    return 0;
}
