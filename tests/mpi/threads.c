// MPI_THREAD_MULTIPLE (arguments: threads per rank, rounds): threads on communicators of their own
// and on one shared by tag, point-to-point and collectives mixed, requests handed over, matched
// probes that compete, blocked threads that hold nobody up.
#include <pthread.h>

#include "check.h"
#include "proc.h"

enum { MOST = 16, LARGE = 100000, SHARED_TAG = 1000 };

static int threads, rounds, left, right;
static MPI_Comm own[MOST];
static pthread_barrier_t together;

struct worker {
    pthread_t id;
    int number;
};

static void on_every_thread(void *(*work)(void *))
{
    struct worker workers[MOST];

    for (int t = 0; t < threads; t++) {
        workers[t].number = t;
        EQ(pthread_create(&workers[t].id, NULL, work, &workers[t]), 0);
    }
    for (int t = 0; t < threads; t++)
        pthread_join(workers[t].id, NULL);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static int number_of(const void *worker)
{
    return ((const struct worker *)worker)->number;
}

// Each thread has a world of its own for messages and collectives.
static void *on_own_communicator(void *worker)
{
    int t = number_of(worker), in, sum, value;
    MPI_Comm comm = own[t];

    for (int i = 0; i < rounds; i++) {
        value = me * 1000 + i;
        OK(MPI_Sendrecv(&value, 1, MPI_INT, right, 0, &in, 1, MPI_INT, left, 0, comm,
                        MPI_STATUS_IGNORE));
        EQ(in, left * 1000 + i);
        value = me + t + i;
        OK(MPI_Allreduce(&value, &sum, 1, MPI_INT, MPI_SUM, comm));
        EQ(sum, np * (np - 1) / 2 + np * (t + i));
        value = me == i % np ? i * 10 + t : -1;
        OK(MPI_Bcast(&value, 1, MPI_INT, i % np, comm));
        EQ(value, i * 10 + t);
        if (i % 10 == 0)
            OK(MPI_Barrier(comm));
    }
    return NULL;
}

// All threads share the world; a tag belongs to a thread. Sizes from nothing to the rendezvous.
static void *by_tag(void *worker)
{
    int t = number_of(worker);
    char *in = need(LARGE), *out = need(LARGE);
    MPI_Request requests[2];
    MPI_Status statuses[2];

    for (int i = 0; i < rounds; i++) {
        int bytes = i % 7 == 0 ? LARGE - t : i * 37 % 5000;
        uint64_t seed = mix3((uint64_t)t, (uint64_t)i, (uint64_t)me);
        fill(out, (size_t)bytes, seed);
        OK(MPI_Isend(out, bytes, MPI_BYTE, right, t, MPI_COMM_WORLD, &requests[0]));
        OK(MPI_Irecv(in, LARGE, MPI_BYTE, i % 2 ? left : MPI_ANY_SOURCE, t, MPI_COMM_WORLD,
                     &requests[1]));
        OK(MPI_Waitall(2, requests, statuses));
        STATUS(&statuses[1], left, t, MPI_BYTE, bytes);
        FILLED(in, (size_t)bytes, mix3((uint64_t)t, (uint64_t)i, (uint64_t)left));
    }
    free(out);
    free(in);
    return NULL;
}

// Half of the threads work with messages, half with collectives, all on the same ranks.
static void *mixed(void *worker)
{
    return number_of(worker) % 2 ? on_own_communicator(worker) : by_tag(worker);
}

// Communicators, types and operations made and freed by all at once.
static void *makes_objects(void *worker)
{
    int t = number_of(worker), sum, one = 1, size;
    MPI_Comm twin;
    MPI_Datatype type;

    for (int i = 0; i < rounds / 5 + 1; i++) {
        OK(MPI_Comm_dup(own[t], &twin));
        OK(MPI_Allreduce(&one, &sum, 1, MPI_INT, MPI_SUM, twin));
        EQ(sum, np);
        OK(MPI_Type_vector(3, 2, t + 3, MPI_INT, &type));
        OK(MPI_Type_commit(&type));
        OK(MPI_Type_size(type, &size));
        EQ(size, 24);
        OK(MPI_Type_free(&type));
        OK(MPI_Comm_free(&twin));
    }
    return NULL;
}

static int received;

// Matched probes compete for the same messages: each goes to one thread, whole.
static void *by_matched_probe(void *worker)
{
    int t = number_of(worker), bytes;
    MPI_Request *requests = need(sizeof *requests * (size_t)rounds);
    MPI_Message message;
    MPI_Status status;
    char *out = need(LARGE), *in = need(LARGE);

    // One seed for all lengths: a shorter message is the beginning of a longer one.
    fill(out, LARGE, 7);
    for (int i = 0; i < rounds; i++) {
        bytes = 8 * (1 + (t * rounds + i) % (i % 10 ? 400 : LARGE / 8));
        OK(MPI_Isend(out, bytes, MPI_BYTE, right, SHARED_TAG, MPI_COMM_WORLD, &requests[i]));
    }
    // Everybody takes the same number, so that no thread waits for a message another one took.
    for (int i = 0; i < rounds; i++) {
        OK(MPI_Mprobe(MPI_ANY_SOURCE, SHARED_TAG, MPI_COMM_WORLD, &message, &status));
        OK(MPI_Get_count(&status, MPI_BYTE, &bytes));
        memset(in, 0, (size_t)bytes);
        OK(MPI_Mrecv(in, bytes, MPI_BYTE, &message, MPI_STATUS_IGNORE));
        FILLED(in, (size_t)bytes, 7);
        __atomic_fetch_add(&received, 1, __ATOMIC_RELAXED);
    }
    OK(MPI_Waitall(rounds, requests, MPI_STATUSES_IGNORE));
    free(in);
    free(out);
    free(requests);
    return NULL;
}

static MPI_Request handed[MOST][2];
static int handed_in[MOST], handed_out[MOST];

// One thread starts, the next one completes.
static void *hands_over(void *worker)
{
    int t = number_of(worker), next = (t + 1) % threads;

    for (int i = 0; i < rounds / 5 + 1; i++) {
        handed_out[t] = me * 10000 + i;
        OK(MPI_Irecv(&handed_in[t], 1, MPI_INT, left, t, MPI_COMM_WORLD, &handed[t][0]));
        OK(MPI_Isend(&handed_out[t], 1, MPI_INT, right, t, MPI_COMM_WORLD, &handed[t][1]));
        pthread_barrier_wait(&together);
        OK(MPI_Waitall(2, handed[next], MPI_STATUSES_IGNORE));
        EQ(handed_in[next], left * 10000 + i);
        pthread_barrier_wait(&together);
    }
    return NULL;
}

// Thread 0 is blocked in a receive that only the last step of all others satisfies.
static void *one_blocked(void *worker)
{
    int t = number_of(worker), value = 0;

    if (t == 0) {
        OK(MPI_Recv(&value, 1, MPI_INT, me, SHARED_TAG + 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        EQ(value, 99);
        return NULL;
    }
    for (int i = 0; i < 20; i++)
        OK(MPI_Barrier(own[t]));
    if (t == 1) {
        nap(0.01);
        value = 99;
        OK(MPI_Send(&value, 1, MPI_INT, me, SHARED_TAG + 1, MPI_COMM_WORLD));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int provided = -1;

    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    OK(MPI_Comm_rank(MPI_COMM_WORLD, &me));
    OK(MPI_Comm_size(MPI_COMM_WORLD, &np));
    EQ(provided, MPI_THREAD_MULTIPLE);
    threads = (int)argument(argc, argv, 1, 4);
    rounds = (int)argument(argc, argv, 2, 100);
    if (threads < 2 || threads > MOST)
        threads = MOST;
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    pthread_barrier_init(&together, NULL, (unsigned)threads);
    for (int t = 0; t < threads; t++)
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &own[t]));
    on_every_thread(on_own_communicator);
    on_every_thread(by_tag);
    on_every_thread(mixed);
    on_every_thread(makes_objects);
    on_every_thread(by_matched_probe);
    EQ(received, threads * rounds);
    on_every_thread(hands_over);
    on_every_thread(one_blocked);
    for (int t = 0; t < threads; t++)
        OK(MPI_Comm_free(&own[t]));
    pthread_barrier_destroy(&together);
    return check_end();
}
