/* A rank gives fewer elements than the root wants of it. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int mine[4] = {1, 2, 3, 4}, all[8], counts[2] = {4, 4}, places[2] = {0, 4};
    int count = fixed || rank == 0 ? 4 : 3;
    MPI_Gatherv(mine, count, MPI_INT, all, counts, places, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
