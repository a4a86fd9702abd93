// A message that is longer than the receive: MPI_ERR_TRUNCATE at the receiver, nothing written past
// its buffer, nothing noticed by the sender, and everything after it works.
#include "check.h"

enum { TAG = 8, AFTER = 9, MARGIN = 64 };

static const struct {
    int sent, room;
} cases[] = {{1, 0},         {100, 99},         {4096, 10},        {70000, 69999},
             {70000, 16},    {1000000, 999999}, {1000000, 500000}, {1000000, 0},
             {5000000, 1000}};
enum { CASES = sizeof cases / sizeof *cases };

// How the receive is made: blocking; posted before; after the message is there; by matched probe.
enum way { BLOCKING, POSTED, LATE, MATCHED, WAYS };

static void send_it(int to, int bytes)
{
    char *out = need((size_t)bytes);
    int after = bytes;

    fill(out, (size_t)bytes, 1);
    OK(MPI_Send(out, bytes, MPI_BYTE, to, TAG, MPI_COMM_WORLD));
    OK(MPI_Send(&after, 1, MPI_INT, to, AFTER, MPI_COMM_WORLD));
    free(out);
}

static int receive_by(enum way way, char *in, int room, MPI_Request *request)
{
    MPI_Message message;
    MPI_Status status;
    int code;

    if (way == POSTED) {
        code = MPI_Wait(request, &status);
        CHECK(*request == MPI_REQUEST_NULL);
    } else if (way == MATCHED) {
        OK(MPI_Mprobe(0, TAG, MPI_COMM_WORLD, &message, &status));
        code = MPI_Mrecv(in, room, MPI_BYTE, &message, &status);
    } else {
        if (way == LATE)
            OK(MPI_Probe(0, TAG, MPI_COMM_WORLD, &status));
        code = MPI_Recv(in, room, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &status);
    }
    EQ(status.MPI_SOURCE, 0);
    EQ(status.MPI_TAG, TAG);
    return code;
}

static void receive_it(enum way way, int sent, int room)
{
    char *in = need((size_t)room + MARGIN);
    MPI_Request request;
    int after = -1;

    memset(in, 0x7c, (size_t)room + MARGIN);
    if (way == POSTED)
        OK(MPI_Irecv(in, room, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Send(NULL, 0, MPI_BYTE, 0, AFTER, MPI_COMM_WORLD));
    FAILS(receive_by(way, in, room, &request), MPI_ERR_TRUNCATE);
    CHECK(all_bytes(in + room, MARGIN, 0x7c));
    OK(MPI_Recv(&after, 1, MPI_INT, 0, AFTER, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    EQ(after, sent);
    free(in);
}

static void between_ranks(void)
{
    for (int i = 0; i < CASES; i++)
        for (int way = 0; way < WAYS; way++)
            if (me == 0) {
                OK(MPI_Recv(NULL, 0, MPI_BYTE, 1, AFTER, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
                send_it(1, cases[i].sent);
            } else if (me == 1) {
                receive_it((enum way)way, cases[i].sent, cases[i].room);
            }
}

static void to_self(void)
{
    for (int i = 0; i < CASES; i++) {
        int sent = cases[i].sent, room = cases[i].room;
        char *in = need((size_t)room + MARGIN), *out = need((size_t)sent);
        MPI_Request send;

        memset(in, 0x7c, (size_t)room + MARGIN);
        fill(out, (size_t)sent, 1);
        OK(MPI_Isend(out, sent, MPI_BYTE, me, TAG, MPI_COMM_WORLD, &send));
        FAILS(MPI_Recv(in, room, MPI_BYTE, me, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE),
              MPI_ERR_TRUNCATE);
        OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
        CHECK(all_bytes(in + room, MARGIN, 0x7c));
        free(out);
        free(in);
    }
}

// In Waitall: MPI_ERR_IN_STATUS, and each status says what became of its own request.
static void in_waitall(int bytes)
{
    enum { COUNT = 4 };
    char *in = need((size_t)COUNT * (size_t)bytes), *out = need((size_t)bytes);
    MPI_Request requests[COUNT];
    MPI_Status statuses[COUNT];
    int pending = 0;

    fill(out, (size_t)bytes, 2);
    for (int i = 0; i < COUNT; i++)
        OK(MPI_Irecv(in + (size_t)i * (size_t)bytes, i == 2 ? bytes - 1 : bytes, MPI_BYTE, 0,
                     TAG + i, MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Send(NULL, 0, MPI_BYTE, 0, AFTER, MPI_COMM_WORLD));
    FAILS(MPI_Waitall(COUNT, requests, statuses), MPI_ERR_IN_STATUS);
    for (int i = 0; i < COUNT; i++) {
        int class = check_class(statuses[i].MPI_ERROR);
        CHECK_SAYING(class == (i == 2 ? MPI_ERR_TRUNCATE : MPI_SUCCESS) || class == MPI_ERR_PENDING,
                     "status %d has error class %d", i, class);
        pending += class == MPI_ERR_PENDING;
    }
    // What was left pending is completed by another call.
    for (int tries = 0; pending > 0 && tries <= COUNT; tries++)
        pending = MPI_Waitall(COUNT, requests, statuses) == MPI_SUCCESS ? 0 : pending;
    EQ(pending, 0);
    for (int i = 0; i < COUNT; i++)
        if (i != 2)
            FILLED(in + (size_t)i * (size_t)bytes, (size_t)bytes, 2);
    free(out);
    free(in);
}

static void waitall(int bytes)
{
    char *out = need((size_t)bytes);

    fill(out, (size_t)bytes, 2);
    if (me == 1)
        in_waitall(bytes);
    if (me == 0) {
        OK(MPI_Recv(NULL, 0, MPI_BYTE, 1, AFTER, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        for (int i = 0; i < 4; i++)
            OK(MPI_Send(out, bytes, MPI_BYTE, 1, TAG + i, MPI_COMM_WORLD));
    }
    free(out);
}

// A derived type whose last block does not get all of its data.
static void derived(void)
{
    enum { ROWS = 1000 };
    int *in = need(sizeof(int) * 2 * ROWS + MARGIN), out[ROWS] = {0};
    MPI_Datatype every_other;

    OK(MPI_Type_vector(ROWS - 1, 1, 2, MPI_INT, &every_other));
    OK(MPI_Type_commit(&every_other));
    memset(in, 0x7c, sizeof(int) * 2 * ROWS + MARGIN);
    if (me == 0)
        OK(MPI_Send(out, ROWS, MPI_INT, 1, TAG, MPI_COMM_WORLD));
    if (me == 1) {
        FAILS(MPI_Recv(in, 1, every_other, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE),
              MPI_ERR_TRUNCATE);
        for (int i = 0; i < ROWS - 1; i++)
            EQ(in[2 * i + 1], 0x7c7c7c7c);
        CHECK(all_bytes(in + 2 * ROWS - 2, MARGIN, 0x7c));
    }
    OK(MPI_Type_free(&every_other));
    free(in);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    to_self();
    if (np > 1) {
        between_ranks();
        waitall(16);
        waitall(200000);
        derived();
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    return check_end();
}
