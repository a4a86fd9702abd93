// Threads of a rank that sleep at the same time, each in a wait of another kind: whoever's message
// comes is woken, whichever of them leads, and a message for one thread does not use the others'
// time. Ranks 0 and 1 of any number; argument: rounds (5: each thread leads once).
#include <pthread.h>

#include "check.h"
#include "proc.h"

enum { SLEEPERS = 5, ASLEEP_MS = 20 };

static MPI_Comm comm;
static int answers[SLEEPERS];

static void thank(int n)
{
    OK(MPI_Send(NULL, 0, MPI_BYTE, 1, n, comm));
}

static void *receives(void *number)
{
    int n = (int)(intptr_t)number;
    OK(MPI_Recv(&answers[n], 1, MPI_INT, 1, n, comm, MPI_STATUS_IGNORE));
    thank(n);
    return NULL;
}

static void *probes(void *number)
{
    int n = (int)(intptr_t)number;
    OK(MPI_Probe(1, n, comm, MPI_STATUS_IGNORE));
    return receives(number);
}

// Of two requests the one that is never answered is cancelled.
static void *waits_for_any(void *number)
{
    int n = (int)(intptr_t)number, which = -1, never;
    MPI_Request request[2];
    OK(MPI_Irecv(&never, 1, MPI_INT, 1, SLEEPERS, comm, &request[0]));
    OK(MPI_Irecv(&answers[n], 1, MPI_INT, 1, n, comm, &request[1]));
    OK(MPI_Waitany(2, request, &which, MPI_STATUS_IGNORE));
    EQ(which, 1);
    OK(MPI_Cancel(&request[0]));
    OK(MPI_Wait(&request[0], MPI_STATUS_IGNORE));
    thank(n);
    return NULL;
}

static void *(*const waits[SLEEPERS])(void *) = {receives, receives, probes, waits_for_any, probes};

// They fall asleep in the order of `from`, so that another one leads each time; then one after the
// other is answered, the leader last. Each answer comes when all the others sleep, and nothing else
// comes before it has been read.
static void sleep_and_wake(int from)
{
    pthread_t thread[SLEEPERS];
    for (int i = 0; i < SLEEPERS; i++) {
        int n = (from + i) % SLEEPERS;
        answers[n] = -1;
        EQ(pthread_create(&thread[n], NULL, waits[n], (void *)(intptr_t)n), 0);
        nap(ASLEEP_MS * 1e-3);
    }
    double busy = cpu_seconds();
    nap(0.2);
    busy = cpu_seconds() - busy;
    CHECK(busy < 0.1);
    OK(MPI_Send(&from, 1, MPI_INT, 1, SLEEPERS, comm));
    for (int n = 0; n < SLEEPERS; n++)
        pthread_join(thread[n], NULL);
    for (int n = 0; n < SLEEPERS; n++)
        EQ(answers[n], n + from);
}

static void answer(void)
{
    int from, value;
    OK(MPI_Recv(&from, 1, MPI_INT, 0, SLEEPERS, comm, MPI_STATUS_IGNORE));
    for (int i = SLEEPERS - 1; i >= 0; i--) {
        int n = (from + i) % SLEEPERS;
        value = n + from;
        nap(ASLEEP_MS * 1e-3);
        OK(MPI_Send(&value, 1, MPI_INT, 0, n, comm));
        OK(MPI_Recv(NULL, 0, MPI_BYTE, 0, n, comm, MPI_STATUS_IGNORE));
    }
}

int main(int argc, char **argv)
{
    int provided = -1;
    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    EQ(provided, MPI_THREAD_MULTIPLE);
    OK(MPI_Comm_rank(MPI_COMM_WORLD, &me));
    OK(MPI_Comm_size(MPI_COMM_WORLD, &np));
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    for (int i = 0, n = (int)argument(argc, argv, 1, SLEEPERS); np > 1 && i < n; i++)
        if (me == 0)
            sleep_and_wake(i % SLEEPERS);
        else if (me == 1)
            answer();
    OK(MPI_Comm_free(&comm));
    return check_end();
}
