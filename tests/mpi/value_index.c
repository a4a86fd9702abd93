// Pairs of a value and an index: the named ones are found, unnamed ones are made of any two types
// that fit, laid out as C's struct, and MINLOC and MAXLOC reduce them.
#include "check.h"

#include <math.h>
#include <stddef.h>

static MPI_Datatype pair_of(MPI_Datatype value, MPI_Datatype index)
{
    MPI_Datatype pair = MPI_BYTE, again = MPI_BYTE;
    OK(MPI_Type_get_value_index(value, index, &pair));
    OK(MPI_Type_get_value_index(value, index, &again));
    CHECK(pair == again);
    return pair;
}

static void named(void)
{
    CHECK(pair_of(MPI_FLOAT, MPI_INT) == MPI_FLOAT_INT);
    CHECK(pair_of(MPI_DOUBLE, MPI_INT) == MPI_DOUBLE_INT);
    CHECK(pair_of(MPI_LONG, MPI_INT) == MPI_LONG_INT);
    CHECK(pair_of(MPI_INT, MPI_INT) == MPI_2INT);
    CHECK(pair_of(MPI_SHORT, MPI_INT) == MPI_SHORT_INT);
    CHECK(pair_of(MPI_LONG_DOUBLE, MPI_INT) == MPI_LONG_DOUBLE_INT);
    CHECK(pair_of(MPI_REAL, MPI_REAL) == MPI_2REAL);
    CHECK(pair_of(MPI_INTEGER, MPI_INTEGER) == MPI_2INTEGER);
    CHECK(pair_of(MPI_DOUBLE_PRECISION, MPI_DOUBLE_PRECISION) == MPI_2DOUBLE_PRECISION);
}

static void no_pairs(void)
{
    MPI_Datatype derived, pair;

    OK(MPI_Type_contiguous(1, MPI_INT, &derived));
    CHECK(pair_of(MPI_INT, MPI_DOUBLE) == MPI_DATATYPE_NULL);
    CHECK(pair_of(MPI_C_DOUBLE_COMPLEX, MPI_INT) == MPI_DATATYPE_NULL);
    CHECK(pair_of(MPI_CHAR, MPI_INT) == MPI_DATATYPE_NULL);
    CHECK(pair_of(MPI_2INT, MPI_INT) == MPI_DATATYPE_NULL);
    CHECK(pair_of(derived, MPI_INT) == MPI_DATATYPE_NULL);
    FAILS(MPI_Type_get_value_index(MPI_DATATYPE_NULL, MPI_INT, &pair), MPI_ERR_TYPE);
    FAILS(MPI_Type_get_value_index(MPI_INT, MPI_DATATYPE_NULL, &pair), MPI_ERR_TYPE);
    OK(MPI_Type_free(&derived));
}

static void check_shape(MPI_Datatype pair, MPI_Datatype value, MPI_Datatype index,
                        const MPI_Aint want[2])
{
    MPI_Count size = -1, ni = -1, na = -1, nc = -1, nd = -1;
    MPI_Aint lb = -1, extent = -1;
    MPI_Datatype halves[2], freed = pair;
    int combiner = -1;

    OK(MPI_Type_size_c(pair, &size));
    OK(MPI_Type_get_extent(pair, &lb, &extent));
    EQ(size, want[0]);
    EQ(lb, 0);
    EQ(extent, want[1]);
    OK(MPI_Type_get_envelope_c(pair, &ni, &na, &nc, &nd, &combiner));
    EQ(combiner, MPI_COMBINER_VALUE_INDEX);
    EQ(ni + na + nc, 0);
    EQ(nd, 2);
    OK(MPI_Type_get_contents(pair, 0, 0, 2, NULL, NULL, halves));
    CHECK(halves[0] == value && halves[1] == index);
    FAILS(MPI_Type_free(&freed), MPI_ERR_TYPE); // it is predefined
}

