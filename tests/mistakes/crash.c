/* A null pointer. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int x = 0, *p = fixed || rank != 1 ? &x : NULL;
    *(volatile int *)p = 1;
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
