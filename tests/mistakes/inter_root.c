/* A broadcast from one group to another one, of which a rank names another root. */
#include "between.h"

int main(int argc, char **argv)
{
    begin_between(argc, argv);
    int x = rank, root = 0;
    if (rank % 2 == 0)
        root = rank == 0 ? MPI_ROOT : MPI_PROC_NULL;
    else if (rank == 3 && !fixed)
        root = 1;
    MPI_Bcast(&x, 1, MPI_INT, root, between);
    end_between();
    return 0;
}
