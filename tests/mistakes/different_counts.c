/* The ranks of a reduction give vectors of different lengths. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x[8] = {rank}, sum[8];
    MPI_Reduce(x, sum, fixed || rank == 0 ? 8 : 4, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
