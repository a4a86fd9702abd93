/* Every rank sends every other one 1,000,000 bytes that only this pair has, and checks what it
 * gets. The counters of `ipcrun --stats` then tell which transport each pair has used. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { BYTES = 1000000 };

static unsigned char byte_of(int from, int to, int i)
{
    return (unsigned char)(from * 31 + to * 17 + i * 7 + i / 255);
}

int main(int argc, char **argv)
{
    int rank, size, wrong = 0, bytes = BYTES;
    static unsigned char out[BYTES], in[BYTES];
    if (argc > 1 && atoi(argv[1]) > 0 && atoi(argv[1]) < BYTES)
        bytes = atoi(argv[1]);
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    for (int step = 1; step < size; step++) {
        int to = (rank + step) % size, from = (rank - step + size) % size;
        for (int i = 0; i < bytes; i++)
            out[i] = byte_of(rank, to, i);
        MPI_Sendrecv(out, bytes, MPI_BYTE, to, step, in, bytes, MPI_BYTE, from, step,
                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        for (int i = 0; i < bytes; i++)
            wrong += in[i] != byte_of(from, rank, i);
    }
    if (wrong)
        fprintf(stderr, "rank %d: %d bytes are wrong\n", rank, wrong);
    MPI_Finalize();
    return wrong != 0;
}
