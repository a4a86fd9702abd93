// Errors that must end the whole job (argument: which): rank 0 makes one while all others wait for
// it. If the program gets past it, it exits with 0, which the list counts as a failure.
#include "check.h"

static void wait_for_ever(void)
{
    int value;
    MPI_Recv(&value, 1, MPI_INT, 0, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    int values[4] = {0};
    MPI_Comm twin;

    check_begin(&argc, &argv);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &twin));
    if (strcmp(how, "abort") == 0)
        OK(MPI_Comm_set_errhandler(twin, MPI_ERRORS_ABORT));
    if (me != 0)
        wait_for_ever();
    else if (strcmp(how, "truncate") == 0)
        MPI_Sendrecv(values, 4, MPI_INT, 0, 2, values + 1, 1, MPI_INT, 0, 2, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
    else if (strcmp(how, "null") == 0)
        MPI_Send(values, 1, MPI_INT, 0, 0, MPI_COMM_NULL);
    else
        MPI_Send(values, 1, MPI_INT, np + 5, 0, twin);
    _Exit(0);
}
