/* Datatypes as objects: the predefined ones, bounds by the standard's rules, contents, names,
 * lifetime, errors; statuses that speak of them. Random types are in test_pack.c. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "err.h"
#include "layout.h"
#include "lock.h"
#include "status.h"
#include "typemake.h"

/* ---- predefined types -------------------------------------------------------------------------
 */

struct expected {
    MPI_Datatype type;
    const char *name;
    size_t size, align;
    int elements;
};

#define C(type, like)                                \
    {                                                \
        type, #type, sizeof(like), _Alignof(like), 1 \
    }
#define F(type, size, like)                  \
    {                                        \
        type, #type, size, _Alignof(like), 1 \
    }
#define P(type, size, like)                  \
    {                                        \
        type, #type, size, _Alignof(like), 2 \
    }

static const struct expected predefined[] = {
    C(MPI_AINT, intptr_t),
    C(MPI_COUNT, int64_t),
    C(MPI_OFFSET, int64_t),
    C(MPI_PACKED, char),
    C(MPI_SHORT, short),
    C(MPI_INT, int),
    C(MPI_LONG, long),
    C(MPI_LONG_LONG, long long),
    C(MPI_UNSIGNED_SHORT, short),
    C(MPI_UNSIGNED, int),
    C(MPI_UNSIGNED_LONG, long),
    C(MPI_UNSIGNED_LONG_LONG, long long),
    C(MPI_FLOAT, float),
    C(MPI_DOUBLE, double),
    C(MPI_LONG_DOUBLE, long double),
    C(MPI_C_FLOAT_COMPLEX, float _Complex),
    C(MPI_C_DOUBLE_COMPLEX, double _Complex),
    C(MPI_C_LONG_DOUBLE_COMPLEX, long double _Complex),
    C(MPI_CXX_FLOAT_COMPLEX, float _Complex),
    C(MPI_CXX_DOUBLE_COMPLEX, double _Complex),
    C(MPI_CXX_LONG_DOUBLE_COMPLEX, long double _Complex),
    C(MPI_C_BOOL, bool),
    C(MPI_CXX_BOOL, bool),
    C(MPI_WCHAR, wchar_t),
    C(MPI_CHAR, char),
    C(MPI_SIGNED_CHAR, char),
    C(MPI_UNSIGNED_CHAR, char),
    C(MPI_BYTE, char),
    C(MPI_INT8_T, int8_t),
    C(MPI_INT16_T, int16_t),
    C(MPI_INT32_T, int32_t),
    C(MPI_INT64_T, int64_t),
    C(MPI_UINT8_T, int8_t),
    C(MPI_UINT16_T, int16_t),
    C(MPI_UINT32_T, int32_t),
    C(MPI_UINT64_T, int64_t),
    F(MPI_LOGICAL, 4, int),
    F(MPI_INTEGER, 4, int),
    F(MPI_REAL, 4, float),
    F(MPI_DOUBLE_PRECISION, 8, double),
    F(MPI_COMPLEX, 8, float),
    F(MPI_DOUBLE_COMPLEX, 16, double),
    F(MPI_CHARACTER, 1, char),
    F(MPI_LOGICAL1, 1, int8_t),
    F(MPI_LOGICAL2, 2, int16_t),
    F(MPI_LOGICAL4, 4, int32_t),
    F(MPI_LOGICAL8, 8, int64_t),
    F(MPI_INTEGER1, 1, int8_t),
    F(MPI_INTEGER2, 2, int16_t),
    F(MPI_INTEGER4, 4, int32_t),
    F(MPI_INTEGER8, 8, int64_t),
    F(MPI_REAL2, 2, int16_t),
    F(MPI_REAL4, 4, float),
    F(MPI_REAL8, 8, double),
    F(MPI_COMPLEX4, 4, int16_t),
    F(MPI_COMPLEX8, 8, float),
    F(MPI_COMPLEX16, 16, double),
#ifdef __SIZEOF_INT128__
    F(MPI_LOGICAL16, 16, __int128),
    F(MPI_INTEGER16, 16, __int128),
#endif
#ifdef __SIZEOF_FLOAT128__
    F(MPI_REAL16, 16, __float128),
    F(MPI_COMPLEX32, 32, __float128),
#endif
    P(MPI_FLOAT_INT, 8, float),
    P(MPI_DOUBLE_INT, 12, double),
    P(MPI_LONG_INT, sizeof(long) + 4, long),
    P(MPI_2INT, 8, int),
    P(MPI_SHORT_INT, 6, int),
    P(MPI_LONG_DOUBLE_INT, sizeof(long double) + 4, long double),
    P(MPI_2REAL, 8, float),
    P(MPI_2DOUBLE_PRECISION, 16, double),
    P(MPI_2INTEGER, 8, int),
};
enum { PREDEFINED = sizeof predefined / sizeof predefined[0] };

