/* The program finds bad input and gives up. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    if (rank == 1 && !fixed)
        MPI_Abort(MPI_COMM_WORLD, 3);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
