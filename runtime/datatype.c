/* Questions about datatypes: what they touch, and where basic elements begin. */
#include "datatype.h"

#include "typemake.h"
#include "typeunnamed.h"

const char *ipcr_type_label(const struct ipcr_type *t)
{
    if (t->name[0])
        return t->name;
    return t->predefined ? "an unnamed predefined datatype" : "a derived datatype";
}

void ipcr_type_finish_all(void)
{
    for (size_t i = 0; i < sizeof ipcr_type_predefined / sizeof ipcr_type_predefined[0]; i++)
        if (ipcr_type_predefined[i])
            ipcr_attr_drop_all(ipcr_type_attrs(ipcr_type_predefined[i]));
    ipcr_type_unnamed_finish();
    ipcr_type_forget_freed();
}

size_t ipcr_type_span(const struct ipcr_type *t, size_t count, ptrdiff_t *lb)
{
    *lb = 0;
    if (count == 0 || t->size == 0)
        return 0;
    ptrdiff_t last = (ptrdiff_t)(count - 1) * t->extent;
    *lb = t->true_lb + (last < 0 ? last : 0);
    return (size_t)(t->true_extent + (last < 0 ? -last : last));
}

/* ---- basic elements ---------------------------------------------------------------------------
 */

/* The basic elements of a type in packing order: runs of equal old types. A struct has a run for
 * each block, an unnamed pair has two, other types have one; the named pairs with unequal halves,
 * which were not made of others, are seen to apart. */
struct part {
    const struct ipcr_type *type;
    size_t copies;
};

static size_t parts(const struct ipcr_type *t)
{
    const struct ipcr_type_contents *c = t->contents;
    return c->combiner == MPI_COMBINER_STRUCT || c->combiner == MPI_COMBINER_VALUE_INDEX ? c->types
                                                                                         : 1;
}

/* A part without bytes has no copies; t->size is not 0. */
static struct part part_of(const struct ipcr_type *t, size_t i)
{
    const struct ipcr_type_contents *c = t->contents;
    struct part p = {.type = c->type[i]};
    if (p.type->size == 0)
        return p;
    if (c->combiner == MPI_COMBINER_STRUCT)
        p.copies = (size_t)c->value[1 + i];
    else if (c->combiner == MPI_COMBINER_VALUE_INDEX)
        p.copies = 1;
    else
        p.copies = t->size / p.type->size;
    return p;
}

/* The second half of a pair is an index of int's size, if the halves differ at all. */
static size_t pair_value_size(const struct ipcr_type *t)
{
    return t->size - sizeof(int);
}

int64_t ipcr_type_elements(const struct ipcr_type *t, size_t bytes)
{
    if (t->size == 0)
        return bytes ? MPI_UNDEFINED : 0;
    int64_t n = (int64_t)(bytes / t->size) * t->elements;
    bytes %= t->size;
    while (bytes) { /* less than one t */
        if (t->element)
            return bytes % t->element ? MPI_UNDEFINED : n + (int64_t)(bytes / t->element);
        if (!t->contents)
            return bytes == pair_value_size(t) ? n + 1 : MPI_UNDEFINED;
        struct part p = part_of(t, 0);
        for (size_t i = 0; i + 1 < parts(t) && bytes >= p.copies * p.type->size;) {
            n += (int64_t)p.copies * p.type->elements;
            bytes -= p.copies * p.type->size;
            p = part_of(t, ++i);
        }
        t = p.type;
        if (bytes == 0)
            break;
        n += (int64_t)(bytes / t->size) * t->elements;
        bytes %= t->size;
    }
    return n;
}

int64_t ipcr_type_element_bytes(const struct ipcr_type *t, int64_t elements)
{
    int64_t bytes;
    if (t->elements == 0)
        return elements ? -1 : 0;
    if (__builtin_mul_overflow(elements / t->elements, (int64_t)t->size, &bytes))
        return -1;
    elements %= t->elements;
    while (elements) { /* less than one t: bytes + t->size might overflow, a part of it does not */
        size_t more = 0;
        if (t->element || !t->contents) {
            more = t->element ? (size_t)elements * t->element : pair_value_size(t);
            return __builtin_add_overflow(bytes, (int64_t)more, &bytes) ? -1 : bytes;
        }
        struct part p = part_of(t, 0);
        for (size_t i = 0; i + 1 < parts(t) && elements >= (int64_t)p.copies * p.type->elements;) {
            elements -= (int64_t)p.copies * p.type->elements;
            more += p.copies * p.type->size;
            p = part_of(t, ++i);
        }
        t = p.type;
        if (elements) {
            more += (size_t)(elements / t->elements) * t->size;
            elements %= t->elements;
        }
        if (__builtin_add_overflow(bytes, (int64_t)more, &bytes))
            return -1;
    }
    return bytes;
}
