/* A nonblocking collective meets its blocking form. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = rank;
    MPI_Request request;
    if (fixed || rank == 0) {
        MPI_Ibcast(&x, 1, MPI_INT, 0, MPI_COMM_WORLD, &request);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
    } else {
        MPI_Bcast(&x, 1, MPI_INT, 0, MPI_COMM_WORLD);
    }
    MPI_Finalize();
    return 0;
}
