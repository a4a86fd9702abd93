/* Operations: each predefined one on each predefined type against naive arithmetic, on every length
 * around a strip and at odd addresses; which pairs are allowed; the program's own operations. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "basic.h"
#include "err.h"
#include "lock.h"
#include "op.h"

/* ---- what the standard says (section 6.9.2), written down once more ----------------------------
 */

enum group { C_INT, FORTRAN_INT, FLOATING, COMPLEX, LOGICAL, BYTES, MULTI, PAIRS, NONE };
enum kind {
    SIGNED,
    UNSIGNED,
    TRUTH,
    HALF,
    SINGLE,
    REAL,
    EXTENDED,
    QUAD,
    HALF2,
    SINGLE2,
    REAL2,
    EXTENDED2,
    QUAD2,
    PAIR,
    OTHER
};

struct known {
    MPI_Datatype type;
    enum group group;
    enum kind kind;
    size_t size;
};

static const struct known types[] = {
    {MPI_SHORT, C_INT, SIGNED, 2},
    {MPI_INT, C_INT, SIGNED, 4},
    {MPI_LONG, C_INT, SIGNED, sizeof(long)},
    {MPI_LONG_LONG, C_INT, SIGNED, 8},
    {MPI_UNSIGNED_SHORT, C_INT, UNSIGNED, 2},
    {MPI_UNSIGNED, C_INT, UNSIGNED, 4},
    {MPI_UNSIGNED_LONG, C_INT, UNSIGNED, sizeof(long)},
    {MPI_UNSIGNED_LONG_LONG, C_INT, UNSIGNED, 8},
    {MPI_SIGNED_CHAR, C_INT, SIGNED, 1},
    {MPI_UNSIGNED_CHAR, C_INT, UNSIGNED, 1},
    {MPI_INT8_T, C_INT, SIGNED, 1},
    {MPI_INT16_T, C_INT, SIGNED, 2},
    {MPI_INT32_T, C_INT, SIGNED, 4},
    {MPI_INT64_T, C_INT, SIGNED, 8},
    {MPI_UINT8_T, C_INT, UNSIGNED, 1},
    {MPI_UINT16_T, C_INT, UNSIGNED, 2},
    {MPI_UINT32_T, C_INT, UNSIGNED, 4},
    {MPI_UINT64_T, C_INT, UNSIGNED, 8},
    {MPI_INTEGER, FORTRAN_INT, SIGNED, 4},
    {MPI_INTEGER1, FORTRAN_INT, SIGNED, 1},
    {MPI_INTEGER2, FORTRAN_INT, SIGNED, 2},
    {MPI_INTEGER4, FORTRAN_INT, SIGNED, 4},
    {MPI_INTEGER8, FORTRAN_INT, SIGNED, 8},
    {MPI_AINT, MULTI, SIGNED, sizeof(intptr_t)},
    {MPI_COUNT, MULTI, SIGNED, 8},
    {MPI_OFFSET, MULTI, SIGNED, 8},
    {MPI_BYTE, BYTES, UNSIGNED, 1},
    {MPI_LOGICAL, LOGICAL, TRUTH, 4},
    {MPI_LOGICAL1, LOGICAL, TRUTH, 1},
    {MPI_LOGICAL2, LOGICAL, TRUTH, 2},
    {MPI_LOGICAL4, LOGICAL, TRUTH, 4},
    {MPI_LOGICAL8, LOGICAL, TRUTH, 8},
    {MPI_C_BOOL, LOGICAL, TRUTH, 1},
    {MPI_CXX_BOOL, LOGICAL, TRUTH, 1},
    {MPI_REAL2, FLOATING, HALF, 2},
    {MPI_FLOAT, FLOATING, SINGLE, 4},
    {MPI_REAL, FLOATING, SINGLE, 4},
    {MPI_REAL4, FLOATING, SINGLE, 4},
    {MPI_DOUBLE, FLOATING, REAL, 8},
    {MPI_DOUBLE_PRECISION, FLOATING, REAL, 8},
    {MPI_REAL8, FLOATING, REAL, 8},
    {MPI_LONG_DOUBLE, FLOATING, EXTENDED, sizeof(long double)},
    {MPI_COMPLEX4, COMPLEX, HALF2, 4},
    {MPI_C_FLOAT_COMPLEX, COMPLEX, SINGLE2, 8},
    {MPI_CXX_FLOAT_COMPLEX, COMPLEX, SINGLE2, 8},
    {MPI_COMPLEX, COMPLEX, SINGLE2, 8},
    {MPI_COMPLEX8, COMPLEX, SINGLE2, 8},
    {MPI_C_DOUBLE_COMPLEX, COMPLEX, REAL2, 16},
    {MPI_CXX_DOUBLE_COMPLEX, COMPLEX, REAL2, 16},
    {MPI_DOUBLE_COMPLEX, COMPLEX, REAL2, 16},
    {MPI_COMPLEX16, COMPLEX, REAL2, 16},
    {MPI_C_LONG_DOUBLE_COMPLEX, COMPLEX, EXTENDED2, 2 * sizeof(long double)},
    {MPI_CXX_LONG_DOUBLE_COMPLEX, COMPLEX, EXTENDED2, 2 * sizeof(long double)},
#ifdef IPCR_HAVE_I128
    {MPI_INTEGER16, FORTRAN_INT, SIGNED, 16},
    {MPI_LOGICAL16, LOGICAL, TRUTH, 16},
#endif
#ifdef IPCR_HAVE_F128
    {MPI_REAL16, FLOATING, QUAD, 16},
    {MPI_COMPLEX32, COMPLEX, QUAD2, 32},
#endif
    {MPI_FLOAT_INT, PAIRS, PAIR, sizeof(ipcr_float_int)},
    {MPI_DOUBLE_INT, PAIRS, PAIR, sizeof(ipcr_double_int)},
    {MPI_LONG_INT, PAIRS, PAIR, sizeof(ipcr_long_int)},
    {MPI_2INT, PAIRS, PAIR, sizeof(ipcr_2int)},
    {MPI_SHORT_INT, PAIRS, PAIR, sizeof(ipcr_short_int)},
    {MPI_LONG_DOUBLE_INT, PAIRS, PAIR, sizeof(ipcr_long_double_int)},
    {MPI_2REAL, PAIRS, PAIR, sizeof(ipcr_2float)},
    {MPI_2DOUBLE_PRECISION, PAIRS, PAIR, sizeof(ipcr_2double)},
    {MPI_2INTEGER, PAIRS, PAIR, sizeof(ipcr_2int)},
    {MPI_CHAR, NONE, OTHER, 1},
    {MPI_WCHAR, NONE, OTHER, 4},
    {MPI_CHARACTER, NONE, OTHER, 1},
    {MPI_PACKED, NONE, OTHER, 1},
};
enum { TYPES = sizeof types / sizeof types[0] };

