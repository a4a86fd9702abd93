/* The hints of a communicator are asked for, and never freed. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    MPI_Info hints;
    int keys;
    MPI_Comm_get_info(MPI_COMM_WORLD, &hints);
    MPI_Info_get_nkeys(hints, &keys);
    if (fixed || rank == 0)
        MPI_Info_free(&hints);
    MPI_Finalize();
    return 0;
}
