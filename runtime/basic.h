/* C types that stand for MPI's basic types beyond the usual ones, as far as this compiler has them:
 * 128-bit integers, 128-bit floating point, pairs. The table of datatypes takes sizes from here,
 * the reduction kernels their arithmetic. */
#ifndef IPCR_BASIC_H
#define IPCR_BASIC_H

#include <float.h>
#include <stdint.h>

#ifdef __SIZEOF_INT128__
#define IPCR_HAVE_I128
__extension__ typedef __int128 ipcr_i128;
__extension__ typedef unsigned __int128 ipcr_u128;
#endif

#if LDBL_MANT_DIG == 113
#define IPCR_HAVE_F128
typedef long double ipcr_f128;
#elif defined(__SIZEOF_FLOAT128__)
#define IPCR_HAVE_F128
__extension__ typedef __float128 ipcr_f128;
#endif

/* IEEE half precision is stored in 16 bits and computed with in float (opkernels.c), because C
 * compilers have it on some machines only. */
typedef uint16_t ipcr_f16;

/* The structs that pair types describe, and complex numbers. Kernels find them in the program's
 * memory, where their type is another. */
#define IPCR_TWO(name, first, first_type, second, second_type) \
    typedef struct __attribute__((may_alias)) {                \
        first_type first;                                      \
        second_type second;                                    \
    } name
IPCR_TWO(ipcr_float_int, value, float, index, int);
IPCR_TWO(ipcr_double_int, value, double, index, int);
IPCR_TWO(ipcr_long_int, value, long, index, int);
IPCR_TWO(ipcr_2int, value, int, index, int);
IPCR_TWO(ipcr_short_int, value, short, index, int);
IPCR_TWO(ipcr_long_double_int, value, long double, index, int);
IPCR_TWO(ipcr_2float, value, float, index, float);
IPCR_TWO(ipcr_2double, value, double, index, double);
IPCR_TWO(ipcr_c16, re, ipcr_f16, im, ipcr_f16);
IPCR_TWO(ipcr_c32, re, float, im, float);
IPCR_TWO(ipcr_c64, re, double, im, double);
IPCR_TWO(ipcr_cld, re, long double, im, long double);
#ifdef IPCR_HAVE_F128
IPCR_TWO(ipcr_c128, re, ipcr_f128, im, ipcr_f128);
#endif

#endif
