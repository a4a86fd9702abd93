/* One barrier too many, after MPI_Finalize. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    if (fixed)
        MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    if (!fixed && rank == 0)
        MPI_Barrier(MPI_COMM_WORLD);
    return 0;
}
