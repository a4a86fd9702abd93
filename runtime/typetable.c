/* The predefined datatypes: one row each, by handle value.
 *
 * Fortran's types have the sizes of gfortran's defaults (INTEGER, REAL and LOGICAL of 4 bytes,
 * DOUBLE PRECISION of 8), which are those of every Fortran compiler on Linux unless options change
 * them. */
#include <stdbool.h>
#include <wchar.h>

#include "basic.h"
#include "datatype.h"
#include "layout.h"

/* Integers of C by size. */
#define SIGNED(type)   (sizeof(type) == 8 ? IPCR_I64 : sizeof(type) == 4 ? IPCR_I32 : IPCR_I16)
#define UNSIGNED(type) (sizeof(type) == 8 ? IPCR_U64 : sizeof(type) == 4 ? IPCR_U32 : IPCR_U16)

/* ROW(handle value, name, C type, basic, family) */
#define SINGLE_ROWS(ROW)                                                             \
    ROW(0x201, MPI_AINT, MPI_Aint, SIGNED(MPI_Aint), IPCR_MULTI_LANGUAGE)            \
    ROW(0x202, MPI_COUNT, MPI_Count, IPCR_I64, IPCR_MULTI_LANGUAGE)                  \
    ROW(0x203, MPI_OFFSET, MPI_Offset, IPCR_I64, IPCR_MULTI_LANGUAGE)                \
    ROW(0x207, MPI_PACKED, char, IPCR_CHARACTER, IPCR_FAMILY_NONE)                   \
    ROW(0x208, MPI_SHORT, short, IPCR_I16, IPCR_C_INTEGER)                           \
    ROW(0x209, MPI_INT, int, IPCR_I32, IPCR_C_INTEGER)                               \
    ROW(0x20a, MPI_LONG, long, SIGNED(long), IPCR_C_INTEGER)                         \
    ROW(0x20b, MPI_LONG_LONG, long long, IPCR_I64, IPCR_C_INTEGER)                   \
    ROW(0x20c, MPI_UNSIGNED_SHORT, unsigned short, IPCR_U16, IPCR_C_INTEGER)         \
    ROW(0x20d, MPI_UNSIGNED, unsigned, IPCR_U32, IPCR_C_INTEGER)                     \
    ROW(0x20e, MPI_UNSIGNED_LONG, unsigned long, UNSIGNED(long), IPCR_C_INTEGER)     \
    ROW(0x20f, MPI_UNSIGNED_LONG_LONG, unsigned long long, IPCR_U64, IPCR_C_INTEGER) \
    ROW(0x210, MPI_FLOAT, float, IPCR_F32, IPCR_FLOATING_POINT)                      \
    ROW(0x214, MPI_DOUBLE, double, IPCR_F64, IPCR_FLOATING_POINT)                    \
    ROW(0x220, MPI_LONG_DOUBLE, long double, IPCR_FLD, IPCR_FLOATING_POINT)          \
    ROW(0x212, MPI_C_FLOAT_COMPLEX, ipcr_c32, IPCR_C32, IPCR_COMPLEX)                \
    ROW(0x213, MPI_CXX_FLOAT_COMPLEX, ipcr_c32, IPCR_C32, IPCR_COMPLEX)              \
    ROW(0x216, MPI_C_DOUBLE_COMPLEX, ipcr_c64, IPCR_C64, IPCR_COMPLEX)               \
    ROW(0x217, MPI_CXX_DOUBLE_COMPLEX, ipcr_c64, IPCR_C64, IPCR_COMPLEX)             \
    ROW(0x224, MPI_C_LONG_DOUBLE_COMPLEX, ipcr_cld, IPCR_CLD, IPCR_COMPLEX)          \
    ROW(0x225, MPI_CXX_LONG_DOUBLE_COMPLEX, ipcr_cld, IPCR_CLD, IPCR_COMPLEX)        \
    ROW(0x238, MPI_C_BOOL, bool, IPCR_BOOL8, IPCR_LOGICAL)                           \
    ROW(0x239, MPI_CXX_BOOL, bool, IPCR_BOOL8, IPCR_LOGICAL)                         \
    ROW(0x23c, MPI_WCHAR, wchar_t, IPCR_CHARACTER, IPCR_FAMILY_NONE)                 \
    ROW(0x240, MPI_INT8_T, int8_t, IPCR_I8, IPCR_C_INTEGER)                          \
    ROW(0x241, MPI_UINT8_T, uint8_t, IPCR_U8, IPCR_C_INTEGER)                        \
    ROW(0x243, MPI_CHAR, char, IPCR_CHARACTER, IPCR_FAMILY_NONE)                     \
    ROW(0x244, MPI_SIGNED_CHAR, signed char, IPCR_I8, IPCR_C_INTEGER)                \
    ROW(0x245, MPI_UNSIGNED_CHAR, unsigned char, IPCR_U8, IPCR_C_INTEGER)            \
    ROW(0x247, MPI_BYTE, unsigned char, IPCR_BYTES, IPCR_BYTE)                       \
    ROW(0x248, MPI_INT16_T, int16_t, IPCR_I16, IPCR_C_INTEGER)                       \
    ROW(0x249, MPI_UINT16_T, uint16_t, IPCR_U16, IPCR_C_INTEGER)                     \
    ROW(0x250, MPI_INT32_T, int32_t, IPCR_I32, IPCR_C_INTEGER)                       \
    ROW(0x251, MPI_UINT32_T, uint32_t, IPCR_U32, IPCR_C_INTEGER)                     \
    ROW(0x258, MPI_INT64_T, int64_t, IPCR_I64, IPCR_C_INTEGER)                       \
    ROW(0x259, MPI_UINT64_T, uint64_t, IPCR_U64, IPCR_C_INTEGER)                     \
    ROW(0x218, MPI_LOGICAL, int32_t, IPCR_LOGICAL32, IPCR_LOGICAL)                   \
    ROW(0x219, MPI_INTEGER, int32_t, IPCR_I32, IPCR_FORTRAN_INTEGER)                 \
    ROW(0x21a, MPI_REAL, float, IPCR_F32, IPCR_FLOATING_POINT)                       \
    ROW(0x21b, MPI_COMPLEX, ipcr_c32, IPCR_C32, IPCR_COMPLEX)                        \
    ROW(0x21c, MPI_DOUBLE_PRECISION, double, IPCR_F64, IPCR_FLOATING_POINT)          \
    ROW(0x21d, MPI_DOUBLE_COMPLEX, ipcr_c64, IPCR_C64, IPCR_COMPLEX)                 \
    ROW(0x21e, MPI_CHARACTER, char, IPCR_CHARACTER, IPCR_FAMILY_NONE)                \
    ROW(0x2c0, MPI_LOGICAL1, int8_t, IPCR_LOGICAL8, IPCR_LOGICAL)                    \
    ROW(0x2c1, MPI_INTEGER1, int8_t, IPCR_I8, IPCR_FORTRAN_INTEGER)                  \
    ROW(0x2c8, MPI_LOGICAL2, int16_t, IPCR_LOGICAL16, IPCR_LOGICAL)                  \
    ROW(0x2c9, MPI_INTEGER2, int16_t, IPCR_I16, IPCR_FORTRAN_INTEGER)                \
    ROW(0x2ca, MPI_REAL2, ipcr_f16, IPCR_F16, IPCR_FLOATING_POINT)                   \
    ROW(0x2d0, MPI_LOGICAL4, int32_t, IPCR_LOGICAL32, IPCR_LOGICAL)                  \
    ROW(0x2d1, MPI_INTEGER4, int32_t, IPCR_I32, IPCR_FORTRAN_INTEGER)                \
    ROW(0x2d2, MPI_REAL4, float, IPCR_F32, IPCR_FLOATING_POINT)                      \
    ROW(0x2d3, MPI_COMPLEX4, ipcr_c16, IPCR_C16, IPCR_COMPLEX)                       \
    ROW(0x2d8, MPI_LOGICAL8, int64_t, IPCR_LOGICAL64, IPCR_LOGICAL)                  \
    ROW(0x2d9, MPI_INTEGER8, int64_t, IPCR_I64, IPCR_FORTRAN_INTEGER)                \
    ROW(0x2da, MPI_REAL8, double, IPCR_F64, IPCR_FLOATING_POINT)                     \
    ROW(0x2db, MPI_COMPLEX8, ipcr_c32, IPCR_C32, IPCR_COMPLEX)                       \
    ROW(0x2e3, MPI_COMPLEX16, ipcr_c64, IPCR_C64, IPCR_COMPLEX)

