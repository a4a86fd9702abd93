// The table of all predefined datatypes: what each is made of, so that sizes, contents and
// reductions can be computed without the library.
#ifndef TESTS_MPI_TYPES_H
#define TESTS_MPI_TYPES_H

#include <complex.h>
#include <stdbool.h>
#include <wchar.h>

#include "check.h"

enum class {
    SIGNED,    // integers
    UNSIGNED,  //
    FLOATING,  // by size: half, float, double, quad
    EXTENDED,  // long double
    COMPLEXES, // two FLOATING
    EXTENDED_COMPLEX,
    LOGICAL, // truth values
    BYTES,   // MPI_BYTE and MPI_PACKED
    TEXT,    // characters: moved, never reduced
    PAIR,    // value and index
};

enum language { IN_C, IN_FORTRAN, IN_ANY };

struct type_row {
    MPI_Datatype type;
    const char *name;
    int size;   // what MPI_Type_size has to say
    int extent; // bytes from one to the next in an array
    enum class class;
    enum language language;
};

#define ROW(type, ctype, class, language)                                    \
    {                                                                        \
        type, #type, (int)sizeof(ctype), (int)sizeof(ctype), class, language \
    }
#define SIZED(type, bytes, class)                    \
    {                                                \
        type, #type, bytes, bytes, class, IN_FORTRAN \
    }

// A pair as C lays it out; the size leaves the padding out.
#define PAIR_ROW(type, value)                                                 \
    {                                                                         \
        type, #type, (int)(sizeof(value) + sizeof(int)), (int)sizeof(struct { \
            value v;                                                          \
            int i;                                                            \
        }),                                                                   \
            PAIR, IN_C                                                        \
    }

