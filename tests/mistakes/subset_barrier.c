/* A barrier of the world that only half of it enters. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Comm half;
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, rank, &half);
    if (rank % 2 == 0)
        MPI_Barrier(fixed ? half : MPI_COMM_WORLD);
    MPI_Comm_free(&half);
    MPI_Finalize();
    return 0;
}
