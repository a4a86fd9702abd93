// User operations: the arguments the function is given, commutative and not, on derived types with
// gaps and shifted bounds, and the rank order of those that do not commute.
#include "check.h"

enum { PRIME = 10007 };

// 2 x 2 matrices modulo a prime: associative, not commutative.
struct matrix {
    int m[4];
};

static struct matrix matrix_of(int rank, int i)
{
    struct matrix a;
    for (int k = 0; k < 4; k++)
        a.m[k] = (int)(mix3((uint64_t)rank, (uint64_t)i, (uint64_t)k) % PRIME);
    return a;
}

static struct matrix product(struct matrix a, struct matrix b)
{
    struct matrix c;
    for (int r = 0; r < 2; r++)
        for (int k = 0; k < 2; k++)
            c.m[2 * r + k] = (a.m[2 * r] * b.m[k] + a.m[2 * r + 1] * b.m[2 + k]) % PRIME;
    return c;
}

static void multiply(void *in, void *inout, int *count, MPI_Datatype *type)
{
    struct matrix *a = in, *b = inout;

    (void)type;
    for (int i = 0; i < *count; i++)
        b[i] = product(a[i], b[i]);
}

// The product over ranks `first` to `last`.
static struct matrix expected(int first, int last, int i)
{
    struct matrix a = matrix_of(first, i);
    for (int r = first + 1; r <= last; r++)
        a = product(a, matrix_of(r, i));
    return a;
}

static void check_products(const struct matrix *got, int last, int from, int count)
{
    for (int i = 0; i < count; i++) {
        struct matrix want = expected(0, last, from + i);
        if (memcmp(&got[i], &want, sizeof want) != 0) {
            FAIL("product %d of ranks 0 to %d is wrong", from + i, last);
            return;
        }
    }
}

static struct matrix *my_matrices(int count)
{
    struct matrix *a = need(sizeof *a * (size_t)count);
    for (int i = 0; i < count; i++)
        a[i] = matrix_of(me, i);
    return a;
}

static void scattered(MPI_Op op, MPI_Datatype type)
{
    int total = 0, mine = 0, *counts = need(sizeof *counts * (size_t)np);
    struct matrix *in, *out;

    for (int r = 0; r < np; r++) {
        counts[r] = r % 3 * 11;
        mine += r < me ? counts[r] : 0;
        total += counts[r];
    }
    in = my_matrices(total);
    out = my_matrices(total + 1);
    OK(MPI_Reduce_scatter(in, out, counts, type, op, MPI_COMM_WORLD));
    check_products(out, np - 1, mine, counts[me]);
    free(out);
    free(in);
    in = my_matrices(13 * np);
    out = my_matrices(13);
    OK(MPI_Reduce_scatter_block(in, out, 13, type, op, MPI_COMM_WORLD));
    check_products(out, np - 1, 13 * me, 13);
    free(out);
    free(in);
    free(counts);
}

static void products(MPI_Op op, MPI_Datatype type, int count)
{
    struct matrix *in = my_matrices(count), *out = my_matrices(count);

    for (int root = 0; root < np; root++) {
        OK(MPI_Reduce(in, out, count, type, op, root, MPI_COMM_WORLD));
        if (me == root)
            check_products(out, np - 1, 0, count);
    }
    OK(MPI_Allreduce(in, out, count, type, op, MPI_COMM_WORLD));
    check_products(out, np - 1, 0, count);
    OK(MPI_Scan(in, out, count, type, op, MPI_COMM_WORLD));
    check_products(out, me, 0, count);
    OK(MPI_Exscan(in, out, count, type, op, MPI_COMM_WORLD));
    if (me > 0)
        check_products(out, me - 1, 0, count);
    memcpy(out, in, sizeof *in * (size_t)count);
    OK(MPI_Allreduce(MPI_IN_PLACE, out, count, type, op, MPI_COMM_WORLD));
    check_products(out, np - 1, 0, count);
    memcpy(out, in, sizeof *in * (size_t)count);
    OK(MPI_Scan(MPI_IN_PLACE, out, count, type, op, MPI_COMM_WORLD));
    check_products(out, me, 0, count);
    memcpy(out, in, sizeof *in * (size_t)count);
    OK(MPI_Reduce(me == np - 1 ? MPI_IN_PLACE : out, out, count, type, op, np - 1, MPI_COMM_WORLD));
    if (me == np - 1)
        check_products(out, np - 1, 0, count);
    // Reduce_local puts its first argument on the left.
    struct matrix left = matrix_of(1, 1), right = matrix_of(2, 2), want = product(left, right);
    OK(MPI_Reduce_local(&left, &right, 1, type, op));
    CHECK(memcmp(&right, &want, sizeof want) == 0);
    free(out);
    free(in);
}

