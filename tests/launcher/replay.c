/* MPI programs whose result depends on what comes first: `replay CASE [N]`, for replay.sh. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rank, size, number;

/* Rank 1 reports to rank 0 and then lets rank 2 report. The program believes that rank 0 hears them
 * in that order; it does, but for a moment between two looks of rank 0. With N it never hears rank
 * 1. */
static void race(void)
{
    int from[2] = {0}, token = 0;
    MPI_Status status;
    if (rank == 0) {
        for (int i = 0; i < 2; i++) {
            MPI_Recv(&token, 1, MPI_INT, MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, &status);
            from[i] = status.MPI_SOURCE;
        }
        if (from[0] != 1) {
            printf("rank %d came before rank %d\n", from[0], from[1]);
            fflush(stdout);
            MPI_Abort(MPI_COMM_WORLD, 7);
        }
    } else if (rank == 1) {
        MPI_Send(&rank, 1, MPI_INT, number ? 2 : 0, 1, MPI_COMM_WORLD);
        MPI_Send(&rank, 1, MPI_INT, 2, 2, MPI_COMM_WORLD);
    } else if (rank == 2) {
        MPI_Recv(&token, 1, MPI_INT, 1, 2, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        MPI_Send(&rank, 1, MPI_INT, 0, 1, MPI_COMM_WORLD);
    }
}

/* Everything that a rank sees of time goes into one number. */
static unsigned long long digest = 14695981039346656037ull;

static void see(int what)
{
    digest = (digest ^ (unsigned)what) * 1099511628211ull;
}

static void see_message(const MPI_Status *status, int value)
{
    see(status->MPI_SOURCE);
    see(status->MPI_TAG);
    see(value);
}

enum { EACH = 24, OPEN = 5 };

/* Every other rank sends to rank 0 in each of the phases below. */
static void send_all(int phase)
{
    MPI_Request requests[EACH];
    int values[EACH], done = 0, flag, index;
    for (int i = 0; i < EACH; i++) {
        values[i] = rank * 1000 + i;
        MPI_Issend(&values[i], 1, MPI_INT, 0, phase * 10 + i % 3, MPI_COMM_WORLD, &requests[i]);
    }
    while (done < EACH) {
        MPI_Testany(EACH, requests, &index, &flag, MPI_STATUS_IGNORE);
        see(flag ? index : -1);
        done += flag;
    }
}

static void by_receive(int n)
{
    MPI_Status status;
    int value;
    while (n--) {
        MPI_Recv(&value, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
        see_message(&status, value);
    }
}

static void by_probe(int n)
{
    MPI_Status status;
    MPI_Message message;
    int value, flag = 0;
    for (int i = 0; i < n; i++) {
        if (i % 3 == 0)
            MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
        for (flag = 0; i % 3 == 1 && !flag; see(flag))
            MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, &status);
        if (i % 3 != 2) {
            MPI_Recv(&value, 1, MPI_INT, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
                     &status);
        } else {
            for (flag = 0; !flag; see(flag))
                MPI_Improbe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, &message, &status);
            MPI_Mrecv(&value, 1, MPI_INT, &message, &status);
        }
        see_message(&status, value);
    }
}

/* How each of a set of open receives is asked for. */
static int report(int how, MPI_Request *requests, int *indices, MPI_Status *statuses)
{
    int n = 0, flag;
    if (how == 0) {
        MPI_Waitany(OPEN, requests, indices, statuses);
        return 1;
    }
    if (how == 1) {
        MPI_Testany(OPEN, requests, indices, &flag, statuses);
        return flag;
    }
    if (how == 2)
        MPI_Waitsome(OPEN, requests, &n, indices, statuses);
    else
        MPI_Testsome(OPEN, requests, &n, indices, statuses);
    return n;
}

static void by_requests(int n)
{
    MPI_Request requests[OPEN];
    MPI_Status statuses[OPEN];
    int values[OPEN], indices[OPEN], posted = 0, got = 0;
    for (int i = 0; i < OPEN; i++)
        requests[i] = MPI_REQUEST_NULL;
    while (got < n) {
        for (int i = 0; i < OPEN && posted < n; i++)
            if (requests[i] == MPI_REQUEST_NULL) {
                MPI_Irecv(&values[i], 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                          &requests[i]);
                posted++;
            }
        int done = report(got % 4, requests, indices, statuses);
        see(done);
        for (int k = 0; k < done; k++)
            see_message(&statuses[k], values[indices[k]]);
        got += done;
    }
}