static void predefined_types(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < PREDEFINED; i++) {
        const struct expected *e = &predefined[i];
        const struct ipcr_type *t = ipcr_type_of(e->type);
        char name[MPI_MAX_OBJECT_NAME];
        int length;
        assert_non_null(t);
        assert_ptr_equal(t->handle, e->type);
        MPI_Type_get_name(e->type, name, &length);
        assert_string_equal(name, e->name);
        assert_int_equal(length, strlen(e->name));
        assert_int_equal(t->size, e->size);
        assert_int_equal(t->align, e->align);
        assert_int_equal(t->elements, e->elements);
        assert_int_equal(t->lb, 0);
        assert_int_equal(t->extent, (e->size + e->align - 1) / e->align * e->align);
        assert_true(t->committed);
    }
}

static void no_other_handles(void **unused)
{
    (void)unused;
    size_t n = 0;
    for (uintptr_t h = 0; h < 4096; h++)
        n += ipcr_type_of((MPI_Datatype)h) != NULL;
    assert_int_equal(n, PREDEFINED);
    assert_null(ipcr_type_of(MPI_DATATYPE_NULL));
}

/* ---- bounds -----------------------------------------------------------------------------------
 */

static void expect_bounds(MPI_Datatype type, int size, MPI_Aint lb, MPI_Aint extent)
{
    int got_size;
    MPI_Aint got_lb, got_extent;
    MPI_Count wide_size, wide_lb, wide_extent;
    MPI_Type_size(type, &got_size);
    MPI_Type_get_extent(type, &got_lb, &got_extent);
    assert_int_equal(got_size, size);
    assert_int_equal(got_lb, lb);
    assert_int_equal(got_extent, extent);
    MPI_Type_size_x(type, &wide_size);
    MPI_Type_get_extent_x(type, &wide_lb, &wide_extent);
    assert_int_equal(wide_size, size);
    assert_int_equal(wide_lb, lb);
    assert_int_equal(wide_extent, extent);
}

static void expect_true(MPI_Datatype type, MPI_Aint lb, MPI_Aint extent)
{
    MPI_Aint got_lb, got_extent;
    MPI_Count wide_lb, wide_extent;
    MPI_Type_get_true_extent(type, &got_lb, &got_extent);
    assert_int_equal(got_lb, lb);
    assert_int_equal(got_extent, extent);
    MPI_Type_get_true_extent_x(type, &wide_lb, &wide_extent);
    assert_int_equal(wide_lb, lb);
    assert_int_equal(wide_extent, extent);
}

static MPI_Datatype two(MPI_Datatype a, MPI_Aint at_a, MPI_Datatype b, MPI_Aint at_b)
{
    MPI_Datatype type;
    MPI_Type_create_struct(2, (int[]){1, 1}, (MPI_Aint[]){at_a, at_b}, (MPI_Datatype[]){a, b},
                           &type);
    return type;
}

