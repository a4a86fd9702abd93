// overlap: counts primes; while the counts of one block are added up, the next block is sieved.
//
// The idea: MPI_Iallreduce starts a sum over all ranks and returns at once. The program goes on
// with work that does not need it, and asks for it later (MPI_Wait). A look now and then (MPI_Test)
// lets the library move things on meanwhile. Until a sum is complete its buffers are not the
// program's, so two sets of them take turns.
#include <mpi.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT = 20000000, KNOWN = 1270607, ROOT = 4473, SLICE = 100000, LOOK = 64 };

// The primes up to the square root of the limit: they sieve all others.
static int small[1000], smalls;

static void find_small(void)
{
    static char composite[ROOT + 1];
    for (int i = 2; i <= ROOT; i++) {
        if (composite[i])
            continue;
        small[smalls++] = i;
        for (int j = i * i; j <= ROOT; j += i)
            composite[j] = 1;
    }
}

// A sum that may be under way: what this rank gives, and what it will get.
struct sum {
    long mine, all;
    MPI_Request request;
};

// Primes in one slice; meanwhile the library gets a look at the sum before it. *there: it is
// complete.
static long sieve(long first, struct sum *before, int *there)
{
    static char composite[SLICE];
    long end = first + SLICE < LIMIT ? first + SLICE : LIMIT, count = 0;
    memset(composite, 0, sizeof composite);
    *there = 0;
    for (int k = 0; k < smalls; k++) {
        long p = small[k], at = (first + p - 1) / p * p;
        for (at = at < p * p ? p * p : at; at < end; at += p)
            composite[at - first] = 1;
        if (k % LOOK == 0 && !*there)
            MPI_Test(&before->request, there, MPI_STATUS_IGNORE);
    }
    for (long i = first > 2 ? first : 2; i < end; i++)
        count += !composite[i - first];
    return count;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    int rank, size, blocks = 0, early = 0, there;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    find_small();

    // Nothing is under way yet: waiting for a null request is over at once.
    struct sum sums[2] = {{0, 0, MPI_REQUEST_NULL}, {0, 0, MPI_REQUEST_NULL}}, *last = &sums[1];
    long primes = 0;
    double start = MPI_Wtime();
    for (long block = 0; block < LIMIT; block += (long)SLICE * size) {
        struct sum *now = &sums[blocks % 2];
        now->mine = sieve(block + (long)rank * SLICE, last, &there);
        early += there && blocks > 0;
        MPI_Wait(&last->request, MPI_STATUS_IGNORE);
        primes += last->all;
        MPI_Iallreduce(&now->mine, &now->all, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD, &now->request);
        last = now;
        blocks++;
    }
    MPI_Wait(&last->request, MPI_STATUS_IGNORE);
    primes += last->all;
    double seconds = MPI_Wtime() - start;

    if (rank == 0) {
        printf("overlap: %d blocks on %d rank%s in %.3f s; rank 0 found %d of %d sums ready\n",
               blocks, size, size > 1 ? "s" : "", seconds, early, blocks - 1);
        printf("overlap: %s: %ld primes below %d (known: %d)\n",
               primes == KNOWN ? "verified" : "WRONG", primes, LIMIT, KNOWN);
    }
    MPI_Finalize();
    return primes != KNOWN;
}
