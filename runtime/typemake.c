/* Constructors of derived datatypes over one old type, and struct; see typemake.h. */
#include "typemake.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "external.h"
#include "graveyard.h"
#include "layout.h"
#include "observe.h"

static struct ipcr_graveyard graveyard;

/* ---- types as objects -------------------------------------------------------------------------
 */

struct ipcr_type *ipcr_type_new(int combiner, size_t integers, size_t addresses, size_t types)
{
    size_t numbers = integers + addresses;
    struct ipcr_type_contents *c =
        calloc(1, sizeof *c + numbers * sizeof(int64_t) + types * sizeof(struct ipcr_type *));
    struct ipcr_type *t = c ? ipcr_grave_take(&graveyard, sizeof *t) : NULL;
    if (t == NULL) {
        free(c);
        return NULL;
    }
    c->combiner = combiner;
    c->integers = integers;
    c->addresses = addresses;
    c->types = types;
    c->type = (struct ipcr_type **)(c->value + numbers);
    t->magic = IPCR_TYPE_MAGIC;
    t->refs = t->handles = 1;
    t->handle = (MPI_Datatype)t;
    t->contents = c;
    return t;
}

struct ipcr_type *ipcr_type_new_from(int combiner, size_t integers, size_t addresses,
                                     struct ipcr_type *old)
{
    struct ipcr_type *t = ipcr_type_new(combiner, integers, addresses, 1);
    if (t) {
        t->contents->type[0] = old;
        ipcr_type_retain(old);
    }
    return t;
}

/* Ends the type itself. The reference to its last old type goes over to the caller. */
static struct ipcr_type *take_apart(struct ipcr_type *t)
{
    struct ipcr_type_contents *c = t->contents;
    struct ipcr_type *last = c->types ? c->type[c->types - 1] : NULL;
    for (size_t i = 0; i + 1 < c->types; i++)
        ipcr_type_release(c->type[i]);
    ipcr_attr_drop_all(ipcr_type_attrs(t));
    free(c);
    ipcr_layout_release(t->layout);
    ipcr_grave_put(&graveyard, t);
    return last;
}

/* Goes along the old types in a loop: a chain of duplicates may be longer than a stack is deep. */
void ipcr_type_release(struct ipcr_type *t)
{
    while (t && !t->predefined && --t->refs == 0)
        t = take_apart(t);
}

void ipcr_type_forget_freed(void)
{
    ipcr_grave_empty(&graveyard);
}

int ipcr_type_hand_over(int class, struct ipcr_type *made, MPI_Datatype *newtype)
{
    if (class)
        return class;
    if (newtype == NULL) {
        ipcr_type_release(made);
        return ipcr_err_note(MPI_ERR_ARG, "newtype is a null pointer");
    }
    *newtype = made->handle;
    IPCR_OBSERVE(object, IPCR_OBJECT_TYPE, made, true);
    return MPI_SUCCESS;
}

void ipcr_type_hand_out(struct ipcr_type *t)
{
    t->refs++;
    t->handles++;
    t->magic = IPCR_TYPE_MAGIC;
    IPCR_OBSERVE(object, IPCR_OBJECT_TYPE, t, true);
}

void ipcr_type_hand_back(struct ipcr_type *t)
{
    IPCR_OBSERVE(object, IPCR_OBJECT_TYPE, t, false);
    if (--t->handles == 0)
        t->magic = 0;
    ipcr_type_release(t);
}

int ipcr_type_finish(struct ipcr_type *t, const struct ipcr_bounds *b, struct ipcr_layout *layout,
                     struct ipcr_type **made)
{
    if (t == NULL || layout == NULL) {
        ipcr_layout_release(layout);
        ipcr_type_release(t);
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for the description of a datatype");
    }
    t->layout = layout;
    t->bounded = b->bounded;
    t->align = b->align ? b->align : 1;
    t->size = b->size;
    t->elements = b->elements;
    t->element = b->uneven ? 0 : b->element;
    t->lb = b->lb;
    t->extent = b->ub - b->lb;
    t->true_lb = b->true_lb;
    t->true_extent = b->true_ub - b->true_lb;
    t->external = ipcr_external_sum(t->contents, t->size);
    t->dense = layout->kind == IPCR_DENSE && (t->size == 0 || t->extent == (ptrdiff_t)t->size);
    *made = t;
    return MPI_SUCCESS;
}