// The index of the best value, and how many elements a message of pairs has.
#define CHECK_PAIR(value_type, value_handle, index_type, index_handle)                    \
    static void value_handle##_##index_handle(void)                                       \
    {                                                                                     \
        typedef struct {                                                                  \
            value_type value;                                                             \
            index_type index;                                                             \
        } pair;                                                                           \
        MPI_Datatype type = pair_of(value_handle, index_handle);                          \
        pair in[3], least[3], most[3], got[3];                                            \
        MPI_Status status;                                                                \
        check_shape(type, value_handle, index_handle,                                     \
                    (MPI_Aint[]){sizeof(value_type) + sizeof(index_type), sizeof(pair)}); \
        memset(least, 0x2e, sizeof least);                                                \
        memset(most, 0x2e, sizeof most);                                                  \
        for (int i = 0; i < 3; i++) {                                                     \
            in[i].value = (value_type)(i == 0 ? me : i == 1 ? np - me : 7);               \
            in[i].index = (index_type)(10 + me);                                          \
        }                                                                                 \
        OK(MPI_Allreduce(in, least, 3, type, MPI_MINLOC, MPI_COMM_WORLD));                \
        OK(MPI_Allreduce(in, most, 3, type, MPI_MAXLOC, MPI_COMM_WORLD));                 \
        CHECK(least[0].value == 0 && least[0].index == 10);                               \
        CHECK(most[0].value == (value_type)(np - 1) &&                                    \
              most[0].index == (index_type)(10 + np - 1));                                \
        CHECK(least[1].value == 1 && least[1].index == (index_type)(10 + np - 1));        \
        CHECK(most[1].value == (value_type)np && most[1].index == 10);                    \
        CHECK(least[2].value == 7 && least[2].index == 10 && most[2].index == 10);        \
        OK(MPI_Sendrecv(in, 3, type, 0, 0, got, 3, type, 0, 0, MPI_COMM_SELF, &status));  \
        CHECK(got[1].value == in[1].value && got[2].index == in[2].index);                \
        int elements = -1;                                                                \
        OK(MPI_Get_elements(&status, type, &elements));                                   \
        EQ(elements, 6);                                                                  \
    }

CHECK_PAIR(double, MPI_DOUBLE, int64_t, MPI_INT64_T)
CHECK_PAIR(float, MPI_FLOAT, uint64_t, MPI_UINT64_T)
CHECK_PAIR(int64_t, MPI_INT64_T, uint8_t, MPI_UINT8_T)
CHECK_PAIR(unsigned, MPI_UNSIGNED, short, MPI_SHORT)
CHECK_PAIR(int8_t, MPI_INT8_T, int, MPI_INT)
CHECK_PAIR(long double, MPI_LONG_DOUBLE, MPI_Aint, MPI_AINT)
CHECK_PAIR(unsigned long, MPI_UNSIGNED_LONG, MPI_Count, MPI_COUNT)

// Signs matter, and a NaN is better than nothing and worse than nothing.
static void odd_values(void)
{
    struct {
        double value;
        int64_t index;
    } x[3] = {{-1, 5}, {NAN, 6}, {2, 1}}, y[3] = {{1, 4}, {3, 7}, {2, 2}};
    MPI_Datatype type = pair_of(MPI_DOUBLE, MPI_INT64_T);
    struct {
        unsigned value;
        short index;
    } a = {0xfffffff0, -1}, b = {1, 5};

    OK(MPI_Reduce_local(x, y, 3, type, MPI_MINLOC));
    CHECK(y[0].value == -1 && y[0].index == 5);
    CHECK(y[1].value == 3 && y[1].index == 7);
    CHECK(y[2].value == 2 && y[2].index == 1);
    OK(MPI_Reduce_local(&a, &b, 1, pair_of(MPI_UNSIGNED, MPI_SHORT), MPI_MAXLOC));
    CHECK(b.value == 0xfffffff0 && b.index == -1);
    FAILS(MPI_Reduce_local(x, y, 3, type, MPI_SUM), MPI_ERR_OP);
}

// Enough pairs, with gaps inside, for the algorithms that cut a vector up.
static void many(void)
{
    enum { N = 6000 };
    static struct {
        float value;
        int64_t index;
    } in[N], best[N];
    MPI_Datatype type = pair_of(MPI_FLOAT, MPI_INT64_T);

    for (int i = 0; i < N; i++) {
        in[i].value = (float)((me + i) % np);
        in[i].index = (int64_t)me << 40;
    }
    OK(MPI_Allreduce(in, best, N, type, MPI_MAXLOC, MPI_COMM_WORLD));
    for (int i = 0; i < N; i++) {
        int64_t rank = (np - 1 - i % np + np) % np; // whose value is np - 1
        if (best[i].value != (float)(np - 1) || best[i].index != rank << 40) {
            FAIL("pair %d is %g of rank %lld", i, best[i].value, (long long)(best[i].index >> 40));
            break;
        }
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    named();
    no_pairs();
    MPI_DOUBLE_MPI_INT64_T();
    MPI_FLOAT_MPI_UINT64_T();
    MPI_INT64_T_MPI_UINT8_T();
    MPI_UNSIGNED_MPI_SHORT();
    MPI_INT8_T_MPI_INT();
    MPI_LONG_DOUBLE_MPI_AINT();
    MPI_UNSIGNED_LONG_MPI_COUNT();
    odd_values();
    many();
    return check_end();
}
