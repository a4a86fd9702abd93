/* Two groups gather from each other; a rank wants more than the others give. */
#include "between.h"

int main(int argc, char **argv)
{
    begin_between(argc, argv);
    int mine[2] = {rank, rank}, all[4];
    MPI_Allgather(mine, 1, MPI_INT, all, fixed || rank < 3 ? 1 : 2, MPI_INT, between);
    end_between();
    return 0;
}
