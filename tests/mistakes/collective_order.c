/* Two collective calls in another order on one rank, which gets wrong data and does not even hang.
 */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    int parameter = 5, parts[2] = {6, 7}, part = 0;
    if (fixed || rank == 0)
        MPI_Bcast(&parameter, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Scatter(parts, 1, MPI_INT, &part, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (!fixed && rank != 0)
        MPI_Bcast(&parameter, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
