/* Reduction kernels.
 *
 * Each is a loop over strips of 128 bytes, whose length the compiler knows, and a loop over the
 * rest: gcc vectorises loops of a known length already at -O2, others only at -O3. The buffers
 * belong to the program, so a type here may alias any other and has no alignment (loads that may be
 * unaligned are as fast as others wherever the data happens to be aligned).
 *
 * Integers are computed with as unsigned ones, where overflow wraps around; the bits are the same.
 * Only minimum and maximum need to know the sign. The maximum of floating-point numbers is written
 * so that it is the one instruction that machines have (which yields inout if either is a NaN).
 * Complex products follow the schoolbook formula, as Fortran compilers do, not the one of C's
 * annex G with its repair of infinities, which does not vectorise. */
#include "opkernels.h"

#include <string.h>

#include "basic.h"

#define ANYWHERE __attribute__((aligned(1)))
#define LOOSE    __attribute__((aligned(1), may_alias))

typedef int8_t i8 LOOSE;
typedef int16_t i16 LOOSE;
typedef int32_t i32 LOOSE;
typedef int64_t i64 LOOSE;
typedef uint8_t u8 LOOSE;
typedef uint16_t u16 LOOSE;
typedef uint32_t u32 LOOSE;
typedef uint64_t u64 LOOSE;
typedef ipcr_f16 f16 LOOSE;
typedef float f32 LOOSE;
typedef double f64 LOOSE;
typedef long double fld LOOSE;
typedef ipcr_c16 c16 ANYWHERE;
typedef ipcr_c32 c32 ANYWHERE;
typedef ipcr_c64 c64 ANYWHERE;
typedef ipcr_cld cld ANYWHERE;
#ifdef IPCR_HAVE_I128
typedef ipcr_i128 i128 LOOSE;
typedef ipcr_u128 u128 LOOSE;
#endif
#ifdef IPCR_HAVE_F128
typedef ipcr_f128 f128 LOOSE;
typedef ipcr_c128 c128 ANYWHERE;
#endif

enum { STRIP = 128 };

/* Statement S makes b, an element of inout, from a and b. */
#define KERNEL(name, type, S)                                                                   \
    static inline void some_##name##_##type(const type *restrict x, type *restrict y, size_t n) \
    {                                                                                           \
        for (size_t i = 0; i < n; i++) {                                                        \
            type a = x[i], b = y[i];                                                            \
            S;                                                                                  \
            y[i] = b;                                                                           \
        }                                                                                       \
    }                                                                                           \
    static void name##_##type(const void *in, void *inout, size_t n)                            \
    {                                                                                           \
        enum { AT_ONCE = STRIP / sizeof(type) };                                                \
        const type *x = in;                                                                     \
        type *y = inout;                                                                        \
        for (; n >= AT_ONCE; n -= AT_ONCE, x += AT_ONCE, y += AT_ONCE)                          \
            some_##name##_##type(x, y, AT_ONCE);                                                \
        some_##name##_##type(x, y, n);                                                          \
    }

/* 1u * widens what C would otherwise promote to int, whose overflow is undefined. */
#define BIT_KERNELS(type)                               \
    KERNEL(sum, type, b = (type)(1u * a + b))           \
    KERNEL(prod, type, b = (type)(1u * a * b))          \
    KERNEL(band, type, b = (type)(a & b))               \
    KERNEL(bor, type, b = (type)(a | b))                \
    KERNEL(bxor, type, b = (type)(a ^ b))               \
    KERNEL(land, type, b = (type)((a != 0) & (b != 0))) \
    KERNEL(lor, type, b = (type)((a != 0) | (b != 0)))  \
    KERNEL(lxor, type, b = (type)((a != 0) ^ (b != 0)))
#define ORDER_KERNELS(type)              \
    KERNEL(min, type, b = a < b ? a : b) \
    KERNEL(max, type, b = a > b ? a : b)
#define FLOAT_KERNELS(type)       \
    KERNEL(sum, type, b = a + b)  \
    KERNEL(prod, type, b = a * b) \
    ORDER_KERNELS(type)
#define COMPLEX_KERNELS(type)                                   \
    KERNEL(sum, type, (b.re = a.re + b.re, b.im = a.im + b.im)) \
    KERNEL(prod, type, type c = b;                              \
           (b.re = a.re * c.re - a.im * c.im, b.im = a.re * c.im + a.im * c.re))

