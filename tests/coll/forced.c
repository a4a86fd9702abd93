// A few collectives with whatever the environment forces; jobs.sh sets it. Each result is checked.
#include "check.h"

int main(int argc, char **argv)
{
    enum { LONG = 50000 };
    check_begin(&argc, &argv);
    long *mine = need(LONG * sizeof *mine), *sum = need(LONG * sizeof *sum);
    for (int round = 0; round < 3; round++)
        for (int count = 1; count <= LONG; count += count < 1000 ? 333 : LONG - 1000) {
            for (int i = 0; i < count; i++)
                mine[i] = (long)me * i + round;
            OK(MPI_Allreduce(mine, sum, count, MPI_LONG, MPI_SUM, MPI_COMM_WORLD));
            for (int i = 0; i < count; i += 97)
                EQ(sum[i], (long)i * np * (np - 1) / 2 + (long)np * round);
            if (me == np - 1)
                for (int i = 0; i < count; i++)
                    mine[i] = -(long)i;
            OK(MPI_Bcast(mine, count, MPI_LONG, np - 1, MPI_COMM_WORLD));
            for (int i = 0; i < count; i += 97)
                EQ(mine[i], -(long)i);
            OK(MPI_Barrier(MPI_COMM_WORLD));
        }
    free(mine);
    free(sum);
    return check_end();
}
