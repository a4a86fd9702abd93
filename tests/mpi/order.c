// Messages of one sender on one communicator are matched in the order in which they were sent,
// whatever their sizes (eager and rendezvous mixed) and modes, and in whatever way they are
// received.
#include "check.h"

enum { MESSAGES = 120, TAG = 5, SIZES = 8 };

static const int sizes[SIZES] = {8, 0, 100, 70000, 16, 4096, 300000, 9000};

// The size of message `seq`; every pair has its own sequence of sizes.
static int size_of(int from, int to, int seq)
{
    return sizes[mix3((uint64_t)from, (uint64_t)to, (uint64_t)seq) % SIZES];
}

static uint64_t seed_of(int from, int to, int seq)
{
    return mix3((uint64_t)(from * 1000 + to), (uint64_t)seq, 17);
}

static void check_message(const void *buffer, const MPI_Status *status, int seq)
{
    int from = status->MPI_SOURCE, want = size_of(from, me, seq), got;

    OK(MPI_Get_count(status, MPI_BYTE, &got));
    CHECK_SAYING(got == want, "message %d of rank %d has %d bytes, not %d", seq, from, got, want);
    FILLED(buffer, (size_t)want, seed_of(from, me, seq));
}

struct outgoing {
    MPI_Request request;
    void *buffer;
};

// Starts message `seq` to every other rank; tag 0 means alternating tags.
static void send_round(struct outgoing *out, int seq, int tag)
{
    for (int to = 0; to < np; to++) {
        int bytes = size_of(me, to, seq);
        struct outgoing *one = &out[to];

        one->request = MPI_REQUEST_NULL;
        one->buffer = NULL;
        if (to == me)
            continue;
        one->buffer = need((size_t)bytes);
        fill(one->buffer, (size_t)bytes, seed_of(me, to, seq));
        if (seq % 7 == 3)
            OK(MPI_Issend(one->buffer, bytes, MPI_BYTE, to, tag, MPI_COMM_WORLD, &one->request));
        else
            OK(MPI_Isend(one->buffer, bytes, MPI_BYTE, to, tag, MPI_COMM_WORLD, &one->request));
    }
}

static struct outgoing *send_all(int alternating)
{
    struct outgoing *out = need(sizeof *out * (size_t)(MESSAGES * np));
    for (int seq = 0; seq < MESSAGES; seq++)
        send_round(out + seq * np, seq, alternating ? seq % 2 : TAG);
    return out;
}

static void finish_all(struct outgoing *out)
{
    for (int i = 0; i < MESSAGES * np; i++) {
        OK(MPI_Wait(&out[i].request, MPI_STATUS_IGNORE));
        free(out[i].buffer);
    }
    free(out);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

static void by_blocking_receive(void)
{
    struct outgoing *out = send_all(0);
    char *buffer = need(300000);
    MPI_Status status;

    for (int from = 0; from < np; from++)
        for (int seq = 0; from != me && seq < MESSAGES; seq++) {
            OK(MPI_Recv(buffer, 300000, MPI_BYTE, from, TAG, MPI_COMM_WORLD, &status));
            check_message(buffer, &status, seq);
        }
    free(buffer);
    finish_all(out);
}

static void by_any_source(void)
{
    struct outgoing *out = send_all(0);
    char *buffer = need(300000);
    int *next = calloc((size_t)np, sizeof *next);
    MPI_Status status;

    for (int i = 0; i < MESSAGES * (np - 1); i++) {
        OK(MPI_Recv(buffer, 300000, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                    &status));
        EQ(status.MPI_TAG, TAG);
        check_message(buffer, &status, next[status.MPI_SOURCE]++);
    }
    free(next);
    free(buffer);
    finish_all(out);
}

static void by_probe(void)
{
    struct outgoing *out = send_all(0);
    int *next = calloc((size_t)np, sizeof *next), bytes;
    MPI_Status status;

    for (int i = 0; i < MESSAGES * (np - 1); i++) {
        OK(MPI_Probe(MPI_ANY_SOURCE, TAG, MPI_COMM_WORLD, &status));
        OK(MPI_Get_count(&status, MPI_BYTE, &bytes));
        char *buffer = need((size_t)bytes);
        OK(MPI_Recv(buffer, bytes, MPI_BYTE, status.MPI_SOURCE, TAG, MPI_COMM_WORLD, &status));
        check_message(buffer, &status, next[status.MPI_SOURCE]++);
        free(buffer);
    }
    free(next);
    finish_all(out);
}

// All receives stand before the first send: message k must land in the k-th of its source.
static void by_posted_receives(int wildcard_tag)
{
    size_t count = (size_t)(MESSAGES * np);
    MPI_Request *requests = need(count * sizeof *requests);
    MPI_Status *statuses = need(count * sizeof *statuses);
    char **buffers = need(count * sizeof *buffers);
    int used = 0;

    for (int from = 0; from < np; from++)
        for (int seq = 0; from != me && seq < MESSAGES; seq++, used++) {
            int tag = wildcard_tag && seq % 3 == 0 ? MPI_ANY_TAG : TAG;
            int bytes = size_of(from, me, seq);
            buffers[used] = need((size_t)bytes);
            OK(MPI_Irecv(buffers[used], bytes, MPI_BYTE, from, tag, MPI_COMM_WORLD,
                         &requests[used]));
        }
    OK(MPI_Barrier(MPI_COMM_WORLD));
    struct outgoing *out = send_all(0);
    OK(MPI_Waitall(used, requests, statuses));
    for (int i = 0; i < used; i++) {
        check_message(buffers[i], &statuses[i], i % MESSAGES);
        free(buffers[i]);
    }
    free(buffers);
    free(statuses);
    free(requests);
    finish_all(out);
}

// Two tags: one tag's messages may be taken ahead of the other's, each in its own order.
static void by_tag(void)
{
    struct outgoing *out = send_all(1);
    char *buffer = need(300000);
    MPI_Status status;

    for (int tag = 1; tag >= 0; tag--)
        for (int from = 0; from < np; from++)
            for (int seq = tag; from != me && seq < MESSAGES; seq += 2) {
                OK(MPI_Recv(buffer, 300000, MPI_BYTE, from, tag, MPI_COMM_WORLD, &status));
                check_message(buffer, &status, seq);
            }
    free(buffer);
    finish_all(out);
}

// Blocking sends of growing and shrinking sizes against blocking receives, both ways in turn.
static void by_turns(void)
{
    char *buffer = need(300000);
    MPI_Status status;
    int other = me ^ 1;

    for (int seq = 0; other < np && seq < MESSAGES; seq++) {
        int bytes = size_of(me, other, seq);
        for (int turn = 0; turn < 2; turn++)
            if (turn == (me & 1)) {
                fill(buffer, (size_t)bytes, seed_of(me, other, seq));
                OK(MPI_Send(buffer, bytes, MPI_BYTE, other, TAG, MPI_COMM_WORLD));
            } else {
                OK(MPI_Recv(buffer, 300000, MPI_BYTE, other, TAG, MPI_COMM_WORLD, &status));
                check_message(buffer, &status, seq);
            }
    }
    free(buffer);
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    by_blocking_receive();
    by_any_source();
    by_probe();
    by_posted_receives(0);
    by_posted_receives(1);
    by_tag();
    by_turns();
    return check_end();
}
