/* Packs and unpacks: walks a layout from any byte to any other byte of its packed image.
 *
 * One walk serves both directions, because its leaves only differ in which side they write. All
 * places are computed in uintptr_t: displacements may be negative, may start from MPI_BOTTOM (a
 * null pointer), and pass through addresses outside of any object. */
#include <string.h>

#include "datatype.h"
#include "layout.h"

/* A child of few, short blocks that repeats (an array of structs with gaps) is copied block by
 * block over a run of children, so that each inner loop has one block size and two strides. A run
 * stays in the L1 cache, which it passes through once per block. */
enum { RUN_BLOCKS = 16, RUN_CHILD = 512, RUN_BYTES = 16384, RUN_LEAST = 4 };

/* What ipcr_type_copy carries at a time from one layout to another: two of these fit in L1. */
enum { COPY_PIECE = 8192 };

struct walk {
    uintptr_t packed; /* where the next byte of the packed image is */
    bool unpack;      /* from there into the layout, instead of the other way */
};

/* Copies n blocks of a size that the compiler knows, so that each is a load and a store. Four at a
 * time, loaded before any is stored: the loop's own additions and the wait for a store that might
 * alias cost as much as the copy (blocks of 8 bytes, 16 apart: 1.7 times a loop written by hand,
 * and with this 1.0). */
static inline __attribute__((always_inline)) void
copy_fixed(uintptr_t to, size_t to_step, uintptr_t from, size_t from_step, size_t size, size_t n)
{
    for (; n >= 4; n -= 4, to += 4 * to_step, from += 4 * from_step) {
        char a[32], b[32], c[32], d[32];
        memcpy(a, (const void *)from, size);
        memcpy(b, (const void *)(from + from_step), size);
        memcpy(c, (const void *)(from + 2 * from_step), size);
        memcpy(d, (const void *)(from + 3 * from_step), size);
        memcpy((void *)to, a, size);
        memcpy((void *)(to + to_step), b, size);
        memcpy((void *)(to + 2 * to_step), c, size);
        memcpy((void *)(to + 3 * to_step), d, size);
    }
    for (; n; n--, to += to_step, from += from_step)
        memcpy((void *)to, (const void *)from, size);
}

/* Copies n blocks of `block` bytes between two places, each with its own step. */
static void copy_blocks(uintptr_t to, size_t to_step, uintptr_t from, size_t from_step,
                        size_t block, size_t n)
{
#define COPY_FIXED(size)                                   \
    case size:                                             \
        copy_fixed(to, to_step, from, from_step, size, n); \
        break
    switch (block) {
        COPY_FIXED(1);
        COPY_FIXED(2);
        COPY_FIXED(4);
        COPY_FIXED(8);
        COPY_FIXED(12);
        COPY_FIXED(16);
        COPY_FIXED(24);
        COPY_FIXED(32);
    default:
        for (; n; n--, to += to_step, from += from_step)
            memcpy((void *)to, (const void *)from, block);
    }
#undef COPY_FIXED
}

static inline void copy_one(bool unpack, uintptr_t at, uintptr_t packed, size_t n)
{
    if (unpack)
        memcpy((void *)at, (const void *)packed, n);
    else
        memcpy((void *)packed, (const void *)at, n);
}

static void move_bytes(struct walk *w, uintptr_t at, size_t n)
{
    copy_one(w->unpack, at, w->packed, n);
    w->packed += n;
}

static void move_strided(struct walk *w, uintptr_t at, size_t stride, size_t block, size_t n)
{
    if (w->unpack)
        copy_blocks(at, stride, w->packed, block, block, n);
    else
        copy_blocks(w->packed, block, at, stride, block, n);
    w->packed += block * n;
}

/* n blocks anywhere, of a size that the compiler knows, four at a time as in copy_fixed: together,
 * and to their places. */
static inline __attribute__((always_inline)) void
gather_fixed(uintptr_t packed, uintptr_t at, const struct ipcr_span *s, size_t size, size_t n)
{
    for (; n >= 4; n -= 4, s += 4, packed += 4 * size) {
        char a[16], b[16], c[16], d[16];
        memcpy(a, (const void *)(at + (uintptr_t)s[0].at), size);
        memcpy(b, (const void *)(at + (uintptr_t)s[1].at), size);
        memcpy(c, (const void *)(at + (uintptr_t)s[2].at), size);
        memcpy(d, (const void *)(at + (uintptr_t)s[3].at), size);
        memcpy((void *)packed, a, size);
        memcpy((void *)(packed + size), b, size);
        memcpy((void *)(packed + 2 * size), c, size);
        memcpy((void *)(packed + 3 * size), d, size);
    }
    for (; n; n--, s++, packed += size)
        memcpy((void *)packed, (const void *)(at + (uintptr_t)s->at), size);
}

