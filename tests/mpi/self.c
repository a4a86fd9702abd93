// Messages to oneself: every mode, large ones too, matched in order, with derived types, on the
// world and on MPI_COMM_SELF.
#include "check.h"

enum { TAG = 3 };

typedef int isend_call(const void *, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request *);

static void one_message(MPI_Comm comm, isend_call *start, int bytes, int send_first)
{
    char *in = need((size_t)bytes), *out = need((size_t)bytes);
    MPI_Request send, receive;
    MPI_Status status;
    int self;

    OK(MPI_Comm_rank(comm, &self));
    memset(in, 0, (size_t)bytes);
    fill(out, (size_t)bytes, 1);
    if (send_first)
        OK(start(out, bytes, MPI_BYTE, self, TAG, comm, &send));
    OK(MPI_Irecv(in, bytes, MPI_BYTE, self, TAG, comm, &receive));
    if (!send_first)
        OK(start(out, bytes, MPI_BYTE, self, TAG, comm, &send));
    OK(MPI_Wait(&receive, &status));
    OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
    STATUS(&status, self, TAG, MPI_BYTE, bytes);
    FILLED(in, (size_t)bytes, 1);
    free(out);
    free(in);
}

static void all_modes(MPI_Comm comm)
{
    static const int sizes[] = {0, 1, 5000, 70000, 5000000};
    isend_call *const modes[] = {MPI_Isend, MPI_Issend, MPI_Irsend};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int mode = 0; mode < 3; mode++) {
            one_message(comm, modes[mode], sizes[i], 0);
            if (modes[mode] != MPI_Irsend)
                one_message(comm, modes[mode], sizes[i], 1);
        }
}

// Many sends before the first receive; the order of sending holds.
static void in_order(void)
{
    enum { COUNT = 300 };
    MPI_Request sends[COUNT];
    int out[COUNT], in;
    MPI_Status status;

    for (int i = 0; i < COUNT; i++) {
        out[i] = i;
        OK(MPI_Isend(&out[i], 1, MPI_INT, me, i % 3, MPI_COMM_WORLD, &sends[i]));
    }
    for (int tag = 2; tag >= 0; tag--)
        for (int i = tag; i < COUNT; i += 3) {
            OK(MPI_Recv(&in, 1, MPI_INT, MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &status));
            STATUS(&status, me, tag, MPI_INT, 1);
            EQ(in, i);
        }
    OK(MPI_Waitall(COUNT, sends, MPI_STATUSES_IGNORE));
}

// A posted receive for it makes the blocking forms safe, whatever the size.
static void blocking(int bytes)
{
    char *in = need((size_t)bytes), *out = need((size_t)bytes);
    MPI_Request receive;

    fill(out, (size_t)bytes, 2);
    OK(MPI_Irecv(in, bytes, MPI_BYTE, MPI_ANY_SOURCE, TAG, MPI_COMM_SELF, &receive));
    OK(MPI_Send(out, bytes, MPI_BYTE, 0, TAG, MPI_COMM_SELF));
    OK(MPI_Wait(&receive, MPI_STATUS_IGNORE));
    FILLED(in, (size_t)bytes, 2);
    memset(in, 0, (size_t)bytes);
    OK(MPI_Sendrecv(out, bytes, MPI_BYTE, me, TAG, in, bytes, MPI_BYTE, me, TAG, MPI_COMM_WORLD,
                    MPI_STATUS_IGNORE));
    FILLED(in, (size_t)bytes, 2);
    OK(MPI_Sendrecv_replace(in, bytes, MPI_BYTE, me, TAG, me, TAG, MPI_COMM_WORLD,
                            MPI_STATUS_IGNORE));
    FILLED(in, (size_t)bytes, 2);
    free(out);
    free(in);
}

// Out of one layout into another: a column becomes a row.
static void transposed(void)
{
    enum { N = 200 };
    int *matrix = need(sizeof(int) * N * N), *row = need(sizeof(int) * N);
    MPI_Datatype column;
    MPI_Request request;

    for (int i = 0; i < N * N; i++)
        matrix[i] = i;
    OK(MPI_Type_vector(N, 1, N, MPI_INT, &column));
    OK(MPI_Type_commit(&column));
    for (int c = 0; c < N; c += 33) {
        OK(MPI_Isend(matrix + c, 1, column, 0, TAG, MPI_COMM_SELF, &request));
        OK(MPI_Recv(row, N, MPI_INT, 0, TAG, MPI_COMM_SELF, MPI_STATUS_IGNORE));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        for (int i = 0; i < N; i++)
            EQ(row[i], i * N + c);
    }
    OK(MPI_Type_free(&column));
    free(row);
    free(matrix);
}

// The two communicators do not mix.
static void kept_apart(void)
{
    int world = 1, self = 2, got = 0;
    MPI_Request requests[2];

    OK(MPI_Isend(&world, 1, MPI_INT, me, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Isend(&self, 1, MPI_INT, 0, TAG, MPI_COMM_SELF, &requests[1]));
    OK(MPI_Recv(&got, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_SELF, MPI_STATUS_IGNORE));
    EQ(got, 2);
    OK(MPI_Recv(&got, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    EQ(got, 1);
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    all_modes(MPI_COMM_WORLD);
    all_modes(MPI_COMM_SELF);
    in_order();
    blocking(10);
    blocking(3000000);
    transposed();
    OK(MPI_Barrier(MPI_COMM_WORLD));
    kept_apart();
    return check_end();
}