static const struct type_row type_rows[] = {
    ROW(MPI_CHAR, char, TEXT, IN_C),
    ROW(MPI_WCHAR, wchar_t, TEXT, IN_C),
    ROW(MPI_CHARACTER, char, TEXT, IN_FORTRAN),
    ROW(MPI_BYTE, char, BYTES, IN_ANY),
    ROW(MPI_PACKED, char, BYTES, IN_ANY),
    ROW(MPI_SIGNED_CHAR, signed char, SIGNED, IN_C),
    ROW(MPI_SHORT, short, SIGNED, IN_C),
    ROW(MPI_INT, int, SIGNED, IN_C),
    ROW(MPI_LONG, long, SIGNED, IN_C),
    ROW(MPI_LONG_LONG, long long, SIGNED, IN_C),
    ROW(MPI_LONG_LONG_INT, long long, SIGNED, IN_C),
    ROW(MPI_UNSIGNED_CHAR, unsigned char, UNSIGNED, IN_C),
    ROW(MPI_UNSIGNED_SHORT, unsigned short, UNSIGNED, IN_C),
    ROW(MPI_UNSIGNED, unsigned, UNSIGNED, IN_C),
    ROW(MPI_UNSIGNED_LONG, unsigned long, UNSIGNED, IN_C),
    ROW(MPI_UNSIGNED_LONG_LONG, unsigned long long, UNSIGNED, IN_C),
    ROW(MPI_INT8_T, int8_t, SIGNED, IN_C),
    ROW(MPI_INT16_T, int16_t, SIGNED, IN_C),
    ROW(MPI_INT32_T, int32_t, SIGNED, IN_C),
    ROW(MPI_INT64_T, int64_t, SIGNED, IN_C),
    ROW(MPI_UINT8_T, uint8_t, UNSIGNED, IN_C),
    ROW(MPI_UINT16_T, uint16_t, UNSIGNED, IN_C),
    ROW(MPI_UINT32_T, uint32_t, UNSIGNED, IN_C),
    ROW(MPI_UINT64_T, uint64_t, UNSIGNED, IN_C),
    ROW(MPI_AINT, MPI_Aint, SIGNED, IN_ANY),
    ROW(MPI_COUNT, MPI_Count, SIGNED, IN_ANY),
    ROW(MPI_OFFSET, MPI_Offset, SIGNED, IN_ANY),
    ROW(MPI_FLOAT, float, FLOATING, IN_C),
    ROW(MPI_DOUBLE, double, FLOATING, IN_C),
    ROW(MPI_LONG_DOUBLE, long double, EXTENDED, IN_C),
    ROW(MPI_C_BOOL, bool, LOGICAL, IN_C),
    ROW(MPI_C_COMPLEX, float complex, COMPLEXES, IN_C),
    ROW(MPI_C_FLOAT_COMPLEX, float complex, COMPLEXES, IN_C),
    ROW(MPI_C_DOUBLE_COMPLEX, double complex, COMPLEXES, IN_C),
    ROW(MPI_C_LONG_DOUBLE_COMPLEX, long double complex, EXTENDED_COMPLEX, IN_C),
    ROW(MPI_CXX_BOOL, bool, LOGICAL, IN_C),
    ROW(MPI_CXX_FLOAT_COMPLEX, float complex, COMPLEXES, IN_C),
    ROW(MPI_CXX_DOUBLE_COMPLEX, double complex, COMPLEXES, IN_C),
    ROW(MPI_CXX_LONG_DOUBLE_COMPLEX, long double complex, EXTENDED_COMPLEX, IN_C),
    ROW(MPI_INTEGER, int, SIGNED, IN_FORTRAN),
    ROW(MPI_REAL, float, FLOATING, IN_FORTRAN),
    ROW(MPI_DOUBLE_PRECISION, double, FLOATING, IN_FORTRAN),
    ROW(MPI_COMPLEX, float complex, COMPLEXES, IN_FORTRAN),
    ROW(MPI_DOUBLE_COMPLEX, double complex, COMPLEXES, IN_FORTRAN),
    ROW(MPI_LOGICAL, int, LOGICAL, IN_FORTRAN),
    SIZED(MPI_INTEGER1, 1, SIGNED),
    SIZED(MPI_INTEGER2, 2, SIGNED),
    SIZED(MPI_INTEGER4, 4, SIGNED),
    SIZED(MPI_INTEGER8, 8, SIGNED),
    SIZED(MPI_REAL4, 4, FLOATING),
    SIZED(MPI_REAL8, 8, FLOATING),
    SIZED(MPI_COMPLEX8, 8, COMPLEXES),
    SIZED(MPI_COMPLEX16, 16, COMPLEXES),
// Peers have no more than the name of these, or not even that.
#ifdef MPI_ABI_VERSION
    SIZED(MPI_INTEGER16, 16, SIGNED),
    SIZED(MPI_REAL2, 2, FLOATING),
    SIZED(MPI_REAL16, 16, FLOATING),
    SIZED(MPI_COMPLEX4, 4, COMPLEXES),
    SIZED(MPI_COMPLEX32, 32, COMPLEXES),
    SIZED(MPI_LOGICAL1, 1, LOGICAL),
    SIZED(MPI_LOGICAL2, 2, LOGICAL),
    SIZED(MPI_LOGICAL4, 4, LOGICAL),
    SIZED(MPI_LOGICAL8, 8, LOGICAL),
    SIZED(MPI_LOGICAL16, 16, LOGICAL),
#endif
    PAIR_ROW(MPI_FLOAT_INT, float),
    PAIR_ROW(MPI_DOUBLE_INT, double),
    PAIR_ROW(MPI_LONG_INT, long),
    PAIR_ROW(MPI_2INT, int),
    PAIR_ROW(MPI_SHORT_INT, short),
    PAIR_ROW(MPI_LONG_DOUBLE_INT, long double),
    {MPI_2REAL, "MPI_2REAL", 8, 8, PAIR, IN_FORTRAN},
    {MPI_2DOUBLE_PRECISION, "MPI_2DOUBLE_PRECISION", 16, 16, PAIR, IN_FORTRAN},
    {MPI_2INTEGER, "MPI_2INTEGER", 8, 8, PAIR, IN_FORTRAN},
};

enum { TYPE_ROWS = sizeof type_rows / sizeof *type_rows };

// A peer built without Fortran gives its names a null handle or no size; the ABI lets an optional
// type have the size MPI_UNDEFINED, which is excused for half precision only.
static inline int type_is_there(const struct type_row *row)
{
    int size = MPI_UNDEFINED;

    if (row->type == MPI_DATATYPE_NULL)
        return 0;
    OK(MPI_Type_size(row->type, &size));
    return size != MPI_UNDEFINED && (size != 0 || CHECK_ABI);
}

static inline int type_may_be_missing(const struct type_row *row)
{
    int parts = row->class == COMPLEXES ? 2 : 1;

    if (!CHECK_ABI)
        return row->language == IN_FORTRAN;
    return (row->class == FLOATING || row->class == COMPLEXES) && row->size == 2 * parts;
}

#endif