struct operation {
    MPI_Op op;
    const char *groups; /* "x" where allowed, in the order of enum group */
};
/*                       C F f c l b m p -  */
static const struct operation operations[] = {
    {MPI_SUM, "xxxx..x.."},     {MPI_PROD, "xxxx..x.."},   {MPI_MIN, "xxx...x.."},
    {MPI_MAX, "xxx...x.."},     {MPI_BAND, "xx...xx.."},   {MPI_BOR, "xx...xx.."},
    {MPI_BXOR, "xx...xx.."},    {MPI_LAND, "x...x...."},   {MPI_LOR, "x...x...."},
    {MPI_LXOR, "x...x...."},    {MPI_MINLOC, ".......x."}, {MPI_MAXLOC, ".......x."},
    {MPI_REPLACE, "........."}, {MPI_NO_OP, "........."},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static void allowed(void **unused)
{
    (void)unused;
    size_t predefined = 0;
    for (uintptr_t h = 0x200; h < 0x300; h++)
        predefined += ipcr_type_of((MPI_Datatype)h) != NULL;
    assert_int_equal(predefined, TYPES); /* none is missing above */
    for (size_t o = 0; o < OPERATIONS; o++)
        for (size_t t = 0; t < TYPES; t++) {
            const struct ipcr_op *op = ipcr_op_of(operations[o].op);
            const struct ipcr_type *type = ipcr_type_of(types[t].type);
            int class = ipcr_op_check(op, type);
            bool ok = operations[o].groups[types[t].group] == 'x';
            assert_int_equal(class, ok ? MPI_SUCCESS : MPI_ERR_OP);
            if (ok)
                continue;
            assert_non_null(strstr(ipcr_err_facts(MPI_ERR_OP), op->name));
            assert_non_null(strstr(ipcr_err_facts(MPI_ERR_OP), type->name));
        }
}

/* ---- naive arithmetic -------------------------------------------------------------------------
 */

static uint64_t state = 1;
static uint64_t rnd(void)
{
    uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return x ^ x >> 31;
}

#ifdef IPCR_HAVE_I128
typedef ipcr_i128 wide;
typedef ipcr_u128 uwide;
#else
typedef int64_t wide;
typedef uint64_t uwide;
#endif

/* Bytes of a little-endian integer as a number; big-endian machines would need the reverse. */
static wide load(const unsigned char *p, const struct known *k)
{
    uwide x = 0;
    for (size_t i = k->size; i-- > 0;)
        x = x << 8 | p[i];
    size_t unused_bits = 8 * (sizeof x - k->size);
    if (k->kind == SIGNED)
        return (wide)(x << unused_bits) >> unused_bits;
    return (wide)x;
}

static void store(unsigned char *p, const struct known *k, uwide x)
{
    for (size_t i = 0; i < k->size; i++, x >>= 8)
        p[i] = (unsigned char)x;
}

static uwide integer(MPI_Op op, wide a, wide b)
{
    uwide x = (uwide)a, y = (uwide)b;
    return op == MPI_SUM    ? x + y
           : op == MPI_PROD ? x * y
           : op == MPI_MIN  ? (uwide)(a < b ? a : b)
           : op == MPI_MAX  ? (uwide)(a < b ? b : a)
           : op == MPI_BAND ? x & y
           : op == MPI_BOR  ? x | y
           : op == MPI_BXOR ? x ^ y
           : op == MPI_LAND ? (uwide)(x && y)
           : op == MPI_LOR  ? (uwide)(x || y)
                            : (uwide)(!x != !y);
}

#define NAIVE_FLOAT(name, type)                                                          \
    static void name(MPI_Op op, const unsigned char *in, unsigned char *inout)           \
    {                                                                                    \
        type a, b;                                                                       \
        memcpy(&a, in, sizeof a);                                                        \
        memcpy(&b, inout, sizeof b);                                                     \
        if (op == MPI_SUM || op == MPI_PROD)                                             \
            b = op == MPI_SUM ? a + b : a * b;                                           \
        else if (op == MPI_MIN ? a < b : a > b)                                          \
            b = a;                                                                       \
        memcpy(inout, &b, sizeof b);                                                     \
    }                                                                                    \
    static void name##_complex(MPI_Op op, const unsigned char *in, unsigned char *inout) \
    {                                                                                    \
        type a[2], b[2], c[2];                                                           \
        memcpy(a, in, sizeof a);                                                         \
        memcpy(b, inout, sizeof b);                                                      \
        c[0] = op == MPI_SUM ? a[0] + b[0] : a[0] * b[0] - a[1] * b[1];                  \
        c[1] = op == MPI_SUM ? a[1] + b[1] : a[0] * b[1] + a[1] * b[0];                  \
        memcpy(inout, c, sizeof c);                                                      \
    }                                                                                    \
    static void name##_random(unsigned char *p)                                          \
    {                                                                                    \
        type x = (type)((double)(int)(rnd() % 33) - 16); /* exact in sums of products */ \
        memcpy(p, &x, sizeof x);                                                         \
    }
NAIVE_FLOAT(single, float)
NAIVE_FLOAT(real, double)
NAIVE_FLOAT(extended, long double)
#ifdef IPCR_HAVE_F128
NAIVE_FLOAT(quad, ipcr_f128)
#endif

static double from_half(uint16_t h)
{
    int exponent = h >> 10 & 31;
    double fraction = h & 1023, value;
    if (exponent == 31)
        value = fraction != 0 ? NAN : INFINITY;
    else
        value = exponent ? ldexp(fraction + 1024, exponent - 25) : ldexp(fraction, -24);
    return h & 0x8000 ? -value : value;
}

static uint16_t to_half(double x)
{
    uint16_t sign = signbit(x) ? 0x8000 : 0;
    x = sign ? -x : x;
    int exponent = -14;
    while (exponent < 16 && x >= ldexp(1, exponent + 1))
        exponent++;
    double whole, rest = modf(ldexp(x, 10 - exponent), &whole);
    if (rest > 0.5 || (rest == 0.5 && ((long)whole & 1)))
        whole++;
    if (ldexp(whole, exponent - 10) >= 65536)
        return sign | 0x7c00;
    return (uint16_t)(sign + (whole >= 1024 ? ((exponent + 14) << 10) + (int)whole : (int)whole));
}

static void half(MPI_Op op, const unsigned char *in, unsigned char *inout)
{
    uint16_t a, b;
    memcpy(&a, in, 2);
    memcpy(&b, inout, 2);
    double x = from_half(a), y = from_half(b);
    if (op == MPI_SUM || op == MPI_PROD)
        b = to_half(op == MPI_SUM ? x + y : x * y);
    else if (op == MPI_MIN ? x < y : x > y)
        b = a;
    memcpy(inout, &b, 2);
}

static void half_complex(MPI_Op op, const unsigned char *in, unsigned char *inout)
{
    uint16_t a[2], b[2];
    memcpy(a, in, 4);
    memcpy(b, inout, 4);
    double x[2] = {from_half(a[0]), from_half(a[1])}, y[2] = {from_half(b[0]), from_half(b[1])};
    b[0] = to_half(op == MPI_SUM ? x[0] + y[0] : x[0] * y[0] - x[1] * y[1]);
    b[1] = to_half(op == MPI_SUM ? x[1] + y[1] : x[0] * y[1] + x[1] * y[0]);
    memcpy(inout, b, 4);
}

/* Values from a small set, so that equal ones are frequent. */
#define PAIR_CASE(handle, pair)                                          \
    if (type == handle) {                                                \
        pair a, b;                                                       \
        memcpy(&a, in, sizeof a);                                        \
        memcpy(&b, inout, sizeof b);                                     \
        if (op == MPI_MINLOC ? a.value < b.value : a.value > b.value)    \
            b.index = a.index;                                           \
        else if (a.value == b.value)                                     \
            b.index = a.index < b.index ? a.index : b.index;             \
        if (op == MPI_MINLOC ? a.value < b.value : a.value > b.value)    \
            b.value = a.value;                                           \
        memcpy(inout, &b.value, sizeof b.value);                         \
        memcpy(inout + offsetof(pair, index), &b.index, sizeof b.index); \
        return;                                                          \
    }
static void naive_pair(MPI_Datatype type, MPI_Op op, const unsigned char *in, unsigned char *inout)
{
    PAIR_CASE(MPI_FLOAT_INT, ipcr_float_int)
    PAIR_CASE(MPI_DOUBLE_INT, ipcr_double_int)
    PAIR_CASE(MPI_LONG_INT, ipcr_long_int)
    PAIR_CASE(MPI_2INT, ipcr_2int)
    PAIR_CASE(MPI_2INTEGER, ipcr_2int)
    PAIR_CASE(MPI_SHORT_INT, ipcr_short_int)
    PAIR_CASE(MPI_LONG_DOUBLE_INT, ipcr_long_double_int)
    PAIR_CASE(MPI_2REAL, ipcr_2float)
    PAIR_CASE(MPI_2DOUBLE_PRECISION, ipcr_2double)
    fail_msg("no such pair");
}

#define RANDOM_CASE(handle, pair)                                    \
    if (type == handle) {                                            \
        pair a;                                                      \
        a.value = (int)(rnd() % 5) - 2;                              \
        a.index = (int)(rnd() % 7);                                  \
        memcpy(p, &a.value, sizeof a.value);                         \
        memcpy(p + offsetof(pair, index), &a.index, sizeof a.index); \
        return;                                                      \
    }
static void random_pair(MPI_Datatype type, unsigned char *p)
{
    RANDOM_CASE(MPI_FLOAT_INT, ipcr_float_int)
    RANDOM_CASE(MPI_DOUBLE_INT, ipcr_double_int)
    RANDOM_CASE(MPI_LONG_INT, ipcr_long_int)
    RANDOM_CASE(MPI_2INT, ipcr_2int)
    RANDOM_CASE(MPI_2INTEGER, ipcr_2int)
    RANDOM_CASE(MPI_SHORT_INT, ipcr_short_int)
    RANDOM_CASE(MPI_LONG_DOUBLE_INT, ipcr_long_double_int)
    RANDOM_CASE(MPI_2REAL, ipcr_2float)
    RANDOM_CASE(MPI_2DOUBLE_PRECISION, ipcr_2double)
    fail_msg("no such pair");
}

static void naive(const struct known *k, MPI_Op op, const unsigned char *in, unsigned char *inout)
{
    switch (k->kind) {
    case SIGNED:
    case UNSIGNED:
    case TRUTH:
        store(inout, k, integer(op, load(in, k), load(inout, k)));
        return;
    case HALF:
        half(op, in, inout);
        return;
    case SINGLE:
        single(op, in, inout);
        return;
    case REAL:
        real(op, in, inout);
        return;
    case EXTENDED:
        extended(op, in, inout);
        return;
    case HALF2:
        half_complex(op, in, inout);
        return;
    case SINGLE2:
        single_complex(op, in, inout);
        return;
    case REAL2:
        real_complex(op, in, inout);
        return;
    case EXTENDED2:
        extended_complex(op, in, inout);
        return;
#ifdef IPCR_HAVE_F128
    case QUAD:
        quad(op, in, inout);
        return;
    case QUAD2:
        quad_complex(op, in, inout);
        return;
#endif
    default:
        naive_pair(k->type, op, in, inout);
    }
}

/* An element. Integers take all values, so they overflow; what no member covers keeps its noise. */
static void random_element(const struct known *k, unsigned char *p)
{
    double small = (double)(int)(rnd() % 33) - 16;
    uint16_t h[2] = {to_half(small), to_half((double)(rnd() % 17))};
    for (size_t i = 0; i < k->size; i++)
        p[i] = (unsigned char)rnd();
    switch (k->kind) {
    case TRUTH:
        store(p, k,
              rnd() % 3 ? (uwide)(rnd() & 1) << (k->size > 1 ? rnd() % (8 * k->size) : 0) : 0);
        return;
    case HALF:
    case HALF2:
        memcpy(p, h, k->size);
        return;
    case SINGLE2:
        single_random(p + 4); /* fall through */
    case SINGLE:
        single_random(p);
        return;
    case REAL2:
        real_random(p + 8); /* fall through */
    case REAL:
        real_random(p);
        return;
    case EXTENDED2:
        extended_random(p + sizeof(long double)); /* fall through */
    case EXTENDED:
        extended_random(p);
        return;
#ifdef IPCR_HAVE_F128
    case QUAD2:
        quad_random(p + 16); /* fall through */
    case QUAD:
        quad_random(p);
        return;
#endif
    case PAIR:
        random_pair(k->type, p);
        return;
    default:
        return;
    }
}

/* Long doubles of 80 bits come with 6 bytes of padding, which a kernel may or may not copy. */
static void forget_padding(const struct known *k, unsigned char *p, size_t n)
{
    size_t number = sizeof(long double);
    bool extended = k->kind == EXTENDED || k->kind == EXTENDED2;
    if (LDBL_MANT_DIG != 64 || (!extended && k->type != MPI_LONG_DOUBLE_INT))
        return;
    for (size_t at = 0; at < n * k->size; at += extended ? number : k->size)
        memset(p + at + 10, 0, number - 10);
}

enum { MOST = 300, MARGIN = 40 };

static void compare(const struct known *k, MPI_Op op, size_t n, size_t shift)
{
    size_t bytes = n * k->size + MARGIN;
    unsigned char *in = malloc(bytes), *inout = malloc(bytes), *expected = malloc(bytes);
    unsigned char *before = malloc(bytes);
    for (size_t i = 0; i < bytes; i++)
        inout[i] = in[i] = (unsigned char)rnd();
    for (size_t i = 0; i < n; i++) {
        random_element(k, in + shift + i * k->size);
        random_element(k, inout + shift + i * k->size);
    }
    memcpy(expected, inout, bytes);
    memcpy(before, in, bytes);
    for (size_t i = 0; i < n; i++)
        naive(k, op, in + shift + i * k->size, expected + shift + i * k->size);
    ipcr_op_apply(ipcr_op_of(op), in + shift, inout + shift, n, ipcr_type_of(k->type));
    forget_padding(k, inout + shift, n);
    forget_padding(k, expected + shift, n);
    assert_memory_equal(inout, expected, bytes);
    assert_memory_equal(in, before, bytes);
    free(in);
    free(inout);
    free(expected);
    free(before);
}

static void arithmetic(void **unused)
{
    (void)unused;
    for (size_t o = 0; o < OPERATIONS; o++)
        for (size_t t = 0; t < TYPES; t++) {
            if (operations[o].groups[types[t].group] != 'x')
                continue;
            for (size_t n = 0; n < 20; n++)
                compare(&types[t], operations[o].op, n, rnd() % 20);
            compare(&types[t], operations[o].op, 128 / types[t].size, 0);
            for (int i = 0; i < 6; i++)
                compare(&types[t], operations[o].op, rnd() % MOST, rnd() % 20);
        }
}

/* ---- half precision ---------------------------------------------------------------------------
 */

static uint16_t half_result(MPI_Op op, uint16_t a, uint16_t b)
{
    ipcr_op_apply(ipcr_op_of(op), &a, &b, 1, ipcr_type_of(MPI_REAL2));
    return b;
}

static bool is_nan(uint16_t h)
{
    return (h & 0x7fff) > 0x7c00;
}

/* Every half there is, and random sums and products of any size. */
static void halves(void **unused)
{
    (void)unused;
    for (uint32_t h = 0; h < 0x10000; h++) {
        uint16_t x = (uint16_t)h, sum = half_result(MPI_SUM, 0x8000, x); /* x + -0 */
        assert_true(is_nan(x) ? is_nan(sum) : sum == x);
        if (!is_nan(x))
            assert_int_equal(half_result(MPI_PROD, 0x3c00, x), x);
    }
    for (int i = 0; i < 300000; i++) {
        uint16_t a = (uint16_t)rnd(), b = (uint16_t)rnd(), expected;
        if ((a & 0x7c00) == 0x7c00 || (b & 0x7c00) == 0x7c00)
            continue;
        expected = to_half(from_half(a) + from_half(b));
        assert_int_equal(half_result(MPI_SUM, a, b), expected);
        expected = to_half(from_half(a) * from_half(b));
        assert_int_equal(half_result(MPI_PROD, a, b), expected);
    }
    assert_int_equal(half_result(MPI_SUM, 0x7c00, 0x3c00), 0x7c00);
    assert_true(is_nan(half_result(MPI_SUM, 0x7c00, 0xfc00)));
}

/* ---- the program's own ------------------------------------------------------------------------
 */

/* 2 x 2 matrices: not commutative. */
static int calls, last_length;
static MPI_Datatype last_type;
static void matrix(void *in, void *inout, int *len, MPI_Datatype *type)
{
    const int *a = in;
    int *b = inout;
    calls++;
    last_length = *len;
    last_type = *type;
    for (int i = 0; i < *len; i++, a += 4, b += 4) {
        int c[4] = {a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2],
                    a[2] * b[1] + a[3] * b[3]};
        memcpy(b, c, sizeof c);
    }
    *len = -1; /* theirs to change, not ours to believe */
    *type = MPI_DATATYPE_NULL;
}

