/* The better of two pairs, whatever they are made of: see oppairs.h. Compares through a function
 * for each type instead of a loop for each combination of two: there are more than a hundred. */
#include "oppairs.h"

#include <string.h>

#include "basic.h"
#include "opkernels.h"
#include "typeunnamed.h"

/* How x stands to y. A NaN is neither better than another number nor equal to it. */
enum order { LESS, EQUAL, GREATER, UNORDERED };
typedef enum order compare(const void *x, const void *y);

/* Pairs may lie at any address. */
#define COMPARE(name, type, widen)                                 \
    static enum order compare_##name(const void *x, const void *y) \
    {                                                              \
        type a, b;                                                 \
        memcpy(&a, x, sizeof a);                                   \
        memcpy(&b, y, sizeof b);                                   \
        if (widen(a) < widen(b))                                   \
            return LESS;                                           \
        if (widen(a) > widen(b))                                   \
            return GREATER;                                        \
        return widen(a) == widen(b) ? EQUAL : UNORDERED;           \
    }

COMPARE(i8, int8_t, )
COMPARE(i16, int16_t, )
COMPARE(i32, int32_t, )
COMPARE(i64, int64_t, )
COMPARE(u8, uint8_t, )
COMPARE(u16, uint16_t, )
COMPARE(u32, uint32_t, )
COMPARE(u64, uint64_t, )
COMPARE(f16, ipcr_f16, ipcr_op_half)
COMPARE(f32, float, )
COMPARE(f64, double, )
COMPARE(fld, long double, )
#ifdef IPCR_HAVE_I128
COMPARE(i128, ipcr_i128, )
#endif
#ifdef IPCR_HAVE_F128
COMPARE(f128, ipcr_f128, )
#endif

static compare *const compares[IPCR_BASICS] = {
    [IPCR_I8] = compare_i8,     [IPCR_I16] = compare_i16, [IPCR_I32] = compare_i32,
    [IPCR_I64] = compare_i64,   [IPCR_U8] = compare_u8,   [IPCR_U16] = compare_u16,
    [IPCR_U32] = compare_u32,   [IPCR_U64] = compare_u64, [IPCR_F16] = compare_f16,
    [IPCR_F32] = compare_f32,   [IPCR_F64] = compare_f64, [IPCR_FLD] = compare_fld,
#ifdef IPCR_HAVE_I128
    [IPCR_I128] = compare_i128,
#endif
#ifdef IPCR_HAVE_F128
    [IPCR_F128] = compare_f128,
#endif
};

void ipcr_op_pairs(bool greatest, const struct ipcr_type *t, const void *in, void *inout, size_t n)
{
    struct ipcr_pair pair = ipcr_type_pair_halves(t);
    compare *values = compares[pair.value->basic], *indices = compares[pair.index->basic];
    const char *x = in;
    char *y = inout;
    for (; n; n--, x += t->extent, y += t->extent) {
        enum order order = values(x, y);
        const char *x_index = x + pair.index_at;
        char *y_index = y + pair.index_at;
        bool better = order == (greatest ? GREATER : LESS);
        if (better)
            memcpy(y, x, pair.value->size);
        if (better || (order == EQUAL && indices(x_index, y_index) == LESS))
            memcpy(y_index, x_index, pair.index->size);
    }
}
