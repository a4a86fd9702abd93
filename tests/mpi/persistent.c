// Persistent requests: started many times, alone and in arrays, with contents that change between
// the starts, tested in every form, inactive in between.
#include "check.h"

enum { TAG = 12, ROUNDS = 50 };

static int left, right;

static void one_pair(int bytes, int source)
{
    char *in = need((size_t)bytes), *out = need((size_t)bytes);
    MPI_Request requests[2];
    MPI_Status statuses[2];

    OK(MPI_Recv_init(in, bytes, MPI_BYTE, source, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Send_init(out, bytes, MPI_BYTE, right, TAG, MPI_COMM_WORLD, &requests[1]));
    for (int round = 0; round < ROUNDS; round++) {
        fill(out, (size_t)bytes, (uint64_t)(me * 1000 + round));
        if (round % 3 == 0)
            OK(MPI_Startall(2, requests));
        else
            for (int i = 0; i < 2; i++)
                OK(MPI_Start(&requests[i ^ (round & 1)]));
        OK(MPI_Waitall(2, requests, statuses));
        CHECK(requests[0] != MPI_REQUEST_NULL);
        CHECK(requests[1] != MPI_REQUEST_NULL);
        STATUS(&statuses[0], left, TAG, MPI_BYTE, bytes);
        FILLED(in, (size_t)bytes, (uint64_t)(left * 1000 + round));
    }
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
    CHECK(requests[0] == MPI_REQUEST_NULL);
    free(out);
    free(in);
}

// An array of receives of which only some are started: the others count as inactive.
static void some_started(void)
{
    enum { COUNT = 6 };
    int in[COUNT], index;
    MPI_Request requests[COUNT];
    MPI_Status status;

    for (int i = 0; i < COUNT; i++)
        OK(MPI_Recv_init(&in[i], 1, MPI_INT, left, TAG + i, MPI_COMM_WORLD, &requests[i]));
    for (int round = 0; round < COUNT; round++) {
        for (int i = 0; i <= round; i++)
            OK(MPI_Start(&requests[i]));
        for (int i = 0; i <= round; i++)
            OK(MPI_Send(&i, 1, MPI_INT, right, TAG + i, MPI_COMM_WORLD));
        for (int i = 0; i <= round; i++) {
            OK(MPI_Waitany(COUNT, requests, &index, &status));
            CHECK_SAYING(index >= 0 && index <= round, "index is %d in round %d", index, round);
            EQ(status.MPI_TAG, TAG + index);
            EQ(in[index], index);
        }
        OK(MPI_Waitany(COUNT, requests, &index, &status));
        EQ(index, MPI_UNDEFINED);
    }
    for (int i = 0; i < COUNT; i++)
        OK(MPI_Request_free(&requests[i]));
}

// A persistent send meets a plain receive and the other way round.
static void with_plain(void)
{
    int out = 0, in = -1;
    MPI_Request send, receive;

    OK(MPI_Send_init(&out, 1, MPI_INT, right, TAG, MPI_COMM_WORLD, &send));
    OK(MPI_Recv_init(&in, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, &receive));
    for (int round = 0; round < ROUNDS; round++) {
        out = me * 1000 + round;
        OK(MPI_Start(&send));
        OK(MPI_Recv(&in, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
        EQ(in, left * 1000 + round);
        OK(MPI_Start(&receive));
        OK(MPI_Send(&out, 1, MPI_INT, right, TAG, MPI_COMM_WORLD));
        OK(MPI_Wait(&receive, MPI_STATUS_IGNORE));
        EQ(in, left * 1000 + round);
    }
    OK(MPI_Request_free(&send));
    OK(MPI_Request_free(&receive));
}

// The type given at creation may be freed while the request lives.
static void type_freed_early(void)
{
    int out[20], in[20];
    MPI_Datatype column;
    MPI_Request requests[2];

    OK(MPI_Type_vector(10, 1, 2, MPI_INT, &column));
    OK(MPI_Type_commit(&column));
    OK(MPI_Send_init(out, 1, column, right, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Recv_init(in, 1, column, left, TAG, MPI_COMM_WORLD, &requests[1]));
    OK(MPI_Type_free(&column));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 20; i++)
            out[i] = me * 100 + i + round, in[i] = -1;
        OK(MPI_Startall(2, requests));
        OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
        for (int i = 0; i < 20; i++)
            EQ(in[i], i % 2 ? -1 : left * 100 + i + round);
    }
    OK(MPI_Request_free(&requests[0]));
    OK(MPI_Request_free(&requests[1]));
}

// Freed while active: it still does this one transfer.
static void freed_active(void)
{
    static int out;
    int in = -1;
    MPI_Request send;

    out = me + 5;
    OK(MPI_Send_init(&out, 1, MPI_INT, right, TAG, MPI_COMM_WORLD, &send));
    OK(MPI_Start(&send));
    OK(MPI_Request_free(&send));
    CHECK(send == MPI_REQUEST_NULL);
    OK(MPI_Recv(&in, 1, MPI_INT, left, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    EQ(in, left + 5);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    one_pair(0, left);
    one_pair(40, left);
    one_pair(40, MPI_ANY_SOURCE);
    one_pair(300000, left);
    some_started();
    with_plain();
    type_freed_early();
    freed_active();
    return check_end();
}
