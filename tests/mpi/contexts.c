// A communicator is a world of its own: nothing sent on one is seen on another, not even by
// wildcards, and collectives never meet point-to-point messages.
#include "check.h"

enum { TAG = 1, MANY = 200 };

// The same tag to the same rank on many communicators, received in another order than sent.
static void many(void)
{
    MPI_Comm *comms = need(sizeof *comms * MANY);
    MPI_Request *requests = need(sizeof *requests * MANY);
    int *out = need(sizeof *out * MANY), in, left = (me + np - 1) % np, flag;
    MPI_Status status;

    for (int i = 0; i < MANY; i++)
        OK(MPI_Comm_dup(i % 2 ? comms[i - 1] : MPI_COMM_WORLD, &comms[i]));
    for (int i = 0; i < MANY; i++) {
        out[i] = me * 1000 + i;
        OK(MPI_Isend(&out[i], 1, MPI_INT, (me + 1) % np, TAG, comms[i], &requests[i]));
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, &status));
    EQ(flag, 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int k = 0; k < MANY; k++) {
        int i = (k * 77 + 5) % MANY;
        OK(MPI_Recv(&in, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, comms[i], &status));
        STATUS(&status, left, TAG, MPI_INT, 1);
        EQ(in, left * 1000 + i);
    }
    OK(MPI_Waitall(MANY, requests, MPI_STATUSES_IGNORE));
    for (int i = MANY - 1; i >= 0; i--)
        OK(MPI_Comm_free(&comms[i]));
    free(out);
    free(requests);
    free(comms);
}

// A wildcard receive stands on one communicator while all else goes over another.
static void wildcard_stands(void)
{
    MPI_Comm other;
    MPI_Request request;
    int caught = -1, got, sum, flag = 1;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &other));
    OK(MPI_Irecv(&caught, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, other, &request));
    for (int i = 0; i < 20; i++) {
        OK(MPI_Sendrecv(&i, 1, MPI_INT, (me + 1) % np, TAG, &got, 1, MPI_INT, (me + np - 1) % np,
                        TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        EQ(got, i);
        OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
        EQ(sum, np * (np - 1) / 2);
    }
    OK(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
    EQ(flag, 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(MPI_Send(&me, 1, MPI_INT, (me + 1) % np, TAG, other));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    EQ(caught, (me + np - 1) % np);
    OK(MPI_Comm_free(&other));
}

// Wildcard receives on the very communicator whose collectives run meanwhile.
static void below_collectives(void)
{
    int caught[4], all[64], left = (me + np - 1) % np, value;
    MPI_Request requests[4];
    MPI_Status status;

    for (int i = 0; i < 4; i++)
        OK(MPI_Irecv(&caught[i], 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                     &requests[i]));
    for (int i = 0; i < 10; i++) {
        value = me == i % np ? i : -1;
        OK(MPI_Barrier(MPI_COMM_WORLD));
        OK(MPI_Bcast(&value, 1, MPI_INT, i % np, MPI_COMM_WORLD));
        EQ(value, i);
        OK(MPI_Allgather(&me, 1, MPI_INT, all, 1, MPI_INT, MPI_COMM_WORLD));
        for (int r = 0; r < np; r++)
            EQ(all[r], r);
    }
    for (int i = 0; i < 4; i++)
        OK(MPI_Send(&i, 1, MPI_INT, (me + 1) % np, 50 + i, MPI_COMM_WORLD));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < 4; i++) {
        OK(MPI_Wait(&requests[i], &status));
        STATUS(&status, left, 50 + i, MPI_INT, 1);
        EQ(caught[i], i);
    }
}

// Unexpected messages wait while collectives run over them.
static void above_collectives(void)
{
    int in, sum;
    MPI_Request request;

    OK(MPI_Isend(&me, 1, MPI_INT, (me + 1) % np, TAG, MPI_COMM_WORLD, &request));
    for (int i = 0; i < 10; i++) {
        OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
        EQ(sum, np * (np - 1) / 2);
    }
    OK(MPI_Recv(&in, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    EQ(in, (me + np - 1) % np);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
}

// Overlapping groups with their own numbering: rank 0 here is not rank 0 there.
static void overlapping(void)
{
    MPI_Comm halves[2];
    int rank, size, in;

    OK(MPI_Comm_split(MPI_COMM_WORLD, me < (np + 1) / 2, -me, &halves[0]));
    OK(MPI_Comm_split(MPI_COMM_WORLD, me % 2, me, &halves[1]));
    for (int i = 0; i < 2; i++) {
        MPI_Status status;
        OK(MPI_Comm_rank(halves[i], &rank));
        OK(MPI_Comm_size(halves[i], &size));
        OK(MPI_Sendrecv(&rank, 1, MPI_INT, (rank + 1) % size, TAG, &in, 1, MPI_INT, MPI_ANY_SOURCE,
                        TAG, halves[i], &status));
        EQ(in, (rank + size - 1) % size);
        EQ(status.MPI_SOURCE, in);
    }
    OK(MPI_Comm_free(&halves[0]));
    OK(MPI_Comm_free(&halves[1]));
}

// A communicator freed with a receive still pending lives until that is done.
static void freed_while_pending(void)
{
    MPI_Comm comm;
    MPI_Request requests[2];
    int in = -1;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Irecv(&in, 1, MPI_INT, (me + np - 1) % np, TAG, comm, &requests[0]));
    OK(MPI_Isend(&me, 1, MPI_INT, (me + 1) % np, TAG, comm, &requests[1]));
    OK(MPI_Comm_free(&comm));
    CHECK(comm == MPI_COMM_NULL);
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
    EQ(in, (me + np - 1) % np);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    many();
    wildcard_stands();
    below_collectives();
    above_collectives();
    overlapping();
    freed_while_pending();
    return check_end();
}
