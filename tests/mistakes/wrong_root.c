/* Everybody thinks that it is the root itself. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = rank;
    MPI_Bcast(&x, 1, MPI_INT, fixed ? 0 : rank, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
