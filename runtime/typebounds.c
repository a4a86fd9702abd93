/* Bounds, extents and sizes of types under construction, with every overflow noticed. */
#include "err.h"
#include "typemake.h"

/* Displacements are ptrdiff_t, sizes too: what an MPI_Aint and an MPI_Count can tell. */
static bool add(ptrdiff_t *sum, ptrdiff_t a, ptrdiff_t b)
{
    return __builtin_add_overflow(a, b, sum);
}

void ipcr_reach_repeat(struct ipcr_reach *r, int64_t n, ptrdiff_t stride)
{
    ptrdiff_t far;
    if (__builtin_mul_overflow(n - 1, stride, &far))
        r->overflow = true;
    else if (far < 0)
        r->overflow |= add(&r->lowest, r->lowest, far);
    else
        r->overflow |= add(&r->highest, r->highest, far);
}

ptrdiff_t ipcr_bounds_product(struct ipcr_bounds *b, int64_t x, int64_t y)
{
    ptrdiff_t product;
    if (!__builtin_mul_overflow(x, y, &product))
        return product;
    b->overflow = true;
    return 0;
}

static void widen(ptrdiff_t *low, ptrdiff_t *high, const ptrdiff_t interval[2])
{
    if (interval[0] < *low)
        *low = interval[0];
    if (interval[1] > *high)
        *high = interval[1];
}

/* Explicit bounds count alone as soon as there are some. */
static void add_bounds(struct ipcr_bounds *b, const struct ipcr_type *t, struct ipcr_reach r)
{
    ptrdiff_t own[2];
    b->overflow |= add(&own[0], r.lowest, t->lb);
    b->overflow |= add(&own[1], r.highest, t->lb) || add(&own[1], own[1], t->extent);
    if (b->bounded && !t->bounded)
        return;
    if (!b->any || (t->bounded && !b->bounded)) {
        b->lb = own[0];
        b->ub = own[1];
    }
    widen(&b->lb, &b->ub, own);
    b->any = true;
    b->bounded = t->bounded;
}

static void add_data(struct ipcr_bounds *b, const struct ipcr_type *t, struct ipcr_reach r)
{
    ptrdiff_t own[2];
    b->overflow |= add(&own[0], r.lowest, t->true_lb);
    b->overflow |= add(&own[1], r.highest, t->true_lb) || add(&own[1], own[1], t->true_extent);
    if (!b->data) {
        b->true_lb = own[0];
        b->true_ub = own[1];
        b->element = t->element;
    }
    widen(&b->true_lb, &b->true_ub, own);
    b->uneven |= t->element == 0 || t->element != b->element;
    b->data = true;
    if (t->align > b->align)
        b->align = t->align;
}

void ipcr_bounds_add(struct ipcr_bounds *b, const struct ipcr_type *t, struct ipcr_reach r,
                     int64_t copies)
{
    if (copies == 0 || (t->size == 0 && !t->bounded))
        return;
    b->overflow |= r.overflow;
    add_bounds(b, t, r);
    if (t->size == 0)
        return;
    add_data(b, t, r);
    ptrdiff_t size = ipcr_bounds_product(b, copies, (int64_t)t->size);
    b->overflow |= add(&size, size, (ptrdiff_t)b->size);
    b->size = (size_t)size;
    /* An element has at least one byte: if the bytes can be counted, so can the elements. */
    if (!b->overflow)
        b->elements += copies * t->elements;
}

static void round_up(struct ipcr_bounds *b)
{
    ptrdiff_t extent = b->ub - b->lb, past = b->align ? extent % b->align : 0;
    if (past)
        b->overflow |= add(&b->ub, b->ub, b->align - past);
}

int ipcr_bounds_close(struct ipcr_bounds *b)
{
    ptrdiff_t extent;
    b->overflow |= __builtin_sub_overflow(b->ub, b->lb, &extent);
    b->overflow |= __builtin_sub_overflow(b->true_ub, b->true_lb, &extent);
    if (!b->overflow && !b->bounded)
        round_up(b);
    if (b->overflow || __builtin_sub_overflow(b->ub, b->lb, &extent))
        return ipcr_err_note(MPI_ERR_COUNT,
                             "the new datatype would have a size, a displacement or "
                             "an extent of more than %td bytes",
                             PTRDIFF_MAX);
    return MPI_SUCCESS;
}
