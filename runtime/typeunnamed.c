/* Predefined datatypes that are made on request; see typeunnamed.h. */
#include "typeunnamed.h"

#include <float.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "basic.h"
#include "err.h"
#include "layout.h"
#include "typemake.h"

/* All there are. A program uses a handful. */
static struct ipcr_type **known;
static size_t known_count;

static bool made_so(const struct ipcr_type_contents *c, const struct ipcr_type_contents *like)
{
    return c->combiner == like->combiner &&
           memcmp(c->value, like->value, c->integers * sizeof c->value[0]) == 0 &&
           (c->types == 0 || memcmp(c->type, like->type, c->types * sizeof c->type[0]) == 0);
}

static void discard(struct ipcr_type *t)
{
    free(t->contents);
    ipcr_layout_release(t->layout);
    free(t);
}

/* The one known type that was made like t, which goes if it is not the first. Takes over t, which
 * may be NULL for want of memory. */
static int settle(struct ipcr_type *t, struct ipcr_type **settled)
{
    for (size_t i = 0; t && i < known_count; i++) {
        if (made_so(known[i]->contents, t->contents)) {
            discard(t);
            *settled = known[i];
            return MPI_SUCCESS;
        }
    }
    struct ipcr_type **more = t ? realloc(known, (known_count + 1) * sizeof *known) : NULL;
    if (more == NULL) {
        if (t)
            discard(t);
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a datatype");
    }
    known = more;
    known[known_count++] = t;
    t->predefined = t->committed = true;
    *settled = t;
    return MPI_SUCCESS;
}

void ipcr_type_unnamed_finish(void)
{
    for (size_t i = 0; i < known_count; i++) {
        ipcr_attr_drop_all(ipcr_type_attrs(known[i]));
        discard(known[i]);
    }
    free(known);
    known = NULL;
    known_count = 0;
}

/* ---- Fortran's kinds --------------------------------------------------------------------------
 */

/* A type like a named one, but for its name. */
static int like(const struct ipcr_type *named, struct ipcr_type *t, struct ipcr_type **made)
{
    if (t) {
        struct ipcr_type_contents *contents = t->contents;
        *t = *named;
        t->contents = contents;
        t->handle = (MPI_Datatype)t;
        t->attrs = NULL;
        t->name[0] = '\0';
    }
    return settle(t, made);
}

/* What gfortran has, smallest first: decimal digits, decimal exponent, and the types. */
struct kind {
    int digits, exponent;
    MPI_Datatype real, complex;
};

static const struct kind kinds[] = {
    {FLT_DIG, FLT_MAX_10_EXP - 1, MPI_REAL4, MPI_COMPLEX8},
    {DBL_DIG, DBL_MAX_10_EXP - 1, MPI_REAL8, MPI_COMPLEX16},
#if LDBL_MANT_DIG == 64
    {LDBL_DIG, LDBL_MAX_10_EXP - 1, MPI_LONG_DOUBLE, MPI_C_LONG_DOUBLE_COMPLEX},
#endif
#ifdef IPCR_HAVE_F128
    {33, 4931, MPI_REAL16, MPI_COMPLEX32},
#endif
};

int ipcr_type_f90_floating(int combiner, int p, int r, struct ipcr_type **made)
{
    /* An argument that is MPI_UNDEFINED asks for nothing, as it does in Fortran when it is absent;
     * being negative, any kind satisfies it. */
    if (p == MPI_UNDEFINED && r == MPI_UNDEFINED)
        return ipcr_err_note(MPI_ERR_ARG, "precision and range are both MPI_UNDEFINED");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (p > kinds[i].digits || r > kinds[i].exponent)
            continue;
        struct ipcr_type *t = ipcr_type_new(combiner, 2, 0, 0);
        if (t)
            memcpy(t->contents->value, (int64_t[]){p, r}, 2 * sizeof(int64_t));
        MPI_Datatype named = combiner == MPI_COMBINER_F90_REAL ? kinds[i].real : kinds[i].complex;
        return like(ipcr_type_of(named), t, made);
    }
    return ipcr_err_note(
        MPI_ERR_ARG, "no kind of real numbers has %d decimal digits and exponents up to %d", p, r);
}