static void own_operation(void **unused)
{
    (void)unused;
    MPI_Datatype four;
    MPI_Op op, stale;
    int commutes = -1;
    int a[8] = {1, 1, 0, 1, 2, 0, 0, 3}, b[8] = {1, 0, 1, 1, 1, 2, 3, 4};
    MPI_Type_contiguous(4, MPI_INT, &four);
    MPI_Type_commit(&four);
    MPI_Op_create(matrix, 0, &op);
    MPI_Op_commutative(op, &commutes);
    assert_int_equal(commutes, 0);
    assert_int_equal(MPI_Reduce_local(a, b, 2, four, op), MPI_SUCCESS);
    assert_memory_equal(b, ((int[]){2, 1, 1, 1, 2, 4, 9, 12}), sizeof b);
    assert_int_equal(calls, 1);
    assert_int_equal(last_length, 2);
    assert_ptr_equal(last_type, four);

    struct ipcr_op *kept = ipcr_op_of(op);
    ipcr_op_retain(kept);
    stale = op;
    MPI_Op_free(&op);
    assert_ptr_equal(op, MPI_OP_NULL);
    assert_null(ipcr_op_of(stale));
    ipcr_op_apply(kept, a, b, 1, ipcr_type_of(four)); /* as a pending reduction does */
    assert_int_equal(calls, 2);
    ipcr_op_release(kept);
    MPI_Type_free(&four);
}

