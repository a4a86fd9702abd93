/* Memory that was never allocated. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int room[8] = {0}, *buf = fixed || rank == 0 ? room : NULL;
    if (rank == 0)
        MPI_Send(buf, 8, MPI_INT, 1, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(buf, 8, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
