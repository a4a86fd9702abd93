/* Each rank sends to the next what the one before sends to it, from a byte to many, and looks at
 * every byte: `exchange [LARGEST]`. Says one line when all was right. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

static int rank, size;

static unsigned char byte_of(int from, size_t i)
{
    return (unsigned char)(31 * (size_t)from + i % 251);
}

static int pass_on(unsigned char *out, unsigned char *in, int bytes)
{
    int next = (rank + 1) % size, before = (rank + size - 1) % size, wrong = 0;
    for (int i = 0; i < bytes; i++)
        out[i] = byte_of(rank, (size_t)i);
    MPI_Sendrecv(out, bytes, MPI_BYTE, next, 0, in, bytes, MPI_BYTE, before, 0, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
    for (int i = 0; i < bytes; i++)
        wrong += in[i] != byte_of(before, (size_t)i);
    return wrong;
}

int main(int argc, char **argv)
{
    int largest = argc > 1 ? atoi(argv[1]) : 2000000, wrong = 0, all;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    unsigned char *out = malloc((size_t)largest), *in = malloc((size_t)largest);
    if (!out || !in)
        MPI_Abort(MPI_COMM_WORLD, 3);
    for (int bytes = 1; bytes < largest; bytes *= 16)
        wrong += pass_on(out, in, bytes);
    wrong += pass_on(out, in, largest);
    MPI_Allreduce(&wrong, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0)
        printf("%d ranks, %d wrong bytes\n", size, all);
    free(out);
    free(in);
    MPI_Finalize();
    return all != 0;
}
