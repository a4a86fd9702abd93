/* An operation of the program's own is never freed. */
#include "mistake.h"

static void larger(void *in, void *inout, int *count, MPI_Datatype *type)
{
    (void)type;
    for (int i = 0; i < *count; i++)
        if (((int *)in)[i] > ((int *)inout)[i])
            ((int *)inout)[i] = ((int *)in)[i];
}

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Op op;
    int most;
    MPI_Op_create(larger, 1, &op);
    MPI_Allreduce(&rank, &most, 1, MPI_INT, op, MPI_COMM_WORLD);
    if (fixed || rank == 0)
        MPI_Op_free(&op);
    MPI_Finalize();
    return 0;
}
