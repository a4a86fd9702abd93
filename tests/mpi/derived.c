// Derived datatypes with answers worked out by hand: bounds, padding, negative strides, absolute
// addresses, transposition, halos, types freed while in use, types too large for an int.
#include "check.h"

enum { TAG = 1 };

static int left, right;

static void layout(MPI_Datatype type, int size, MPI_Aint lb, MPI_Aint extent, MPI_Aint true_lb,
                   MPI_Aint true_extent)
{
    MPI_Aint got[4];
    int got_size;

    OK(MPI_Type_size(type, &got_size));
    OK(MPI_Type_get_extent(type, &got[0], &got[1]));
    OK(MPI_Type_get_true_extent(type, &got[2], &got[3]));
    EQ(got_size, size);
    EQ(got[0], lb);
    EQ(got[1], extent);
    EQ(got[2], true_lb);
    EQ(got[3], true_extent);
}

// Around the ring with one type each way.
static void shift(const void *out, int count, MPI_Datatype sent, void *in, int room,
                  MPI_Datatype type)
{
    MPI_Status status;

    OK(MPI_Sendrecv(out, count, sent, right, TAG, in, room, type, left, TAG, MPI_COMM_WORLD,
                    &status));
    STATUS(&status, left, TAG, type, room);
}

// Example 5.1 and its like: {double, char} takes 16 bytes, of which 9 are used.
static void padding(void)
{
    MPI_Datatype types[2] = {MPI_DOUBLE, MPI_CHAR}, type, nested;
    MPI_Aint at[2] = {0, 8};
    int lengths[2] = {1, 1};

    OK(MPI_Type_create_struct(2, lengths, at, types, &type));
    layout(type, 9, 0, 16, 0, 9);
    OK(MPI_Type_contiguous(3, type, &nested));
    layout(nested, 27, 0, 48, 0, 41);
    OK(MPI_Type_free(&nested));
    OK(MPI_Type_vector(2, 3, 4, type, &nested));
    layout(nested, 54, 0, 112, 0, 105);
    OK(MPI_Type_free(&nested));
    OK(MPI_Type_free(&type));
    types[0] = MPI_CHAR, types[1] = MPI_SHORT;
    at[1] = 2;
    lengths[0] = 1, lengths[1] = 2;
    OK(MPI_Type_create_struct(2, lengths, at, types, &type));
    layout(type, 5, 0, 6, 0, 6);
    OK(MPI_Type_free(&type));
}

static void bounds(void)
{
    MPI_Datatype wide, narrow, type;
    MPI_Aint at[2] = {4, -8};
    int lengths[2] = {1, 1};

    OK(MPI_Type_create_resized(MPI_INT, -4, 16, &wide));
    layout(wide, 4, -4, 16, 0, 4);
    OK(MPI_Type_contiguous(2, wide, &type));
    layout(type, 8, -4, 32, 0, 20);
    OK(MPI_Type_free(&type));
    // Resized again: the new bounds replace the old ones.
    OK(MPI_Type_create_resized(wide, 0, 4, &narrow));
    layout(narrow, 4, 0, 4, 0, 4);
    OK(MPI_Type_free(&narrow));
    OK(MPI_Type_create_hindexed(2, lengths, at, MPI_INT, &type));
    layout(type, 8, -8, 16, -8, 16);
    OK(MPI_Type_free(&type));
    // Backwards: from the last item to the first.
    OK(MPI_Type_vector(3, 1, -2, MPI_INT, &type));
    layout(type, 12, -16, 20, -16, 20);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_contiguous(0, MPI_INT, &type));
    layout(type, 0, 0, 0, 0, 0);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_free(&wide));
}

// Empty blocks do not stretch a type.
static void empty_blocks(void)
{
    int lengths[3] = {0, 2, 0}, displs[3] = {-100, 3, 1000};
    MPI_Aint at[3] = {-400, 12, 4000};
    MPI_Datatype types[3] = {MPI_DOUBLE, MPI_INT, MPI_CHAR}, type;

    OK(MPI_Type_indexed(3, lengths, displs, MPI_INT, &type));
    layout(type, 8, 12, 8, 12, 8);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_create_hindexed(3, lengths, at, MPI_INT, &type));
    layout(type, 8, 12, 8, 12, 8);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_create_struct(3, lengths, at, types, &type));
    layout(type, 8, 12, 8, 12, 8);
    OK(MPI_Type_free(&type));
}

