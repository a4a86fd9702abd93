// hello: every rank introduces itself to rank 0, which prints the lines in rank order.
//
// The idea: all ranks run this same program, and only the number that MPI_Comm_rank returns tells
// them apart. Whoever prints to the terminal directly prints in no particular order, so each rank
// sends its line to rank 0, and rank 0 asks for the lines one rank after the other.
#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, len;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    char host[MPI_MAX_PROCESSOR_NAME], line[MPI_MAX_PROCESSOR_NAME + 80];
    MPI_Get_processor_name(host, &len);
    snprintf(line, sizeof line, "hello from rank %d of %d, process %ld on %s", rank, size,
             (long)getpid(), host);

    int wrong = 0;
    if (rank != 0) {
        MPI_Send(line, (int)strlen(line) + 1, MPI_CHAR, 0, 0, MPI_COMM_WORLD);
    } else {
        for (int from = 0; from < size; from++) {
            int said_rank = -1, said_size = -1;
            if (from != 0) // rank 0 has its own line already
                MPI_Recv(line, sizeof line, MPI_CHAR, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            printf("%s\n", line);
            sscanf(line, "hello from rank %d of %d", &said_rank, &said_size);
            wrong += said_rank != from || said_size != size;
        }
        if (wrong)
            printf("hello: WRONG: %d of %d ranks said something else than expected\n", wrong, size);
        else
            printf("hello: verified: %d rank%s, each heard once\n", size, size > 1 ? "s" : "");
    }

    // Every rank learns the verdict, so that every rank exits with the same status.
    MPI_Bcast(&wrong, 1, MPI_INT, 0, MPI_COMM_WORLD);
    MPI_Finalize();
    return wrong != 0;
}
