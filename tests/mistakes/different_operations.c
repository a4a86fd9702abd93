/* One rank sums, the other one takes the maximum. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = rank + 1, y;
    MPI_Allreduce(&x, &y, 1, MPI_INT, fixed || rank == 0 ? MPI_SUM : MPI_MAX, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