/* Like the C struct, with its padding; section 5.1.1's first example. */
static void padding(void **unused)
{
    (void)unused;
    MPI_Datatype type = two(MPI_DOUBLE, 0, MPI_CHAR, 8);
    expect_bounds(type, 9, 0, 16);
    expect_true(type, 0, 9);
    MPI_Type_free(&type);
    MPI_Type_create_hvector(2, 1, 5, MPI_INT, &type);
    expect_bounds(type, 8, 0, 12);
    expect_true(type, 0, 9);
    MPI_Type_free(&type);
    type = two(MPI_CHAR, -1, MPI_SHORT, 6);
    expect_bounds(type, 3, -1, 10);
    expect_true(type, -1, 9);
    MPI_Type_free(&type);
}

/* Section 5.1.6: type1 has bounds from -3 to 6, type2 is two of it. */
static void explicit_bounds(void **unused)
{
    (void)unused;
    MPI_Datatype type1, type2, mixed;
    MPI_Type_create_resized(MPI_INT, -3, 9, &type1);
    expect_bounds(type1, 4, -3, 9);
    expect_true(type1, 0, 4);
    MPI_Type_contiguous(2, type1, &type2);
    expect_bounds(type2, 8, -3, 18);
    expect_true(type2, 0, 13);
    mixed = two(MPI_DOUBLE, 100, type1, 8); /* once explicit, data does not count any more */
    expect_bounds(mixed, 12, 5, 9);
    expect_true(mixed, 8, 100);
    MPI_Type_free(&type1);
    MPI_Type_free(&type2);
    MPI_Type_free(&mixed);
}

static void empty_types(void **unused)
{
    (void)unused;
    MPI_Datatype none, type;
    MPI_Type_contiguous(0, MPI_INT, &none);
    expect_bounds(none, 0, 0, 0);
    type = two(none, 100, MPI_CHAR, 0); /* no entry in the type map: no bounds */
    expect_bounds(type, 1, 0, 1);
    MPI_Type_free(&type);
    MPI_Type_create_resized(none, 7, 9, &type);
    expect_bounds(type, 0, 7, 9);
    expect_true(type, 0, 0);
    MPI_Type_free(&type);
    MPI_Type_create_struct(2, (int[]){0, 1}, (MPI_Aint[]){-50, 4},
                           (MPI_Datatype[]){MPI_DOUBLE, MPI_CHAR}, &type);
    expect_bounds(type, 1, 4, 1);
    MPI_Type_free(&type);
    MPI_Type_free(&none);
}

static void arrays(void **unused)
{
    (void)unused;
    MPI_Datatype type;
    int sizes[] = {4, 5}, subsizes[] = {2, 2}, starts[] = {1, 3};
    MPI_Type_create_subarray(2, sizes, subsizes, starts, MPI_ORDER_C, MPI_DOUBLE, &type);
    expect_bounds(type, 32, 0, 160);
    expect_true(type, 64, 56);
    MPI_Type_free(&type);
    MPI_Type_create_subarray(2, sizes, subsizes, starts, MPI_ORDER_FORTRAN, MPI_DOUBLE, &type);
    expect_true(type, 104, 48);
    MPI_Type_free(&type);
    /* Rank 3 of 2 x 2: rows 1 and 3 by turns, columns 3 and 4 in a block. */
    MPI_Type_create_darray(4, 3, 2, sizes, (int[]){MPI_DISTRIBUTE_CYCLIC, MPI_DISTRIBUTE_BLOCK},
                           (int[]){MPI_DISTRIBUTE_DFLT_DARG, MPI_DISTRIBUTE_DFLT_DARG},
                           (int[]){2, 2}, MPI_ORDER_C, MPI_INT, &type);
    expect_bounds(type, 16, 0, 80);
    expect_true(type, 32, 48);
    MPI_Type_free(&type);
}