static inline __attribute__((always_inline)) void
scatter_fixed(uintptr_t packed, uintptr_t at, const struct ipcr_span *s, size_t size, size_t n)
{
    for (; n >= 4; n -= 4, s += 4, packed += 4 * size) {
        uintptr_t a = at + (uintptr_t)s[0].at, b = at + (uintptr_t)s[1].at;
        uintptr_t c = at + (uintptr_t)s[2].at, d = at + (uintptr_t)s[3].at;
        memcpy((void *)a, (const void *)packed, size);
        memcpy((void *)b, (const void *)(packed + size), size);
        memcpy((void *)c, (const void *)(packed + 2 * size), size);
        memcpy((void *)d, (const void *)(packed + 3 * size), size);
    }
    for (; n; n--, s++, packed += size)
        memcpy((void *)(at + (uintptr_t)s->at), (const void *)packed, size);
}

/* Blocks anywhere, of `block` bytes each, or of the sizes that the spans tell if it is 0. */
static void move_spans(struct walk *w, uintptr_t at, const struct ipcr_span *s, size_t n,
                       size_t block)
{
#define MOVE_FIXED(size)                              \
    case size:                                        \
        if (w->unpack)                                \
            scatter_fixed(w->packed, at, s, size, n); \
        else                                          \
            gather_fixed(w->packed, at, s, size, n);  \
        w->packed += n * (size);                      \
        break
    switch (block) {
        MOVE_FIXED(4);
        MOVE_FIXED(8);
        MOVE_FIXED(16);
    default:
        for (; n; n--, s++)
            move_bytes(w, at + (uintptr_t)s->at, s[1].start - s[0].start);
    }
#undef MOVE_FIXED
}

/* Copies of one child in a row. */
struct run {
    uintptr_t at;
    size_t stride, count;
};

/* Block i of each child of a run; w stands at the first child's packed image. */
static void move_run(const struct walk *w, const struct ipcr_layout *child, size_t i, struct run r)
{
    uintptr_t packed = w->packed;
    size_t block = child->block;
    if (child->kind == IPCR_STRIDED) {
        packed += i * block;
        r.at += i * (size_t)child->stride;
    } else {
        packed += child->spans[i].start;
        r.at += (uintptr_t)child->spans[i].at;
        block = child->spans[i + 1].start - child->spans[i].start;
    }
    if (w->unpack)
        copy_blocks(r.at, r.stride, packed, child->size, block, r.count);
    else
        copy_blocks(packed, child->size, r.at, r.stride, block, r.count);
}

static bool runs_well(const struct ipcr_layout *child, size_t n)
{
    return n >= RUN_LEAST && child->size <= RUN_CHILD && child->count <= RUN_BLOCKS &&
           (child->kind == IPCR_BLOCKS || child->kind == IPCR_STRIDED);
}

static void move(struct walk *w, const struct ipcr_layout *l, uintptr_t at, size_t from, size_t to);

static void move_children(struct walk *w, const struct ipcr_layout *child, struct run all)
{
    if (!runs_well(child, all.count)) {
        for (; all.count; all.count--, all.at += all.stride)
            move(w, child, all.at, 0, child->size);
        return;
    }
    all.at += (size_t)child->offset;
    size_t most = RUN_BYTES / child->size;
    while (all.count) {
        struct run r = all;
        if (r.count > most)
            r.count = most;
        for (size_t i = 0; i < child->count; i++)
            move_run(w, child, i, r);
        w->packed += r.count * child->size;
        all.at += r.count * r.stride;
        all.count -= r.count;
    }
}

/* A layout that is not DENSE consists of `count` items: blocks, children, pieces. The next
 * functions say where item i begins in the packed image, which item holds a byte of it and where it
 * lies, and move a part of one item and several whole items. */
static size_t item_start(const struct ipcr_layout *l, size_t i)
{
    if (l->kind == IPCR_STRIDED)
        return i * l->block;
    if (l->kind == IPCR_LOOP)
        return i * l->child->size;
    return l->spans[i].start;
}

