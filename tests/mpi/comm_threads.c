// Threads that make communicators at once, each from a parent of its own but all with the same
// members, in an order that differs from rank to rank. The members must agree on a context for each
// without ever waiting for one another in a circle, and no two may get the same.
// Arguments: threads (4), rounds (60).
#include "check.h"

#include <pthread.h>

enum { MOST = 16 };

static struct worker {
    int number, rounds;
    MPI_Comm parent, alone; // alone: a duplicate of MPI_COMM_SELF, for agreements without others
    pthread_t thread;
} workers[MOST];

static MPI_Comm make_later(struct worker *w)
{
    MPI_Comm made;
    MPI_Request request;
    OK(MPI_Comm_idup(w->parent, &made, &request));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    return made;
}

// Without a parent: the threads' strings keep them apart.
static MPI_Comm make_from_group(struct worker *w)
{
    char tag[32];
    MPI_Comm made;
    MPI_Group group;
    snprintf(tag, sizeof tag, "tests://worker/%d", w->number);
    OK(MPI_Comm_group(w->parent, &group));
    OK(MPI_Comm_create_from_group(group, tag, MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL, &made));
    OK(MPI_Group_free(&group));
    return made;
}

// Two halves that become one again. One rank has no other half.
static MPI_Comm make_of_halves(struct worker *w)
{
    MPI_Comm half, inter, made;
    int low = me < np / 2;
    if (np == 1)
        return make_later(w);
    OK(MPI_Comm_split(w->parent, low, me, &half));
    OK(MPI_Intercomm_create(half, 0, w->parent, low ? np / 2 : 0, 1, &inter));
    OK(MPI_Intercomm_merge(inter, !low, &made));
    OK(MPI_Comm_free(&inter));
    OK(MPI_Comm_free(&half));
    return made;
}

static MPI_Comm make(struct worker *w, int round)
{
    MPI_Comm made = MPI_COMM_NULL;
    MPI_Group group;
    switch (round % 7) {
    case 0:
        OK(MPI_Comm_dup(w->parent, &made));
        break;
    case 1:
        OK(MPI_Comm_split(w->parent, 0, -me, &made));
        break;
    case 2:
        OK(MPI_Comm_group(w->parent, &group));
        OK(MPI_Comm_create_group(w->parent, group, round, &made));
        OK(MPI_Group_free(&group));
        break;
    case 3:
        return make_later(w);
    case 4:
        return make_from_group(w);
    case 5:
        return make_of_halves(w);
    default:
        OK(MPI_Comm_group(w->parent, &group));
        OK(MPI_Comm_create(w->parent, group, &made));
        OK(MPI_Group_free(&group));
    }
    return made;
}

// A message and a reduction on it see this thread's values and nobody else's.
static void use(MPI_Comm comm, int value)
{
    int rank, size, in = -1, sum = -1;
    OK(MPI_Comm_rank(comm, &rank));
    OK(MPI_Comm_size(comm, &size));
    EQ(size, np);
    OK(MPI_Sendrecv(&value, 1, MPI_INT, (rank + 1) % size, 0, &in, 1, MPI_INT,
                    (rank + size - 1) % size, 0, comm, MPI_STATUS_IGNORE));
    EQ(in, value);
    OK(MPI_Allreduce(&value, &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, size * value);
}

static void *work(void *arg)
{
    struct worker *w = arg;
    for (int round = 0; round < w->rounds; round++) {
        MPI_Comm own, made = make(w, round);
        OK(MPI_Comm_dup(w->alone, &own));
        use(made, w->number * 1000 + round);
        OK(MPI_Comm_free(&own));
        OK(MPI_Comm_free(&made));
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int provided, n = (int)argument(argc, argv, 1, 4), rounds = (int)argument(argc, argv, 2, 60);
    OK(MPI_Init_thread(&argc, &argv, MPI_THREAD_MULTIPLE, &provided));
    MPI_Comm_rank(MPI_COMM_WORLD, &me);
    MPI_Comm_size(MPI_COMM_WORLD, &np);
    if (provided < MPI_THREAD_MULTIPLE || n > MOST) {
        MPI_Finalize();
        return 77;
    }
    for (int i = 0; i < n; i++) {
        workers[i].number = i;
        workers[i].rounds = rounds;
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &workers[i].parent));
        OK(MPI_Comm_dup(MPI_COMM_SELF, &workers[i].alone));
    }
    for (int i = 0; i < n; i++) {
        struct worker *w = &workers[(i + me) % n];
        CHECK(pthread_create(&w->thread, NULL, work, w) == 0);
    }
    for (int i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
    for (int i = 0; i < n; i++) {
        OK(MPI_Comm_free(&workers[i].parent));
        OK(MPI_Comm_free(&workers[i].alone));
    }
    return check_end();
}