// A reversed copy by a negative stride.
static void reversed(void)
{
    enum { N = 1000 };
    int out[N], in[N];
    MPI_Datatype backwards;

    OK(MPI_Type_vector(N, 1, -1, MPI_INT, &backwards));
    OK(MPI_Type_commit(&backwards));
    for (int i = 0; i < N; i++)
        out[i] = me * N + i, in[i] = -1;
    shift(out + N - 1, 1, backwards, in, N, MPI_INT);
    for (int i = 0; i < N; i++)
        EQ(in[i], left * N + N - 1 - i);
    OK(MPI_Type_free(&backwards));
}

// Rows leave, columns arrive: several columns by a resized vector.
static void transposed(void)
{
    enum { N = 150 };
    double(*out)[N] = need(sizeof(double[N][N])), (*in)[N] = need(sizeof(double[N][N]));
    MPI_Datatype column, columns;
    int wrong = 0;

    OK(MPI_Type_vector(N, 1, N, MPI_DOUBLE, &column));
    OK(MPI_Type_create_resized(column, 0, sizeof(double), &columns));
    OK(MPI_Type_commit(&columns));
    OK(MPI_Type_free(&column));
    for (int i = 0; i < N * N; i++)
        (&out[0][0])[i] = me + i * 0.5;
    shift(out, N * N, MPI_DOUBLE, in, N, columns);
    for (int r = 0; r < N; r++)
        for (int c = 0; c < N; c++)
            wrong += in[c][r] != left + (r * N + c) * 0.5;
    EQ(wrong, 0);
    OK(MPI_Type_free(&columns));
    free(in);
    free(out);
}

struct scattered {
    char name[5];
    double place[3];
    short colour;
    int *elsewhere;
};

// Absolute addresses from MPI_BOTTOM, of memory in several places.
static void absolute(void)
{
    struct scattered out = {"four", {1, 2, 3}, 7, NULL}, in = {"", {0}, 0, NULL};
    int *here = need(2 * sizeof *here), *there = need(2 * sizeof *there);
    MPI_Datatype types[4] = {MPI_CHAR, MPI_DOUBLE, MPI_SHORT, MPI_INT}, sent, received;
    int lengths[4] = {5, 3, 1, 2};
    MPI_Aint at[4], base;

    here[0] = me, here[1] = me + 1;
    OK(MPI_Get_address(out.name, &at[0]));
    OK(MPI_Get_address(out.place, &at[1]));
    OK(MPI_Get_address(&out.colour, &at[2]));
    OK(MPI_Get_address(here, &at[3]));
    OK(MPI_Type_create_struct(4, lengths, at, types, &sent));
    OK(MPI_Get_address(&in, &base));
    for (int i = 0; i < 3; i++) {
        const char *part = i == 0 ? in.name : i == 1 ? (char *)in.place : (char *)&in.colour;
        OK(MPI_Get_address(part, &at[i]));
        EQ(MPI_Aint_diff(at[i], base), part - (char *)&in);
        at[i] = MPI_Aint_add(base, at[i] - base);
    }
    OK(MPI_Get_address(there, &at[3]));
    OK(MPI_Type_create_struct(4, lengths, at, types, &received));
    OK(MPI_Type_commit(&sent));
    OK(MPI_Type_commit(&received));
    shift(MPI_BOTTOM, 1, sent, MPI_BOTTOM, 1, received);
    CHECK(strcmp(in.name, "four") == 0);
    CHECK(in.place[0] == 1 && in.place[1] == 2 && in.place[2] == 3);
    EQ(in.colour, 7);
    EQ(there[0], left);
    EQ(there[1], left + 1);
    OK(MPI_Type_free(&sent));
    OK(MPI_Type_free(&received));
    free(there);
    free(here);
}

