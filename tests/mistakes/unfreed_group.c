/* The group of a communicator, asked for and not given back. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Group all, evens;
    int range[1][3] = {{0, size - 1, 2}};
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_range_incl(all, 1, range, &evens);
    MPI_Group_free(&evens);
    if (fixed || rank == 0)
        MPI_Group_free(&all);
    MPI_Finalize();
    return 0;
}
