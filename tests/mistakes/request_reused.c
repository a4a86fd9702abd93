/* A copy of a request is waited for when another request has taken its place. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[2] = {0};
    MPI_Request request, copy;
    if (rank == 0) {
        MPI_Irecv(&x[0], 1, MPI_INT, 1, 0, MPI_COMM_WORLD, &request);
        copy = request;
        MPI_Wait(&request, MPI_STATUS_IGNORE);
        MPI_Irecv(&x[1], 1, MPI_INT, 1, 1, MPI_COMM_WORLD, &request);
        MPI_Wait(fixed ? &request : &copy, MPI_STATUS_IGNORE);
    } else {
        MPI_Send(&x[0], 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
        MPI_Send(&x[1], 1, MPI_INT, 0, 1, MPI_COMM_WORLD);
    }
    MPI_Finalize();
    return 0;
}
