/* A broadcast of integers that one rank takes for floating-point numbers. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[4] = {1, 2, 3, 4};
    MPI_Bcast(x, 4, fixed || rank == 0 ? MPI_INT : MPI_FLOAT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