/* ---- checks -----------------------------------------------------------------------------------
 */

int ipcr_type_check_old(const struct ipcr_type *old)
{
    if (old)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_TYPE, "the old datatype is MPI_DATATYPE_NULL, has been freed, or "
                                       "is no datatype");
}

int ipcr_type_check_least(int class, const char *what, int64_t value, int64_t least)
{
    if (value >= least)
        return MPI_SUCCESS;
    return ipcr_err_note(class, "%s is %lld; it must be at least %lld", what, (long long)value,
                         (long long)least);
}

static int check_array(const void *array, int64_t count, const char *what)
{
    if (array || count == 0)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG, "the array of %s is a null pointer, and count is %lld", what,
                         (long long)count);
}

static int check_length(size_t i, int64_t length)
{
    if (length >= 0)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG, "block length %zu is %lld; it must not be negative", i,
                         (long long)length);
}

/* ---- contiguous and vector ---------------------------------------------------------------------
 */

struct vector {
    int combiner;
    size_t integers, addresses;
    int64_t count, length, stride; /* stride as the program gave it */
};

static int make_vector(const struct vector *v, ptrdiff_t bytes, struct ipcr_type *old,
                       struct ipcr_type **made)
{
    struct ipcr_bounds b = {0};
    struct ipcr_reach r = {0};
    if (v->count > 0 && v->length > 0) {
        ipcr_reach_repeat(&r, v->length, old->extent);
        ipcr_reach_repeat(&r, v->count, bytes);
        ipcr_bounds_add(&b, old, r, ipcr_bounds_product(&b, v->count, v->length));
    }
    int class = ipcr_bounds_close(&b);
    if (class)
        return class;
    struct ipcr_layout *block = ipcr_layout_repeat(old->layout, (size_t)v->length, old->extent);
    struct ipcr_layout *layout = ipcr_layout_repeat(block, (size_t)v->count, bytes);
    ipcr_layout_release(block);
    struct ipcr_type *t = ipcr_type_new_from(v->combiner, v->integers, v->addresses, old);
    if (t)
        memcpy(t->contents->value, (int64_t[]){v->count, v->length, v->stride},
               (v->integers + v->addresses) * sizeof(int64_t));
    return ipcr_type_finish(t, &b, layout, made);
}

static int check_vector(const struct vector *v, const struct ipcr_type *old)
{
    int class = ipcr_type_check_least(MPI_ERR_COUNT, "count", v->count, 0);
    if (!class)
        class = ipcr_type_check_least(MPI_ERR_ARG, "the block length", v->length, 0);
    return class ? class : ipcr_type_check_old(old);
}

int ipcr_type_contiguous(int64_t count, struct ipcr_type *old, struct ipcr_type **made)
{
    struct vector v = {MPI_COMBINER_CONTIGUOUS, 1, 0, count, 1, 0};
    int class = check_vector(&v, old);
    return class ? class : make_vector(&v, old->extent, old, made);
}

int ipcr_type_vector(int64_t count, int64_t length, int64_t stride, struct ipcr_type *old,
                     struct ipcr_type **made)
{
    struct vector v = {MPI_COMBINER_VECTOR, 3, 0, count, length, stride};
    int class = check_vector(&v, old);
    if (class)
        return class;
    struct ipcr_bounds b = {0};
    ptrdiff_t bytes = ipcr_bounds_product(&b, stride, old->extent);
    class = ipcr_bounds_close(&b);
    return class ? class : make_vector(&v, bytes, old, made);
}

int ipcr_type_hvector(int64_t count, int64_t length, int64_t stride, struct ipcr_type *old,
                      struct ipcr_type **made)
{
    struct vector v = {MPI_COMBINER_HVECTOR, 2, 1, count, length, stride};
    int class = check_vector(&v, old);
    return class ? class : make_vector(&v, stride, old, made);
}

