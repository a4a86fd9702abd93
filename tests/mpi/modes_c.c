// Every mode of sending with its count as an MPI_Count, at once, nonblocking and persistent,
// against every way of receiving.
#include "check.h"

enum { BYTES = 20000, MODES = 4 };

static char out[BYTES], in[BYTES], room[MODES * (BYTES + MPI_BSEND_OVERHEAD + 64)];

typedef int send_call(const void *, MPI_Count, MPI_Datatype, int, int, MPI_Comm);
typedef int start_call(const void *, MPI_Count, MPI_Datatype, int, int, MPI_Comm, MPI_Request *);

static send_call *const sends[MODES] = {MPI_Send_c, MPI_Bsend_c, MPI_Ssend_c, MPI_Rsend_c};
static start_call *const isends[MODES] = {MPI_Isend_c, MPI_Ibsend_c, MPI_Issend_c, MPI_Irsend_c};
static start_call *const inits[MODES] = {MPI_Send_init_c, MPI_Bsend_init_c, MPI_Ssend_init_c,
                                         MPI_Rsend_init_c};

static uint64_t seed_of(int from, int mode, int count)
{
    return mix3((uint64_t)from, (uint64_t)mode, (uint64_t)count);
}

static int left(void)
{
    return (me + np - 1) % np;
}

static int right(void)
{
    return (me + 1) % np;
}

static void check_received(const MPI_Status *status, int mode, int count)
{
    MPI_Count got = -1;

    OK(MPI_Get_count_c(status, MPI_BYTE, &got));
    EQ(got, count);
    STATUS(status, left(), mode, MPI_BYTE, count);
    FILLED(in, (size_t)count, seed_of(left(), mode, count));
}

// The receive stands before anybody sends, as ready mode asks for.
static void blocking(int mode, MPI_Count count)
{
    MPI_Request request;
    MPI_Status status;

    fill(out, (size_t)count, seed_of(me, mode, (int)count));
    OK(MPI_Irecv_c(in, count, MPI_BYTE, left(), mode, MPI_COMM_WORLD, &request));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(sends[mode](out, count, MPI_BYTE, right(), mode, MPI_COMM_WORLD));
    OK(MPI_Wait(&request, &status));
    check_received(&status, mode, (int)count);
}

static void nonblocking(int mode, MPI_Count count)
{
    MPI_Request request[2];
    MPI_Status status[2];

    fill(out, (size_t)count, seed_of(me, mode, (int)count));
    OK(MPI_Irecv_c(in, count, MPI_BYTE, MPI_ANY_SOURCE, mode, MPI_COMM_WORLD, &request[0]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    OK(isends[mode](out, count, MPI_BYTE, right(), mode, MPI_COMM_WORLD, &request[1]));
    OK(MPI_Waitall(2, request, status));
    check_received(&status[0], mode, (int)count);
}

static void persistent(int mode, MPI_Count count)
{
    MPI_Request request[2];
    MPI_Status status;

    OK(MPI_Recv_init_c(in, count, MPI_BYTE, left(), mode, MPI_COMM_WORLD, &request[0]));
    OK(inits[mode](out, count, MPI_BYTE, right(), mode, MPI_COMM_WORLD, &request[1]));
    for (int round = 0; round < 3; round++) {
        fill(out, (size_t)count, seed_of(me, mode, (int)count));
        memset(in, 0, sizeof in);
        OK(MPI_Start(&request[0]));
        OK(MPI_Barrier(MPI_COMM_WORLD));
        OK(MPI_Start(&request[1]));
        OK(MPI_Wait(&request[0], &status));
        OK(MPI_Wait(&request[1], MPI_STATUS_IGNORE));
        check_received(&status, mode, (int)count);
    }
    OK(MPI_Request_free(&request[0]));
    OK(MPI_Request_free(&request[1]));
}

// A message that a probe has taken.
static void probed(MPI_Count count)
{
    MPI_Request request[2];
    MPI_Message message;
    MPI_Status status;

    fill(out, (size_t)count, seed_of(me, 0, (int)count));
    OK(MPI_Isend_c(out, count, MPI_BYTE, right(), 0, MPI_COMM_WORLD, &request[0]));
    OK(MPI_Mprobe(left(), 0, MPI_COMM_WORLD, &message, MPI_STATUS_IGNORE));
    OK(MPI_Imrecv_c(in, count, MPI_BYTE, &message, &request[1]));
    OK(MPI_Wait(&request[1], &status));
    OK(MPI_Wait(&request[0], MPI_STATUS_IGNORE));
    check_received(&status, 0, (int)count);
    OK(MPI_Isend_c(out, count, MPI_BYTE, right(), 0, MPI_COMM_WORLD, &request[0]));
    OK(MPI_Mprobe(left(), 0, MPI_COMM_WORLD, &message, MPI_STATUS_IGNORE));
    OK(MPI_Mrecv_c(in, count, MPI_BYTE, &message, &status));
    OK(MPI_Wait(&request[0], MPI_STATUS_IGNORE));
    check_received(&status, 0, (int)count);
}

int main(int argc, char **argv)
{
    const MPI_Count counts[] = {0, 1, 4000, BYTES};
    void *detached;
    int size;

    check_begin(&argc, &argv);
    OK(MPI_Buffer_attach(room, sizeof room));
    for (int i = 0; i < 4; i++) {
        for (int mode = 0; mode < MODES; mode++) {
            blocking(mode, counts[i]);
            nonblocking(mode, counts[i]);
            persistent(mode, counts[i]);
        }
        probed(counts[i]);
    }
    OK(MPI_Buffer_detach(&detached, &size));
    return check_end();
}
