/* The last rank has no right neighbour. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = rank, y, right = rank + 1, left = rank == 0 ? MPI_PROC_NULL : rank - 1;
    if (fixed && right == size)
        right = MPI_PROC_NULL;
    MPI_Sendrecv(&x, 1, MPI_INT, right, 0, &y, 1, MPI_INT, left, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
