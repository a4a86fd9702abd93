// Messages of no bytes: no buffer needed, matched and counted like any other, in every mode and
// with every kind of type; they carry no data past anything.
#include "check.h"

enum { TAG = 2 };

typedef int isend_call(const void *, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request *);

static int left, right;

static void exchange(isend_call *start, int count, MPI_Datatype sent, int room, MPI_Datatype type)
{
    MPI_Request send, receive;
    MPI_Status status;

    OK(MPI_Irecv(NULL, room, type, left, TAG, MPI_COMM_WORLD, &receive));
    OK(MPI_Barrier(MPI_COMM_WORLD)); // for the ready mode
    OK(start(NULL, count, sent, right, TAG, MPI_COMM_WORLD, &send));
    OK(MPI_Wait(&receive, &status));
    OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
    STATUS(&status, left, TAG, MPI_BYTE, 0);
    STATUS(&status, left, TAG, type, 0);
}

static void all_modes(void)
{
    isend_call *const modes[] = {MPI_Isend, MPI_Issend, MPI_Irsend};
    MPI_Datatype nothing, empty_struct;

    OK(MPI_Type_contiguous(0, MPI_DOUBLE, &nothing));
    OK(MPI_Type_create_struct(0, NULL, NULL, NULL, &empty_struct));
    OK(MPI_Type_commit(&nothing));
    OK(MPI_Type_commit(&empty_struct));
    for (int mode = 0; mode < 3; mode++) {
        exchange(modes[mode], 0, MPI_INT, 0, MPI_INT);
        exchange(modes[mode], 0, MPI_DOUBLE_INT, 0, MPI_DOUBLE_INT);
        exchange(modes[mode], 5, nothing, 7, nothing);
        exchange(modes[mode], 3, empty_struct, 0, MPI_BYTE);
    }
    OK(MPI_Type_free(&empty_struct));
    OK(MPI_Type_free(&nothing));
}

// Into a buffer with room: it stays as it was.
static void leaves_buffer_alone(void)
{
    char in[256];
    MPI_Status status;

    memset(in, 0x11, sizeof in);
    OK(MPI_Sendrecv(NULL, 0, MPI_BYTE, right, TAG, in, sizeof in, MPI_BYTE, left, TAG,
                    MPI_COMM_WORLD, &status));
    STATUS(&status, left, TAG, MPI_BYTE, 0);
    CHECK(all_bytes(in, sizeof in, 0x11));
}

// A thousand of them between messages with contents; order is kept.
static void between_others(void)
{
    enum { COUNT = 1000 };
    MPI_Request *requests = need(sizeof *requests * COUNT);
    int value, got;
    MPI_Status status;

    for (int i = 0; i < COUNT; i++)
        if (i % 10 == 0) {
            OK(MPI_Isend(&me, 1, MPI_INT, right, TAG, MPI_COMM_WORLD, &requests[i]));
        } else {
            OK(MPI_Isend(NULL, 0, MPI_INT, right, TAG, MPI_COMM_WORLD, &requests[i]));
        }
    for (int i = 0; i < COUNT; i++) {
        value = -1;
        OK(MPI_Recv(&value, 1, MPI_INT, left, MPI_ANY_TAG, MPI_COMM_WORLD, &status));
        OK(MPI_Get_count(&status, MPI_INT, &got));
        EQ(got, i % 10 == 0);
        EQ(value, i % 10 == 0 ? left : -1);
    }
    OK(MPI_Waitall(COUNT, requests, MPI_STATUSES_IGNORE));
    free(requests);
}

// Collectives of no elements do not touch what they are given (and still take part in the order).
static void collectives(void)
{
    int value = me, root = np - 1;

    OK(MPI_Bcast(NULL, 0, MPI_INT, root, MPI_COMM_WORLD));
    OK(MPI_Allreduce(NULL, NULL, 0, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
    OK(MPI_Gather(NULL, 0, MPI_INT, NULL, 0, MPI_INT, root, MPI_COMM_WORLD));
    OK(MPI_Allgather(NULL, 0, MPI_INT, NULL, 0, MPI_INT, MPI_COMM_WORLD));
    OK(MPI_Alltoall(NULL, 0, MPI_INT, NULL, 0, MPI_INT, MPI_COMM_WORLD));
    OK(MPI_Scan(NULL, NULL, 0, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
    OK(MPI_Bcast(&value, 1, MPI_INT, 0, MPI_COMM_WORLD));
    EQ(value, 0);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    all_modes();
    leaves_buffer_alone();
    between_others();
    collectives();
    return check_end();
}
