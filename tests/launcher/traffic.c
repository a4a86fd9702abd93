/* Known messages for stats.sh and trace.sh, with a sender and a receiver that are a second late:
 *   each rank sends 100 messages of 1000 bytes to the next one, around in a ring;
 *   rank 0 sleeps, then sends 10 bytes to rank 1, which waits for them;
 *   rank 1 sleeps, then receives 8 MiB that rank 0 has sent meanwhile;
 *   the last rank sleeps, and all others wait for it in MPI_Allreduce.
 * With an argument, the last rank ends by that signal instead of sleeping. */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 100, SMALL = 1000, LARGE = 8 << 20 };

static int rank, size;
static char *out, *in;

static void sleep_a_second(void)
{
    struct timespec second = {1, 0};
    nanosleep(&second, NULL);
}

static void ring(void)
{
    for (int i = 0; i < ROUNDS; i++)
        MPI_Sendrecv(out, SMALL, MPI_CHAR, (rank + 1) % size, i, in, SMALL, MPI_CHAR,
                     (rank + size - 1) % size, i, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void late_sender(void)
{
    if (rank == 0) {
        sleep_a_second();
        MPI_Send(out, 10, MPI_CHAR, 1, ROUNDS, MPI_COMM_WORLD);
    } else if (rank == 1) {
        MPI_Recv(in, 10, MPI_CHAR, 0, ROUNDS, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

static void late_receiver(void)
{
    if (rank == 0) {
        MPI_Send(out, LARGE, MPI_CHAR, 1, ROUNDS, MPI_COMM_WORLD);
    } else if (rank == 1) {
        sleep_a_second();
        MPI_Recv(in, LARGE, MPI_CHAR, 0, ROUNDS, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    out = calloc(1, LARGE);
    in = calloc(1, LARGE);
    ring();
    late_sender();
    late_receiver();
    MPI_Barrier(MPI_COMM_WORLD);
    if (rank == size - 1 && argc > 1)
        raise(atoi(argv[1]));
    else if (rank == size - 1)
        sleep_a_second();
    int one = 1, sum;
    MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    MPI_Finalize();
    printf("%d ranks\n", sum);
    free(out);
    free(in);
    return sum != size;
}