/* More elements than an int counts: two calls, the second where the first ended. */
static uintptr_t seen_at[4];
static int seen_length[4], seen;
static void watch(void *in, void *inout, int *len, MPI_Datatype *type)
{
    (void)inout;
    (void)type;
    seen_at[seen] = (uintptr_t)in;
    seen_length[seen++] = *len;
}

static void huge_count(void **unused)
{
    (void)unused;
    MPI_Op op;
    MPI_Op_create(watch, 1, &op);
    uintptr_t at = 1 << 20; /* nobody looks there */
    ipcr_op_apply(ipcr_op_of(op), (void *)at, (void *)at, (size_t)INT_MAX + 10,
                  ipcr_type_of(MPI_DOUBLE));
    assert_int_equal(seen, 2);
    assert_int_equal(seen_length[0], INT_MAX);
    assert_int_equal(seen_length[1], 10);
    assert_int_equal(seen_at[0], at);
    assert_int_equal(seen_at[1], at + 8 * (uintptr_t)INT_MAX);
    MPI_Op_free(&op);
}

static void replace_and_no_op(void **unused)
{
    (void)unused;
    MPI_Datatype column;
    int a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {0};
    MPI_Type_vector(3, 1, 2, MPI_INT, &column);
    const struct ipcr_type *t = ipcr_type_of(column);
    ipcr_op_apply(ipcr_op_of(MPI_NO_OP), a, b, 1, t);
    assert_memory_equal(b, ((int[6]){0}), sizeof b);
    ipcr_op_apply(ipcr_op_of(MPI_REPLACE), a, b, 1, t);
    assert_memory_equal(b, ((int[6]){1, 0, 3, 0, 5, 0}), sizeof b);
    MPI_Type_free(&column);
}

