/* Ranks that strangers besiege: `besieged FILE`. They wait until FILE is there, make their first
 * contact then, and send each other messages of all sizes, looking at every byte; each opens a file
 * of its own now and then, as programs do. Rank 0 says how it went, and how long the messages took.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ROUNDS = 400, LARGEST = 50000, PATIENCE_MS = 30000 };

static int rank, size;

static unsigned char byte_of(int from, int round, int i)
{
    return (unsigned char)(31 * from + 7 * round + i % 251);
}

static void wait_for(const char *file)
{
    for (int ms = 0; access(file, F_OK) != 0 && ms < PATIENCE_MS; ms += 10)
        usleep(10000);
}

static int exchange(int with, int round, unsigned char *out, unsigned char *in)
{
    int bytes = 1 + round * 997 % LARGEST, wrong = 0;
    for (int i = 0; i < bytes; i++)
        out[i] = byte_of(rank, round, i);
    MPI_Sendrecv(out, bytes, MPI_BYTE, with, round, in, bytes, MPI_BYTE, with, round,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    for (int i = 0; i < bytes; i++)
        wrong += in[i] != byte_of(with, round, i);
    return wrong;
}

int main(int argc, char **argv)
{
    static unsigned char out[LARGEST], in[LARGEST];
    int wrong = 0, all;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc > 1)
        wait_for(argv[1]);
    double begin = MPI_Wtime();
    for (int round = 0; round < ROUNDS; round++) {
        int with = (size + round % size - rank) % size; /* whose partner I am as well */
        FILE *mine = fopen("/dev/null", "w");
        wrong += !mine || exchange(with, round, out, in);
        if (mine)
            fclose(mine);
    }
    double took = MPI_Wtime() - begin;
    MPI_Reduce(&wrong, &all, 1, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("%d wrong, %.3f s\n", all, took);
    MPI_Finalize();
    return wrong != 0;
}
