// Messages of many megabytes (argument: how many), in every way they can meet, with memory that
// does not grow with them: the library may hold pieces, never the message.
#include "check.h"
#include "proc.h"

enum { TAG = 1, GO = 2, GROWTH_KIB = 48 * 1024 };

static size_t bytes;
static char *out, *in;

static void check_in(int from)
{
    FILLED(in, bytes, (uint64_t)from);
    memset(in, 0, bytes);
}

static void expected(int from, int to)
{
    MPI_Request request;
    MPI_Status status;

    if (me == to) {
        OK(MPI_Irecv(in, (int)bytes, MPI_BYTE, from, TAG, MPI_COMM_WORLD, &request));
        OK(MPI_Send(NULL, 0, MPI_BYTE, from, GO, MPI_COMM_WORLD));
        OK(MPI_Wait(&request, &status));
        STATUS(&status, from, TAG, MPI_BYTE, (int)bytes);
        check_in(from);
    } else if (me == from) {
        OK(MPI_Recv(NULL, 0, MPI_BYTE, to, GO, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        OK(MPI_Send(out, (int)bytes, MPI_BYTE, to, TAG, MPI_COMM_WORLD));
    }
}

// The sender is there long before the receive.
static void unexpected(int from, int to)
{
    MPI_Status status;

    if (me == from)
        OK(MPI_Send(out, (int)bytes, MPI_BYTE, to, TAG, MPI_COMM_WORLD));
    if (me == to) {
        nap(0.02);
        OK(MPI_Probe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &status));
        STATUS(&status, from, TAG, MPI_BYTE, (int)bytes);
        OK(MPI_Recv(in, (int)bytes, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD,
                    &status));
        check_in(from);
    }
}

// Everybody sends and receives at once.
static void around(void)
{
    int left = (me + np - 1) % np, right = (me + 1) % np;
    MPI_Request requests[2];

    OK(MPI_Sendrecv(out, (int)bytes, MPI_BYTE, right, TAG, in, (int)bytes, MPI_BYTE, left, TAG,
                    MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    check_in(left);
    OK(MPI_Issend(out, (int)bytes, MPI_BYTE, left, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Irecv(in, (int)bytes, MPI_BYTE, right, TAG, MPI_COMM_WORLD, &requests[1]));
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
    check_in(right);
}

// Strided on the way out, contiguous on the way in.
static void strided(void)
{
    int doubles = (int)(bytes / sizeof(double)), left = (me + np - 1) % np, half = doubles / 2;
    double *from = (double *)out, *to = (double *)in;
    MPI_Datatype odd;

    OK(MPI_Type_vector(half, 1, 2, MPI_DOUBLE, &odd));
    OK(MPI_Type_commit(&odd));
    for (int i = 0; i < doubles; i++)
        from[i] = i * 0.25 + me;
    OK(MPI_Sendrecv(from + 1, 1, odd, (me + 1) % np, TAG, to, half, MPI_DOUBLE, left, TAG,
                    MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    for (int i = 0; i < half; i++)
        if (to[i] != (2 * i + 1) * 0.25 + left) {
            FAIL("item %d of the strided message is %g", i, to[i]);
            break;
        }
    OK(MPI_Type_free(&odd));
}

static void broadcast(void)
{
    if (me == np - 1)
        fill(in, bytes, 99);
    OK(MPI_Bcast(in, (int)bytes, MPI_BYTE, np - 1, MPI_COMM_WORLD));
    FILLED(in, bytes, 99);
}

int main(int argc, char **argv)
{
    long before, growth;

    check_begin(&argc, &argv);
    bytes = (size_t)argument(argc, argv, 1, 100) * 1000 * 1000;
    out = need(bytes);
    in = need(bytes);
    fill(out, bytes, (uint64_t)me);
    memset(in, 0, bytes);
    OK(MPI_Barrier(MPI_COMM_WORLD));
    before = peak_kib();
    if (np > 1) {
        expected(0, 1);
        unexpected(1, 0);
        unexpected(0, np - 1);
        OK(MPI_Barrier(MPI_COMM_WORLD));
    }
    around();
    strided();
    growth = peak_kib() - before;
    CHECK_SAYING(growth < GROWTH_KIB || memory_is_padded(),
                 "memory grew by %ld KiB over messages of %zu bytes", growth, bytes);
    broadcast();
    free(in);
    free(out);
    return check_end();
}
