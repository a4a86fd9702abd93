/* A rank gives as many bytes as the root wants of it, but they are something else. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int all[8], counts[2] = {4, 4}, places[2] = {0, 4}, mine[4] = {1, 2, 3, 4};
    float reals[4] = {1, 2, 3, 4};
    if (rank == 0 || fixed)
        MPI_Gatherv(mine, 4, MPI_INT, all, counts, places, MPI_INT, 0, MPI_COMM_WORLD);
    else
        MPI_Gatherv(reals, 4, MPI_FLOAT, all, counts, places, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
