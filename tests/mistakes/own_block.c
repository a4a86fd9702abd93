/* A rank gives less than it says of itself in the counts. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int mine[2] = {rank, rank}, all[4] = {0}, counts[2] = {2, 2}, places[2] = {0, 2};
    MPI_Request request;
    MPI_Iallgatherv(mine, fixed || rank == 0 ? 2 : 1, MPI_INT, all, counts, places, MPI_INT,
                    MPI_COMM_WORLD, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
