/* A buffer is used for something else before its message has come. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x[4] = {0};
    MPI_Request request;
    if (rank == 0) {
        MPI_Irecv(x, 4, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD, &request);
        if (!fixed)
            x[3] = 1;
        MPI_Barrier(MPI_COMM_WORLD);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
    } else {
        MPI_Barrier(MPI_COMM_WORLD);
        MPI_Send(x, 4, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD);
    }
    MPI_Finalize();
    return 0;
}
