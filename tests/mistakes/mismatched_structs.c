/* A struct whose members the receiver has in another order. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    struct {
        double x;
        int n[2];
    } item = {1.5, {1, 2}};
    int lengths[2] = {1, 2};
    MPI_Aint places[2] = {0, sizeof(double)};
    MPI_Datatype types[2] = {MPI_DOUBLE, MPI_INT}, type;
    if (rank == 1 && !fixed) {
        lengths[0] = 2;
        lengths[1] = 1;
        types[0] = MPI_INT;
        types[1] = MPI_DOUBLE;
    }
    MPI_Type_create_struct(2, lengths, places, types, &type);
    MPI_Type_commit(&type);
    if (rank == 0)
        MPI_Send(&item, 1, type, 1, 0, MPI_COMM_WORLD);
    else
        MPI_Recv(&item, 1, type, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Type_free(&type);
    MPI_Finalize();
    return 0;
}
