/* A datatype that was made and not committed. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x[8] = {0};
    MPI_Datatype column;
    MPI_Type_vector(4, 1, 2, MPI_INT, &column);
    if (fixed || rank == 1)
        MPI_Type_commit(&column);
    if (rank == 0)
        MPI_Send(x, 1, column, 1, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(x, 1, column, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Type_free(&column);
    MPI_Finalize();
    return 0;
}
