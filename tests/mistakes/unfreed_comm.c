/* A communicator that one rank forgets to free. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Comm rows;
    MPI_Comm_split(MPI_COMM_WORLD, 0, rank, &rows);
    MPI_Comm_set_name(rows, "rows");
    if (fixed || rank == 1)
        MPI_Comm_free(&rows);
    MPI_Finalize();
    return 0;
}