#ifdef IPCR_HAVE_I128
#define I128_ROWS(ROW)                                                  \
    ROW(0x2e0, MPI_LOGICAL16, ipcr_i128, IPCR_LOGICAL128, IPCR_LOGICAL) \
    ROW(0x2e1, MPI_INTEGER16, ipcr_i128, IPCR_I128, IPCR_FORTRAN_INTEGER)
#else
#define I128_ROWS(ROW)
#endif

#ifdef IPCR_HAVE_F128
#define F128_ROWS(ROW)                                                \
    ROW(0x2e2, MPI_REAL16, ipcr_f128, IPCR_F128, IPCR_FLOATING_POINT) \
    ROW(0x2eb, MPI_COMPLEX32, ipcr_c128, IPCR_C128, IPCR_COMPLEX)
#else
#define F128_ROWS(ROW)
#endif

/* ROW(handle value, name, struct, basic): the members of the struct are `value` and `index`. */
#define PAIR_ROWS(ROW)                                                      \
    ROW(0x228, MPI_FLOAT_INT, ipcr_float_int, IPCR_PAIR_F32_I32)            \
    ROW(0x229, MPI_DOUBLE_INT, ipcr_double_int, IPCR_PAIR_F64_I32)          \
    ROW(0x22a, MPI_LONG_INT, ipcr_long_int, IPCR_PAIR_LONG_I32)             \
    ROW(0x22b, MPI_2INT, ipcr_2int, IPCR_PAIR_I32_I32)                      \
    ROW(0x22c, MPI_SHORT_INT, ipcr_short_int, IPCR_PAIR_I16_I32)            \
    ROW(0x22d, MPI_LONG_DOUBLE_INT, ipcr_long_double_int, IPCR_PAIR_LD_I32) \
    ROW(0x230, MPI_2REAL, ipcr_2float, IPCR_PAIR_F32_F32)                   \
    ROW(0x231, MPI_2DOUBLE_PRECISION, ipcr_2double, IPCR_PAIR_F64_F64)      \
    ROW(0x232, MPI_2INTEGER, ipcr_2int, IPCR_PAIR_I32_I32)