/* What no int holds is reported as undefined, and as it is by the wide calls. */
static void large_types(void **unused)
{
    (void)unused;
    MPI_Datatype gigas, type;
    int size;
    MPI_Count wide;
    MPI_Type_contiguous(INT_MAX, MPI_DOUBLE, &gigas);
    MPI_Type_contiguous(1 << 20, gigas, &type);
    MPI_Type_size(type, &size);
    assert_int_equal(size, MPI_UNDEFINED);
    MPI_Type_size_x(type, &wide);
    assert_int_equal(wide, (MPI_Count)INT_MAX << 23);
    assert_true(ipcr_type_of(type)->dense);
    MPI_Type_free(&gigas);
    MPI_Type_free(&type);
}

/* ---- errors -----------------------------------------------------------------------------------
 */

static void expect_error(int class, int expected, const char *word)
{
    assert_int_equal(class, expected);
    assert_non_null(ipcr_err_facts(expected));
    assert_non_null(strstr(ipcr_err_facts(expected), word));
    ipcr_err_forget();
}

static void wrong_numbers(void **unused)
{
    (void)unused;
    struct ipcr_type *Int = ipcr_type_of(MPI_INT), *made;
    expect_error(ipcr_type_contiguous(-3, Int, &made), MPI_ERR_COUNT, "-3");
    expect_error(ipcr_type_contiguous(1, NULL, &made), MPI_ERR_TYPE, "old datatype");
    expect_error(ipcr_type_vector(2, -1, 3, Int, &made), MPI_ERR_ARG, "-1");
    expect_error(ipcr_type_resized(Int, INT64_MAX, 1, &made), MPI_ERR_ARG, "overflows");
    expect_error(ipcr_type_dup(NULL, &made), MPI_ERR_TYPE, "old datatype");
    int lengths[] = {1, -7}, places[] = {0, 1};
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_INDEXED,
                              .count = 2,
                              .lengths = IPCR_INTS(lengths),
                              .places = IPCR_INTS(places)};
    expect_error(ipcr_type_indexed(&is, Int, &made), MPI_ERR_ARG, "-7");
    is.lengths.at = NULL;
    expect_error(ipcr_type_indexed(&is, Int, &made), MPI_ERR_ARG, "null pointer");
    is.count = -1;
    expect_error(ipcr_type_indexed(&is, Int, &made), MPI_ERR_COUNT, "-1");
    struct ipcr_struct st = {.count = 2,
                             .lengths = IPCR_INTS(places),
                             .places = IPCR_INTS(places),
                             .types = (MPI_Datatype[]){MPI_INT, MPI_DATATYPE_NULL}};
    expect_error(ipcr_type_struct(&st, &made), MPI_ERR_TYPE, "datatype 1");
}

static void wrong_arrays(void **unused)
{
    (void)unused;
    struct ipcr_type *Int = ipcr_type_of(MPI_INT), *made;
    int sizes[] = {4, 5}, subsizes[] = {2, 3}, starts[] = {1, 3};
    struct ipcr_subarray is = {.dims = 2,
                               .sizes = IPCR_INTS(sizes),
                               .subsizes = IPCR_INTS(subsizes),
                               .starts = IPCR_INTS(starts),
                               .order = MPI_ORDER_C};
    expect_error(ipcr_type_subarray(&is, Int, &made), MPI_ERR_ARG, "dimension 1");
    is.order = 5;
    expect_error(ipcr_type_subarray(&is, Int, &made), MPI_ERR_ARG, "order is 5");
    is.order = MPI_ORDER_C;
    is.dims = 0;
    expect_error(ipcr_type_subarray(&is, Int, &made), MPI_ERR_ARG, "dimensions is 0");

    int deals[] = {MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_NONE}, grid[] = {3, 1};
    int lengths[] = {1, MPI_DISTRIBUTE_DFLT_DARG};
    struct ipcr_darray da = {.size = 3,
                             .rank = 2,
                             .dims = 2,
                             .gsizes = IPCR_INTS(sizes),
                             .distribs = IPCR_INTS(deals),
                             .dargs = IPCR_INTS(lengths),
                             .psizes = IPCR_INTS(grid),
                             .order = MPI_ORDER_C};
    expect_error(ipcr_type_darray(&da, Int, &made), MPI_ERR_ARG, "dimension 0"); /* 3 < 4 */
    lengths[0] = 2;
    da.rank = 3;
    expect_error(ipcr_type_darray(&da, Int, &made), MPI_ERR_ARG, "rank 3");
    da.rank = 2;
    da.size = 4;
    expect_error(ipcr_type_darray(&da, Int, &made), MPI_ERR_ARG, "3 processes");
    da.size = 3;
    assert_int_equal(ipcr_type_darray(&da, Int, &made), MPI_SUCCESS);
    assert_int_equal(made->size, 0); /* 2 + 2 + nothing */
    ipcr_type_hand_back(made);
}