static void by_test(int n)
{
    MPI_Request requests[2];
    MPI_Status statuses[2];
    int values[2], flag;
    for (int i = 0; i < n; i += 2) {
        for (int k = 0; k < 2; k++)
            MPI_Irecv(&values[k], 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                      &requests[k]);
        for (flag = 0; !flag; see(flag))
            MPI_Testall(2, requests, &flag, statuses);
        for (int k = 0; k < 2; k++)
            see_message(&statuses[k], values[k]);
    }
}

/* Rank 1 hands rank 0 parts of a message, which asks for each until it is there. */
static void by_parts(void)
{
    MPI_Request request;
    int values[EACH] = {0}, flag;
    if (rank == 1)
        MPI_Psend_init(values, EACH, 1, MPI_INT, 0, 5, MPI_COMM_WORLD, MPI_INFO_NULL, &request);
    else if (rank == 0)
        MPI_Precv_init(values, EACH, 1, MPI_INT, 1, 5, MPI_COMM_WORLD, MPI_INFO_NULL, &request);
    else
        return;
    MPI_Start(&request);
    for (int i = 0; i < EACH; i++) {
        if (rank == 1)
            MPI_Pready(i, request);
        for (flag = rank; !flag; see(flag))
            MPI_Parrived(request, i, &flag);
    }
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Request_free(&request);
}

/* Something of each; prints what each rank has seen. N more messages at the end. */
static void medley(void)
{
    int n = (size - 1) * EACH;
    for (int phase = 0; phase < 4; phase++) {
        if (rank != 0)
            send_all(phase);
        else if (phase == 0)
            by_receive(n);
        else if (phase == 1)
            by_probe(n);
        else if (phase == 2)
            by_requests(n);
        else
            by_test(n);
        MPI_Barrier(MPI_COMM_WORLD);
    }
    by_parts();
    for (int i = 0; i < number; i++) {
        if (rank == 0)
            by_receive(1);
        else if (rank == 1)
            MPI_Send(&i, 1, MPI_INT, 0, 99, MPI_COMM_WORLD);
    }
    printf("%d %llx\n", rank, digest);
}

/* A receive that nobody answers is cancelled. */
static void cancel(void)
{
    MPI_Request request;
    MPI_Status status;
    int value, cancelled;
    MPI_Irecv(&value, 1, MPI_INT, MPI_ANY_SOURCE, 3, MPI_COMM_WORLD, &request);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Cancel(&request);
    MPI_Wait(&request, &status);
    MPI_Test_cancelled(&status, &cancelled);
    printf("%d %d\n", rank, cancelled);
}

/* Asks for what no rank of the medley asks for first. */
static void other(void)
{
    MPI_Request request;
    int value, flag;
    MPI_Irecv(&value, 1, MPI_INT, 0, 1, MPI_COMM_SELF, &request);
    MPI_Send(&rank, 1, MPI_INT, 0, 1, MPI_COMM_SELF);
    MPI_Test(&request, &flag, MPI_STATUS_IGNORE);
    MPI_Barrier(MPI_COMM_WORLD);
}

/* Goes on until somebody ends it; with N there is an end, past that of what was killed. */
static void forever(void)
{
    MPI_Status status;
    int value = 0;
    for (int i = 0; !number || i < 3000000; i++) {
        if (rank == 0)
            MPI_Send(&value, 1, MPI_INT, 1, 1, MPI_COMM_WORLD);
        else
            MPI_Recv(&value, 1, MPI_INT, MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, &status);
        if (i == 1000) {
            printf("%d has come far enough\n", rank);
            fflush(stdout);
        }
    }
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    number = argc > 2 ? atoi(argv[2]) : 0;
    if (strcmp(argv[1], "race") == 0)
        race();
    else if (strcmp(argv[1], "medley") == 0)
        medley();
    else if (strcmp(argv[1], "cancel") == 0)
        cancel();
    else if (strcmp(argv[1], "forever") == 0)
        forever();
    else if (strcmp(argv[1], "other") == 0)
        other();
    MPI_Finalize();
    return 0;
}
