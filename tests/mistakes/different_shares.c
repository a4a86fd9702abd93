/* The ranks disagree about who gives how much. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int all[4] = {0}, counts[2] = {1, 1}, places[2] = {0, 2};
    if (rank == 1 && !fixed)
        counts[0] = 2;
    MPI_Allgatherv(&rank, 1, MPI_INT, all, counts, places, MPI_INT, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