static void expect_too_large(int class)
{
    expect_error(class, MPI_ERR_COUNT, "9223372036854775807");
}

static void overflows(void **unused)
{
    (void)unused;
    struct ipcr_type *Double = ipcr_type_of(MPI_DOUBLE), *made, *far;
    int64_t most = INT64_MAX;
    expect_too_large(ipcr_type_contiguous(most / 8 + 1, Double, &made));
    expect_too_large(ipcr_type_vector(2, 1, most / 8 + 1, Double, &made));
    expect_too_large(ipcr_type_vector(most, most, 1, Double, &made));
    expect_too_large(ipcr_type_hvector(3, 1, most / 2 + 1, Double, &made));
    expect_too_large(ipcr_type_hvector(most / 2, 3, 0, Double, &made)); /* in size alone */
    int64_t places[] = {-most, most - 8};
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_HINDEXED_BLOCK,
                              .count = 2,
                              .length = 1,
                              .places = IPCR_INTS(places)};
    expect_too_large(ipcr_type_indexed(&is, Double, &made)); /* extent */
    is.places.at = places + 1;
    is.count = 1;
    is.length = 2;
    expect_too_large(ipcr_type_indexed(&is, Double, &made)); /* upper bound */
    is.length = 1;
    assert_int_equal(ipcr_type_indexed(&is, Double, &far), MPI_SUCCESS);
    expect_too_large(ipcr_type_indexed(&is, far, &made)); /* displacement on displacement */
    ipcr_type_hand_back(far);
    struct ipcr_type *big; /* one double, very often */
    assert_int_equal(ipcr_type_hvector(most / 16, 1, 0, Double, &big), MPI_SUCCESS);
    struct ipcr_struct st = {.count = 3,
                             .lengths = IPCR_INTS(((int[]){1, 1, 1})),
                             .places = IPCR_INTS(((int[]){0, 0, 0})),
                             .types = (MPI_Datatype[]){big->handle, big->handle, big->handle}};
    expect_too_large(ipcr_type_struct(&st, &made));
    ipcr_type_hand_back(big);
    int64_t huge[] = {most / 2, 4, 1}, ones[] = {1, 1, 1}, zeros[] = {0, 0, 0};
    struct ipcr_subarray sub = {.dims = 3,
                                .sizes = IPCR_INTS(huge),
                                .subsizes = IPCR_INTS(ones),
                                .starts = IPCR_INTS(zeros),
                                .order = MPI_ORDER_C};
    expect_too_large(ipcr_type_subarray(&sub, Double, &made));
}

/* ---- contents ---------------------------------------------------------------------------------
 */

enum { NUMBERS = 32 };

struct contents {
    int combiner, integers, addresses, types;
    int integer[NUMBERS];
    MPI_Aint address[NUMBERS];
    MPI_Datatype type[NUMBERS];
};

