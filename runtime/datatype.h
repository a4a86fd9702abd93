/* Datatypes: description, layout questions, and packing that can start and stop at any byte.
 *
 * A type's packed image is the concatenation of its basic elements in type-map order. Packing is
 * stateless: the position in the packed image says where to go on, and finding it in a nested
 * layout costs a division or a binary search per level, once per piece (a piece is normally
 * kilobytes). So fragments of a strided send go straight from the user's matrix into the ring.
 * MPI 5.0 chapter 5. */
#ifndef IPCR_DATATYPE_H
#define IPCR_DATATYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "hidden.h"
#include "mpi.h"

#define IPCR_TYPE_MAGIC 0x74797065u

/* What an arithmetic kernel needs to know of a basic type (op.c); NONE for derived types. */
enum ipcr_basic {
    IPCR_BASIC_NONE = 0,
    IPCR_I8,
    IPCR_I16,
    IPCR_I32,
    IPCR_I64,
    IPCR_I128,
    IPCR_U8,
    IPCR_U16,
    IPCR_U32,
    IPCR_U64,
    IPCR_F16,
    IPCR_F32,
    IPCR_F64,
    IPCR_FLD,
    IPCR_F128,
    IPCR_C16, /* complex of two F16, F32, F64, FLD, F128 */
    IPCR_C32,
    IPCR_C64,
    IPCR_CLD,
    IPCR_C128,
    IPCR_BOOL8,
    IPCR_LOGICAL8,
    IPCR_LOGICAL16,
    IPCR_LOGICAL32,
    IPCR_LOGICAL64,
    IPCR_LOGICAL128,
    IPCR_BYTES,     /* MPI_BYTE */
    IPCR_CHARACTER, /* no arithmetic */
    IPCR_PAIR_F32_I32,
    IPCR_PAIR_F64_I32,
    IPCR_PAIR_LONG_I32,
    IPCR_PAIR_I32_I32,
    IPCR_PAIR_I16_I32,
    IPCR_PAIR_LD_I32,
    IPCR_PAIR_F32_F32,
    IPCR_PAIR_F64_F64,
    IPCR_PAIR_OTHER, /* without a name, and without a kernel: oppairs.c */
    IPCR_BASICS
};

/* The groups of predefined types by which section 6.9.2 says what an operation takes. */
enum ipcr_family {
    IPCR_FAMILY_NONE = 0,
    IPCR_C_INTEGER,
    IPCR_FORTRAN_INTEGER,
    IPCR_FLOATING_POINT,
    IPCR_COMPLEX,
    IPCR_LOGICAL,
    IPCR_BYTE,
    IPCR_MULTI_LANGUAGE,
    IPCR_PAIR
};

struct ipcr_layout;        /* layout.h: nested normal form */
struct ipcr_type_contents; /* typemake.h: how it was made */

struct ipcr_type {
    uint32_t magic;
    int refs;    /* the handles, plus every message and type that still uses it */
    int handles; /* how many of the refs are handles; with the last one the magic goes */
    bool committed;
    bool predefined; /* static storage: never freed, reference counts ignored */
    bool dense;      /* count elements are count*size contiguous bytes beginning at buf+true_lb */
    bool bounded;    /* lb and ub were given (resized, subarray), not computed from the data */
    uint8_t basic;   /* enum ipcr_basic */
    uint8_t family;  /* enum ipcr_family */
    uint8_t align;   /* the strictest alignment of its basic elements, 1 for none */
    size_t size;     /* bytes of data in one element, at most PTRDIFF_MAX */
    ptrdiff_t lb, extent;
    ptrdiff_t true_lb, true_extent;
    size_t external;  /* of a derived type: bytes of one element in external32 (external.h) */
    int64_t elements; /* basic elements in one element of this type */
    size_t element;   /* bytes of each basic element if they are all the same, else 0 */
    MPI_Datatype handle;
    struct ipcr_layout *layout;
    struct ipcr_type_contents *contents; /* NULL for predefined ones */
    struct ipcr_attr *attrs;
    char name[MPI_MAX_OBJECT_NAME];
};

/* Predefined handles index a table; others are pointers. NULL if it is not a datatype (also for
 * MPI_DATATYPE_NULL and for a freed one as far as its memory tells). */
extern IPCR_HIDDEN struct ipcr_type *const ipcr_type_predefined[256]; /* by handle value - 0x200 */
static inline struct ipcr_type *ipcr_type_of(MPI_Datatype h)
{
    uintptr_t v = (uintptr_t)h;
    if (v - 0x200 < 256)
        return ipcr_type_predefined[v - 0x200];
    struct ipcr_type *t = (struct ipcr_type *)v;
    return v < 4096 || t->magic != IPCR_TYPE_MAGIC ? NULL : t;
}

static inline void ipcr_type_retain(struct ipcr_type *t)
{
    if (!t->predefined)
        t->refs++;
}
void ipcr_type_release(struct ipcr_type *t);

static inline struct ipcr_attr_holder ipcr_type_attrs(struct ipcr_type *t)
{
    return (struct ipcr_attr_holder){IPCR_ATTR_TYPE, t->handle, &t->attrs};
}

/* The end of the process: forgets the attributes of predefined types, the types without a name, and
 * those that were freed. */
void ipcr_type_finish_all(void);

/* "MPI_INT", the name the program gave, or "a derived datatype": for error messages. */
const char *ipcr_type_label(const struct ipcr_type *t);

/* Copies len bytes of the packed image of (count, t) at buf, starting at byte `offset` of that
 * image, to out; unpack is the reverse. offset + len <= count * t->size. */
void ipcr_type_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                    void *out, size_t len);
void ipcr_type_unpack(const struct ipcr_type *t, size_t count, void *buf, size_t offset,
                      const void *in, size_t len);

/* Copies between two layouts of the same size in bytes inside one process (at most
 * rcount*rtype.size). */
void ipcr_type_copy(const void *sbuf, size_t scount, const struct ipcr_type *stype, void *rbuf,
                    size_t rcount, const struct ipcr_type *rtype);

/* Bytes from the lowest to one past the highest byte touched by count elements, and (in *lb) where
 * the lowest lies relative to buf: how collectives size temporary buffers. */
size_t ipcr_type_span(const struct ipcr_type *t, size_t count, ptrdiff_t *lb);

/* How many basic elements the first `bytes` bytes of a packed image hold; MPI_UNDEFINED (-32766) if
 * they end inside one (MPI_Get_elements). */
int64_t ipcr_type_elements(const struct ipcr_type *t, size_t bytes);

/* The reverse: bytes of the first `elements` basic elements of a packed image, -1 if that is more
 * than an MPI_Count holds (or the type has no elements). */
int64_t ipcr_type_element_bytes(const struct ipcr_type *t, int64_t elements);

#endif
