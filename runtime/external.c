/* Converts between the machine's representation of data and external32.
 *
 * The native side is the packed image (pack.c), in pieces; this file knows which basic elements
 * follow each other in it. Only structs and pairs mix them: any other type is so many copies of its
 * old type in a row, so a whole matrix of numbers is one run. */
#include "external.h"

#include <string.h>

#include "basic.h"
#include "typemake.h"
#include "typeunnamed.h"

/* Native bytes converted at a time; two such pieces stay in the L1 cache. */
enum { PIECE = 4096 };

/* ---- basic elements ---------------------------------------------------------------------------
 */

enum change {
    SAME,   /* but for the order of bytes */
    NUMBER, /* an integer of another width; too large ones lose their upper bytes */
    QUAD    /* long double to and from IEEE's 128 bits */
};

/* A basic element: `parts` numbers (two for complex), each so many bytes wide here and there. */
struct form {
    uint8_t change, parts, native, external;
    bool is_signed;
};

/* IEEE's 128 bits are what external32 has for long double. Where the compiler has no such numbers,
 * long double is sent as it is. */
#if LDBL_MANT_DIG != 113 && defined(IPCR_HAVE_F128)
#define CONVERT_LONG_DOUBLE 1
#else
#define CONVERT_LONG_DOUBLE 0
#endif

static bool is_complex(const struct ipcr_type *t)
{
    return t->basic >= IPCR_C16 && t->basic <= IPCR_C128;
}

/* What has another width there: long, the characters of wchar_t, long double. Others are as wide as
 * here, whatever the language. */
static struct form form_of(const struct ipcr_type *t)
{
    struct form f = {.parts = is_complex(t) ? 2 : 1};
    f.native = f.external = (uint8_t)(t->size / f.parts);
    if (t->handle == MPI_LONG || t->handle == MPI_UNSIGNED_LONG)
        f.external = 4;
    if (t->handle == MPI_WCHAR)
        f.external = 2;
    if (CONVERT_LONG_DOUBLE && (t->basic == IPCR_FLD || t->basic == IPCR_CLD)) {
        f.external = 16;
        f.change = QUAD;
    } else if (f.external != f.native) {
        f.change = NUMBER;
        f.is_signed = t->handle == MPI_LONG;
    }
    return f;
}

static void copy_reversed(unsigned char *to, const unsigned char *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = from[n - 1 - i];
}

/* Numbers of one width, to or from big-endian: the same either way. Sizes that the compiler knows
 * become one instruction each. */
static void swap_all(unsigned char *to, const unsigned char *from, size_t width, size_t n)
{
    if (width == 1 || __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) {
        memcpy(to, from, n * width);
        return;
    }
#define SWAP_FIXED(width, type, swap)                    \
    case width:                                          \
        for (; n; n--, from += (width), to += (width)) { \
            type x;                                      \
            memcpy(&x, from, sizeof x);                  \
            x = swap(x);                                 \
            memcpy(to, &x, sizeof x);                    \
        }                                                \
        break
    switch (width) {
        SWAP_FIXED(2, uint16_t, __builtin_bswap16);
        SWAP_FIXED(4, uint32_t, __builtin_bswap32);
        SWAP_FIXED(8, uint64_t, __builtin_bswap64);
    default:
        for (; n; n--, from += width, to += width)
            copy_reversed(to, from, width);
    }
#undef SWAP_FIXED
}

static uint64_t load(const unsigned char *from, size_t width)
{
    uint64_t x = 0;
    for (size_t i = 0; i < width; i++)
        x = x << 8 | from[__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? i : width - 1 - i];
    return x;
}

static void store(unsigned char *to, size_t width, uint64_t x)
{
    for (size_t i = 0; i < width; i++, x >>= 8)
        to[__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? width - 1 - i : i] = (unsigned char)x;
}

static void number_out(const struct form *f, unsigned char *external, const unsigned char *native)
{
    uint64_t x = load(native, f->native);
    for (size_t i = f->external; i-- > 0; x >>= 8)
        external[i] = (unsigned char)x;
}

static void number_in(const struct form *f, unsigned char *native, const unsigned char *external)
{
    uint64_t x = f->is_signed && external[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < f->external; i++)
        x = x << 8 | external[i];
    store(native, f->native, x);
}

#if CONVERT_LONG_DOUBLE
static void quad_out(unsigned char *external, const unsigned char *native)
{
    long double x;
    memcpy(&x, native, sizeof x);
    ipcr_f128 quad = x;
    swap_all(external, (const unsigned char *)&quad, sizeof quad, 1);
}

/* Rounds to nearest, as the machine does. */
static void quad_in(unsigned char *native, const unsigned char *external)
{
    ipcr_f128 quad;
    swap_all((unsigned char *)&quad, external, sizeof quad, 1);
    long double x = (long double)quad;
    memcpy(native, &x, sizeof x);
}
#else
static void quad_out(unsigned char *external, const unsigned char *native)
{
    swap_all(external, native, sizeof(long double), 1);
}

static void quad_in(unsigned char *native, const unsigned char *external)
{
    swap_all(native, external, sizeof(long double), 1);
}
#endif

/* n numbers from one side to the other. */
static void convert_out(const struct form *f, unsigned char *external, const unsigned char *native,
                        size_t n)
{
    if (f->change == SAME)
        swap_all(external, native, f->native, n);
    for (; f->change != SAME && n; n--, external += f->external, native += f->native) {
        if (f->change == QUAD)
            quad_out(external, native);
        else
            number_out(f, external, native);
    }
}