/* The type is freed first: what it was made from must still be there. */
static void expect_contents(MPI_Datatype type, const struct contents *e)
{
    struct contents got = {0};
    MPI_Datatype keep;
    MPI_Type_dup(type, &keep);
    MPI_Type_get_envelope(type, &got.integers, &got.addresses, &got.types, &got.combiner);
    assert_int_equal(got.combiner, e->combiner);
    assert_int_equal(got.integers, e->integers);
    assert_int_equal(got.addresses, e->addresses);
    assert_int_equal(got.types, e->types);
    MPI_Type_get_contents(type, NUMBERS, NUMBERS, NUMBERS, got.integer, got.address, got.type);
    MPI_Type_free(&type);
    assert_memory_equal(got.integer, e->integer, sizeof got.integer);
    assert_memory_equal(got.address, e->address, sizeof got.address);
    assert_memory_equal(got.type, e->type, sizeof got.type);
    MPI_Type_free(&keep);
}

static void envelopes(void **unused)
{
    (void)unused;
    MPI_Datatype type;
    MPI_Type_contiguous(3, MPI_INT, &type);
    expect_contents(type,
                    &(struct contents){MPI_COMBINER_CONTIGUOUS, 1, 0, 1, {3}, {0}, {MPI_INT}});
    MPI_Type_dup(MPI_INT, &type);
    expect_contents(type, &(struct contents){MPI_COMBINER_DUP, 0, 0, 1, {0}, {0}, {MPI_INT}});
    MPI_Type_vector(3, 2, 5, MPI_INT, &type);
    expect_contents(type,
                    &(struct contents){MPI_COMBINER_VECTOR, 3, 0, 1, {3, 2, 5}, {0}, {MPI_INT}});
    MPI_Type_create_hvector(3, 2, 50, MPI_INT, &type);
    expect_contents(type,
                    &(struct contents){MPI_COMBINER_HVECTOR, 2, 1, 1, {3, 2}, {50}, {MPI_INT}});
    MPI_Type_create_resized(MPI_CHAR, -3, 70, &type);
    expect_contents(type,
                    &(struct contents){MPI_COMBINER_RESIZED, 0, 2, 1, {0}, {-3, 70}, {MPI_CHAR}});
    int a[] = {4, 5}, b[] = {2, 2}, c[] = {1, 3};
    MPI_Type_create_subarray(2, a, b, c, MPI_ORDER_C, MPI_INT, &type);
    expect_contents(
        type,
        &(struct contents){
            MPI_COMBINER_SUBARRAY, 8, 0, 1, {2, 4, 5, 2, 2, 1, 3, MPI_ORDER_C}, {0}, {MPI_INT}});
    int none[] = {MPI_DISTRIBUTE_NONE, MPI_DISTRIBUTE_CYCLIC}, one[] = {1, 2};
    MPI_Type_create_darray(2, 1, 2, a, none, c, one, MPI_ORDER_FORTRAN, MPI_INT, &type);
    expect_contents(type, &(struct contents){MPI_COMBINER_DARRAY,
                                             12,
                                             0,
                                             1,
                                             {2, 1, 2, 4, 5, MPI_DISTRIBUTE_NONE,
                                              MPI_DISTRIBUTE_CYCLIC, 1, 3, 1, 2, MPI_ORDER_FORTRAN},
                                             {0},
                                             {MPI_INT}});
}

