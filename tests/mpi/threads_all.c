// Eight threads a rank, each with a communicator of its own and doing something else at any moment:
// messages of every size, nonblocking and synchronous, wildcards and probes, collectives blocking
// and not, duplicates and splits, derived datatypes. What one thread waits for another rank may
// reach late, so no thread may keep another one out. Arguments: threads (8), rounds (12).
#include <pthread.h>

#include "check.h"

enum { MOST = 16, LARGEST = 60000 };

static struct worker {
    int number, rounds;
    MPI_Comm comm; // this thread's: no other one uses it
    unsigned char *out, *in;
    pthread_t thread;
} workers[MOST];

static int right_of(int rank)
{
    return (rank + 1) % np;
}

static int left_of(int rank)
{
    return (rank + np - 1) % np;
}

// A seed that every rank knows of every other one's message.
static uint64_t seed_of(const struct worker *w, int round, int from)
{
    return mix3((uint64_t)w->number, (uint64_t)round, (uint64_t)from);
}

static int size_of(const struct worker *w, int round)
{
    const int sizes[] = {0, 8, 300, 5000, LARGEST};
    return sizes[(w->number + round) % 5];
}

static void ring(struct worker *w, int round)
{
    int bytes = size_of(w, round), left = left_of(me);
    MPI_Request request[2];
    MPI_Status status[2];

    fill(w->out, (size_t)bytes, seed_of(w, round, me));
    OK(MPI_Irecv(w->in, bytes, MPI_BYTE, round % 2 ? left : MPI_ANY_SOURCE, round, w->comm,
                 &request[0]));
    if (round % 3)
        OK(MPI_Isend(w->out, bytes, MPI_BYTE, right_of(me), round, w->comm, &request[1]));
    else
        OK(MPI_Issend(w->out, bytes, MPI_BYTE, right_of(me), round, w->comm, &request[1]));
    OK(MPI_Waitall(2, request, status));
    STATUS(&status[0], left, round, MPI_BYTE, bytes);
    FILLED(w->in, (size_t)bytes, seed_of(w, round, left));
}

static void probe(struct worker *w, int round)
{
    int bytes = size_of(w, round), left = left_of(me);
    MPI_Request request;
    MPI_Message message;
    MPI_Status status;

    fill(w->out, (size_t)bytes, seed_of(w, round, me));
    OK(MPI_Isend(w->out, bytes, MPI_BYTE, right_of(me), 5, w->comm, &request));
    OK(MPI_Mprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, w->comm, &message, &status));
    STATUS(&status, left, 5, MPI_BYTE, bytes);
    OK(MPI_Mrecv(w->in, bytes, MPI_BYTE, &message, MPI_STATUS_IGNORE));
    FILLED(w->in, (size_t)bytes, seed_of(w, round, left));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
}

static void reductions(struct worker *w, int round)
{
    long mine = me + 10L * w->number + 100L * round, sum = -1, before = -1;
    long all = np * (np - 1L) / 2 + np * (10L * w->number + 100L * round);

    OK(MPI_Allreduce(&mine, &sum, 1, MPI_LONG, MPI_SUM, w->comm));
    EQ(sum, all);
    OK(MPI_Reduce(&mine, &sum, 1, MPI_LONG, MPI_MAX, round % np, w->comm));
    if (me == round % np)
        EQ(sum, mine - me + np - 1);
    OK(MPI_Scan(&mine, &before, 1, MPI_LONG, MPI_SUM, w->comm));
    EQ(before, me * (me + 1L) / 2 + (me + 1) * (mine - me));
}

static void data(struct worker *w, int round)
{
    int root = (round + w->number) % np, bytes = size_of(w, round) / np;

    if (me == root)
        fill(w->out, (size_t)bytes, seed_of(w, round, root));
    OK(MPI_Bcast(w->out, bytes, MPI_BYTE, root, w->comm));
    FILLED(w->out, (size_t)bytes, seed_of(w, round, root));
    fill(w->out, (size_t)bytes, seed_of(w, round, me));
    OK(MPI_Allgather(w->out, bytes, MPI_BYTE, w->in, bytes, MPI_BYTE, w->comm));
    for (int from = 0; from < np; from++)
        FILLED(w->in + (size_t)from * (size_t)bytes, (size_t)bytes, seed_of(w, round, from));
}

static void nonblocking(struct worker *w, int round)
{
    int mine[2] = {me, w->number}, sum[2] = {-1, -1};
    MPI_Request request[3];

    if (me == round % np)
        fill(w->out, 1000, seed_of(w, round, me));
    OK(MPI_Iallreduce(mine, sum, 2, MPI_INT, MPI_SUM, w->comm, &request[0]));
    OK(MPI_Ibcast(w->out, 1000, MPI_BYTE, round % np, w->comm, &request[1]));
    OK(MPI_Ibarrier(w->comm, &request[2]));
    OK(MPI_Waitall(3, request, MPI_STATUSES_IGNORE));
    EQ(sum[0], np * (np - 1) / 2);
    EQ(sum[1], np * w->number);
    FILLED(w->out, 1000, seed_of(w, round, round % np));
}

static void communicators(struct worker *w, int round)
{
    struct worker same = *w;

    if (round % 2)
        OK(MPI_Comm_dup(w->comm, &same.comm));
    else
        OK(MPI_Comm_split(w->comm, 0, me, &same.comm));
    ring(&same, round);
    reductions(&same, round);
    OK(MPI_Comm_free(&same.comm));
}

static void strided(struct worker *w, int round)
{
    enum { BLOCKS = 500 };
    int *out = (int *)(void *)w->out, *in = (int *)(void *)w->in;
    MPI_Datatype type;

    OK(MPI_Type_vector(BLOCKS, 1, 3, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    for (int i = 0; i < 3 * BLOCKS; i++)
        out[i] = 1000 * me + i + round;
    memset(in, 0, 3 * BLOCKS * sizeof *in);
    OK(MPI_Sendrecv(out, 1, type, right_of(me), 9, in, 1, type, left_of(me), 9, w->comm,
                    MPI_STATUS_IGNORE));
    for (int i = 0; i < 3 * BLOCKS - 2; i++)
        EQ(in[i], i % 3 ? 0 : 1000 * left_of(me) + i + round);
    OK(MPI_Type_free(&type));
}

static void *work(void *arg)
{
    static void (*const deeds[])(struct worker *, int) = {
        ring, probe, reductions, data, nonblocking, communicators, strided};
    enum { DEEDS = sizeof deeds / sizeof *deeds };
    struct worker *w = arg;

    // All ranks' threads of a number do the same; those of different numbers something else.
    for (int round = 0; round < w->rounds; round++)
        for (int i = 0; i < DEEDS; i++)
            deeds[(i + w->number) % DEEDS](w, round);
    return NULL;
}

int main(int argc, char **argv)
{
    int provided, threads = (int)argument(argc, argv, 1, 8);

    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    EQ(provided, MPI_THREAD_MULTIPLE);
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &np);
    if (threads > MOST)
        threads = MOST;
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){.number = i, .rounds = (int)argument(argc, argv, 2, 12)};
        workers[i].out = need(LARGEST + 8);
        workers[i].in = need(LARGEST + 8);
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &workers[i].comm));
    }
    for (int i = 0; i < threads; i++)
        EQ(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    for (int i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        OK(MPI_Comm_free(&workers[i].comm));
        free(workers[i].out);
        free(workers[i].in);
    }
    return check_end();
}
