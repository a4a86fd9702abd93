// Buffered sends: they never wait for the receiver, the buffer holds what the standard promises, an
// overflow is an error that leaves everything usable, and detaching waits for what is inside.
#include "check.h"
#include "proc.h"

enum { TAG = 1, GO = 2 };

static int packed(int bytes)
{
    int size;
    OK(MPI_Pack_size(bytes, MPI_BYTE, MPI_COMM_WORLD, &size));
    return size + MPI_BSEND_OVERHEAD;
}

static void detach(const void *want, int want_size)
{
    void *got = NULL;
    int size = -1;

    OK(MPI_Buffer_detach(&got, &size));
    CHECK(got == want);
    EQ(size, want_size);
}

static void wait_for_go(int from)
{
    OK(MPI_Recv(NULL, 0, MPI_BYTE, from, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
}

static void go(int to)
{
    OK(MPI_Send(NULL, 0, MPI_BYTE, to, GO, MPI_COMM_WORLD));
}

static void receive(int count, int bytes)
{
    char *data = need((size_t)bytes);
    MPI_Status status;

    for (int i = 0; i < count; i++) {
        OK(MPI_Recv(data, bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &status));
        STATUS(&status, 0, TAG, MPI_BYTE, bytes);
        FILLED(data, (size_t)bytes, (uint64_t)i);
    }
    free(data);
}

// A buffer for exactly `count` messages takes them all while the receiver has not begun, and the
// caller's data may change as soon as the call is back.
static void fills_exactly(int count, int bytes)
{
    int room = count * packed(bytes);

    if (me == 0) {
        char *buffer = need((size_t)room), *data = need((size_t)bytes);
        OK(MPI_Buffer_attach(buffer, room));
        for (int i = 0; i < count; i++) {
            fill(data, (size_t)bytes, (uint64_t)i);
            OK(MPI_Bsend(data, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
        }
        go(1);
        detach(buffer, room);
        // Nobody reads the buffer any more.
        memset(buffer, 0xdd, (size_t)room);
        free(buffer);
        free(data);
    } else if (me == 1) {
        wait_for_go(0);
        receive(count, bytes);
    }
}

// The same with the nonblocking and the persistent form: the request completes without a receiver.
static void completes_locally(int bytes)
{
    MPI_Request requests[2];
    int room = 2 * packed(bytes);

    if (me == 0) {
        char *buffer = need((size_t)room), *data = need((size_t)bytes), *more = need((size_t)bytes);
        fill(data, (size_t)bytes, 0);
        fill(more, (size_t)bytes, 1);
        OK(MPI_Buffer_attach(buffer, room));
        OK(MPI_Ibsend(data, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, &requests[0]));
        OK(MPI_Bsend_init(more, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD, &requests[1]));
        OK(MPI_Start(&requests[1]));
        OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
        CHECK(requests[0] == MPI_REQUEST_NULL);
        OK(MPI_Request_free(&requests[1]));
        go(1);
        detach(buffer, room);
        free(more);
        free(data);
        free(buffer);
    } else if (me == 1) {
        wait_for_go(0);
        receive(2, bytes);
    }
}

// Space comes back when messages have been delivered: many rounds through room for two.
static void reuses_space(int rounds, int bytes)
{
    int room = 2 * packed(bytes);
    char *data = need((size_t)bytes);

    if (me == 0) {
        char *buffer = need((size_t)room);
        OK(MPI_Buffer_attach(buffer, room));
        for (int i = 0; i < rounds; i++) {
            fill(data, (size_t)bytes, (uint64_t)i);
            OK(MPI_Bsend(data, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
            wait_for_go(1);
        }
        detach(buffer, room);
        free(buffer);
    } else if (me == 1) {
        for (int i = 0; i < rounds; i++) {
            OK(MPI_Recv(data, bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
            FILLED(data, (size_t)bytes, (uint64_t)i);
            go(0);
        }
    }
    free(data);
}

// Too little room is MPI_ERR_BUFFER, and nothing is sent.
static void overflows(void)
{
    enum { BYTES = 100000 };
    int room = packed(1000);
    char *data = need(BYTES);

    if (me == 0) {
        char *buffer = need((size_t)room);
        OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
        FAILS(MPI_Bsend(data, BYTES, MPI_BYTE, 1, TAG, MPI_COMM_WORLD), MPI_ERR_BUFFER);
        OK(MPI_Buffer_attach(buffer, room));
        FAILS(MPI_Bsend(data, BYTES, MPI_BYTE, 1, TAG, MPI_COMM_WORLD), MPI_ERR_BUFFER);
        fill(data, 1000, 0);
        OK(MPI_Bsend(data, 1000, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
        FAILS(MPI_Bsend(data, BYTES, MPI_BYTE, 1, TAG, MPI_COMM_WORLD), MPI_ERR_BUFFER);
        go(1);
        detach(buffer, room);
        OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
        free(buffer);
    } else if (me == 1) {
        wait_for_go(0);
        receive(1, 1000);
    }
    free(data);
}

// One buffer at a time: a second attach is an error (the standard names no class).
static void attaches_once(void)
{
    char first[MPI_BSEND_OVERHEAD + 64], second[MPI_BSEND_OVERHEAD + 64];

    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Buffer_attach(first, (int)sizeof first));
    CHECK(MPI_Buffer_attach(second, (int)sizeof second) != MPI_SUCCESS);
    detach(first, (int)sizeof first);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
}

// Detach returns only when the message has left the buffer; what was sent arrives even though the
// sender then does something else for a while.
static void detach_waits(int bytes)
{
    int room = packed(bytes);

    if (me == 0) {
        char *buffer = need((size_t)room), *data = need((size_t)bytes);
        fill(data, (size_t)bytes, 0);
        OK(MPI_Buffer_attach(buffer, room));
        OK(MPI_Bsend(data, bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
        detach(buffer, room);
        memset(buffer, 0, (size_t)room);
        free(buffer);
        free(data);
    } else if (me == 1) {
        nap(0.05);
        receive(1, bytes);
    }
}

// To myself, and to MPI_PROC_NULL (which takes no room).
static void to_self(void)
{
    enum { BYTES = 50000 };
    int room = packed(BYTES);
    char *buffer = need((size_t)room), *data = need(BYTES), *in = need(BYTES);

    fill(data, BYTES, 3);
    OK(MPI_Buffer_attach(buffer, room));
    OK(MPI_Bsend(data, BYTES, MPI_BYTE, MPI_PROC_NULL, TAG, MPI_COMM_SELF));
    OK(MPI_Bsend(data, BYTES, MPI_BYTE, 0, TAG, MPI_COMM_SELF));
    memset(data, 0, BYTES);
    OK(MPI_Recv(in, BYTES, MPI_BYTE, 0, TAG, MPI_COMM_SELF, MPI_STATUS_IGNORE));
    FILLED(in, BYTES, 3);
    detach(buffer, room);
    free(in);
    free(data);
    free(buffer);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    if (argc > 1 && strcmp(argv[1], "overflow") == 0) {
        overflows();
        return check_end();
    }
    attaches_once();
    to_self();
    if (np > 1) {
        fills_exactly(1, 0);
        fills_exactly(50, 10);
        fills_exactly(5, 3000);
        fills_exactly(3, 500000);
        completes_locally(8);
        completes_locally(300000);
        reuses_space(300, 100);
        reuses_space(30, 100000);
        detach_waits(16);
        detach_waits(400000);
    }
    return check_end();
}
