// IPCRUN_CHECK=0: what is wrong only by the letter goes through, and handles that are none are
// still errors. The list sets the variable.
#include "check.h"

// A tag that is out of range is a number like any other to the matching.
static void tags(void)
{
    int out = 41 + me, in = -1;
    MPI_Request request;

    OK(MPI_Isend(&out, 1, MPI_INT, (me + 1) % np, -7, MPI_COMM_WORLD, &request));
    OK(MPI_Recv(&in, 1, MPI_INT, (me + np - 1) % np, -7, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    EQ(in, 41 + (me + np - 1) % np);
}

// The same buffer twice, where MPI_IN_PLACE should stand.
static void overlap(void)
{
    int value = me;

    OK(MPI_Allreduce(&value, &value, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
}

static void handles(void)
{
    int value = 0;

    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Send(&value, 1, MPI_INT, 0, 0, MPI_COMM_NULL), MPI_ERR_COMM);
    FAILS(MPI_Send(&value, 1, MPI_DATATYPE_NULL, 0, 0, MPI_COMM_WORLD), MPI_ERR_TYPE);
    FAILS(MPI_Bcast(&value, 1, MPI_DATATYPE_NULL, 0, MPI_COMM_WORLD), MPI_ERR_TYPE);
    FAILS(MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT, MPI_OP_NULL, MPI_COMM_WORLD), MPI_ERR_OP);
    FAILS(MPI_Barrier(MPI_COMM_NULL), MPI_ERR_COMM);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    tags();
    overlap();
    handles();
    return check_end();
}
