/* The same array as send and receive buffer of a reduction. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x[4] = {rank, 1, 2, 3};
    if (fixed || rank != 1)
        MPI_Allreduce(MPI_IN_PLACE, x, 4, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    else
        MPI_Allreduce(x, x, 4, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
