/* Two messages, two receives from any source: which gets which? */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int first, second;
    for (int turn = 1; turn < size; turn++) {
        if (rank == turn)
            MPI_Send(&rank, 1, MPI_INT, 0, 0, MPI_COMM_WORLD);
        MPI_Barrier(MPI_COMM_WORLD);
    }
    if (rank == 0) {
        MPI_Recv(&first, 1, MPI_INT, fixed ? 1 : MPI_ANY_SOURCE, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        MPI_Recv(&second, 1, MPI_INT, fixed ? 2 : MPI_ANY_SOURCE, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    }
    MPI_Finalize();
    return 0;
}