BIT_KERNELS(u8)
BIT_KERNELS(u16)
BIT_KERNELS(u32)
BIT_KERNELS(u64)
ORDER_KERNELS(i8)
ORDER_KERNELS(i16)
ORDER_KERNELS(i32)
ORDER_KERNELS(i64)
ORDER_KERNELS(u8)
ORDER_KERNELS(u16)
ORDER_KERNELS(u32)
ORDER_KERNELS(u64)
FLOAT_KERNELS(f32)
FLOAT_KERNELS(f64)
FLOAT_KERNELS(fld)
COMPLEX_KERNELS(c32)
COMPLEX_KERNELS(c64)
COMPLEX_KERNELS(cld)
#ifdef IPCR_HAVE_I128
BIT_KERNELS(u128)
ORDER_KERNELS(i128)
#endif
#ifdef IPCR_HAVE_F128
FLOAT_KERNELS(f128)
COMPLEX_KERNELS(c128)
#endif

/* ---- half precision ---------------------------------------------------------------------------
 */

/* A sum or product of two halves, computed in float and rounded once more, is the correctly rounded
 * one: float has more than twice the bits of half and two to spare (Figueroa 1995). */
static float widen(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, rest = h & 0x7fff, bits;
    float f;
    if (rest >= 0x7c00) { /* infinity, NaN */
        bits = 0x7f800000 | (rest & 0x3ff) << 13;
    } else { /* the exponent's bias changes by 112; the multiplication also sees to subnormals */
        bits = rest << 13;
        memcpy(&f, &bits, 4);
        f *= 0x1p112f;
        memcpy(&bits, &f, 4);
    }
    bits |= sign;
    memcpy(&f, &bits, 4);
    return f;
}

float ipcr_op_half(ipcr_f16 h)
{
    return widen(h);
}

static uint16_t narrow(float f)
{
    uint32_t bits, sign;
    memcpy(&bits, &f, 4);
    sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000)
        return (uint16_t)(sign | 0x7e00);
    if (bits >= 0x47800000) /* 65536 */
        return (uint16_t)(sign | 0x7c00);
    if (bits < 0x38800000) { /* below 2^-14: adding 0.5 leaves the subnormal, rounded, at the end */
        memcpy(&f, &bits, 4);
        f += 0.5f;
        memcpy(&bits, &f, 4);
        return (uint16_t)(sign | (bits - 0x3f000000));
    }
    bits += 0xfff + (bits >> 13 & 1); /* to nearest, ties to even; may carry into infinity */
    return (uint16_t)(sign | (bits - 0x38000000) >> 13);
}

KERNEL(sum, f16, b = narrow(widen(a) + widen(b)))
KERNEL(prod, f16, b = narrow(widen(a) * widen(b)))
KERNEL(min, f16, b = widen(a) < widen(b) ? a : b)
KERNEL(max, f16, b = widen(a) > widen(b) ? a : b)
KERNEL(sum, c16,
       (b.re = narrow(widen(a.re) + widen(b.re)), b.im = narrow(widen(a.im) + widen(b.im))))
KERNEL(prod, c16, float are = widen(a.re); float aim = widen(a.im); float bre = widen(b.re);
       float bim = widen(b.im);
       (b.re = narrow(are * bre - aim * bim), b.im = narrow(are * bim + aim * bre)))

/* ---- pairs ------------------------------------------------------------------------------------
 */

/* The better value wins, and among equal ones the lower index. Gaps of the struct are not written.
 */
#define PAIR_KERNEL(name, pair, better)                                       \
    static void name##_##pair(const void *in, void *inout, size_t n)          \
    {                                                                         \
        typedef pair loose ANYWHERE;                                          \
        const loose *restrict x = in;                                         \
        loose *restrict y = inout;                                            \
        for (size_t i = 0; i < n; i++) {                                      \
            if (x[i].value better y[i].value) {                               \
                y[i].value = x[i].value;                                      \
                y[i].index = x[i].index;                                      \
            } else if (x[i].value == y[i].value && x[i].index < y[i].index) { \
                y[i].index = x[i].index;                                      \
            }                                                                 \
        }                                                                     \
    }
#define PAIR_KERNELS(pair)       \
    PAIR_KERNEL(minloc, pair, <) \
    PAIR_KERNEL(maxloc, pair, >)

