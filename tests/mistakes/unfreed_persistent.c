/* A persistent request that is never freed. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = rank;
    MPI_Request request;
    if (rank == 0) {
        MPI_Send_init(&x, 1, MPI_INT, 1, 0, MPI_COMM_WORLD, &request);
        MPI_Start(&request);
        MPI_Wait(&request, MPI_STATUS_IGNORE);
        if (fixed)
            MPI_Request_free(&request);
    } else {
        MPI_Recv(&x, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    MPI_Finalize();
    return 0;
}
