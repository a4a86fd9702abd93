/* The next result overwrites a buffer that is still being sent. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x[4] = {1, 2, 3, 4};
    MPI_Request request;
    if (rank == 0) {
        MPI_Isend(x, 4, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD, &request);
        if (!fixed)
            x[0] = 5;
        MPI_Wait(&request, MPI_STATUS_IGNORE);
    } else {
        MPI_Recv(x, 4, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    MPI_Finalize();
    return 0;
}
