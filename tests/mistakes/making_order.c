/* Calls that make communicators, in different order. */
#include "mistake.h"

static void duplicate(MPI_Comm *made)
{
    MPI_Comm_dup(MPI_COMM_WORLD, made);
}

static void split(MPI_Comm *made)
{
    MPI_Comm_split(MPI_COMM_WORLD, 0, rank, made);
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Comm first, second;
    if (rank == 0 || fixed) {
        duplicate(&first);
        split(&second);
    } else {
        split(&second);
        duplicate(&first);
    }
    MPI_Comm_free(&first);
    MPI_Comm_free(&second);
    MPI_Finalize();
    return 0;
}
