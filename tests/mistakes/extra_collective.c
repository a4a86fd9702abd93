/* One rank calls a broadcast once more, and does not even hang. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = rank;
    MPI_Bcast(&x, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (!fixed && rank == 0)
        MPI_Bcast(&x, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
