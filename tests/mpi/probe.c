// Probe, Iprobe and the matched forms Mprobe, Improbe, Mrecv, Imrecv.
#include "check.h"
#include "proc.h"

enum { TAG = 11, LARGE = 700000 };

static const int sizes[] = {0, 4, 1000, 65536, LARGE};
enum { SIZES = sizeof sizes / sizeof *sizes };

static char *data;

// Iprobe is allowed to say no for a while, but not for ever.
static void iprobe_until(int source, int tag, MPI_Status *status)
{
    int flag = 0;
    double give_up = now() + 20;

    while (!flag && now() < give_up)
        OK(MPI_Iprobe(source, tag, MPI_COMM_WORLD, &flag, status));
    CHECK_SAYING(flag, "Iprobe never saw the message");
}

static void improbe_until(int source, int tag, MPI_Message *message, MPI_Status *status)
{
    int flag = 0;
    double give_up = now() + 20;

    while (!flag && now() < give_up)
        OK(MPI_Improbe(source, tag, MPI_COMM_WORLD, &flag, message, status));
    CHECK_SAYING(flag, "Improbe never saw the message");
}

static void send_sizes(int to)
{
    for (int i = 0; i < SIZES; i++) {
        fill(data, (size_t)sizes[i], (uint64_t)i);
        OK(MPI_Send(data, sizes[i], MPI_BYTE, to, TAG + i, MPI_COMM_WORLD));
    }
}

static void receive_probed(int i, const MPI_Status *probed)
{
    MPI_Status status;

    STATUS(probed, 0, TAG + i, MPI_BYTE, sizes[i]);
    OK(MPI_Recv(data, sizes[i], MPI_BYTE, probed->MPI_SOURCE, probed->MPI_TAG, MPI_COMM_WORLD,
                &status));
    STATUS(&status, 0, TAG + i, MPI_BYTE, sizes[i]);
    FILLED(data, (size_t)sizes[i], (uint64_t)i);
}

