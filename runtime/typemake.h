/* Makes derived datatypes. MPI 5.0 sections 5.1.2 - 5.1.9.
 *
 * One function per constructor, in 64-bit numbers throughout, so that the int form and the _c form
 * of an MPI_ call are the same few lines over them. Each returns MPI_SUCCESS and a type in *made
 * that has one reference (the handle's) and is not committed; or a class with the facts noted:
 * MPI_ERR_TYPE (old is NULL), MPI_ERR_COUNT (negative, or more bytes than an address can tell),
 * MPI_ERR_ARG, MPI_ERR_NO_MEM. Old types are kept alive by the new one.
 *
 * Bounds follow section 5.1.6: a type with explicit bounds inside (resized, subarray, darray) gets
 * its bounds from those alone; otherwise they are those of the data, and the extent is rounded up
 * to the strictest alignment of a basic element. An old type counts with its own extent, rounded as
 * it is, like a struct inside a struct. Copies of an old type that has neither data nor explicit
 * bounds count for nothing. */
#ifndef IPCR_TYPEMAKE_H
#define IPCR_TYPEMAKE_H

#include "datatype.h"

/* An array of the program's, whichever integer it is made of. */
struct ipcr_ints {
    const void *at;
    uint8_t width; /* 4 or 8 bytes */
};

static inline int64_t ipcr_ints_get(struct ipcr_ints a, size_t i)
{
    return a.width == 4 ? ((const int32_t *)a.at)[i] : ((const int64_t *)a.at)[i];
}

#define IPCR_INTS(array) ((struct ipcr_ints){(array), sizeof *(array)})

/* How a type was made, for MPI_Type_get_envelope: combiner, and the arguments in the order of
 * section 5.1.13, integers before addresses before large counts. */
struct ipcr_type_contents {
    int combiner;
    size_t integers, addresses, counts, types;
    struct ipcr_type **type; /* [types], references; in the same memory */
    int64_t value[];         /* [integers + addresses + counts] */
};

/* For the _c constructors that take all their numbers as MPI_Count: these are large counts, in the
 * same order. (Those of arrays take some as int: typearray.c sees that by the width.) */
static inline void ipcr_type_contents_widen(struct ipcr_type_contents *c)
{
    c->counts = c->integers + c->addresses;
    c->integers = c->addresses = 0;
}

int ipcr_type_contiguous(int64_t count, struct ipcr_type *old, struct ipcr_type **made);

/* Vector (stride in extents of old), or hvector (in bytes). */
int ipcr_type_vector(int64_t count, int64_t length, int64_t stride, struct ipcr_type *old,
                     struct ipcr_type **made);
int ipcr_type_hvector(int64_t count, int64_t length, int64_t stride, struct ipcr_type *old,
                      struct ipcr_type **made);

/* Indexed, hindexed, indexed_block, hindexed_block: which one says the combiner. */
struct ipcr_indexed {
    int combiner;
    int64_t count;
    struct ipcr_ints lengths; /* indexed, hindexed */
    int64_t length;           /* the _block forms */
    struct ipcr_ints places;  /* in extents of old, or in bytes for the h forms */
};
int ipcr_type_indexed(const struct ipcr_indexed *is, struct ipcr_type *old,
                      struct ipcr_type **made);

struct ipcr_struct {
    int64_t count;
    struct ipcr_ints lengths, places;
    const MPI_Datatype *types;
};
int ipcr_type_struct(const struct ipcr_struct *is, struct ipcr_type **made);

struct ipcr_subarray {
    int64_t dims;
    struct ipcr_ints sizes, subsizes, starts;
    int order;
};
int ipcr_type_subarray(const struct ipcr_subarray *is, struct ipcr_type *old,
                       struct ipcr_type **made);

/* The part of a distributed array that process `rank` of `size` holds (section 5.1.4). */
struct ipcr_darray {
    int64_t size, rank, dims;
    struct ipcr_ints gsizes, distribs, dargs, psizes;
    int order;
};
int ipcr_type_darray(const struct ipcr_darray *is, struct ipcr_type *old, struct ipcr_type **made);

int ipcr_type_resized(struct ipcr_type *old, int64_t lb, int64_t extent, struct ipcr_type **made);
/* As committed as old is; the name is not copied, attributes are the caller's business. */
int ipcr_type_dup(struct ipcr_type *old, struct ipcr_type **made);

/* The last step of a constructor's call: the program gets the handle of what was made. Passes on
 * the class if nothing was; MPI_ERR_ARG if newtype is a null pointer. */
int ipcr_type_hand_over(int class, struct ipcr_type *made, MPI_Datatype *newtype);

/* Another handle for the type, which may have lost its last one while types or messages kept it
 * alive; and the end of a handle: the type goes when nothing uses it any more. Not for predefined
 * types. */
void ipcr_type_hand_out(struct ipcr_type *t);
void ipcr_type_hand_back(struct ipcr_type *t);

/* At the end of the process: frees what is kept of freed types so that their handles are known. */
void ipcr_type_forget_freed(void);

/* ---- for typemake.c and typearray.c -----------------------------------------------------------
 */

/* An interval of displacements at which copies of an old type begin. */
struct ipcr_reach {
    ptrdiff_t lowest, highest;
    bool overflow;
};
/* Extends it to n >= 1 copies of what it was, `stride` apart. */
void ipcr_reach_repeat(struct ipcr_reach *r, int64_t n, ptrdiff_t stride);

/* What is known of a type under construction. */
struct ipcr_bounds {
    bool any;     /* something determines lb and ub */
    bool bounded; /* ... explicitly */
    bool data;
    bool overflow;
    bool uneven; /* basic elements of several sizes */
    uint8_t align;
    size_t size, element;
    int64_t elements;
    ptrdiff_t lb, ub, true_lb, true_ub;
};
/* Adds `copies` of t, which begin within r. */
void ipcr_bounds_add(struct ipcr_bounds *b, const struct ipcr_type *t, struct ipcr_reach r,
                     int64_t copies);
/* a * b; an overflow is remembered in b->overflow. */
ptrdiff_t ipcr_bounds_product(struct ipcr_bounds *b, int64_t x, int64_t y);
/* After the last add: rounds the extent. MPI_ERR_COUNT if the type is too large for this machine,
 * and then its layout must not be made. */
int ipcr_bounds_close(struct ipcr_bounds *b);

/* A new type without bounds and layout; contents have room for the numbers and types. NULL: no
 * memory. */
struct ipcr_type *ipcr_type_new(int combiner, size_t integers, size_t addresses, size_t types);
/* The same for one old type. */
struct ipcr_type *ipcr_type_new_from(int combiner, size_t integers, size_t addresses,
                                     struct ipcr_type *old);
/* The last step of each constructor. Takes over the type and the reference to the layout; either
 * may be NULL for want of memory. */
int ipcr_type_finish(struct ipcr_type *t, const struct ipcr_bounds *b, struct ipcr_layout *layout,
                     struct ipcr_type **made);

/* MPI_SUCCESS, or the class with a note. */
int ipcr_type_check_old(const struct ipcr_type *old);
int ipcr_type_check_least(int class, const char *what, int64_t value, int64_t least);

#endif
