// Buffers for buffered sends: of the process and of a communicator, which comes first, automatic
// ones, flushes in both forms, and sizes that an int does not hold.
#include "check.h"

#include <limits.h>

enum { TAG = 9, GO = 10, BYTES = 1000, LONG = 400000 };

static MPI_Comm mine; // a duplicate of the world

static int packed(int bytes)
{
    int size;
    OK(MPI_Pack_size(bytes, MPI_BYTE, MPI_COMM_WORLD, &size));
    return size + MPI_BSEND_OVERHEAD;
}

static void wait_for_go(int from)
{
    OK(MPI_Recv(NULL, 0, MPI_BYTE, from, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
}

static void go(int to)
{
    OK(MPI_Send(NULL, 0, MPI_BYTE, to, GO, MPI_COMM_WORLD));
}

static int send(int bytes, int seed, MPI_Comm comm)
{
    char *data = need((size_t)bytes);
    fill(data, (size_t)bytes, (uint64_t)seed);
    int code = MPI_Bsend(data, bytes, MPI_BYTE, 1, TAG, comm);
    memset(data, 0, (size_t)bytes);
    free(data);
    return code;
}

static void receive(int bytes, int seed, MPI_Comm comm)
{
    char *data = need((size_t)bytes);
    OK(MPI_Recv(data, bytes, MPI_BYTE, 0, TAG, comm, MPI_STATUS_IGNORE));
    FILLED(data, (size_t)bytes, (uint64_t)seed);
    free(data);
}

// The communicator's own buffer is used, and only for its messages; without one the process's is.
static void order_of_looking(void)
{
    int room = packed(BYTES), size = -1;
    char *ours = need((size_t)room), *its = need((size_t)room);
    void *was = NULL;

    if (me == 0) {
        FAILS(send(BYTES, 0, mine), MPI_ERR_BUFFER);
        OK(MPI_Comm_attach_buffer(mine, its, room));
        FAILS(send(BYTES, 0, MPI_COMM_WORLD), MPI_ERR_BUFFER);
        OK(MPI_Buffer_attach(ours, room));
        memset(its, 0x11, (size_t)room);
        memset(ours, 0x22, (size_t)room);
        OK(send(BYTES, 1, mine));
        CHECK(!all_bytes(its, (size_t)room, 0x11));
        CHECK(all_bytes(ours, (size_t)room, 0x22));
        OK(send(BYTES, 2, MPI_COMM_WORLD));
        CHECK(!all_bytes(ours, (size_t)room, 0x22));
        go(1);
        OK(MPI_Comm_detach_buffer(mine, &was, &size));
        CHECK(was == its);
        EQ(size, room);
        OK(MPI_Buffer_flush());
        OK(send(BYTES, 3, mine)); // now into the process's
        OK(MPI_Buffer_detach(&was, &size));
        CHECK(was == ours);
        EQ(size, room);
    } else if (me == 1) {
        wait_for_go(0);
        receive(BYTES, 2, MPI_COMM_WORLD);
        receive(BYTES, 1, mine);
        receive(BYTES, 3, mine);
    }
    free(its);
    free(ours);
}

// A buffer that is full of a message nobody receives stops nobody else.
static void full(void)
{
    int room = packed(LONG), size = -1;
    char *its = need((size_t)room);
    void *was = NULL;

    if (me == 0) {
        OK(MPI_Comm_attach_buffer(mine, its, room));
        OK(send(LONG, 4, mine));
        FAILS(send(LONG, 5, mine), MPI_ERR_BUFFER);
        OK(MPI_Buffer_attach(MPI_BUFFER_AUTOMATIC, 0));
        FAILS(send(LONG, 5, mine), MPI_ERR_BUFFER);
        OK(send(LONG, 6, MPI_COMM_WORLD));
        go(1);
        OK(MPI_Comm_detach_buffer(mine, &was, &size));
        memset(its, 0, (size_t)room);
        OK(MPI_Buffer_detach(&was, &size));
        CHECK(was == MPI_BUFFER_AUTOMATIC);
    } else if (me == 1) {
        wait_for_go(0);
        receive(LONG, 6, MPI_COMM_WORLD);
        receive(LONG, 4, mine);
    }
    free(its);
}

// As many messages as one likes, of all sizes.
static void automatic(int count)
{
    MPI_Count size = -1;
    void *was = NULL;

    if (me == 0) {
        OK(MPI_Comm_attach_buffer_c(mine, MPI_BUFFER_AUTOMATIC, -1));
        for (int i = 0; i < count; i++)
            OK(send(i % 10 ? i : LONG, i, mine));
        go(1);
        OK(MPI_Comm_flush_buffer(mine));
        OK(MPI_Comm_detach_buffer_c(mine, &was, &size));
        CHECK(was == MPI_BUFFER_AUTOMATIC);
    } else if (me == 1) {
        wait_for_go(0);
        for (int i = 0; i < count; i++)
            receive(i % 10 ? i : LONG, i, mine);
    }
}

// A flush waits for the messages from before it, not for those after it.
static void flushes(void)
{
    int room = 2 * packed(LONG), size = -1, flag = -1;
    char *buffer = need((size_t)room);
    void *was = NULL;
    MPI_Request empty, first, second, of_comm;

    if (me == 0) {
        OK(MPI_Buffer_iflush(&empty)); // no buffer at all
        OK(MPI_Wait(&empty, MPI_STATUS_IGNORE));
        OK(MPI_Buffer_attach(buffer, room));
        OK(MPI_Buffer_iflush(&empty));
        OK(MPI_Test(&empty, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 1);
        OK(send(LONG, 7, mine));
        OK(MPI_Buffer_iflush(&first));
        OK(send(LONG, 8, mine));
        OK(MPI_Buffer_iflush(&second));
        OK(MPI_Comm_iflush_buffer(mine, &of_comm)); // its own, of which there is none
        OK(MPI_Wait(&of_comm, MPI_STATUS_IGNORE));
        OK(MPI_Test(&first, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
        go(1);
        OK(MPI_Wait(&first, MPI_STATUS_IGNORE));
        OK(MPI_Test(&second, &flag, MPI_STATUS_IGNORE));
        EQ(flag, 0);
        go(1);
        OK(MPI_Wait(&second, MPI_STATUS_IGNORE));
        OK(MPI_Buffer_detach(&was, &size));
    } else if (me == 1) {
        wait_for_go(0);
        receive(LONG, 7, mine);
        wait_for_go(0);
        receive(LONG, 8, mine);
    }
    free(buffer);
}

// Room is only touched where a message lies, so its size is no matter.
static void large(void)
{
    MPI_Count size = 0;
    int small = 0;
    void *was = NULL, *buffer = need(BYTES);

    OK(MPI_Buffer_attach_c(buffer, (MPI_Count)3 << 31));
    OK(MPI_Buffer_detach_c(&was, &size));
    EQ(size, (MPI_Count)3 << 31);
    CHECK(was == buffer);
    OK(MPI_Comm_attach_buffer_c(mine, buffer, (MPI_Count)3 << 31));
    OK(MPI_Comm_detach_buffer(mine, &was, &small));
    EQ(small, MPI_UNDEFINED);
    free(buffer);
}

static void wrong(void)
{
    char buffer[64];
    int size;
    MPI_Request request;
    void *was;

    FAILS(MPI_Comm_attach_buffer(MPI_COMM_NULL, buffer, 64), MPI_ERR_COMM);
    FAILS(MPI_Comm_detach_buffer(MPI_COMM_NULL, &was, &size), MPI_ERR_COMM);
    FAILS(MPI_Comm_flush_buffer(MPI_COMM_NULL), MPI_ERR_COMM);
    FAILS(MPI_Comm_iflush_buffer(MPI_COMM_NULL, &request), MPI_ERR_COMM);
    FAILS(MPI_Comm_attach_buffer(mine, buffer, -1), MPI_ERR_BUFFER);
    FAILS(MPI_Buffer_attach_c(NULL, 64), MPI_ERR_BUFFER);
    OK(MPI_Comm_attach_buffer(mine, buffer, 64));
    FAILS(MPI_Comm_attach_buffer(mine, buffer, 64), MPI_ERR_BUFFER);
    OK(MPI_Comm_detach_buffer(mine, &was, &size));
}

// Freed with a buffer that messages still lie in: they arrive.
static void freed(void)
{
    if (me == 0) {
        OK(MPI_Comm_attach_buffer(mine, MPI_BUFFER_AUTOMATIC, 0));
        if (np > 1)
            OK(send(LONG, 9, mine));
        OK(MPI_Comm_free(&mine));
        if (np > 1)
            go(1);
    } else {
        if (me == 1) {
            wait_for_go(0);
            receive(LONG, 9, mine);
        }
        OK(MPI_Comm_free(&mine));
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &mine));
    wrong();
    large();
    if (np > 1) {
        order_of_looking();
        full();
        automatic(200);
        flushes();
    }
    freed();
    return check_end();
}