static void envelopes_of_blocks(void **unused)
{
    (void)unused;
    MPI_Datatype type;
    int lengths[] = {1, 2}, places[] = {7, 3};
    MPI_Aint far[] = {70, 30};
    MPI_Type_indexed(2, lengths, places, MPI_INT, &type);
    expect_contents(
        type, &(struct contents){MPI_COMBINER_INDEXED, 5, 0, 1, {2, 1, 2, 7, 3}, {0}, {MPI_INT}});
    MPI_Type_create_hindexed(2, lengths, far, MPI_INT, &type);
    expect_contents(
        type, &(struct contents){MPI_COMBINER_HINDEXED, 3, 2, 1, {2, 1, 2}, {70, 30}, {MPI_INT}});
    MPI_Type_create_indexed_block(2, 6, places, MPI_INT, &type);
    expect_contents(type, &(struct contents){
                              MPI_COMBINER_INDEXED_BLOCK, 4, 0, 1, {2, 6, 7, 3}, {0}, {MPI_INT}});
    MPI_Type_create_hindexed_block(2, 6, far, MPI_INT, &type);
    expect_contents(type, &(struct contents){
                              MPI_COMBINER_HINDEXED_BLOCK, 2, 2, 1, {2, 6}, {70, 30}, {MPI_INT}});
    MPI_Type_create_struct(2, lengths, far, (MPI_Datatype[]){MPI_INT, MPI_DOUBLE}, &type);
    expect_contents(type,
                    &(struct contents){
                        MPI_COMBINER_STRUCT, 3, 2, 2, {2, 1, 2}, {70, 30}, {MPI_INT, MPI_DOUBLE}});
}

static void envelope_of_a_name(void **unused)
{
    (void)unused;
    int integers, addresses, types, combiner;
    MPI_Type_get_envelope(MPI_DOUBLE_INT, &integers, &addresses, &types, &combiner);
    assert_int_equal(combiner, MPI_COMBINER_NAMED);
    assert_int_equal(integers + addresses + types, 0);
}

/* ---- lifetime ---------------------------------------------------------------------------------
 */

static void freed_while_used(void **unused)
{
    (void)unused;
    MPI_Datatype inner, outer, stale, again;
    MPI_Type_vector(3, 1, 2, MPI_INT, &inner);
    MPI_Type_contiguous(4, inner, &outer);
    struct ipcr_type *kept = ipcr_type_of(outer);
    ipcr_type_retain(kept); /* as a message does */
    stale = inner;
    MPI_Type_free(&inner);
    assert_ptr_equal(inner, MPI_DATATYPE_NULL);
    assert_null(ipcr_type_of(stale)); /* alive for outer, but no handle any more */
    MPI_Type_get_contents(outer, 1, 0, 1, (int[1]){0}, NULL, &again);
    assert_non_null(ipcr_type_of(again));
    MPI_Type_free(&again);
    stale = outer;
    MPI_Type_free(&outer);
    assert_null(ipcr_type_of(stale));
    int data[24], packed[12];
    for (int i = 0; i < 24; i++)
        data[i] = i;
    ipcr_type_pack(kept, 1, data, 0, packed, sizeof packed);
    assert_int_equal(packed[11], 19);
    ipcr_type_release(kept);
    assert_null(ipcr_type_of(stale));
}

/* A freed handle is still told from a good one when others have been made and freed since. */
static void stale_handles(void **unused)
{
    (void)unused;
    MPI_Datatype stale, type;
    MPI_Type_contiguous(2, MPI_INT, &type);
    stale = type;
    MPI_Type_free(&type);
    for (int i = 0; i < 60; i++) {
        MPI_Type_contiguous(2, MPI_INT, &type);
        assert_ptr_not_equal(type, stale);
        MPI_Type_free(&type);
        assert_null(ipcr_type_of(stale));
    }
}

static void names(void **unused)
{
    (void)unused;
    MPI_Datatype type;
    char name[MPI_MAX_OBJECT_NAME], longest[2 * MPI_MAX_OBJECT_NAME];
    int length;
    MPI_Type_contiguous(2, MPI_INT, &type);
    MPI_Type_get_name(type, name, &length);
    assert_int_equal(length, 0);
    assert_string_equal(ipcr_type_label(ipcr_type_of(type)), "a derived datatype");
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    MPI_Type_set_name(type, longest);
    MPI_Type_get_name(type, name, &length);
    assert_int_equal(length, MPI_MAX_OBJECT_NAME - 1);
    assert_memory_equal(name, longest, (size_t)length);
    MPI_Type_free(&type);
}

