/* A tag that is a wildcard, in a send. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 0;
    if (rank == 0)
        MPI_Send(&x, 1, MPI_INT, 1, fixed ? 0 : MPI_ANY_TAG, MPI_COMM_WORLD);
    else
        MPI_Recv(&x, 1, MPI_INT, 0, MPI_ANY_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