static void not_commutative(void)
{
    MPI_Datatype type;
    MPI_Op op;
    int commutes = 1;

    OK(MPI_Type_contiguous(4, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Op_create(multiply, 0, &op));
    OK(MPI_Op_commutative(op, &commutes));
    EQ(commutes, 0);
    products(op, type, 1);
    products(op, type, 37);
    products(op, type, 3000);
    products(op, type, 20000);
    scattered(op, type);
    OK(MPI_Op_free(&op));
    CHECK(op == MPI_OP_NULL);
    OK(MPI_Type_free(&type));
}

// Strings that grow: the order can be read.
struct text {
    int length;
    char letters[64];
};

static void join(void *in, void *inout, int *count, MPI_Datatype *type)
{
    struct text *a = in, *b = inout;

    (void)type;
    for (int i = 0; i < *count; i++) {
        struct text both = a[i];
        memcpy(both.letters + both.length, b[i].letters, (size_t)b[i].length);
        both.length += b[i].length;
        b[i] = both;
    }
}

static void concatenation(void)
{
    int lengths[2] = {1, 64};
    MPI_Aint at[2] = {offsetof(struct text, length), offsetof(struct text, letters)};
    MPI_Datatype types[2] = {MPI_INT, MPI_CHAR}, type;
    struct text mine = {1, {0}}, all;
    MPI_Op op;

    OK(MPI_Type_create_struct(2, lengths, at, types, &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Op_create(join, 0, &op));
    mine.letters[0] = (char)('a' + me);
    memset(&all, 0, sizeof all);
    OK(MPI_Allreduce(&mine, &all, 1, type, op, MPI_COMM_WORLD));
    EQ(all.length, np);
    for (int i = 0; i < np; i++)
        EQ(all.letters[i], 'a' + i);
    OK(MPI_Op_free(&op));
    OK(MPI_Type_free(&type));
}

// One int in each 24 bytes, which begin 8 bytes before the address that is passed.
enum { STEP = 6, MARK = 0x70707070 };

static MPI_Datatype spread;

static void add_spread(void *in, void *inout, int *count, MPI_Datatype *type)
{
    int *a = in, *b = inout;
    MPI_Aint lb, extent;

    OK(MPI_Type_get_extent(*type, &lb, &extent));
    EQ(lb, -8);
    EQ(extent, STEP * sizeof(int));
    for (int i = 0; i < *count; i++)
        b[i * STEP] = (a[i * STEP] + b[i * STEP]) % PRIME;
}

static void with_gaps(int count)
{
    size_t ints = (size_t)(count + 1) * STEP;
    int *in = need(sizeof *in * ints), *out = need(sizeof *out * ints), sum = np * (np - 1) / 2;
    MPI_Op op;
    int commutes = 0;

    OK(MPI_Type_create_resized(MPI_INT, -8, STEP * sizeof(int), &spread));
    OK(MPI_Type_commit(&spread));
    OK(MPI_Op_create(add_spread, 1, &op));
    OK(MPI_Op_commutative(op, &commutes));
    EQ(commutes, 1);
    for (size_t i = 0; i < ints; i++)
        in[i] = out[i] = MARK;
    for (int i = 0; i < count; i++)
        in[2 + i * STEP] = me + np * i;
    OK(MPI_Allreduce(in + 2, out + 2, count, spread, op, MPI_COMM_WORLD));
    for (size_t i = 0; i < ints; i++) {
        int item = (int)(i / STEP), is_item = i % STEP == 2 && item < count;
        EQ(out[i], is_item ? (int)((sum + (long)np * np * item) % PRIME) : MARK);
        if (check_failures > 5)
            break;
    }
    OK(MPI_Op_free(&op));
    OK(MPI_Type_free(&spread));
    free(out);
    free(in);
}

// All predefined operations commute.
static void predefined(void)
{
    const MPI_Op ops[] = {MPI_MAX, MPI_MIN,  MPI_SUM,  MPI_PROD, MPI_LAND,   MPI_LOR,
                          MPI_BOR, MPI_LXOR, MPI_BAND, MPI_BXOR, MPI_MINLOC, MPI_MAXLOC};

    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        int commutes = 0;
        OK(MPI_Op_commutative(ops[i], &commutes));
        EQ(commutes, 1);
    }
}

// Every rank gets the very same bits of a sum that rounds.
static void same_everywhere(int count)
{
    double *in = need(sizeof *in * (size_t)count), *out = need(sizeof *out * (size_t)count);
    double *first = need(sizeof *first * (size_t)count);

    for (int i = 0; i < count; i++)
        in[i] = 1.0 / (double)(1 + mix3((uint64_t)me, (uint64_t)i, 2) % 100000);
    OK(MPI_Allreduce(in, out, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD));
    memcpy(first, out, sizeof *out * (size_t)count);
    OK(MPI_Bcast(first, count, MPI_DOUBLE, 0, MPI_COMM_WORLD));
    CHECK(memcmp(first, out, sizeof *out * (size_t)count) == 0);
    free(first);
    free(out);
    free(in);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    predefined();
    not_commutative();
    concatenation();
    with_gaps(1);
    with_gaps(50);
    with_gaps(10000);
    same_everywhere(1);
    same_everywhere(1000);
    same_everywhere(100000);
    return check_end();
}
