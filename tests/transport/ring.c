/* A token that goes round for ever: ranks that always send and receive, to be killed. Large and
 * small in turn, so that some die in the middle of a fragment. */
#include <mpi.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    enum { LARGE = 300000 };
    int rank, size;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    char *out = calloc(1, LARGE), *in = malloc(LARGE);
    for (int i = 0;; i++) {
        int n = i % 8 ? i % 100 : LARGE;
        MPI_Sendrecv(out, n, MPI_CHAR, (rank + 1) % size, 0, in, LARGE, MPI_CHAR,
                     (rank + size - 1) % size, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}