/* ---- statuses ---------------------------------------------------------------------------------
 */

static void expect_status(size_t bytes, MPI_Datatype type, int count, int elements)
{
    MPI_Status status = {0};
    int got;
    MPI_Count wide;
    ipcr_status_set_bytes(&status, bytes);
    MPI_Get_count(&status, type, &got);
    assert_int_equal(got, count);
    MPI_Get_elements(&status, type, &got);
    assert_int_equal(got, elements);
    MPI_Get_elements_x(&status, type, &wide);
    assert_int_equal(wide, elements);
    if (elements < 0)
        return;
    memset(&status, 0, sizeof status);
    MPI_Status_set_elements(&status, type, elements);
    assert_int_equal(ipcr_status_bytes(&status), bytes);
}

static void counts(void **unused)
{
    (void)unused;
    int no = MPI_UNDEFINED;
    MPI_Datatype record, empty;
    expect_status(12, MPI_INT, 3, 3);
    expect_status(13, MPI_INT, no, no);
    expect_status(0, MPI_INT, 0, 0);
    expect_status(12, MPI_2INT, no, 3);
    expect_status(12, MPI_DOUBLE_INT, 1, 2);
    expect_status(8, MPI_DOUBLE_INT, no, 1);
    expect_status(20, MPI_DOUBLE_INT, no, 3);
    expect_status(4, MPI_DOUBLE_INT, no, no);
    record = two(MPI_SHORT_INT, 0, MPI_DOUBLE, 8);
    expect_status(14, record, 1, 3);
    expect_status(16, record, no, 4);
    expect_status(20, record, no, 5);
    expect_status(24, record, no, no);
    MPI_Type_contiguous(0, MPI_INT, &empty);
    expect_status(0, empty, 0, 0);
    expect_status(4, empty, no, no);
    MPI_Type_free(&record);
    MPI_Type_free(&empty);
}

static void large_counts(void **unused)
{
    (void)unused;
    MPI_Status status;
    int count;
    MPI_Count wide;
    ipcr_status_set_bytes(&status, UINT64_C(0x123456789abc));
    assert_int_equal(ipcr_status_bytes(&status), UINT64_C(0x123456789abc));
    MPI_Get_count(&status, MPI_INT, &count);
    assert_int_equal(count, MPI_UNDEFINED);
    MPI_Get_elements_x(&status, MPI_INT, &wide);
    assert_int_equal(wide, UINT64_C(0x123456789abc) / 4);
    MPI_Status_set_elements_x(&status, MPI_SHORT, INT64_C(1) << 40);
    assert_int_equal(ipcr_status_bytes(&status), INT64_C(1) << 41);
    assert_int_equal(ipcr_type_element_bytes(ipcr_type_of(MPI_INT), INT64_MAX), -1);
    ipcr_status_set_cancelled(&status, true);
    assert_true(ipcr_status_cancelled(&status));
    assert_int_equal(ipcr_status_bytes(&status), INT64_C(1) << 41);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predefined_types),
        cmocka_unit_test(no_other_handles),
        cmocka_unit_test(padding),
        cmocka_unit_test(explicit_bounds),
        cmocka_unit_test(empty_types),
        cmocka_unit_test(arrays),
        cmocka_unit_test(large_types),
        cmocka_unit_test(wrong_numbers),
        cmocka_unit_test(wrong_arrays),
        cmocka_unit_test(overflows),
        cmocka_unit_test(envelopes),
        cmocka_unit_test(envelopes_of_blocks),
        cmocka_unit_test(envelope_of_a_name),
        cmocka_unit_test(freed_while_used),
        cmocka_unit_test(stale_handles),
        cmocka_unit_test(names),
        cmocka_unit_test(counts),
        cmocka_unit_test(large_counts),
    };
    ipcr_gate = 0; /* datatypes need no job */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
