/* A datatype made for each message, and never freed. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x[8] = {0};
    for (int i = 0; i < 3; i++) {
        MPI_Datatype column;
        MPI_Type_vector(4, 1, 2, MPI_DOUBLE, &column);
        MPI_Type_commit(&column);
        if (rank == 0)
            MPI_Send(x, 1, column, 1, i, MPI_COMM_WORLD);
        else
            MPI_Recv(x, 1, column, 0, i, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (fixed || rank == 0)
            MPI_Type_free(&column);
    }
    MPI_Finalize();
    return 0;
}