// Source and tag given or wild; probing again shows the same message again.
static void plain(void)
{
    MPI_Status first, again;
    int flag;

    for (int wild = 0; wild < 4; wild++) {
        if (me == 0)
            send_sizes(1);
        for (int i = 0; me == 1 && i < SIZES; i++) {
            int source = wild & 1 ? MPI_ANY_SOURCE : 0, tag = wild & 2 ? MPI_ANY_TAG : TAG + i;
            if (i % 2)
                iprobe_until(source, tag, &first);
            else
                OK(MPI_Probe(source, tag, MPI_COMM_WORLD, &first));
            OK(MPI_Iprobe(source, tag, MPI_COMM_WORLD, &flag, &again));
            EQ(flag, 1);
            STATUS(&again, first.MPI_SOURCE, first.MPI_TAG, MPI_BYTE, sizes[i]);
            OK(MPI_Probe(source, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
            receive_probed(i, &first);
        }
        OK(MPI_Barrier(MPI_COMM_WORLD));
    }
}

// Without a message, or with one of another tag, the answer is no.
static void nothing_there(void)
{
    MPI_Message message;
    int flag = 7;

    OK(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE));
    EQ(flag, 0);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    if (me == 0)
        OK(MPI_Send(NULL, 0, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
    if (me == 1) {
        OK(MPI_Probe(0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        OK(MPI_Iprobe(0, TAG + 1, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
        OK(MPI_Iprobe(1, TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
        OK(MPI_Improbe(0, TAG + 1, MPI_COMM_WORLD, &flag, &message, MPI_STATUS_IGNORE));
        EQ(flag, 0);
        OK(MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        OK(MPI_Iprobe(0, TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// A posted receive that fits takes its message away from the probe that follows.
static void posted_comes_first(void)
{
    int values[2] = {1, 2}, got[2] = {0, 0};
    MPI_Request request;
    MPI_Status status;

    if (me == 1)
        OK(MPI_Irecv(&got[0], 1, MPI_INT, 0, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    if (me == 0) {
        OK(MPI_Send(&values[0], 1, MPI_INT, 1, TAG, MPI_COMM_WORLD));
        OK(MPI_Send(&values[1], 1, MPI_INT, 1, TAG, MPI_COMM_WORLD));
    } else if (me == 1) {
        OK(MPI_Probe(0, TAG, MPI_COMM_WORLD, &status));
        OK(MPI_Recv(&got[1], 1, MPI_INT, 0, TAG, MPI_COMM_WORLD, &status));
        OK(MPI_Wait(&request, &status));
        EQ(got[0], 1);
        EQ(got[1], 2);
    }
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static void receive_matched(int i, MPI_Message *message)
{
    MPI_Request request;
    MPI_Status status;

    CHECK(*message != MPI_MESSAGE_NULL);
    CHECK(*message != MPI_MESSAGE_NO_PROC);
    memset(data, 0, (size_t)sizes[i]);
    if (i % 2) {
        OK(MPI_Mrecv(data, sizes[i], MPI_BYTE, message, &status));
    } else {
        OK(MPI_Imrecv(data, sizes[i], MPI_BYTE, message, &request));
        OK(MPI_Wait(&request, &status));
        CHECK(request == MPI_REQUEST_NULL);
    }
    CHECK(*message == MPI_MESSAGE_NULL);
    STATUS(&status, 0, TAG + i, MPI_BYTE, sizes[i]);
    FILLED(data, (size_t)sizes[i], (uint64_t)i);
}

// All messages are matched first, then received last to first: a matched message is no longer seen
// by probes and receives, and its order counts for nothing.
static void matched(void)
{
    MPI_Message messages[SIZES];
    MPI_Status status;
    MPI_Request requests[SIZES];
    int flag;

    char *own[SIZES];

    for (int i = 0; me == 0 && i < SIZES; i++) {
        own[i] = need((size_t)sizes[i]);
        fill(own[i], (size_t)sizes[i], (uint64_t)i);
        OK(MPI_Isend(own[i], sizes[i], MPI_BYTE, 1, TAG + i, MPI_COMM_WORLD, &requests[i]));
    }
    for (int i = 0; me == 1 && i < SIZES; i++) {
        if (i % 2)
            improbe_until(MPI_ANY_SOURCE, MPI_ANY_TAG, &messages[i], &status);
        else
            OK(MPI_Mprobe(0, TAG + i, MPI_COMM_WORLD, &messages[i], &status));
        STATUS(&status, 0, TAG + i, MPI_BYTE, sizes[i]);
        OK(MPI_Iprobe(0, TAG + i, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
    }
    for (int i = SIZES - 1; me == 1 && i >= 0; i--)
        receive_matched(i, &messages[i]);
    if (me == 0)
        OK(MPI_Waitall(SIZES, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; me == 0 && i < SIZES; i++)
        free(own[i]);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Several large messages matched before any is received: the sends are pending all the while.
static void matched_large(void)
{
    enum { COUNT = 4 };
    MPI_Message messages[COUNT];
    MPI_Request requests[COUNT];
    char *buffers = need((size_t)COUNT * LARGE);

    for (int i = 0; me == 0 && i < COUNT; i++) {
        fill(buffers + (size_t)i * LARGE, LARGE, (uint64_t)i);
        OK(MPI_Isend(buffers + (size_t)i * LARGE, LARGE, MPI_BYTE, 1, TAG, MPI_COMM_WORLD,
                     &requests[i]));
    }
    for (int i = 0; me == 1 && i < COUNT; i++)
        OK(MPI_Mprobe(0, TAG, MPI_COMM_WORLD, &messages[i], MPI_STATUS_IGNORE));
    for (int i = COUNT - 1; me == 1 && i >= 0; i--)
        OK(MPI_Imrecv(buffers + (size_t)i * LARGE, LARGE, MPI_BYTE, &messages[i], &requests[i]));
    if (me < 2)
        OK(MPI_Waitall(COUNT, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; me == 1 && i < COUNT; i++)
        FILLED(buffers + (size_t)i * LARGE, LARGE, (uint64_t)i);
    free(buffers);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static void from_nobody(void)
{
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Request request;
    MPI_Status status;
    int flag = 0;

    OK(MPI_Mprobe(MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &message, &status));
    CHECK(message == MPI_MESSAGE_NO_PROC);
    NOBODY(&status);
    OK(MPI_Mrecv(data, 10, MPI_BYTE, &message, &status));
    CHECK(message == MPI_MESSAGE_NULL);
    NOBODY(&status);
    OK(MPI_Improbe(MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &flag, &message, &status));
    EQ(flag, 1);
    CHECK(message == MPI_MESSAGE_NO_PROC);
    NOBODY(&status);
    OK(MPI_Imrecv(data, 10, MPI_BYTE, &message, &request));
    CHECK(message == MPI_MESSAGE_NULL);
    OK(MPI_Wait(&request, &status));
    NOBODY(&status);
    OK(MPI_Probe(MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &status));
    NOBODY(&status);
    flag = 0;
    OK(MPI_Iprobe(MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &flag, &status));
    EQ(flag, 1);
    NOBODY(&status);
}

// Probing for a message to myself.
static void from_self(void)
{
    int value = 5, got = 0;
    MPI_Message message;
    MPI_Request request;
    MPI_Status status;

    OK(MPI_Isend(&value, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Probe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &status));
    STATUS(&status, me, TAG, MPI_INT, 1);
    OK(MPI_Mprobe(me, MPI_ANY_TAG, MPI_COMM_WORLD, &message, &status));
    STATUS(&status, me, TAG, MPI_INT, 1);
    OK(MPI_Mrecv(&got, 1, MPI_INT, &message, &status));
    EQ(got, 5);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    data = need(LARGE);
    from_nobody();
    from_self();
    if (np > 1) {
        nothing_there();
        plain();
        posted_comes_first();
        matched();
        matched_large();
    }
    free(data);
    return check_end();
}