PAIR_KERNELS(ipcr_float_int)
PAIR_KERNELS(ipcr_double_int)
PAIR_KERNELS(ipcr_long_int)
PAIR_KERNELS(ipcr_2int)
PAIR_KERNELS(ipcr_short_int)
PAIR_KERNELS(ipcr_long_double_int)
PAIR_KERNELS(ipcr_2float)
PAIR_KERNELS(ipcr_2double)

/* ---- table ------------------------------------------------------------------------------------
 */

#ifdef IPCR_HAVE_I128
#define I128(entry) entry,
#else
#define I128(entry)
#endif
#ifdef IPCR_HAVE_F128
#define F128(entry) entry,
#else
#define F128(entry)
#endif

/* The bits of an integer, whatever its sign. */
#define INTEGERS(name)                                                       \
    [IPCR_I8] = name##_u8, [IPCR_I16] = name##_u16, [IPCR_I32] = name##_u32, \
    [IPCR_I64] = name##_u64, [IPCR_U8] = name##_u8, [IPCR_U16] = name##_u16, \
    [IPCR_U32] = name##_u32, [IPCR_U64] = name##_u64, I128([IPCR_I128] = name##_u128)
#define ORDERED(name)                                                        \
    [IPCR_I8] = name##_i8, [IPCR_I16] = name##_i16, [IPCR_I32] = name##_i32, \
    [IPCR_I64] = name##_i64, [IPCR_U8] = name##_u8, [IPCR_U16] = name##_u16, \
    [IPCR_U32] = name##_u32, [IPCR_U64] = name##_u64, I128([IPCR_I128] = name##_i128)
#define FLOATS(name)                                                           \
    [IPCR_F16] = name##_f16, [IPCR_F32] = name##_f32, [IPCR_F64] = name##_f64, \
    [IPCR_FLD] = name##_fld, F128([IPCR_F128] = name##_f128)
#define COMPLEXES(name)                                                        \
    [IPCR_C16] = name##_c16, [IPCR_C32] = name##_c32, [IPCR_C64] = name##_c64, \
    [IPCR_CLD] = name##_cld, F128([IPCR_C128] = name##_c128)
#define LOGICALS(name)                                                                    \
    [IPCR_BOOL8] = name##_u8, [IPCR_LOGICAL8] = name##_u8, [IPCR_LOGICAL16] = name##_u16, \
    [IPCR_LOGICAL32] = name##_u32, [IPCR_LOGICAL64] = name##_u64,                         \
    I128([IPCR_LOGICAL128] = name##_u128)
#define PAIRS(name)                                                                                \
    [IPCR_PAIR_F32_I32] = name##_ipcr_float_int, [IPCR_PAIR_F64_I32] = name##_ipcr_double_int,     \
    [IPCR_PAIR_LONG_I32] = name##_ipcr_long_int, [IPCR_PAIR_I32_I32] = name##_ipcr_2int,           \
    [IPCR_PAIR_I16_I32] = name##_ipcr_short_int, [IPCR_PAIR_LD_I32] = name##_ipcr_long_double_int, \
    [IPCR_PAIR_F32_F32] = name##_ipcr_2float, [IPCR_PAIR_F64_F64] = name##_ipcr_2double

ipcr_op_kernel *const ipcr_op_kernels[IPCR_OP_KERNELS][IPCR_BASICS] = {
    [IPCR_OP_SUM] = {INTEGERS(sum) FLOATS(sum) COMPLEXES(sum)},
    [IPCR_OP_PROD] = {INTEGERS(prod) FLOATS(prod) COMPLEXES(prod)},
    [IPCR_OP_MIN] = {ORDERED(min) FLOATS(min)},
    [IPCR_OP_MAX] = {ORDERED(max) FLOATS(max)},
    [IPCR_OP_BAND] = {INTEGERS(band)[IPCR_BYTES] = band_u8},
    [IPCR_OP_BOR] = {INTEGERS(bor)[IPCR_BYTES] = bor_u8},
    [IPCR_OP_BXOR] = {INTEGERS(bxor)[IPCR_BYTES] = bxor_u8},
    [IPCR_OP_LAND] = {INTEGERS(land) LOGICALS(land)},
    [IPCR_OP_LOR] = {INTEGERS(lor) LOGICALS(lor)},
    [IPCR_OP_LXOR] = {INTEGERS(lxor) LOGICALS(lxor)},
    [IPCR_OP_MINLOC] = {PAIRS(minloc)},
    [IPCR_OP_MAXLOC] = {PAIRS(maxloc)},
};
