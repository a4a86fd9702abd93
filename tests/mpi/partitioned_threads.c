// Partitioned communication as it is meant: threads make partitions and report them, and threads of
// the receiver take each when it is there (arguments: threads a rank, rounds).
#include "check.h"

#include <pthread.h>

enum { TAG = 14, SMALL = 3, LARGE = 30000, PER_THREAD = 4 };

static int threads, rounds, right, left;

struct side { // what the threads of a rank share in one run
    int *out, *in;
    int parts, per_part; // of the sender; the receiver has half as many, twice as long
    MPI_Request send, receive;
    pthread_barrier_t begin, end;
};

struct seat {
    struct side *side;
    int number;
};

static int value(int round, int rank, int at)
{
    return round * 1000003 + rank * 7919 + at;
}

static void produce(const struct side *s, int part, int round)
{
    for (int i = part * s->per_part; i < (part + 1) * s->per_part; i++)
        s->out[i] = value(round, me, i);
    OK(MPI_Pready(part, s->send));
}

static void consume(const struct side *s, int part, int round)
{
    int length = 2 * s->per_part, flag = 0;

    while (!flag) {
        OK(MPI_Parrived(s->receive, part, &flag));
        if (!flag)
            sched_yield();
    }
    for (int i = part * length; i < (part + 1) * length; i++)
        if (s->in[i] != value(round, left, i)) {
            FAIL("round %d, partition %d: item %d is %d; should be %d", round, part, i, s->in[i],
                 value(round, left, i));
            return;
        }
}

// Thread t produces every threads-th partition, backwards, and consumes as many.
static void *work(void *argument)
{
    struct seat *seat = argument;
    struct side *s = seat->side;

    for (int round = 0; round < rounds; round++) {
        pthread_barrier_wait(&s->begin);
        for (int part = s->parts - 1 - seat->number; part >= 0; part -= threads)
            produce(s, part, round);
        for (int part = seat->number; part < s->parts / 2; part += threads)
            consume(s, part, round);
        pthread_barrier_wait(&s->end);
    }
    return NULL;
}

// Makes the two requests and has all threads use them for some rounds.
static void run(int per_part)
{
    struct side s = {.parts = 2 * PER_THREAD * threads, .per_part = per_part};
    size_t bytes = (size_t)s.parts * (size_t)per_part * sizeof(int);
    pthread_t *ids = need((size_t)threads * sizeof *ids);
    struct seat *seats = need((size_t)threads * sizeof *seats);
    MPI_Request both[2];

    s.out = need(bytes);
    s.in = need(bytes);
    OK(MPI_Psend_init(s.out, s.parts, per_part, MPI_INT, right, TAG, MPI_COMM_WORLD, MPI_INFO_NULL,
                      &s.send));
    OK(MPI_Precv_init(s.in, s.parts / 2, 2 * per_part, MPI_INT, left, TAG, MPI_COMM_WORLD,
                      MPI_INFO_NULL, &s.receive));
    pthread_barrier_init(&s.begin, NULL, (unsigned)threads + 1);
    pthread_barrier_init(&s.end, NULL, (unsigned)threads + 1);
    for (int t = 0; t < threads; t++) {
        seats[t] = (struct seat){&s, t};
        pthread_create(&ids[t], NULL, work, &seats[t]);
    }
    for (int round = 0; round < rounds; round++) {
        memset(s.in, -1, bytes);
        OK(MPI_Start(&s.send));
        OK(MPI_Start(&s.receive));
        pthread_barrier_wait(&s.begin);
        both[0] = s.send;
        both[1] = s.receive;
        OK(MPI_Wait(&both[0], MPI_STATUS_IGNORE)); // while the threads are at work
        pthread_barrier_wait(&s.end);
        OK(MPI_Wait(&both[1], MPI_STATUS_IGNORE));
    }
    for (int t = 0; t < threads; t++)
        pthread_join(ids[t], NULL);
    OK(MPI_Request_free(&s.send));
    OK(MPI_Request_free(&s.receive));
    pthread_barrier_destroy(&s.begin);
    pthread_barrier_destroy(&s.end);
    free(s.in);
    free(s.out);
    free(seats);
    free(ids);
}

int main(int argc, char **argv)
{
    int provided = MPI_THREAD_SINGLE;

    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &np);
    EQ(provided, MPI_THREAD_MULTIPLE);
    threads = (int)argument(argc, argv, 1, 4);
    rounds = (int)argument(argc, argv, 2, 10);
    right = (me + 1) % np;
    left = (me + np - 1) % np;
    run(SMALL);
    run(LARGE);
    return check_end();
}
