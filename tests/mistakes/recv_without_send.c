/* One receive more than there are messages. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 1, messages = 3;
    if (rank == 0)
        for (int i = 0; i < messages; i++)
            MPI_Send(&x, 1, MPI_INT, 1, 0, MPI_COMM_WORLD);
    else
        for (int i = 0; fixed ? i < messages : i <= messages; i++)
            MPI_Recv(&x, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
