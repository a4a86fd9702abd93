/* Layouts: where the bytes of a datatype lie, in a normal form that pack.c walks quickly.
 *
 * A layout knows neither basic elements nor bounds; it is the list of the bytes of one element in
 * the order in which they are packed, written down as tersely as it can be:
 *
 *   DENSE    size bytes in a row
 *   STRIDED  count blocks of `block` bytes, `stride` apart
 *   BLOCKS   count blocks, block i at spans[i].at
 *   LOOP     count copies of a child, `stride` apart
 *   LIST     count pieces, piece i at spans[i].at: children[i], or plain bytes where that is NULL
 *
 * All places are relative to the address of the element (the program's buf), `offset` is added to
 * them. The constructors merge what touches and recognise what repeats, so equal byte lists mostly
 * end up in the same form however the program built them: a vector of blocklength 1 over a
 * contiguous type and an indexed type with regular gaps are both STRIDED.
 *
 * Layouts are immutable and shared between types; reference counts are plain integers under the
 * library lock. Nothing here checks for overflow: typemake.c admits a layout only after it has
 * found that the lowest and the highest byte are addressable. */
#ifndef IPCR_LAYOUT_H
#define IPCR_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ipcr_layout_kind { IPCR_DENSE, IPCR_STRIDED, IPCR_BLOCKS, IPCR_LOOP, IPCR_LIST };

struct ipcr_span {
    ptrdiff_t at;
    size_t start; /* bytes of the packed image before it; one span more at the end says its size */
};

struct ipcr_layout {
    int refs; /* 0: static storage */
    uint8_t kind;
    size_t size;      /* bytes of data */
    ptrdiff_t offset; /* of everything below */
    size_t count;
    size_t block;     /* STRIDED: bytes of one block; BLOCKS: the same if all are equal, else 0 */
    ptrdiff_t stride; /* STRIDED, LOOP */
    struct ipcr_layout *child;     /* LOOP */
    struct ipcr_span *spans;       /* BLOCKS, LIST: [count + 1], in the same memory */
    struct ipcr_layout **children; /* LIST: [count], in the same memory */
};

/* No bytes at all. */
extern struct ipcr_layout ipcr_layout_empty;

struct ipcr_layout *ipcr_layout_retain(struct ipcr_layout *l);
void ipcr_layout_release(struct ipcr_layout *l); /* NULL is allowed */

/* `count` copies of a layout, `stride` apart, as a value: borrows from it, owns nothing. Never
 * recurses and never allocates: pack.c describes "count elements of a type" with it. */
struct ipcr_layout ipcr_layout_repeated(struct ipcr_layout *child, size_t count, ptrdiff_t stride);

/* The same as a new reference; and a layout moved by some bytes. NULL if there is no memory, or if
 * the argument is NULL, so that calls can be nested and checked once. */
struct ipcr_layout *ipcr_layout_repeat(struct ipcr_layout *child, size_t count, ptrdiff_t stride);
struct ipcr_layout *ipcr_layout_shift(struct ipcr_layout *l, ptrdiff_t by);

/* Collects pieces in packing order. Start with one that is all zero; finish also after a failure
 * (then it yields NULL), because it frees what was collected. */
struct ipcr_layout_piece {
    struct ipcr_span span;
    struct ipcr_layout *child; /* NULL: plain bytes */
};

struct ipcr_layout_list {
    struct ipcr_layout_piece *pieces;
    size_t count, room;
    size_t size;
    bool failed;
    /* the last repeated child, because blocks of one length tend to follow each other */
    struct ipcr_layout *of, *repeat;
    size_t times;
    ptrdiff_t stride;
};

/* Adds `count` copies of child, `stride` apart, the first at `at`. */
void ipcr_layout_add(struct ipcr_layout_list *list, ptrdiff_t at, struct ipcr_layout *child,
                     size_t count, ptrdiff_t stride);
struct ipcr_layout *ipcr_layout_finish(struct ipcr_layout_list *list);

#endif
