/* Sent on one communicator, received on a duplicate of it. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 3;
    MPI_Comm copy;
    MPI_Comm_dup(MPI_COMM_WORLD, &copy);
    MPI_Comm_set_name(copy, "copy");
    if (rank == 0)
        MPI_Send(&x, 1, MPI_INT, 1, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(&x, 1, MPI_INT, 0, 0, fixed ? MPI_COMM_WORLD : copy, MPI_STATUS_IGNORE);
    MPI_Comm_free(&copy);
    MPI_Finalize();
    return 0;
}