/* ---- indexed ----------------------------------------------------------------------------------
 */

static bool has_lengths(const struct ipcr_indexed *is)
{
    return is->combiner == MPI_COMBINER_INDEXED || is->combiner == MPI_COMBINER_HINDEXED;
}

static bool in_bytes(const struct ipcr_indexed *is)
{
    return is->combiner == MPI_COMBINER_HINDEXED || is->combiner == MPI_COMBINER_HINDEXED_BLOCK;
}

static int64_t block_length(const struct ipcr_indexed *is, size_t i)
{
    return has_lengths(is) ? ipcr_ints_get(is->lengths, i) : is->length;
}

static int check_indexed(const struct ipcr_indexed *is, const struct ipcr_type *old)
{
    int class = ipcr_type_check_least(MPI_ERR_COUNT, "count", is->count, 0);
    if (!class && has_lengths(is))
        class = check_array(is->lengths.at, is->count, "block lengths");
    if (!class)
        class = check_array(is->places.at, is->count, "displacements");
    if (!class && !has_lengths(is))
        class = ipcr_type_check_least(MPI_ERR_ARG, "the block length", is->length, 0);
    return class ? class : ipcr_type_check_old(old);
}

static int bound_indexed(const struct ipcr_indexed *is, const struct ipcr_type *old,
                         struct ipcr_bounds *b)
{
    ptrdiff_t unit = in_bytes(is) ? 1 : old->extent;
    for (size_t i = 0; i < (size_t)is->count; i++) {
        int64_t length = block_length(is, i);
        int class = check_length(i, length);
        if (class)
            return class;
        if (length == 0)
            continue;
        ptrdiff_t at = ipcr_bounds_product(b, ipcr_ints_get(is->places, i), unit);
        struct ipcr_reach r = {at, at, false};
        ipcr_reach_repeat(&r, length, old->extent);
        ipcr_bounds_add(b, old, r, length);
    }
    return ipcr_bounds_close(b);
}

static struct ipcr_layout *lay_out_indexed(const struct ipcr_indexed *is, struct ipcr_type *old)
{
    struct ipcr_layout_list list = {0};
    ptrdiff_t unit = in_bytes(is) ? 1 : old->extent;
    for (size_t i = 0; i < (size_t)is->count; i++) {
        size_t length = (size_t)block_length(is, i);
        if (length)
            ipcr_layout_add(&list, ipcr_ints_get(is->places, i) * unit, old->layout, length,
                            old->extent);
    }
    return ipcr_layout_finish(&list);
}

int ipcr_type_indexed(const struct ipcr_indexed *is, struct ipcr_type *old, struct ipcr_type **made)
{
    struct ipcr_bounds b = {0};
    int class = check_indexed(is, old);
    if (!class)
        class = bound_indexed(is, old, &b);
    if (class)
        return class;
    size_t n = (size_t)is->count, lengths = has_lengths(is) ? n : 1, head = 1 + lengths;
    size_t addresses = in_bytes(is) ? n : 0;
    struct ipcr_type *t = ipcr_type_new_from(is->combiner, head + n - addresses, addresses, old);
    if (t) {
        int64_t *value = t->contents->value;
        value[0] = is->count;
        for (size_t i = 0; i < lengths; i++)
            value[1 + i] = block_length(is, i);
        for (size_t i = 0; i < n; i++)
            value[head + i] = ipcr_ints_get(is->places, i);
    }
    return ipcr_type_finish(t, &b, lay_out_indexed(is, old), made);
}

/* ---- struct -----------------------------------------------------------------------------------
 */

static int check_struct(const struct ipcr_struct *is)
{
    int class = ipcr_type_check_least(MPI_ERR_COUNT, "count", is->count, 0);
    if (!class)
        class = check_array(is->lengths.at, is->count, "block lengths");
    if (!class)
        class = check_array(is->places.at, is->count, "displacements");
    return class ? class : check_array(is->types, is->count, "datatypes");
}