static void handles(void **unused)
{
    (void)unused;
    size_t n = 0;
    int commutes;
    for (uintptr_t h = 0; h < 4096; h++)
        n += ipcr_op_of((MPI_Op)h) != NULL;
    assert_int_equal(n, OPERATIONS);
    for (size_t o = 0; o < OPERATIONS; o++) {
        assert_ptr_equal(ipcr_op_of(operations[o].op)->handle, operations[o].op);
        MPI_Op_commutative(operations[o].op, &commutes);
        bool ordered = operations[o].op == MPI_REPLACE || operations[o].op == MPI_NO_OP;
        assert_int_equal(commutes, !ordered);
    }
    MPI_Datatype derived;
    MPI_Type_dup(MPI_INT, &derived);
    assert_int_equal(ipcr_op_check(ipcr_op_of(MPI_SUM), ipcr_type_of(derived)), MPI_ERR_OP);
    assert_non_null(strstr(ipcr_err_facts(MPI_ERR_OP), "derived"));
    MPI_Type_free(&derived);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allowed),    cmocka_unit_test(arithmetic),
        cmocka_unit_test(halves),     cmocka_unit_test(own_operation),
        cmocka_unit_test(huge_count), cmocka_unit_test(replace_and_no_op),
        cmocka_unit_test(handles),
    };
    ipcr_gate = 0; /* operations need no job */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
