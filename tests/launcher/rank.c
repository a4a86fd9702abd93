/* MPI programs that end in all the ways in which programs end: `rank CASE [N]`, for the scripts of
 * this folder. Rank 1 misbehaves, the others wait for it, unless the case says otherwise. */
#include <mpi.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int rank, size, number;

static void wait_for(int source)
{
    int x;
    MPI_Recv(&x, 1, MPI_INT, source, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void barrier(void)
{
    MPI_Barrier(MPI_COMM_WORLD);
}

static void finalize_and_exit(int code)
{
    MPI_Finalize();
    exit(code);
}

static void misbehave(const char *how)
{
    if (strcmp(how, "exit") == 0)
        exit(number);
    if (strcmp(how, "quick_exit") == 0)
        _exit(number);
    if (strcmp(how, "signal") == 0)
        raise(number);
    if (strcmp(how, "abort") == 0)
        MPI_Abort(MPI_COMM_WORLD, number);
    if (strcmp(how, "error") == 0)
        MPI_Send(&number, 1, MPI_INT, size + 5, 0, MPI_COMM_WORLD);
    if (strcmp(how, "finalize") == 0)
        finalize_and_exit(number);
    if (strcmp(how, "print_abort") == 0) {
        for (int i = 0; i < 1000; i++)
            printf("line %d before the end\n", i);
        MPI_Abort(MPI_COMM_WORLD, number);
    }
}

/* Stops a rank that sleeps, sends it what it waits for, and lets it go on three seconds later. */
static void stop_and_send(pid_t pid)
{
    sleep(1);
    kill(pid, SIGSTOP);
    MPI_Send(&number, 1, MPI_INT, 1, 7, MPI_COMM_WORLD);
    if (fork() == 0) {
        sleep(3);
        kill(pid, SIGCONT);
        _exit(0);
    }
}

/* Cases in which every rank does the same. */
static int together(const char *how)
{
    if (strcmp(how, "ok") == 0)
        return MPI_Finalize();
    if (strcmp(how, "no_finalize") == 0)
        exit(0);
    if (strcmp(how, "first_exit") == 0 && rank == 0)
        exit(number);
    if (strcmp(how, "inner") == 0) { /* each runs a job of its own, and ends as it did */
        int status = system(getenv("INNER"));
        MPI_Finalize();
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    if (strcmp(how, "codes") == 0) { /* rank r returns r * number */
        MPI_Finalize();
        exit(rank * number);
    }
    if (strcmp(how, "sleep") == 0) { /* all but 0 wait for it; it sleeps */
        if (rank == 0)
            sleep((unsigned)number);
        barrier();
        return MPI_Finalize();
    }
    if (strcmp(how, "last") == 0) { /* after MPI_Finalize rank 0 fails; rank 1 still has work */
        MPI_Finalize();
        if (rank == 0)
            exit(number);
        usleep(1500000);
        printf("work done after MPI_Finalize\n");
        exit(0);
    }
    if (strcmp(how, "any") == 0) { /* rank 0 waits for anybody, and everybody leaves */
        if (rank == 0)
            wait_for(MPI_ANY_SOURCE);
        return MPI_Finalize();
    }
    if (strcmp(how, "woken_late") == 0) { /* rank 1 gets its message, but no core to look at it */
        pid_t pid = getpid();
        MPI_Bcast(&pid, (int)sizeof pid, MPI_BYTE, 1, MPI_COMM_WORLD);
        if (rank == 1)
            wait_for(0);
        if (rank == 0)
            stop_and_send(pid);
        return MPI_Finalize();
    }
    if (strcmp(how, "one_in_barrier") == 0) { /* after `number` that all are in */
        for (int i = 0; i < number; i++)
            barrier();
        if (rank != 0)
            barrier();
        return MPI_Finalize();
    }
    return -1;
}

/* Without a world: 1: never finalized, 2: the same in the second session, 3: exit(3) after the last
 * one; 0: as it should be. */
static int session(void)
{
    MPI_Session session;
    MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &session);
    if (number != 1)
        MPI_Session_finalize(&session);
    if (number == 2)
        MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &session);
    return number == 3 ? 3 : 0;
}

int main(int argc, char **argv)
{
    number = argc > 2 ? atoi(argv[2]) : 0;
    if (argc > 1 && strcmp(argv[1], "not_all_init") == 0 && atoi(getenv("IPCRUN_RANK")) == 1)
        return 0;
    if (argc > 1 && strcmp(argv[1], "session") == 0)
        exit(session());
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc < 2)
        return 2;
    if (together(argv[1]) == MPI_SUCCESS)
        return 0;
    if (rank == 1)
        misbehave(argv[1]);
    wait_for(1 % size);
    return MPI_Finalize();
}
