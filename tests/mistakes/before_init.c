/* A rank asks for its number before MPI_Init. */
#include "mistake.h"

int main(int argc, char **argv)
{
    int early;
    if (argc < 2)
        MPI_Comm_rank(MPI_COMM_WORLD, &early);
    begin(argc, argv);
    MPI_Finalize();
    return 0;
}
