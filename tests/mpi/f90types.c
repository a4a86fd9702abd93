// The types of Fortran's kinds, for C programs that share data with Fortran: the kind for a
// precision and a range, the type of a size, that equal requests give one handle, and that the
// types reduce.
#include "check.h"

static MPI_Count size_of(MPI_Datatype type)
{
    MPI_Count size = -1;
    OK(MPI_Type_size_c(type, &size));
    return size;
}

static void integers(void)
{
    const int digits[] = {1, 2, 3, 4, 5, 9, 10, 18, 19, 38},
              sizes[] = {1, 1, 2, 2, 4, 4, 8, 8, 16, 16};
    MPI_Datatype type, again, other;
    int ni, na, nd, combiner, contents[1] = {-1};

    for (int i = 0; i < 10; i++) {
        OK(MPI_Type_create_f90_integer(digits[i], &type));
        EQ(size_of(type), sizes[i]);
        OK(MPI_Type_create_f90_integer(digits[i], &again));
        CHECK(type == again);
        OK(MPI_Type_get_envelope(type, &ni, &na, &nd, &combiner));
        EQ(combiner, MPI_COMBINER_F90_INTEGER);
        EQ(ni, 1);
        EQ(na + nd, 0);
        OK(MPI_Type_get_contents(type, 1, 0, 0, contents, NULL, NULL));
        EQ(contents[0], digits[i]);
    }
    // Other arguments make another type, even where the kind is the same.
    OK(MPI_Type_create_f90_integer(5, &type));
    OK(MPI_Type_create_f90_integer(6, &other));
    CHECK(type != other);
    FAILS(MPI_Type_create_f90_integer(39, &type), MPI_ERR_ARG);
}

// Precision and range: either may be left open.
static void reals(void)
{
    static const struct {
        int p, r, bytes;
    } rows[] = {{6, 37, 4},
                {MPI_UNDEFINED, 37, 4},
                {6, MPI_UNDEFINED, 4},
                {7, 37, 8},
                {6, 38, 8},
                {15, 307, 8},
                {16, 307, 16},
                {15, 308, 16},
                {MPI_UNDEFINED, 4931, 16},
                {33, MPI_UNDEFINED, 16},
                {33, 4931, 16}};
    MPI_Datatype real, again, pair;
    int ni, na, nd, combiner, contents[2];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        OK(MPI_Type_create_f90_real(rows[i].p, rows[i].r, &real));
        EQ(size_of(real), rows[i].bytes);
        OK(MPI_Type_create_f90_real(rows[i].p, rows[i].r, &again));
        CHECK(real == again);
        OK(MPI_Type_get_envelope(real, &ni, &na, &nd, &combiner));
        EQ(combiner, MPI_COMBINER_F90_REAL);
        EQ(ni, 2);
        EQ(na + nd, 0);
        OK(MPI_Type_get_contents(real, 2, 0, 0, contents, NULL, NULL));
        EQ(contents[0], rows[i].p);
        EQ(contents[1], rows[i].r);
        OK(MPI_Type_create_f90_complex(rows[i].p, rows[i].r, &pair));
        EQ(size_of(pair), 2 * rows[i].bytes);
        OK(MPI_Type_get_envelope(pair, &ni, &na, &nd, &combiner));
        EQ(combiner, MPI_COMBINER_F90_COMPLEX);
        CHECK(pair != real);
    }
    FAILS(MPI_Type_create_f90_real(34, 100, &real), MPI_ERR_ARG);
    FAILS(MPI_Type_create_f90_complex(6, 5000, &real), MPI_ERR_ARG);
    FAILS(MPI_Type_create_f90_real(MPI_UNDEFINED, MPI_UNDEFINED, &real), MPI_ERR_ARG);
}

// They are predefined: committed, never freed, good for messages and for reductions.
static void use(void)
{
    MPI_Datatype real, integer, vector, copy;
    double mine[2] = {me + 1.5, -me}, sum[2] = {-1, -1}, ring[2];
    int64_t most = -1, number = 1000 + me;
    MPI_Status status;

    OK(MPI_Type_create_f90_real(15, 307, &real));
    OK(MPI_Type_create_f90_integer(18, &integer));
    OK(MPI_Allreduce(mine, sum, 2, real, MPI_SUM, MPI_COMM_WORLD));
    CHECK(sum[0] == np * 1.5 + np * (np - 1) / 2 && sum[1] == -np * (np - 1) / 2);
    OK(MPI_Allreduce(&number, &most, 1, integer, MPI_MAX, MPI_COMM_WORLD));
    EQ(most, 1000 + np - 1);
    OK(MPI_Sendrecv(mine, 2, real, (me + 1) % np, 3, ring, 2, real, (me + np - 1) % np, 3,
                    MPI_COMM_WORLD, &status));
    CHECK(ring[0] == (me + np - 1) % np + 1.5);
    OK(MPI_Type_vector(2, 1, 2, real, &vector));
    EQ(size_of(vector), 16);
    OK(MPI_Type_dup(real, &copy));
    int ni, na, nd, combiner;
    MPI_Datatype base;
    OK(MPI_Type_get_envelope(copy, &ni, &na, &nd, &combiner));
    EQ(combiner, MPI_COMBINER_DUP);
    OK(MPI_Type_get_contents(copy, 0, 0, 1, NULL, NULL, &base));
    CHECK(base == real);
    OK(MPI_Type_free(&copy));
    OK(MPI_Type_free(&vector));
    FAILS(MPI_Type_free(&real), MPI_ERR_TYPE);
}

static void sizes(void)
{
    static const struct {
        int class, size;
        MPI_Datatype type;
    } rows[] = {
        {MPI_TYPECLASS_INTEGER, 1, MPI_INTEGER1},  {MPI_TYPECLASS_INTEGER, 2, MPI_INTEGER2},
        {MPI_TYPECLASS_INTEGER, 4, MPI_INTEGER4},  {MPI_TYPECLASS_INTEGER, 8, MPI_INTEGER8},
        {MPI_TYPECLASS_REAL, 4, MPI_REAL4},        {MPI_TYPECLASS_REAL, 8, MPI_REAL8},
        {MPI_TYPECLASS_COMPLEX, 8, MPI_COMPLEX8},  {MPI_TYPECLASS_COMPLEX, 16, MPI_COMPLEX16},
        {MPIX_TYPECLASS_LOGICAL, 4, MPI_LOGICAL4}, {MPI_TYPECLASS_REAL, 2, MPI_REAL2}};
    MPI_Datatype type;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        OK(MPI_Type_match_size(rows[i].class, rows[i].size, &type));
        CHECK(type == rows[i].type);
        EQ(size_of(type), rows[i].size);
    }
    FAILS(MPI_Type_match_size(MPI_TYPECLASS_INTEGER, 3, &type), MPI_ERR_ARG);
    FAILS(MPI_Type_match_size(MPI_TYPECLASS_COMPLEX, 2, &type), MPI_ERR_ARG);
    FAILS(MPI_Type_match_size(77, 4, &type), MPI_ERR_ARG);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    integers();
    reals();
    use();
    sizes();
    return check_end();
}
