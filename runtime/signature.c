/* Type signatures: sequences of basic elements as polynomials, so that repeating and joining them
 * costs a few multiplications whatever the counts are. */
#include "signature.h"

#include <stdio.h>

#include "typemake.h"

enum {
    MIXED = 0x8000,     /* the rest is a hash; else the rest is the type of all elements */
    HANDLE_BASE = 0x200 /* of predefined types (MPI 5.0 appendix A) */
};

static const uint64_t base = UINT64_C(0x9e3779b97f4a7c15); /* any odd number with no pattern */

/* A sequence of elements: the value of its polynomial, and base to the number of its elements. */
struct run {
    uint64_t value, power;
    uint8_t first; /* handle - HANDLE_BASE of the first element, 0: none */
    bool mixed;    /* not all are like the first */
    bool unknown;
};

static const struct run nothing = {.power = 1};

static uint8_t basic_of(uint8_t index)
{
    return ipcr_type_predefined[index]->basic;
}

static struct run join(struct run a, struct run b)
{
    struct run r = {.value = a.value * b.power + b.value,
                    .power = a.power * b.power,
                    .first = a.first ? a.first : b.first,
                    .mixed = a.mixed || b.mixed,
                    .unknown = a.unknown || b.unknown};
    if (a.first && b.first)
        r.mixed |= basic_of(a.first) != basic_of(b.first);
    return r;
}

static struct run repeat(struct run once, uint64_t times)
{
    struct run r = nothing;
    for (; times; times >>= 1) {
        if (times & 1)
            r = join(r, once);
        once = join(once, once);
    }
    return r;
}

static struct run letter(MPI_Datatype handle)
{
    uint8_t index = (uint8_t)((uintptr_t)handle - HANDLE_BASE);
    return (struct run){.value = basic_of(index) + 1u, .power = base, .first = index};
}

/* The numbers of the pairs for MPI_MINLOC and MPI_MAXLOC. */
static struct run pair(const struct ipcr_type *t)
{
    switch (t->basic) {
    case IPCR_PAIR_F32_I32:
        return join(letter(MPI_FLOAT), letter(MPI_INT));
    case IPCR_PAIR_F64_I32:
        return join(letter(MPI_DOUBLE), letter(MPI_INT));
    case IPCR_PAIR_LONG_I32:
        return join(letter(MPI_LONG), letter(MPI_INT));
    case IPCR_PAIR_I32_I32:
        return join(letter(MPI_INT), letter(MPI_INT));
    case IPCR_PAIR_I16_I32:
        return join(letter(MPI_SHORT), letter(MPI_INT));
    case IPCR_PAIR_LD_I32:
        return join(letter(MPI_LONG_DOUBLE), letter(MPI_INT));
    case IPCR_PAIR_F32_F32:
        return join(letter(MPI_FLOAT), letter(MPI_FLOAT));
    case IPCR_PAIR_F64_F64:
        return join(letter(MPI_DOUBLE), letter(MPI_DOUBLE));
    default:
        return (struct run){.power = 1, .unknown = true};
    }
}

static struct run element(const struct ipcr_type *t)
{
    if (t->basic >= IPCR_PAIR_F32_I32)
        return pair(t);
    if (t->handle == MPI_PACKED || (uintptr_t)t->handle - HANDLE_BASE >= 256)
        return (struct run){.power = 1, .unknown = true};
    return letter(t->handle);
}

static struct run sequence(const struct ipcr_type *t, uint64_t bytes);

/* Of one struct, cut off after so many bytes. */
static struct run members(const struct ipcr_type *t, uint64_t bytes)
{
    const struct ipcr_type_contents *c = t->contents;
    struct run r = nothing;
    for (size_t i = 0; i < c->types && bytes; i++) {
        uint64_t all = (uint64_t)c->value[i + 1] * c->type[i]->size;
        uint64_t here = all < bytes ? all : bytes;
        r = join(r, sequence(c->type[i], here));
        bytes -= here;
    }
    return r;
}

static bool is_struct(const struct ipcr_type *t)
{
    return t->contents && t->contents->combiner == MPI_COMBINER_STRUCT;
}

/* Any type but a struct is so many copies of its old type in a row. */
static struct run sequence(const struct ipcr_type *t, uint64_t bytes)
{
    while (t->contents && t->contents->types == 1)
        t = t->contents->type[0];
    if (!bytes || !t->size)
        return nothing;
    if (!is_struct(t)) /* a part of an element counts as one: it cannot match another type's */
        return repeat(element(t), (bytes + t->size - 1) / t->size);
    uint64_t whole = bytes / t->size;
    struct run r = whole ? repeat(members(t, t->size), whole) : nothing;
    return join(r, members(t, bytes % t->size));
}

uint16_t ipcr_signature(const struct ipcr_type *t, uint64_t bytes)
{
    struct run r = sequence(t, bytes);
    if (r.unknown || !r.first)
        return IPCR_SIGNATURE_NONE;
    return r.mixed ? (uint16_t)(MIXED | (r.value * base) >> 49) : r.first;
}

bool ipcr_signatures_match(uint16_t a, uint16_t b)
{
    if (a == b || !a || !b)
        return true;
    return !((a | b) & MIXED) && basic_of((uint8_t)a) == basic_of((uint8_t)b);
}

void ipcr_signature_words(uint16_t s, uint64_t bytes, char *text, size_t room)
{
    const struct ipcr_type *t = s && !(s & MIXED) ? ipcr_type_predefined[s & 0xff] : NULL;
    if (t)
        snprintf(text, room, "%llu x %s", (unsigned long long)(bytes / t->size),
                 ipcr_type_label(t));
    else
        snprintf(text, room, "%llu bytes of several types", (unsigned long long)bytes);
}
