/* MPI_Waitall is told of more requests than were started. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[3] = {0};
    MPI_Request requests[4] = {0};
    if (rank == 0) {
        for (int i = 0; i < 3; i++)
            MPI_Irecv(&x[i], 1, MPI_INT, 1, i, MPI_COMM_WORLD, &requests[i]);
        MPI_Waitall(fixed ? 3 : 4, requests, MPI_STATUSES_IGNORE);
    } else {
        for (int i = 0; i < 3; i++)
            MPI_Send(&x[i], 1, MPI_INT, 0, i, MPI_COMM_WORLD);
    }
    MPI_Finalize();
    return 0;
}
