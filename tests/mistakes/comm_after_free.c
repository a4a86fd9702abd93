/* A communicator is used after it was freed. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 0;
    MPI_Comm comm, copy;
    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    copy = comm;
    if (fixed)
        MPI_Bcast(&x, 1, MPI_INT, 0, copy);
    MPI_Comm_free(&comm);
    if (!fixed && rank == 1)
        MPI_Bcast(&x, 1, MPI_INT, 0, copy);
    MPI_Finalize();
    return 0;
}
