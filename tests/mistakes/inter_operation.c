/* Two groups reduce for each other, and a rank with another operation. */
#include "between.h"

int main(int argc, char **argv)
{
    begin_between(argc, argv);
    int x = rank, result;
    MPI_Allreduce(&x, &result, 1, MPI_INT, fixed || rank < 3 ? MPI_SUM : MPI_MAX, between);
    end_between();
    return 0;
}
