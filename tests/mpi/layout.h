// A naive model of datatypes: the typemap of section 5.1, entry by entry, built with constructors
// that mirror the library's. Slow and simple on purpose: it is what the library is compared with.
#ifndef TESTS_MPI_LAYOUT_H
#define TESTS_MPI_LAYOUT_H

#include "check.h"

enum { BASES = 5, MOST_ENTRIES = 3000 };

struct base {
    MPI_Datatype type;
    int size; // of alignment, too
};

static const struct base bases[BASES] = {
    {MPI_CHAR, 1}, {MPI_SHORT, 2}, {MPI_INT, 4}, {MPI_DOUBLE, 8}, {MPI_FLOAT, 4}};

struct entry {
    MPI_Aint at;
    int base; // row of bases
};

struct layout {
    struct entry *entries;
    int count;
    MPI_Aint lb, ub;
    int marked; // lb and ub were set by resized or subarray, so stay as they are
};

static inline void layout_free(struct layout *l)
{
    free(l->entries);
    l->entries = NULL;
}

static inline struct layout layout_of_base(int base)
{
    struct layout l = {need(sizeof *l.entries), 1, 0, bases[base].size, 0};
    l.entries[0] = (struct entry){0, base};
    return l;
}

static inline struct layout layout_copy(const struct layout *from)
{
    struct layout l = *from;
    l.entries = need(sizeof *l.entries * (size_t)l.count);
    memcpy(l.entries, from->entries, sizeof *l.entries * (size_t)l.count);
    return l;
}

// Adds a copy of `part`, shifted. An empty layout takes over the bounds of its first part.
static inline void layout_add(struct layout *to, const struct layout *part, MPI_Aint at)
{
    size_t count = (size_t)(to->count + part->count);
    int first = to->count == 0;

    to->entries = realloc(to->entries, sizeof *to->entries * count);
    for (int i = 0; i < part->count; i++)
        to->entries[to->count++] = (struct entry){part->entries[i].at + at, part->entries[i].base};
    if (first || part->lb + at < to->lb)
        to->lb = part->lb + at;
    if (first || part->ub + at > to->ub)
        to->ub = part->ub + at;
    to->marked = part->marked;
}

static inline MPI_Aint layout_extent(const struct layout *l)
{
    return l->ub - l->lb;
}

// A block of `length` items that lie an extent apart.
static inline void layout_block(struct layout *to, const struct layout *part, int length,
                                MPI_Aint at)
{
    for (int i = 0; i < length; i++)
        layout_add(to, part, at + i * layout_extent(part));
}

// The gap that a C compiler leaves at the end of a struct (epsilon in section 5.1).
static inline void layout_pad(struct layout *l)
{
    MPI_Aint align = 1;

    if (l->marked)
        return;
    for (int i = 0; i < l->count; i++)
        if (bases[l->entries[i].base].size > align)
            align = bases[l->entries[i].base].size;
    l->ub += (align - layout_extent(l) % align) % align;
}

static inline MPI_Aint layout_size(const struct layout *l)
{
    MPI_Aint size = 0;
    for (int i = 0; i < l->count; i++)
        size += bases[l->entries[i].base].size;
    return size;
}

// The first byte used and the one after the last.
static inline void layout_span(const struct layout *l, MPI_Aint *begin, MPI_Aint *end)
{
    *begin = *end = l->count ? l->entries[0].at : 0;
    for (int i = 0; i < l->count; i++) {
        MPI_Aint at = l->entries[i].at, after = at + bases[l->entries[i].base].size;
        *begin = at < *begin ? at : *begin;
        *end = after > *end ? after : *end;
    }
}

// What size and extent calls have to say about it.
static inline void layout_check(const struct layout *l, MPI_Datatype type, const char *what)
{
    MPI_Aint lb, extent, true_lb, true_extent, begin, end;
    int size;

    OK(MPI_Type_size(type, &size));
    OK(MPI_Type_get_extent(type, &lb, &extent));
    OK(MPI_Type_get_true_extent(type, &true_lb, &true_extent));
    layout_span(l, &begin, &end);
    CHECK_SAYING(size == layout_size(l), "%s: size is %d; should be %ld", what, size,
                 (long)layout_size(l));
    CHECK_SAYING(lb == l->lb && extent == layout_extent(l),
                 "%s: lower bound %ld, extent %ld; should be %ld, %ld", what, (long)lb,
                 (long)extent, (long)l->lb, (long)layout_extent(l));
    CHECK_SAYING(true_lb == begin && true_extent == end - begin,
                 "%s: true lower bound %ld, extent %ld; should be %ld, %ld", what, (long)true_lb,
                 (long)true_extent, (long)begin, (long)(end - begin));
}

// Memory for `count` items; item 0 starts at `origin` (items may reach before it).
struct region {
    char *memory, *origin;
    size_t bytes;
};

static inline struct region region_for(const struct layout *l, int count)
{
    struct region r;
    MPI_Aint begin, end, last = (MPI_Aint)(count - 1) * layout_extent(l), low, high;

    layout_span(l, &begin, &end);
    low = (last < 0 ? begin + last : begin) - 64;
    high = (last > 0 ? end + last : end) + 64;
    low -= ((low % 16) + 16) % 16;
    r.bytes = (size_t)(high - low);
    r.memory = need(r.bytes);
    r.origin = r.memory - low;
    return r;
}

// Bytes of the items in typemap order.
static inline size_t layout_gather(const struct layout *l, int count, const char *origin, char *to)
{
    size_t used = 0;

    for (int k = 0; k < count; k++)
        for (int i = 0; i < l->count; i++) {
            int size = bases[l->entries[i].base].size;
            memcpy(to + used, origin + k * layout_extent(l) + l->entries[i].at, (size_t)size);
            used += (size_t)size;
        }
    return used;
}

// The reverse.
static inline void layout_scatter(const struct layout *l, int count, const char *from, char *origin)
{
    size_t used = 0;

    for (int k = 0; k < count; k++)
        for (int i = 0; i < l->count; i++) {
            int size = bases[l->entries[i].base].size;
            memcpy(origin + k * layout_extent(l) + l->entries[i].at, from + used, (size_t)size);
            used += (size_t)size;
        }
}

// True when two entries share a byte: such a type may be sent, but not received into.
static inline int layout_overlaps(const struct layout *l, int count)
{
    struct region r = region_for(l, count);
    int overlaps = 0;

    memset(r.memory, 0, r.bytes);
    for (int k = 0; k < count && !overlaps; k++)
        for (int i = 0; i < l->count && !overlaps; i++) {
            char *at = r.origin + k * layout_extent(l) + l->entries[i].at;
            int size = bases[l->entries[i].base].size;
            overlaps = !all_bytes(at, (size_t)size, 0);
            memset(at, 1, (size_t)size);
        }
    free(r.memory);
    return overlaps;
}

#endif
