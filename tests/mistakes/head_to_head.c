/* Both send a large message first and would receive afterwards. */
#include "mistake.h"

int main(int argc, char **argv)
{
    begin(argc, argv);
    enum { N = 1 << 20 };
    char *out = calloc(N, 1), *in = calloc(N, 1);
    int other = 1 - rank;
    if (fixed) {
        MPI_Sendrecv(out, N, MPI_BYTE, other, 5, in, N, MPI_BYTE, other, 5, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
    } else {
        MPI_Send(out, N, MPI_BYTE, other, 5, MPI_COMM_WORLD);
        MPI_Recv(in, N, MPI_BYTE, other, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    free(out);
    free(in);
    MPI_Finalize();
    return 0;
}
