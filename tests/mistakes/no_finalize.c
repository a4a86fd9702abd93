/* All ranks return from main without MPI_Finalize. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Barrier(MPI_COMM_WORLD);
    if (fixed)
        MPI_Finalize();
    return 0;
}
