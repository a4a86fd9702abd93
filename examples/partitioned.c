// partitioned: which of the numbers below ten million are prime? Each rank has some threads sieve
// its share block by block, and its right neighbour counts what they find.
//
// The idea: one message that goes out in pieces, each as soon as it is made. Whichever thread has
// finished a block says so with MPI_Pready, in any order and without asking the others; the message
// is complete when all have. The receiver cut the same message into other, larger pieces, and takes
// each as soon as MPI_Parrived says that it is there, while the rest is still being computed.
#include <mpi.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 10000000, PRIMES = 664579 }; // so many primes are below ten million
enum { ROOT = 3163, THREADS = 4, BLOCKS = 16, PIECES = 4 };

struct share { // of one rank: the numbers from `first` on, a byte each, 1 for a prime
    long first, per_block;
    unsigned char *mine, *neighbours;
    MPI_Request send, receive;
    atomic_int next, ready; // blocks taken by a thread, and finished ones
};

// Crosses out the multiples of all that is below the root; a block needs nothing from another one.
static void sieve(unsigned char *block, long first, long count)
{
    memset(block, 1, (size_t)count);
    for (long i = 0; i < count && first + i < 2; i++)
        block[i] = 0;
    for (long p = 2; p < ROOT; p++) {
        long multiple = (first + p - 1) / p * p;
        for (long n = multiple > p ? multiple : 2 * p; n < first + count; n += p)
            block[n - first] = 0;
    }
    for (long i = count; i-- > 0 && first + i >= LIMIT;)
        block[i] = 0;
}

static void *worker(void *argument)
{
    struct share *s = argument;
    for (int b; (b = atomic_fetch_add(&s->next, 1)) < BLOCKS;) {
        sieve(s->mine + b * s->per_block, s->first + b * s->per_block, s->per_block);
        MPI_Pready(b, s->send);
        atomic_fetch_add(&s->ready, 1);
    }
    return NULL;
}

static long count(const unsigned char *flags, long n)
{
    long primes = 0;
    for (long i = 0; i < n; i++)
        primes += flags[i];
    return primes;
}

// Counts the neighbour's primes piece by piece, in the order in which the pieces arrive.
static long take_pieces(struct share *s, int rank, double start)
{
    long primes = 0, length = s->per_block * BLOCKS / PIECES;
    int taken[PIECES] = {0};
    for (int left = PIECES; left > 0;) {
        for (int p = 0; p < PIECES; p++) {
            int here = 0;
            if (!taken[p])
                MPI_Parrived(s->receive, p, &here);
            if (!here)
                continue;
            long found = count(s->neighbours + p * length, length);
            if (rank == 0)
                printf("after %4.1f ms: piece %d is here, with %5ld primes; "
                       "%2d of my own %d blocks are ready\n",
                       1e3 * (MPI_Wtime() - start), p, found, atomic_load(&s->ready), BLOCKS);
            primes += found;
            taken[p] = 1;
            left--;
        }
    }
    return primes;
}

static struct share *share_make(int rank, int size)
{
    struct share *s = calloc(1, sizeof *s);
    if (!s)
        MPI_Abort(MPI_COMM_WORLD, 1);
    s->per_block = (LIMIT + (long)size * BLOCKS - 1) / ((long)size * BLOCKS);
    s->first = rank * s->per_block * BLOCKS;
    s->mine = malloc((size_t)s->per_block * BLOCKS);
    s->neighbours = malloc((size_t)s->per_block * BLOCKS);
    if (!s->mine || !s->neighbours)
        MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Psend_init(s->mine, BLOCKS, (int)s->per_block, MPI_UNSIGNED_CHAR, (rank + 1) % size, 0,
                   MPI_COMM_WORLD, MPI_INFO_NULL, &s->send);
    MPI_Precv_init(s->neighbours, PIECES, (int)(s->per_block * BLOCKS / PIECES), MPI_UNSIGNED_CHAR,
                   (rank + size - 1) % size, 0, MPI_COMM_WORLD, MPI_INFO_NULL, &s->receive);
    return s;
}

static void share_free(struct share *s)
{
    MPI_Request_free(&s->send);
    MPI_Request_free(&s->receive);
    free(s->mine);
    free(s->neighbours);
    free(s);
}

int main(int argc, char **argv)
{
    int provided, rank, size;
    MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);

    struct share *s = share_make(rank, size);
    pthread_t threads[THREADS];
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    MPI_Start(&s->send);
    MPI_Start(&s->receive);
    for (int t = 0; t < THREADS; t++)
        if (pthread_create(&threads[t], NULL, worker, s) != 0)
            MPI_Abort(MPI_COMM_WORLD, 1);
    long found = take_pieces(s, rank, start), all = 0;
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    MPI_Wait(&s->send, MPI_STATUS_IGNORE);
    MPI_Wait(&s->receive, MPI_STATUS_IGNORE);

    MPI_Allreduce(&found, &all, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
    int wrong = all != PRIMES;
    if (rank == 0)
        printf("partitioned: %s: %ld primes below %d (known: %d), found by %d threads\n",
               wrong ? "WRONG" : "verified", all, LIMIT, PRIMES, THREADS * size);
    share_free(s);
    MPI_Finalize();
    return wrong;
}
