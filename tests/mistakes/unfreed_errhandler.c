/* The error handler that is put aside is never freed. */
#include "mistake.h"

static void ignore(MPI_Comm *comm, int *code, ...)
{
    (void)comm, (void)code;
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Errhandler mine, before;
    MPI_Comm_create_errhandler(ignore, &mine);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, mine);
    MPI_Errhandler_free(&mine);
    MPI_Comm_get_errhandler(MPI_COMM_WORLD, &before);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    if (fixed || rank == 0)
        MPI_Errhandler_free(&before);
    MPI_Finalize();
    return 0;
}