static size_t item_with(const struct ipcr_layout *l, size_t byte)
{
    if (l->kind == IPCR_LOOP)
        return byte / l->child->size;
    if (l->block)
        return byte / l->block;
    size_t low = 0, high = l->count; /* spans[low].start <= byte < spans[high].start */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (l->spans[middle].start <= byte)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static uintptr_t item_place(const struct ipcr_layout *l, uintptr_t at, size_t i)
{
    if (l->kind == IPCR_STRIDED || l->kind == IPCR_LOOP)
        return at + i * (size_t)l->stride;
    return at + (uintptr_t)l->spans[i].at;
}

static void move_item(struct walk *w, const struct ipcr_layout *l, uintptr_t at, size_t i,
                      size_t from, size_t to)
{
    const struct ipcr_layout *child = NULL;
    if (l->kind == IPCR_LOOP)
        child = l->child;
    else if (l->kind == IPCR_LIST)
        child = l->children[i];
    at = item_place(l, at, i);
    if (child)
        move(w, child, at, from, to);
    else
        move_bytes(w, at + from, to - from);
}

/* Whole items first <= i < last. */
static void move_items(struct walk *w, const struct ipcr_layout *l, uintptr_t at, size_t first,
                       size_t last)
{
    struct run r = {item_place(l, at, first), (size_t)l->stride, last - first};
    switch (l->kind) {
    case IPCR_STRIDED:
        move_strided(w, r.at, r.stride, l->block, r.count);
        break;
    case IPCR_LOOP:
        move_children(w, l->child, r);
        break;
    case IPCR_BLOCKS:
        move_spans(w, at, l->spans + first, r.count, l->block);
        break;
    case IPCR_LIST:
        for (size_t i = first; i < last; i++)
            move_item(w, l, at, i, 0, l->spans[i + 1].start - l->spans[i].start);
    }
}

/* Moves bytes from <= i < to of the packed image of l, whose element is at `at`. The end of one
 * item, whole items, the beginning of one. Whole layouts are moved without a division. */
static void move(struct walk *w, const struct ipcr_layout *l, uintptr_t at, size_t from, size_t to)
{
    at += (uintptr_t)l->offset;
    if (l->kind == IPCR_DENSE) {
        move_bytes(w, at + from, to - from);
        return;
    }
    size_t first = from ? item_with(l, from) : 0;
    size_t start = from ? item_start(l, first) : 0;
    if (start < from) {
        size_t end = item_start(l, first + 1);
        if (end >= to) {
            move_item(w, l, at, first, from - start, to - start);
            return;
        }
        move_item(w, l, at, first, from - start, end - start);
        first++;
    }
    size_t last = to == l->size ? l->count : item_with(l, to);
    if (first < last)
        move_items(w, l, at, first, last);
    if (to == l->size)
        return;
    start = item_start(l, last);
    if (start < to)
        move_item(w, l, at, last, 0, to - start);
}

static void transfer(struct walk *w, const struct ipcr_type *t, size_t count, const void *buf,
                     size_t offset, size_t len)
{
    uintptr_t at = (uintptr_t)buf;
    if (len == 0)
        return;
    if (t->dense) {
        move_bytes(w, at + (uintptr_t)t->true_lb + offset, len);
        return;
    }
    if (count == 1) {
        move(w, t->layout, at, offset, offset + len);
        return;
    }
    struct ipcr_layout all = ipcr_layout_repeated(t->layout, count, t->extent);
    move(w, &all, at, offset, offset + len);
}

void ipcr_type_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                    void *out, size_t len)
{
    struct walk w = {.packed = (uintptr_t)out};
    transfer(&w, t, count, buf, offset, len);
}

void ipcr_type_unpack(const struct ipcr_type *t, size_t count, void *buf, size_t offset,
                      const void *in, size_t len)
{
    struct walk w = {.packed = (uintptr_t)in, .unpack = true};
    transfer(&w, t, count, buf, offset, len);
}

void ipcr_type_copy(const void *sbuf, size_t scount, const struct ipcr_type *stype, void *rbuf,
                    size_t rcount, const struct ipcr_type *rtype)
{
    size_t len = scount * stype->size, room = rcount * rtype->size;
    if (len > room)
        len = room;
    if (stype->dense) {
        const char *from = (const char *)((uintptr_t)sbuf + (uintptr_t)stype->true_lb);
        ipcr_type_unpack(rtype, rcount, rbuf, 0, from, len);
        return;
    }
    if (rtype->dense) {
        char *to = (char *)((uintptr_t)rbuf + (uintptr_t)rtype->true_lb);
        ipcr_type_pack(stype, scount, sbuf, 0, to, len);
        return;
    }
    char piece[COPY_PIECE];
    for (size_t done = 0; done < len; done += COPY_PIECE) {
        size_t n = len - done < COPY_PIECE ? len - done : COPY_PIECE;
        ipcr_type_pack(stype, scount, sbuf, done, piece, n);
        ipcr_type_unpack(rtype, rcount, rbuf, done, piece, n);
    }
}
