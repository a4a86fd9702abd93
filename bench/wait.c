// What does waiting cost? Rank 0 sleeps; all others wait for it, first in MPI_Recv, then in
// MPI_Barrier. Reported is the CPU time (user + system) of the waiting rank that used most. Then
// how long after rank 0's call of MPI_Send a rank that has waited for 20 ms is behind its MPI_Recv;
// the two must share a clock, so this is left out between hosts.
//     wait [seconds]
#include "stats.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { WAKES = 40 };

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void pause_for(double seconds)
{
    struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&t, NULL);
}

static void wait_in_recv(int rank, int size, double seconds)
{
    int token = 4711;
    if (rank == 0) {
        pause_for(seconds);
        for (int r = 1; r < size; r++)
            MPI_Send(&token, 1, MPI_INT, r, 0, MPI_COMM_WORLD);
    } else {
        token = 0;
        MPI_Recv(&token, 1, MPI_INT, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (token != 4711)
            MPI_Abort(MPI_COMM_WORLD, 1);
    }
}

static void wait_in_barrier(int rank, int size, double seconds)
{
    (void)size;
    if (rank == 0)
        pause_for(seconds);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void measure(const char *name, void (*wait)(int, int, double), double seconds)
{
    int rank, size;
    double mine[2], most[2];
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Barrier(MPI_COMM_WORLD);
    double cpu = cpu_seconds(), start = MPI_Wtime();
    wait(rank, size, seconds);
    mine[0] = rank ? cpu_seconds() - cpu : 0;
    mine[1] = MPI_Wtime() - start;
    MPI_Reduce(mine, most, 2, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    if (rank == 0)
        stats_print((struct stats_label){name, size, 0, "cpu-s"}, stats_of(most, 1, 1));
    if (rank == 0 && most[1] < 0.95 * seconds) // then nobody waited, and the figure means nothing
        printf("# WRONG: %s took %.3f s instead of %.3f s\n", name, most[1], seconds);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int on_one_host(void)
{
    char name[2][MPI_MAX_PROCESSOR_NAME] = {"", ""};
    int len;
    MPI_Get_processor_name(name[0], &len);
    strcpy(name[1], name[0]);
    MPI_Bcast(name[1], MPI_MAX_PROCESSOR_NAME, MPI_CHAR, 0, MPI_COMM_WORLD);
    int same = strcmp(name[0], name[1]) == 0, all;
    MPI_Allreduce(&same, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
    return all;
}

static void wake(int rank)
{
    double took[WAKES], called;
    for (int i = 0; i < WAKES; i++) {
        if (rank == 0) {
            pause_for(0.02);
            called = now();
            MPI_Send(&called, 1, MPI_DOUBLE, 1, 0, MPI_COMM_WORLD);
        } else {
            MPI_Recv(&called, 1, MPI_DOUBLE, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            took[i] = now() - called;
        }
    }
    if (rank == 1)
        MPI_Send(took, WAKES, MPI_DOUBLE, 0, 1, MPI_COMM_WORLD);
    if (rank != 0)
        return;
    MPI_Recv(took, WAKES, MPI_DOUBLE, 1, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    stats_print((struct stats_label){"wake_recv", 2, 0, "us"},
                stats_times(stats_of(took, WAKES, 1), 1e6));
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    double seconds = argc > 1 ? atof(argv[1]) : 5;
    measure("wait_recv", wait_in_recv, seconds);
    measure("wait_barrier", wait_in_barrier, seconds);
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (size > 1 && on_one_host() && rank < 2)
        wake(rank);
    MPI_Finalize();
    return 0;
}