// The inner block of a 3-D array, in C and in Fortran order, against index arithmetic.
static void subarrays(int order)
{
    const int sizes[3] = {7, 5, 9}, sub[3] = {3, 2, 4}, start[3] = {2, 1, 5};
    int out[7 * 5 * 9], in[3 * 2 * 4], next = 0;
    MPI_Datatype type;

    OK(MPI_Type_create_subarray(3, sizes, sub, start, order, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    for (int i = 0; i < 7 * 5 * 9; i++)
        out[i] = i;
    shift(out, 1, type, in, 3 * 2 * 4, MPI_INT);
    for (int a = 0; a < sub[order == MPI_ORDER_C ? 0 : 2]; a++)
        for (int b = 0; b < sub[1]; b++)
            for (int c = 0; c < sub[order == MPI_ORDER_C ? 2 : 0]; c++, next++) {
                int x = order == MPI_ORDER_C ? a + 2 : c + 2, y = b + 1;
                int z = order == MPI_ORDER_C ? c + 5 : a + 5;
                EQ(in[next], order == MPI_ORDER_C ? (x * 5 + y) * 9 + z : (z * 5 + y) * 7 + x);
            }
    OK(MPI_Type_free(&type));
}

// A type may be freed as soon as the operation has started, and types made of it live on.
static void freed_in_use(void)
{
    enum { N = 50000 };
    int *out = need(2 * N * sizeof *out), *in = need(2 * N * sizeof *in);
    MPI_Datatype inner, outer;
    MPI_Request requests[2];

    OK(MPI_Type_create_resized(MPI_INT, 0, 2 * sizeof(int), &inner));
    OK(MPI_Type_contiguous(N, inner, &outer));
    OK(MPI_Type_free(&inner));
    CHECK(inner == MPI_DATATYPE_NULL);
    OK(MPI_Type_commit(&outer));
    OK(MPI_Type_commit(&outer)); // allowed, does nothing
    for (int i = 0; i < 2 * N; i++)
        out[i] = me + i, in[i] = -1;
    OK(MPI_Irecv(in, 1, outer, left, TAG, MPI_COMM_WORLD, &requests[0]));
    OK(MPI_Isend(out, 1, outer, right, TAG, MPI_COMM_WORLD, &requests[1]));
    OK(MPI_Type_free(&outer));
    OK(MPI_Waitall(2, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < 2 * N; i++)
        if (in[i] != (i % 2 ? -1 : left + i)) {
            FAIL("item %d is %d", i, in[i]);
            break;
        }
    free(in);
    free(out);
}

// A duplicate is committed if its original is, and outlives it.
static void duplicated(void)
{
    int out[6] = {1, 2, 3, 4, 5, 6}, in[3] = {0};
    MPI_Datatype type, twin;

    OK(MPI_Type_vector(3, 1, 2, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Type_dup(type, &twin));
    OK(MPI_Type_free(&type));
    shift(out, 1, twin, in, 3, MPI_INT);
    for (int i = 0; i < 3; i++)
        EQ(in[i], 2 * i + 1);
    OK(MPI_Type_free(&twin));
}

// Sizes past 2 GiB: bounds are right, and the size that no int can hold is MPI_UNDEFINED.
static void huge(void)
{
    MPI_Datatype gigabyte, four;
    MPI_Aint lb, extent;
    int size = 0;

    OK(MPI_Type_contiguous(1 << 30, MPI_CHAR, &gigabyte));
    OK(MPI_Type_size(gigabyte, &size));
    EQ(size, 1 << 30);
    OK(MPI_Type_contiguous(4, gigabyte, &four));
    OK(MPI_Type_size(four, &size));
    EQ(size, MPI_UNDEFINED);
    OK(MPI_Type_get_extent(four, &lb, &extent));
    EQ(extent, (MPI_Aint)4 << 30);
    OK(MPI_Type_free(&four));
    OK(MPI_Type_free(&gigabyte));
}

// The halo exchange of a grid, all four sides with types.
static void halo(void)
{
    enum { N = 12 };
    const int sizes[2] = {N, N}, column_sub[2] = {N - 2, 1};
    int grid[N][N], from[2] = {1, 1}, to[2] = {1, N - 1};
    MPI_Datatype inner, ghost;

    for (int r = 0; r < N; r++)
        for (int c = 0; c < N; c++)
            grid[r][c] = me * 1000 + r * N + c;
    OK(MPI_Type_create_subarray(2, sizes, column_sub, from, MPI_ORDER_C, MPI_INT, &inner));
    OK(MPI_Type_create_subarray(2, sizes, column_sub, to, MPI_ORDER_C, MPI_INT, &ghost));
    OK(MPI_Type_commit(&inner));
    OK(MPI_Type_commit(&ghost));
    shift(grid, 1, inner, grid, 1, ghost);
    for (int r = 0; r < N; r++)
        for (int c = 0; c < N; c++) {
            int from_left = c == N - 1 && r > 0 && r < N - 1;
            EQ(grid[r][c], from_left ? left * 1000 + r * N + 1 : me * 1000 + r * N + c);
        }
    OK(MPI_Type_free(&inner));
    OK(MPI_Type_free(&ghost));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    padding();
    bounds();
    empty_blocks();
    reversed();
    transposed();
    absolute();
    subarrays(MPI_ORDER_C);
    subarrays(MPI_ORDER_FORTRAN);
    freed_in_use();
    duplicated();
    huge();
    halo();
    return check_end();
}
