/* In a nonblocking exchange a rank wants more of another one than that gives. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    double out[4] = {0}, in[4];
    int gives[2] = {1, 1}, wants[2] = {1, 1}, places[2] = {0, 2};
    MPI_Request request;
    if (rank == 1 && !fixed)
        wants[0] = 2;
    MPI_Ialltoallv(out, gives, places, MPI_DOUBLE, in, wants, places, MPI_DOUBLE, MPI_COMM_WORLD,
                   &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Finalize();
    return 0;
}
