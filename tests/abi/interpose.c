/* A profiler in a program's own text: MPI functions defined here over their PMPI_ twins must be the
 * ones the program calls, and must not be called by the library for its own purposes. A world of
 * one is enough. Prints TAP. */
#include <mpi.h>
#include <stdio.h>

static int inits, ranks, allreduces, sends;

int MPI_Init(int *argc, char ***argv)
{
    inits++;
    return PMPI_Init(argc, argv);
}

int MPI_Comm_rank(MPI_Comm comm, int *rank)
{
    ranks++;
    return PMPI_Comm_rank(comm, rank);
}

int MPI_Allreduce(const void *sendbuf, void *recvbuf, int count, MPI_Datatype datatype, MPI_Op op,
                  MPI_Comm comm)
{
    allreduces++;
    return PMPI_Allreduce(sendbuf, recvbuf, count, datatype, op, comm);
}

int MPI_Send(const void *buf, int count, MPI_Datatype datatype, int dest, int tag, MPI_Comm comm)
{
    sends++;
    return PMPI_Send(buf, count, datatype, dest, tag, comm);
}

static int tests, failures;

static void check(int ok, const char *name)
{
    printf("%s %d - %s\n", ok ? "ok" : "not ok", ++tests, name);
    failures += !ok;
}

int main(int argc, char **argv)
{
    int rank = -1, one = 1, sum = 0;
    MPI_Comm copy;
    MPI_Init(&argc, &argv);
    check(inits == 1, "the program's MPI_Init is called");
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    check(ranks == 1 && rank == 0,
          "the program's MPI_Comm_rank is called, and reaches the library");
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    check(ranks == 1, "PMPI_Comm_rank goes past it");

    MPI_Comm_dup(MPI_COMM_WORLD, &copy);
    check(allreduces == 0 && sends == 0, "MPI_Comm_dup calls nothing that the program defines");
    MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, copy);
    check(allreduces == 1 && sum == 1, "the program's MPI_Allreduce is called, and works");
    check(sends == 0 && ranks == 1, "the library's MPI_Allreduce calls none of the others");
    MPI_Comm_free(&copy);
    MPI_Finalize();
    printf("1..%d\n", tests);
    return failures != 0;
}