int ipcr_type_f90_integer(int r, struct ipcr_type **made)
{
    static const struct {
        int digits;
        MPI_Datatype type;
    } widths[] = {{2, MPI_INTEGER1},
                  {4, MPI_INTEGER2},
                  {9, MPI_INTEGER4},
                  {18, MPI_INTEGER8},
#ifdef IPCR_HAVE_I128
                  {38, MPI_INTEGER16}
#endif
    };
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        if (r > widths[i].digits)
            continue;
        struct ipcr_type *t = ipcr_type_new(MPI_COMBINER_F90_INTEGER, 1, 0, 0);
        if (t)
            t->contents->value[0] = r;
        return like(ipcr_type_of(widths[i].type), t, made);
    }
    return ipcr_err_note(MPI_ERR_ARG, "no kind of integers has %d decimal digits", r);
}

/* ---- pairs ------------------------------------------------------------------------------------
 */

static const struct {
    MPI_Datatype pair, value, index;
} named_pairs[] = {
    {MPI_FLOAT_INT, MPI_FLOAT, MPI_INT},
    {MPI_DOUBLE_INT, MPI_DOUBLE, MPI_INT},
    {MPI_LONG_INT, MPI_LONG, MPI_INT},
    {MPI_2INT, MPI_INT, MPI_INT},
    {MPI_SHORT_INT, MPI_SHORT, MPI_INT},
    {MPI_LONG_DOUBLE_INT, MPI_LONG_DOUBLE, MPI_INT},
    {MPI_2REAL, MPI_REAL, MPI_REAL},
    {MPI_2DOUBLE_PRECISION, MPI_DOUBLE_PRECISION, MPI_DOUBLE_PRECISION},
    {MPI_2INTEGER, MPI_INTEGER, MPI_INTEGER},
};
enum { NAMED_PAIRS = sizeof named_pairs / sizeof named_pairs[0] };

static size_t index_place(const struct ipcr_type *value, const struct ipcr_type *index)
{
    return (value->size + index->align - 1) / index->align * index->align;
}

struct ipcr_pair ipcr_type_pair_halves(const struct ipcr_type *pair)
{
    struct ipcr_pair halves = {0};
    if (pair->contents) {
        halves.value = pair->contents->type[0];
        halves.index = pair->contents->type[1];
    }
    for (size_t i = 0; i < NAMED_PAIRS && !halves.value; i++) {
        if (named_pairs[i].pair != pair->handle)
            continue;
        halves.value = ipcr_type_of(named_pairs[i].value);
        halves.index = ipcr_type_of(named_pairs[i].index);
    }
    halves.index_at = index_place(halves.value, halves.index);
    return halves;
}

static bool is_integer(const struct ipcr_type *t)
{
    return t->family == IPCR_C_INTEGER || t->family == IPCR_FORTRAN_INTEGER ||
           t->family == IPCR_MULTI_LANGUAGE;
}

static int new_pair(struct ipcr_type *value, struct ipcr_type *index, struct ipcr_type **pair)
{
    ptrdiff_t at = (ptrdiff_t)index_place(value, index);
    struct ipcr_bounds b = {0};
    struct ipcr_layout_list list = {0};
    ipcr_bounds_add(&b, value, (struct ipcr_reach){0}, 1);
    ipcr_bounds_add(&b, index, (struct ipcr_reach){at, at, false}, 1);
    ipcr_layout_add(&list, 0, value->layout, 1, 0);
    ipcr_layout_add(&list, at, index->layout, 1, 0);
    struct ipcr_type *t = ipcr_type_new(MPI_COMBINER_VALUE_INDEX, 0, 0, 2);
    struct ipcr_layout *layout = ipcr_layout_finish(&list);
    int class = ipcr_bounds_close(&b);
    if (class == MPI_SUCCESS)
        class = ipcr_type_finish(t, &b, layout, &t);
    if (class)
        return class;
    t->contents->type[0] = value;
    t->contents->type[1] = index;
    t->family = IPCR_PAIR;
    t->basic = IPCR_PAIR_OTHER;
    return settle(t, pair);
}

int ipcr_type_pair(struct ipcr_type *value, struct ipcr_type *index, struct ipcr_type **pair)
{
    *pair = NULL;
    for (size_t i = 0; i < NAMED_PAIRS; i++) {
        if (named_pairs[i].value == value->handle && named_pairs[i].index == index->handle) {
            *pair = ipcr_type_of(named_pairs[i].pair);
            return MPI_SUCCESS;
        }
    }
    if (!value->predefined || !index->predefined || !is_integer(index) ||
        !(is_integer(value) || value->family == IPCR_FLOATING_POINT))
        return MPI_SUCCESS;
    return new_pair(value, index, pair);
}