static void convert_in(const struct form *f, unsigned char *native, const unsigned char *external,
                       size_t n)
{
    if (f->change == SAME)
        swap_all(native, external, f->native, n);
    for (; f->change != SAME && n; n--, external += f->external, native += f->native) {
        if (f->change == QUAD)
            quad_in(native, external);
        else
            number_in(f, native, external);
    }
}

/* ---- sizes ------------------------------------------------------------------------------------
 */

/* size + copies * each, or SIZE_MAX. */
static size_t sum(size_t size, size_t copies, size_t each)
{
    size_t more;
    if (__builtin_mul_overflow(copies, each, &more) || __builtin_add_overflow(size, more, &size))
        return SIZE_MAX;
    return size;
}

size_t ipcr_external_size(const struct ipcr_type *t)
{
    if (t->family == IPCR_PAIR) {
        struct ipcr_pair pair = ipcr_type_pair_halves(t);
        return ipcr_external_size(pair.value) + ipcr_external_size(pair.index);
    }
    if (t->basic == IPCR_BASIC_NONE)
        return t->external;
    struct form f = form_of(t);
    return (size_t)f.parts * f.external;
}

size_t ipcr_external_sum(const struct ipcr_type_contents *c, size_t size)
{
    size_t total = 0;
    if (size == 0 || c->combiner == MPI_COMBINER_VALUE_INDEX)
        return 0;
    if (c->combiner != MPI_COMBINER_STRUCT)
        return sum(0, size / c->type[0]->size, ipcr_external_size(c->type[0]));
    for (size_t i = 0; i < c->types; i++)
        total = sum(total, (size_t)c->value[1 + i], ipcr_external_size(c->type[i]));
    return total;
}

/* ---- the walk ---------------------------------------------------------------------------------
 */

struct walk {
    const struct ipcr_type *type; /* what the program passed */
    size_t count;
    void *buf;
    bool unpack;
    size_t native; /* bytes of the packed image that are behind us */
    size_t skip;   /* bytes of the external image still to be passed over */
    unsigned char *external;
    size_t room;
    bool full;
};

/* Copies of a basic type, at most one piece of them. Kept out of the functions that call
 * themselves: their frames would each hold a piece. */
static __attribute__((noinline)) void move_piece(struct walk *w, const struct form *f,
                                                 size_t numbers)
{
    unsigned char piece[PIECE];
    size_t native = numbers * f->native, external = numbers * f->external;
    if (w->unpack) {
        convert_in(f, piece, w->external, numbers);
        ipcr_type_unpack(w->type, w->count, w->buf, w->native, piece, native);
    } else {
        ipcr_type_pack(w->type, w->count, w->buf, w->native, piece, native);
        convert_out(f, w->external, piece, numbers);
    }
    w->native += native;
    w->external += external;
    w->room -= external;
}

static void walk_basic(struct walk *w, const struct ipcr_type *t, size_t copies)
{
    struct form f = form_of(t);
    size_t each = (size_t)f.parts * f.external;
    while (copies) {
        size_t fit = w->room / each, most = PIECE / t->size;
        size_t n = copies < most ? copies : most;
        if (fit == 0)
            w->full = true;
        if (w->full)
            return;
        if (n > fit)
            n = fit;
        move_piece(w, &f, n * f.parts);
        copies -= n;
    }
}

/* Passes over whole copies; returns how many are left. */
static size_t skip_copies(struct walk *w, const struct ipcr_type *t, size_t copies)
{
    if (w->skip == 0)
        return copies;
    size_t each = ipcr_external_size(t), n = w->skip / each;
    if (n > copies)
        n = copies;
    w->skip -= n * each;
    w->native += n * t->size;
    return copies - n;
}

static void walk(struct walk *w, const struct ipcr_type *t, size_t copies);

static void walk_struct(struct walk *w, const struct ipcr_type *t)
{
    const struct ipcr_type_contents *c = t->contents;
    for (size_t i = 0; i < c->types && !w->full; i++)
        walk(w, c->type[i], (size_t)c->value[1 + i]);
}

static void walk_pair(struct walk *w, const struct ipcr_type *t)
{
    struct ipcr_pair pair = ipcr_type_pair_halves(t);
    walk(w, pair.value, 1);
    if (!w->full)
        walk(w, pair.index, 1);
}

static bool is_mixed(const struct ipcr_type *t)
{
    return t->family == IPCR_PAIR || (t->contents && t->contents->combiner == MPI_COMBINER_STRUCT);
}

static void walk(struct walk *w, const struct ipcr_type *t, size_t copies)
{
    if (copies == 0 || t->size == 0)
        return;
    while (t->basic == IPCR_BASIC_NONE && !is_mixed(t)) {
        const struct ipcr_type *old = t->contents->type[0];
        copies *= t->size / old->size;
        t = old;
    }
    copies = skip_copies(w, t, copies);
    if (!is_mixed(t))
        walk_basic(w, t, copies);
    for (; is_mixed(t) && copies && !w->full; copies--) {
        if (t->family == IPCR_PAIR)
            walk_pair(w, t);
        else
            walk_struct(w, t);
    }
}

size_t ipcr_external_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                          void *out, size_t len)
{
    struct walk w = {.type = t, .count = count, .skip = offset, .external = out, .room = len};
    w.buf = (void *)(uintptr_t)buf;
    walk(&w, t, count);
    return len - w.room;
}

size_t ipcr_external_unpack(const struct ipcr_type *t, size_t count, void *buf, size_t offset,
                            const void *in, size_t len)
{
    struct walk w = {.type = t, .count = count, .skip = offset, .room = len, .unpack = true};
    w.buf = buf;
    w.external = (unsigned char *)(uintptr_t)in;
    walk(&w, t, count);
    return len - w.room;
}
