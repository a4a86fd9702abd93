// Many nonblocking collectives at once (arguments: seed, rounds): of all kinds, on several
// communicators, some of them several times on the same one; completed in an order of chance, which
// differs from rank to rank, while the program does other things that make progress.
#include "nbc.h"

enum { COMMS = 3, MOST = 24 };

static MPI_Comm comms[COMMS];
static uint64_t common, own; // random numbers: the same on all ranks, and mine

struct pair {
    const struct collective *k;
    struct call later, now; // under way, and what the blocking form will be asked
};

static void begin(struct pair *p)
{
    int size, length = (int)rnd(&common, 4) ? (int)rnd(&common, 30) : (int)rnd(&common, 4000);
    MPI_Comm comm = comms[rnd(&common, COMMS)];

    p->k = &collectives[rnd(&common, COLLECTIVES)];
    MPI_Comm_size(comm, &size);
    // Halves of the world have different sizes: the root comes from numbers that all have alike.
    p->now.root = (int)rnd(&common, 1000) % size;
    p->now.in_place = p->k->may_be_in_place && rnd(&common, 2);
    nbc_make(&p->now, p->k, comm, length, rnd(&common, 1u << 30));
    p->later = nbc_twin(&p->now);
    p->later.form = BEGIN;
    OK(p->k->call(&p->later));
}

// A message once around the world, by one of the calls that make progress.
static void pass_on(void)
{
    int right = (me + 1) % np, left = (me + np - 1) % np, got = -1, flag = 0;
    MPI_Request request;
    MPI_Status status;

    OK(MPI_Isend(&me, 1, MPI_INT, right, 5, MPI_COMM_WORLD, &request));
    if (rnd(&own, 2))
        OK(MPI_Probe(left, 5, MPI_COMM_WORLD, &status));
    while (rnd(&own, 2))
        OK(MPI_Iprobe(left, 6, MPI_COMM_WORLD, &flag, &status));
    OK(MPI_Recv(&got, 1, MPI_INT, left, 5, MPI_COMM_WORLD, &status));
    EQ(got, left);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
}

// Completes all of n requests in an order of chance.
static void complete_all(MPI_Request *requests, int n)
{
    int left = n, index, flag, done[MOST];

    while (left > 0 && rnd(&own, 8)) {
        int pick = (int)rnd(&own, (uint64_t)n);
        if (requests[pick] == MPI_REQUEST_NULL)
            continue;
        switch (rnd(&own, 4)) {
        case 0:
            OK(MPI_Wait(&requests[pick], MPI_STATUS_IGNORE));
            left--;
            break;
        case 1:
            OK(MPI_Test(&requests[pick], &flag, MPI_STATUS_IGNORE));
            left -= flag;
            break;
        case 2:
            OK(MPI_Waitany(n, requests, &index, MPI_STATUS_IGNORE));
            left--;
            break;
        default:
            OK(MPI_Testsome(n, requests, &flag, done, MPI_STATUSES_IGNORE));
            left -= flag;
        }
    }
    OK(MPI_Waitall(n, requests, MPI_STATUSES_IGNORE));
}

static void round_of_many(void)
{
    static struct pair pairs[MOST];
    MPI_Request requests[MOST];
    int n = 1 + (int)rnd(&common, MOST);

    for (int i = 0; i < n; i++)
        begin(&pairs[i]);
    pass_on();
    for (int i = 0; i < n; i++) // blocking ones, while the others are under way
        OK(pairs[i].k->call(&pairs[i].now));
    for (int i = 0; i < n; i++)
        requests[i] = pairs[i].later.request;
    complete_all(requests, n);
    for (int i = 0; i < n; i++) {
        nbc_compare(pairs[i].k, &pairs[i].now, &pairs[i].later);
        nbc_free(&pairs[i].now);
        nbc_free(&pairs[i].later);
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    common = (uint64_t)argument(argc, argv, 1, 1);
    own = mix3(common, (uint64_t)me, 3);
    long rounds = argument(argc, argv, 2, 50);
    nbc_setup();
    comms[0] = MPI_COMM_WORLD;
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comms[1]));
    OK(MPI_Comm_split(MPI_COMM_WORLD, me % 2, -me, &comms[2]));
    while (rounds-- > 0)
        round_of_many();
    OK(MPI_Comm_free(&comms[1]));
    OK(MPI_Comm_free(&comms[2]));
    nbc_finish();
    return check_end();
}
