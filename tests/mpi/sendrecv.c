// Sendrecv and Sendrecv_replace: rings and exchanges that would deadlock as plain sends, big ones,
// with different types, sizes and tags each way, and mixed with plain sends and receives.
#include "check.h"

enum { TAG = 4 };

static int left, right;

static void ring(int bytes)
{
    char *out = need((size_t)bytes), *in = need((size_t)bytes);
    MPI_Status status;

    for (int shift = 1; shift <= np; shift++) {
        int to = (me + shift) % np, from = (me - shift + np) % np;
        fill(out, (size_t)bytes, (uint64_t)(me * 100 + shift));
        memset(in, 0, (size_t)bytes);
        OK(MPI_Sendrecv(out, bytes, MPI_BYTE, to, TAG, in, bytes, MPI_BYTE, from, TAG,
                        MPI_COMM_WORLD, &status));
        STATUS(&status, from, TAG, MPI_BYTE, bytes);
        FILLED(in, (size_t)bytes, (uint64_t)(from * 100 + shift));
        FILLED(out, (size_t)bytes, (uint64_t)(me * 100 + shift));
    }
    free(in);
    free(out);
}

static void replaced(int bytes)
{
    char *data = need((size_t)bytes);
    MPI_Status status;

    fill(data, (size_t)bytes, (uint64_t)me);
    for (int step = 1; step <= np; step++) {
        OK(MPI_Sendrecv_replace(data, bytes, MPI_BYTE, right, TAG, left, TAG, MPI_COMM_WORLD,
                                &status));
        STATUS(&status, left, TAG, MPI_BYTE, bytes);
        FILLED(data, (size_t)bytes, (uint64_t)((me - step + np) % np));
    }
    free(data);
}

// Another amount each way, other tags, and into a layout of another type with the same signature.
static void unlike(void)
{
    double out[16], in[32];
    MPI_Datatype spread;
    MPI_Status status;
    int mine = me % 16 + 1, theirs = left % 16 + 1;

    OK(MPI_Type_create_resized(MPI_DOUBLE, 0, 2 * sizeof(double), &spread));
    OK(MPI_Type_commit(&spread));
    for (int i = 0; i < 16; i++)
        out[i] = me + i * 0.5;
    for (int i = 0; i < 32; i++)
        in[i] = -1;
    OK(MPI_Sendrecv(out, mine, MPI_DOUBLE, right, 10 + me, in, 16, spread, left, 10 + left,
                    MPI_COMM_WORLD, &status));
    STATUS(&status, left, 10 + left, spread, theirs);
    for (int i = 0; i < 32; i++)
        CHECK(in[i] == (i % 2 == 0 && i / 2 < theirs ? left + i / 2 * 0.5 : -1));
    OK(MPI_Type_free(&spread));
}

// Replacing in a strided layout: only the column moves.
static void replaced_column(int rows)
{
    enum { WIDTH = 3 };
    int *matrix = need(sizeof(int) * (size_t)(rows * WIDTH));
    MPI_Datatype column;
    MPI_Status status;

    OK(MPI_Type_vector(rows, 1, WIDTH, MPI_INT, &column));
    OK(MPI_Type_commit(&column));
    for (int i = 0; i < rows * WIDTH; i++)
        matrix[i] = me * 1000000 + i;
    OK(MPI_Sendrecv_replace(matrix + 1, 1, column, right, TAG, left, TAG, MPI_COMM_WORLD, &status));
    STATUS(&status, left, TAG, column, 1);
    for (int i = 0; i < rows * WIDTH; i++)
        EQ(matrix[i], (i % WIDTH == 1 ? left : me) * 1000000 + i);
    OK(MPI_Type_free(&column));
    free(matrix);
}

// A shorter message than the buffer: the rest of it stays.
static void replaced_in_part(void)
{
    int values[10];
    MPI_Status status;

    for (int i = 0; i < 10; i++)
        values[i] = me * 10 + i;
    if (np == 1)
        return;
    if (me == 0) {
        OK(MPI_Sendrecv_replace(values, 10, MPI_INT, 1, TAG, 1, TAG, MPI_COMM_WORLD, &status));
        STATUS(&status, 1, TAG, MPI_INT, 4);
        for (int i = 0; i < 10; i++)
            EQ(values[i], i < 4 ? 10 + i : i);
    } else if (me == 1) {
        int got[10];
        OK(MPI_Send(values, 4, MPI_INT, 0, TAG, MPI_COMM_WORLD));
        OK(MPI_Recv(got, 10, MPI_INT, 0, TAG, MPI_COMM_WORLD, &status));
        STATUS(&status, 0, TAG, MPI_INT, 10);
    }
}

// One side uses Sendrecv, the other plain calls.
static void against_plain(int bytes)
{
    char *out = need((size_t)bytes), *in = need((size_t)bytes);

    fill(out, (size_t)bytes, (uint64_t)me);
    if (me == 0) {
        OK(MPI_Sendrecv(out, bytes, MPI_BYTE, 1, 1, in, bytes, MPI_BYTE, 1, 2, MPI_COMM_WORLD,
                        MPI_STATUS_IGNORE));
        FILLED(in, (size_t)bytes, 1);
    } else if (me == 1) {
        OK(MPI_Recv(in, bytes, MPI_BYTE, 0, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        FILLED(in, (size_t)bytes, 0);
        OK(MPI_Send(out, bytes, MPI_BYTE, 0, 2, MPI_COMM_WORLD));
    }
    free(in);
    free(out);
}

int main(int argc, char **argv)
{
    static const int sizes[] = {0, 8, 3000, 70000, 4000000};

    check_begin(&argc, &argv);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ring(sizes[i]);
        replaced(sizes[i]);
        if (np > 1)
            against_plain(sizes[i]);
    }
    unlike();
    replaced_column(10);
    replaced_column(200000);
    replaced_in_part();
    return check_end();
}
