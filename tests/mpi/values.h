// Small whole numbers in the clothes of every predefined type: put into an element and read back,
// so that one oracle on integers serves all reductions.
#ifndef TESTS_MPI_VALUES_H
#define TESTS_MPI_VALUES_H

#include "types.h"

__extension__ typedef __int128 wide;
#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 quad;
#else
typedef long double quad;
#endif

// A value is a complex number of whole parts; the imaginary one is 0 for all but complex types.
struct value {
    wide re, im;
};

// IEEE half precision, whole numbers below 2048 only.
static inline uint16_t half_of(int v)
{
    uint16_t sign = v < 0 ? 0x8000 : 0, exponent = 15;
    unsigned size = (unsigned)(v < 0 ? -v : v), fraction;

    if (size == 0)
        return sign;
    for (fraction = size; fraction > 1; fraction >>= 1)
        exponent++;
    fraction = (size << (25 - exponent)) & 0x3ff;
    return (uint16_t)(sign | exponent << 10 | fraction);
}

// -99999 for what is not a whole number.
static inline int of_half(uint16_t h)
{
    int exponent = (h >> 10 & 31) - 15, size = (h & 0x3ff) | 0x400;

    if ((h & 0x7fff) == 0)
        return 0;
    if (exponent < 0 || exponent > 10 || size & ((1 << (10 - exponent)) - 1))
        return -99999;
    size >>= 10 - exponent;
    return h & 0x8000 ? -size : size;
}

#define PUT_AS(ctype)                             \
    do {                                          \
        ctype put_value = (ctype)v;               \
        memcpy(at, &put_value, sizeof put_value); \
    } while (0)

#define GET_AS(ctype)                             \
    do {                                          \
        ctype get_value;                          \
        memcpy(&get_value, at, sizeof get_value); \
        return (wide)get_value;                   \
    } while (0)

static inline void put_integer(void *at, int size, wide v)
{
    switch (size) {
    case 1:
        PUT_AS(int8_t);
        break;
    case 2:
        PUT_AS(int16_t);
        break;
    case 4:
        PUT_AS(int32_t);
        break;
    case 8:
        PUT_AS(int64_t);
        break;
    default:
        PUT_AS(wide);
    }
}

static inline wide get_integer(const void *at, int size, int has_sign)
{
    switch (size) {
    case 1:
        if (!has_sign)
            GET_AS(uint8_t);
        GET_AS(int8_t);
    case 2:
        if (!has_sign)
            GET_AS(uint16_t);
        GET_AS(int16_t);
    case 4:
        if (!has_sign)
            GET_AS(uint32_t);
        GET_AS(int32_t);
    case 8:
        if (!has_sign)
            GET_AS(uint64_t);
        GET_AS(int64_t);
    default:
        GET_AS(wide);
    }
}

static inline void put_real(void *at, int size, wide v)
{
    uint16_t half;

    switch (size) {
    case 2:
        half = half_of((int)v);
        memcpy(at, &half, sizeof half);
        break;
    case 4:
        PUT_AS(float);
        break;
    case 8:
        PUT_AS(double);
        break;
    default:
        PUT_AS(quad);
    }
}

static inline wide get_real(const void *at, int size)
{
    uint16_t half;

    switch (size) {
    case 2:
        memcpy(&half, at, sizeof half);
        return of_half(half);
    case 4:
        GET_AS(float);
    case 8:
        GET_AS(double);
    default:
        GET_AS(quad);
    }
}

static inline void put_extended(void *at, wide v)
{
    PUT_AS(long double);
}

static inline wide get_extended(const void *at)
{
    GET_AS(long double);
}

static inline void put_value(const struct type_row *row, void *at, struct value v)
{
    char *imaginary = (char *)at + row->size / 2;

    switch (row->class) {
    case FLOATING:
        put_real(at, row->size, v.re);
        break;
    case EXTENDED:
        put_extended(at, v.re);
        break;
    case COMPLEXES:
        put_real(at, row->size / 2, v.re);
        put_real(imaginary, row->size / 2, v.im);
        break;
    case EXTENDED_COMPLEX:
        put_extended(at, v.re);
        put_extended(imaginary, v.im);
        break;
    default:
        put_integer(at, row->size, v.re);
    }
}

static inline struct value get_value(const struct type_row *row, const void *at)
{
    const char *imaginary = (const char *)at + row->size / 2;

    switch (row->class) {
    case FLOATING:
        return (struct value){get_real(at, row->size), 0};
    case EXTENDED:
        return (struct value){get_extended(at), 0};
    case COMPLEXES:
        return (struct value){get_real(at, row->size / 2), get_real(imaginary, row->size / 2)};
    case EXTENDED_COMPLEX:
        return (struct value){get_extended(at), get_extended(imaginary)};
    default:
        return (struct value){get_integer(at, row->size, row->class == SIGNED), 0};
    }
}

#endif
