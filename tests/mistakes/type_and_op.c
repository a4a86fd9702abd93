/* An operation that is not defined on this type. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double x = rank, y;
    int i = rank, j;
    if (fixed || rank != 1)
        MPI_Allreduce(&i, &j, 1, MPI_INT, MPI_BAND, MPI_COMM_WORLD);
    else
        MPI_Allreduce(&x, &y, 1, MPI_DOUBLE, MPI_BAND, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
