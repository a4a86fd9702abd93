// Intercommunicators for tests: the world cut in two, and what their members are by rights.
#ifndef TESTS_MPI_INTER_H
#define TESTS_MPI_INTER_H

#include "check.h"

enum { INTER_TAG = 17 };

// The ranks of the world on one side, in the order of their ranks there.
struct side {
    int n, *world;
};

static inline struct side side_of(int count, int (*chosen)(int rank, int arg), int arg)
{
    struct side s = {0, need(sizeof(int) * (size_t)(count + 1))};
    for (int r = 0; r < count; r++)
        if (chosen(r, arg))
            s.world[s.n++] = r;
    return s;
}

static inline int place(const struct side *s, int world)
{
    for (int r = 0; r < s->n; r++)
        if (s->world[r] == world)
            return r;
    return MPI_UNDEFINED;
}

static inline int is_below(int rank, int limit)
{
    return rank < limit;
}

static inline int is_from(int rank, int limit)
{
    return rank >= limit;
}

// Makes an intercommunicator of the ranks below `cut` and the others; the leaders are the last of
// the one side and the first of the other. Also gives this rank's half.
static inline MPI_Comm cut_world(int cut, MPI_Comm *half)
{
    MPI_Comm inter;
    int low = me < cut;
    OK(MPI_Comm_split(MPI_COMM_WORLD, low, me, half));
    OK(MPI_Intercomm_create(*half, low ? cut - 1 : 0, MPI_COMM_WORLD, low ? cut : cut - 1,
                            INTER_TAG, &inter));
    return inter;
}

// Every member exchanges its rank of the world with every one of the other side.
static inline void check_talk(MPI_Comm inter, const struct side *theirs)
{
    int n = theirs->n, *in = need(sizeof(int) * (size_t)n);
    MPI_Request *requests = need(sizeof(MPI_Request) * 2 * (size_t)n);

    for (int r = 0; r < n; r++) {
        OK(MPI_Irecv(&in[r], 1, MPI_INT, r, INTER_TAG, inter, &requests[r]));
        OK(MPI_Isend(&me, 1, MPI_INT, r, INTER_TAG, inter, &requests[n + r]));
    }
    OK(MPI_Waitall(2 * n, requests, MPI_STATUSES_IGNORE));
    for (int r = 0; r < n; r++)
        EQ(in[r], theirs->world[r]);
    free(in);
    free(requests);
}

static inline void check_group(MPI_Group group, const struct side *want)
{
    MPI_Group world;
    int n, *ranks = need(sizeof(int) * (size_t)(want->n + 1));

    OK(MPI_Group_size(group, &n));
    EQ(n, want->n);
    OK(MPI_Comm_group(MPI_COMM_WORLD, &world));
    OK(MPI_Group_translate_ranks(world, want->n, want->world, group, ranks));
    for (int r = 0; r < want->n; r++)
        EQ(ranks[r], r);
    OK(MPI_Group_free(&world));
    free(ranks);
}

static inline void check_inter(MPI_Comm inter, const struct side *ours, const struct side *theirs)
{
    int flag = 0, rank, size, remote_size;
    MPI_Group group;

    OK(MPI_Comm_test_inter(inter, &flag));
    CHECK(flag);
    OK(MPI_Comm_rank(inter, &rank));
    OK(MPI_Comm_size(inter, &size));
    OK(MPI_Comm_remote_size(inter, &remote_size));
    EQ(rank, place(ours, me));
    EQ(size, ours->n);
    EQ(remote_size, theirs->n);
    OK(MPI_Comm_group(inter, &group));
    check_group(group, ours);
    OK(MPI_Group_free(&group));
    OK(MPI_Comm_remote_group(inter, &group));
    check_group(group, theirs);
    OK(MPI_Group_free(&group));
    check_talk(inter, theirs);
}

#endif
