// Nonblocking collectives from several threads at once (arguments: threads, rounds): each on a
// communicator of its own; and begun by one thread, completed by another.
#include "nbc.h"

#include <pthread.h>

enum { THREADS = 16 };

static MPI_Comm comms[THREADS];
static long rounds;

// Two operations at a time, against what the blocking form gives.
static void *work(void *arg)
{
    int self = (int)(intptr_t)arg;
    uint64_t random = (uint64_t)self + 1; // the same on all ranks
    for (long i = 0; i < rounds; i++) {
        struct call now[2], later[2];
        MPI_Request requests[2];
        const struct collective *k[2];
        for (int j = 0; j < 2; j++) {
            k[j] = &collectives[rnd(&random, COLLECTIVES)];
            now[j] = (struct call){.root = (int)rnd(&random, (uint64_t)np)};
            nbc_make(&now[j], k[j], comms[self], (int)rnd(&random, 500), random);
            later[j] = nbc_twin(&now[j]);
            later[j].form = BEGIN;
            OK(k[j]->call(&later[j]));
            requests[j] = later[j].request;
        }
        for (int j = 0; j < 2; j++)
            OK(k[j]->call(&now[j]));
        OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
        for (int j = 0; j < 2; j++) {
            nbc_compare(k[j], &now[j], &later[j]);
            nbc_free(&now[j]);
            nbc_free(&later[j]);
        }
    }
    return NULL;
}

static void all_at_once(int threads)
{
    pthread_t thread[THREADS];
    for (int i = 0; i < threads; i++)
        pthread_create(&thread[i], NULL, work, (void *)(intptr_t)i);
    for (int i = 0; i < threads; i++)
        pthread_join(thread[i], NULL);
}

// The other thread waits for each request in turn, while this one begins the next.
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    MPI_Request request;
    int full;
} slot = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *complete(void *arg)
{
    (void)arg;
    for (long i = 0; i < rounds; i++) {
        pthread_mutex_lock(&slot.lock);
        while (!slot.full)
            pthread_cond_wait(&slot.changed, &slot.lock);
        MPI_Request request = slot.request;
        slot.full = 0;
        pthread_cond_signal(&slot.changed);
        pthread_mutex_unlock(&slot.lock);
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    }
    return NULL;
}

static void hand_over(void)
{
    pthread_t other;
    int *sums = need((size_t)rounds * sizeof *sums);
    pthread_create(&other, NULL, complete, NULL);
    for (long i = 0; i < rounds; i++) {
        MPI_Request request;
        OK(MPI_Iallreduce(&me, &sums[i], 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD, &request));
        pthread_mutex_lock(&slot.lock);
        while (slot.full)
            pthread_cond_wait(&slot.changed, &slot.lock);
        slot.request = request;
        slot.full = 1;
        pthread_cond_signal(&slot.changed);
        pthread_mutex_unlock(&slot.lock);
    }
    pthread_join(other, NULL);
    for (long i = 0; i < rounds; i++)
        EQ(sums[i], np * (np - 1) / 2);
    free(sums);
}

int main(int argc, char **argv)
{
    int provided, threads = (int)argument(argc, argv, 1, 4);
    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &np);
    rounds = argument(argc, argv, 2, 50);
    if (provided < MPI_THREAD_MULTIPLE)
        return check_end(); // nothing was promised
    nbc_setup();
    for (int i = 0; i < threads; i++)
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &comms[i]));
    all_at_once(threads);
    hand_over();
    for (int i = 0; i < threads; i++)
        OK(MPI_Comm_free(&comms[i]));
    nbc_finish();
    return check_end();
}
