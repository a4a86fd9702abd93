/* A rank leaves MPI while another one waits for its message. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 0;
    if (rank == 0)
        MPI_Recv(&x, 1, MPI_INT, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    if (rank == 1 && fixed)
        MPI_Send(&x, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