static int bound_struct(const struct ipcr_struct *is, struct ipcr_bounds *b)
{
    for (size_t i = 0; i < (size_t)is->count; i++) {
        const struct ipcr_type *old = ipcr_type_of(is->types[i]);
        int64_t length = ipcr_ints_get(is->lengths, i);
        int class = check_length(i, length);
        if (class)
            return class;
        if (old == NULL)
            return ipcr_err_note(MPI_ERR_TYPE,
                                 "datatype %zu is MPI_DATATYPE_NULL, has been freed, or is no "
                                 "datatype",
                                 i);
        if (length == 0)
            continue;
        ptrdiff_t at = ipcr_ints_get(is->places, i);
        struct ipcr_reach r = {at, at, false};
        ipcr_reach_repeat(&r, length, old->extent);
        ipcr_bounds_add(b, old, r, length);
    }
    return ipcr_bounds_close(b);
}

static struct ipcr_layout *lay_out_struct(const struct ipcr_struct *is)
{
    struct ipcr_layout_list list = {0};
    for (size_t i = 0; i < (size_t)is->count; i++) {
        const struct ipcr_type *old = ipcr_type_of(is->types[i]);
        ipcr_layout_add(&list, ipcr_ints_get(is->places, i), old->layout,
                        (size_t)ipcr_ints_get(is->lengths, i), old->extent);
    }
    return ipcr_layout_finish(&list);
}

int ipcr_type_struct(const struct ipcr_struct *is, struct ipcr_type **made)
{
    struct ipcr_bounds b = {0};
    int class = check_struct(is);
    if (!class)
        class = bound_struct(is, &b);
    if (class)
        return class;
    size_t n = (size_t)is->count;
    struct ipcr_type *t = ipcr_type_new(MPI_COMBINER_STRUCT, 1 + n, n, n);
    if (t) {
        int64_t *value = t->contents->value;
        value[0] = is->count;
        for (size_t i = 0; i < n; i++) {
            value[1 + i] = ipcr_ints_get(is->lengths, i);
            value[1 + n + i] = ipcr_ints_get(is->places, i);
            t->contents->type[i] = ipcr_type_of(is->types[i]);
            ipcr_type_retain(t->contents->type[i]);
        }
    }
    return ipcr_type_finish(t, &b, lay_out_struct(is), made);
}

/* ---- resized and dup ---------------------------------------------------------------------------
 */

static struct ipcr_bounds bounds_of(const struct ipcr_type *t)
{
    return (struct ipcr_bounds){.bounded = t->bounded,
                                .uneven = t->element == 0,
                                .align = t->align,
                                .size = t->size,
                                .element = t->element,
                                .elements = t->elements,
                                .lb = t->lb,
                                .ub = t->lb + t->extent,
                                .true_lb = t->true_lb,
                                .true_ub = t->true_lb + t->true_extent};
}

int ipcr_type_resized(struct ipcr_type *old, int64_t lb, int64_t extent, struct ipcr_type **made)
{
    int class = ipcr_type_check_old(old);
    if (class)
        return class;
    struct ipcr_bounds b = bounds_of(old);
    b.bounded = true;
    b.lb = lb;
    if (__builtin_add_overflow(lb, extent, &b.ub))
        return ipcr_err_note(MPI_ERR_ARG, "lower bound %lld and extent %lld: their sum overflows",
                             (long long)lb, (long long)extent);
    struct ipcr_type *t = ipcr_type_new_from(MPI_COMBINER_RESIZED, 0, 2, old);
    if (t)
        memcpy(t->contents->value, (int64_t[]){lb, extent}, 2 * sizeof(int64_t));
    return ipcr_type_finish(t, &b, ipcr_layout_retain(old->layout), made);
}

int ipcr_type_dup(struct ipcr_type *old, struct ipcr_type **made)
{
    int class = ipcr_type_check_old(old);
    if (class)
        return class;
    struct ipcr_bounds b = bounds_of(old);
    struct ipcr_type *t = ipcr_type_new_from(MPI_COMBINER_DUP, 0, 0, old);
    if (t)
        t->committed = old->committed;
    return ipcr_type_finish(t, &b, ipcr_layout_retain(old->layout), made);
}