/* Where the value of a pair ends and the index begins, there may be a gap. */
#define VALUE_SIZE(pair) sizeof(((pair *)0)->value)
#define INDEX_SIZE(pair) sizeof(((pair *)0)->index)
#define INDEX_AT(pair)   offsetof(pair, index)
#define PAIR_SIZE(pair)  (VALUE_SIZE(pair) + INDEX_SIZE(pair))
#define PAIR_GAP(pair)   (INDEX_AT(pair) != VALUE_SIZE(pair))

/* Static storage: reference count 0 in layouts, `predefined` in types. The name must be made a
 * string before a macro's argument that it is has been expanded to the handle. */
#define SINGLE_LAYOUT(handle, name, type, basic, family) \
    static struct ipcr_layout layout_##handle = {.kind = IPCR_DENSE, .size = sizeof(type)};
#define PAIR_LAYOUT(handle, name, pair, basic)                                                  \
    static struct ipcr_span spans_##handle[] = {                                                \
        {0, 0}, {INDEX_AT(pair), VALUE_SIZE(pair)}, {0, PAIR_SIZE(pair)}};                      \
    static struct ipcr_layout layout_##handle = {.kind =                                        \
                                                     PAIR_GAP(pair) ? IPCR_BLOCKS : IPCR_DENSE, \
                                                 .size = PAIR_SIZE(pair),                       \
                                                 .count = 2,                                    \
                                                 .spans = spans_##handle};

#define TYPE(value, type, basic_type, family_of)                                               \
    .magic = IPCR_TYPE_MAGIC, .refs = 1, .handles = 1, .committed = true, .predefined = true,  \
    .basic = basic_type, .family = family_of, .align = _Alignof(type), .extent = sizeof(type), \
    .handle = (MPI_Datatype)value, .layout = &layout_##value

#define SINGLE_TYPE(value, label, type, basic_type, family_of)                        \
    static struct ipcr_type type_##value = {TYPE(value, type, basic_type, family_of), \
                                            .name = #label,                           \
                                            .dense = true,                            \
                                            .size = sizeof(type),                     \
                                            .true_extent = sizeof(type),              \
                                            .elements = 1,                            \
                                            .element = sizeof(type)};
#define PAIR_TYPE(value, label, pair, basic_type)         \
    static struct ipcr_type type_##value = {              \
        TYPE(value, pair, basic_type, IPCR_PAIR),         \
        .name = #label,                                   \
        .dense = PAIR_SIZE(pair) == sizeof(pair),         \
        .size = PAIR_SIZE(pair),                          \
        .true_extent = INDEX_AT(pair) + INDEX_SIZE(pair), \
        .elements = 2,                                    \
        .element = VALUE_SIZE(pair) == INDEX_SIZE(pair) ? INDEX_SIZE(pair) : 0};

SINGLE_ROWS(SINGLE_LAYOUT)
I128_ROWS(SINGLE_LAYOUT)
F128_ROWS(SINGLE_LAYOUT)
PAIR_ROWS(PAIR_LAYOUT)
SINGLE_ROWS(SINGLE_TYPE)
I128_ROWS(SINGLE_TYPE)
F128_ROWS(SINGLE_TYPE)
PAIR_ROWS(PAIR_TYPE)

#define ENTRY(value, ...) [value - 0x200] = &type_##value,
struct ipcr_type *const ipcr_type_predefined[256] = {SINGLE_ROWS(ENTRY) I128_ROWS(ENTRY)
                                                         F128_ROWS(ENTRY) PAIR_ROWS(ENTRY)};
