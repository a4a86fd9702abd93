/* Programs that wait for ever, and programs that only look like that: `hang CASE`, for hang.sh. */
#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAUSE = 4 }; /* seconds: longer than it takes to prove a deadlock */

static int rank, size;

static void receive(int source, int tag)
{
    int x;
    MPI_Recv(&x, 1, MPI_INT, source, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
}

static void deliver(int to, int tag)
{
    MPI_Send(&rank, 1, MPI_INT, to, tag, MPI_COMM_WORLD);
}

/* ---- true deadlocks ---- */

static void head_to_head(void)
{
    MPI_Ssend(&rank, 1, MPI_INT, (rank + 1) % size, 5, MPI_COMM_WORLD);
    receive((rank + size - 1) % size, 5);
}

static void wrong_tag(void)
{
    if (rank == 0)
        deliver(1, 8);
    if (rank == 1)
        receive(0, 9);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* The two halves of an exchange that nobody answers, under nonblocking calls. */
static void wait_for_either(void)
{
    MPI_Request r;
    int x;
    if (rank == 0)
        MPI_Issend(&rank, 1, MPI_INT, 1, 8, MPI_COMM_WORLD, &r);
    else
        MPI_Irecv(&x, 1, MPI_INT, 0, 9, MPI_COMM_WORLD, &r);
    MPI_Wait(&r, MPI_STATUS_IGNORE);
}

/* The message is there, but on another communicator. */
static void wrong_comm(void)
{
    MPI_Comm mine;
    MPI_Comm_dup(MPI_COMM_WORLD, &mine);
    MPI_Comm_set_name(mine, "mine");
    if (rank == 0)
        MPI_Send(&rank, 1, MPI_INT, 1, 9, mine);
    if (rank == 1)
        receive(0, 9);
    MPI_Barrier(mine);
    MPI_Comm_free(&mine);
}

/* Even and odd ranks have a communicator each, the last rank enters no collective of its own. */
static void missing_in_part(void)
{
    MPI_Comm part;
    MPI_Comm_split(MPI_COMM_WORLD, rank % 2, 0, &part);
    MPI_Comm_set_name(part, rank % 2 ? "odd" : "even");
    if (rank == size - 1)
        receive(0, 3);
    MPI_Barrier(part);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void missing_collective(void)
{
    if (rank == size - 1)
        receive(0, 3);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void from_anybody(void)
{
    receive(MPI_ANY_SOURCE, 4);
}

static void large_sends(void)
{
    enum { N = 1 << 22 };
    char *buf = calloc(N, 1);
    MPI_Send(buf, N, MPI_BYTE, (rank + 1) % size, 0, MPI_COMM_WORLD);
    MPI_Recv(buf, N, MPI_BYTE, (rank + size - 1) % size, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    free(buf);
}

static void *receive_in_thread(void *tag)
{
    receive((rank + 1) % size, *(int *)tag);
    return NULL;
}

static void two_threads(void)
{
    pthread_t other;
    int tag = 6;
    pthread_create(&other, NULL, receive_in_thread, &tag);
    receive((rank + 1) % size, 5);
    pthread_join(other, NULL);
}

/* ---- ordinary waits ---- */

static void sleeper(void)
{
    if (rank == 0)
        sleep(PAUSE);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void computer(void)
{
    volatile double x = 1;
    double end = MPI_Wtime() + PAUSE;
    while (rank == 0 && MPI_Wtime() < end)
        for (int i = 0; i < 100000; i++)
            x = x * 1.0000001;
    MPI_Barrier(MPI_COMM_WORLD);
}

/* A program that is waited for, by one that waits for it. */
static void child(void)
{
    if (rank == 0 && system("sleep 4") != 0)
        MPI_Abort(MPI_COMM_WORLD, 3);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Somebody has stopped a rank, and continues it. */
static void stopped(void)
{
    if (rank == 0) {
        pid_t me = getpid();
        if (fork() == 0) {
            sleep(PAUSE);
            kill(me, SIGCONT);
            _exit(0);
        }
        raise(SIGSTOP);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void *compute(void *unused)
{
    volatile double x = 1;
    double end = MPI_Wtime() + PAUSE;
    while (MPI_Wtime() < end)
        x = x * 1.0000001;
    return unused;
}

/* Threads of the program's own work, and the one that knows MPI waits for them. */
static void workers(void)
{
    pthread_t thread[2];
    for (int i = 0; rank == 0 && i < 2; i++)
        pthread_create(&thread[i], NULL, compute, NULL);
    for (int i = 0; rank == 0 && i < 2; i++)
        pthread_join(thread[i], NULL);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void reader(void)
{
    char line[80];
    if (rank == 0 && !fgets(line, sizeof line, stdin))
        MPI_Abort(MPI_COMM_WORLD, 3);
    MPI_Barrier(MPI_COMM_WORLD);
}

static void tester(void)
{
    MPI_Request r;
    int done = 0, x;
    if (rank == 0) {
        MPI_Irecv(&x, 1, MPI_INT, MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, &r);
        double end = MPI_Wtime() + PAUSE;
        while (!done && MPI_Wtime() < end) {
            MPI_Test(&r, &done, MPI_STATUS_IGNORE);
            usleep(1000);
        }
        deliver(0, 1);
        MPI_Wait(&r, MPI_STATUS_IGNORE);
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Everybody sleeps almost all the time, but a message goes round. */
static void slow_ring(void)
{
    for (int i = 0; i < 3; i++) {
        if (rank == 0) {
            sleep(1);
            deliver(1 % size, 2);
        }
        receive((rank + size - 1) % size, 2);
        if (rank != 0)
            deliver((rank + 1) % size, 2);
    }
}

/* Two talk all the time, the others wait. */
static void chatter(void)
{
    double end = MPI_Wtime() + 30 * PAUSE;
    int on = 1;
    while (rank < 2 && on) {
        on = MPI_Wtime() < end;
        if (rank == 0) {
            usleep(1000);
            MPI_Send(&on, 1, MPI_INT, 1, 2, MPI_COMM_WORLD);
        } else {
            MPI_Recv(&on, 1, MPI_INT, 0, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        }
    }
    MPI_Barrier(MPI_COMM_WORLD);
}

static void *deliver_late(void *tag)
{
    sleep(PAUSE);
    deliver((rank + 1) % size, *(int *)tag);
    return NULL;
}

static void late_thread(void)
{
    pthread_t other;
    int tag = 6;
    pthread_create(&other, NULL, deliver_late, &tag);
    receive((rank + size - 1) % size, tag);
    pthread_join(other, NULL);
}

/* Either of these would do, and neither comes. */
static void wait_for_any(void)
{
    MPI_Request r[3] = {MPI_REQUEST_NULL};
    int other = 1 - rank, i, in, out = 1;
    MPI_Irecv(&in, 1, MPI_INT, MPI_ANY_SOURCE, 8, MPI_COMM_WORLD, &r[1]);
    MPI_Issend(&out, 1, MPI_INT, other, 9 + rank, MPI_COMM_WORLD, &r[2]);
    MPI_Waitany(3, r, &i, MPI_STATUS_IGNORE);
}

static const struct {
    const char *name;
    void (*run)(void);
    int level;
} cases[] = {
    {"head_to_head", head_to_head, MPI_THREAD_SINGLE},
    {"wrong_tag", wrong_tag, MPI_THREAD_SINGLE},
    {"wait_for_either", wait_for_either, MPI_THREAD_SINGLE},
    {"wait_for_any", wait_for_any, MPI_THREAD_SINGLE},
    {"wrong_comm", wrong_comm, MPI_THREAD_SINGLE},
    {"missing_in_part", missing_in_part, MPI_THREAD_SINGLE},
    {"missing_collective", missing_collective, MPI_THREAD_SINGLE},
    {"from_anybody", from_anybody, MPI_THREAD_SINGLE},
    {"large_sends", large_sends, MPI_THREAD_SINGLE},
    {"two_threads", two_threads, MPI_THREAD_MULTIPLE},
    {"sleeper", sleeper, MPI_THREAD_SINGLE},
    {"computer", computer, MPI_THREAD_SINGLE},
    {"child", child, MPI_THREAD_SINGLE},
    {"stopped", stopped, MPI_THREAD_SINGLE},
    {"workers", workers, MPI_THREAD_FUNNELED},
    {"reader", reader, MPI_THREAD_SINGLE},
    {"tester", tester, MPI_THREAD_SINGLE},
    {"slow_ring", slow_ring, MPI_THREAD_SINGLE},
    {"chatter", chatter, MPI_THREAD_SINGLE},
    {"late_thread", late_thread, MPI_THREAD_MULTIPLE},
};

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, name) != 0)
            continue;
        int level;
        MPI_Init_thread(&argc, &argv, cases[i].level, &level);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &size);
        cases[i].run();
        MPI_Finalize();
        return 0;
    }
    fprintf(stderr, "hang: no case of this name: %s\n", name);
    return 2;
}
