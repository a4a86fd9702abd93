/* A rank ends its process in the middle of the job. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    if (rank == 1 && !fixed)
        exit(0);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
