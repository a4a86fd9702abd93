/* A rank that tells a test what nobody else may learn: `secret FILE GO`. Rank 0 writes the job's
 * secret to FILE, in hexadecimal digits; all wait then until GO is there. Linked with the library's
 * objects. */
#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

#include "job.h"

enum { PATIENCE_MS = 30000 };

static int write_secret(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return 1;
    for (size_t i = 0; i < sizeof ipcr_job.secret; i++)
        fprintf(f, "%02x", ipcr_job.secret[i]);
    fputc('\n', f);
    return fclose(f) != 0;
}

int main(int argc, char **argv)
{
    int rank, value = 1, sum;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Allreduce(&value, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD); /* all have used it */
    if (argc != 3 || (rank == 0 && write_secret(argv[1]) != 0))
        MPI_Abort(MPI_COMM_WORLD, 2);
    for (int ms = 0; access(argv[2], F_OK) != 0 && ms < PATIENCE_MS; ms += 10)
        usleep(10000);
    MPI_Finalize();
    return 0;
}
