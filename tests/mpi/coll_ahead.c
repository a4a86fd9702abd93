// Rooted collectives in which a rank is far ahead of the others: hundreds of one kind, and then of
// random kinds and roots, while one rank after the other comes late. Nobody may get what was meant
// for another call. Argument: the number of rounds.
#include "check.h"

enum { CALLS = 200, ROOM = 16 };

static const double late = 0.01;

static void come_late(int round)
{
    double until = MPI_Wtime() + (me == round % np ? late : 0);
    while (MPI_Wtime() < until)
        ;
}

static int word(int call, int rank)
{
    return call * 1000 + rank;
}

static void bcast(int call, int root)
{
    int data[2] = {word(call, root), ~call};
    if (me != root)
        data[0] = data[1] = -1;
    OK(MPI_Bcast(data, 2, MPI_INT, root, MPI_COMM_WORLD));
    EQ(data[0], word(call, root));
    EQ(data[1], ~call);
}

static void gather(int call, int root)
{
    int mine = word(call, me), all[ROOM];
    OK(MPI_Gather(&mine, 1, MPI_INT, all, 1, MPI_INT, root, MPI_COMM_WORLD));
    for (int r = 0; r < np && me == root; r++)
        EQ(all[r], word(call, r));
}

static void scatter(int call, int root)
{
    int mine = -1, all[ROOM];
    for (int r = 0; r < np; r++)
        all[r] = word(call, r);
    OK(MPI_Scatter(all, 1, MPI_INT, &mine, 1, MPI_INT, root, MPI_COMM_WORLD));
    EQ(mine, word(call, me));
}

static void reduce(int call, int root)
{
    int mine = word(call, me), sum = -1;
    OK(MPI_Reduce(&mine, &sum, 1, MPI_INT, MPI_SUM, root, MPI_COMM_WORLD));
    if (me == root)
        EQ(sum, np * word(call, 0) + np * (np - 1) / 2);
}

static void allreduce(int call, int root)
{
    (void)root;
    int mine = word(call, me), most = -1;
    OK(MPI_Allreduce(&mine, &most, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD));
    EQ(most, word(call, np - 1));
}

static void barrier(int call, int root)
{
    (void)call, (void)root;
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static void (*const kinds[])(int call, int root) = {bcast,  gather,    scatter,
                                                    reduce, allreduce, barrier};
enum { KINDS = sizeof kinds / sizeof *kinds, ROOTED = 4 };

static void round_of(int round)
{
    come_late(round);
    int root = round / 3 % np;
    for (int call = 0; call < CALLS; call++)
        kinds[round % ROOTED](call, root);
    come_late(round + 1);
    for (int call = 0; call < CALLS; call++) {
        uint64_t chance = mix3((uint64_t)round, (uint64_t)call, 7);
        kinds[chance % KINDS](call, (int)(chance / KINDS % (uint64_t)np));
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    int rounds = argc > 1 ? atoi(argv[1]) : 20;
    for (int round = 0; round < rounds && np <= ROOM; round++)
        round_of(round);
    return check_end();
}
