/* Nonblocking sends that nobody waits for. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[3] = {1, 2, 3};
    MPI_Request requests[3];
    for (int i = 0; i < 3; i++)
        if (rank == 0)
            MPI_Isend(&x[i], 1, MPI_INT, 1, i, MPI_COMM_WORLD, &requests[i]);
        else
            MPI_Recv(&x[i], 1, MPI_INT, 0, i, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (fixed && rank == 0)
        MPI_Waitall(3, requests, MPI_STATUSES_IGNORE);
    MPI_Finalize();
    return 0;
}
