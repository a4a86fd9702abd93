/* Known messages for stats.sh and trace.sh, with a sender and a receiver that are a second late:
 *   each rank sends 100 messages of 1000 bytes to the next one, around in a ring;
 *   rank 0 sleeps, then sends 10 bytes to rank 1, which waits for them;
 *   rank 1 sleeps, then receives 8 MiB that rank 0 has sent meanwhile;
 *   the last rank sleeps, and all others wait for it in MPI_Allreduce.
 * The first argument is a signal by which the last rank ends instead of sleeping, 0: none; the
 * second one is how often the messages go around in the ring, 100 times without it. */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 100, LATE = 1 << 20, SMALL = 1000, LARGE = 8 << 20 };

static int rank, size;
static char *out, *in;

static void sleep_a_second(void)
{
    struct timespec second = {1, 0};
    nanosleep(&second, NULL);
}

static void ring(int rounds)
{
    for (int i = 0; i < rounds; i++)
        MPI_Sendrecv(out, SMALL, MPI_CHAR, (rank + 1) % size, i, in, SMALL, MPI_CHAR,
                     (rank + size - 1) % size, i, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void late_sender(void)
{
    if (rank == 0) {
        sleep_a_second();
        MPI_Send(out, 10, MPI_CHAR, 1, LATE, MPI_COMM_WORLD);
    } else if (rank == 1) {
        MPI_Recv(in, 10, MPI_CHAR, 0, LATE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

static void late_receiver(void)
{
    if (rank == 0) {
        MPI_Send(out, LARGE, MPI_CHAR, 1, LATE, MPI_COMM_WORLD);
    } else if (rank == 1) {
        sleep_a_second();
        MPI_Recv(in, LARGE, MPI_CHAR, 0, LATE, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    out = calloc(1, LARGE);
    in = calloc(1, LARGE);
    ring(argc > 2 ? atoi(argv[2]) : ROUNDS);
    late_sender();
    late_receiver();
    MPI_Barrier(MPI_COMM_WORLD);
    int signal = argc > 1 ? atoi(argv[1]) : 0;
    if (rank == size - 1 && signal)
        raise(signal);
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
