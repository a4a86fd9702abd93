/* Subarrays and distributed arrays: a loop per dimension, the fastest innermost. MPI 5.0 sections
 * 5.1.3 and 5.1.4. */
#include <stdlib.h>

#include "err.h"
#include "layout.h"
#include "typemake.h"

/* One dimension, as seen by the process that describes its part of it: blocks of `length` indices,
 * the first at index `first`, the next `step` further on; the last one has `rest` if that is not 0,
 * and is not counted in `blocks`. */
struct dimension {
    int64_t extent; /* of the whole array */
    int64_t first, length, blocks, step, rest;
};

/* The array so far: everything up to the dimension that is worked on. */
struct array {
    struct ipcr_bounds bounds;
    struct ipcr_reach reach;
    struct ipcr_layout *layout;
    ptrdiff_t stride; /* bytes from one index to the next */
    int64_t copies;   /* of the old type */
};

/* Extends the reach by the dimension's indices, from the first to the last. */
static void reach_dimension(struct array *a, const struct dimension *d)
{
    struct ipcr_bounds *b = &a->bounds;
    int64_t indices = d->blocks * d->length + d->rest;
    int64_t last = d->rest ? d->blocks * d->step + d->rest : (d->blocks - 1) * d->step + d->length;

    a->copies = ipcr_bounds_product(b, a->copies, indices);
    if (indices) {
        ptrdiff_t first = ipcr_bounds_product(b, d->first, a->stride);
        a->reach.overflow |= __builtin_add_overflow(a->reach.lowest, first, &a->reach.lowest) ||
                             __builtin_add_overflow(a->reach.highest, first, &a->reach.highest);
        ipcr_reach_repeat(&a->reach, last, a->stride);
    }
    a->stride = ipcr_bounds_product(b, a->stride, d->extent);
}

static struct ipcr_layout *lay_out_dimension(struct ipcr_layout *inner, const struct dimension *d,
                                             ptrdiff_t stride)
{
    struct ipcr_layout_list list = {0};
    struct ipcr_layout *block = ipcr_layout_repeat(inner, (size_t)d->length, stride);
    list.failed = block == NULL;
    if (block)
        ipcr_layout_add(&list, d->first * stride, block, (size_t)d->blocks, d->step * stride);
    if (d->rest)
        ipcr_layout_add(&list, (d->first + d->blocks * d->step) * stride, inner, (size_t)d->rest,
                        stride);
    ipcr_layout_release(block);
    ipcr_layout_release(inner);
    return ipcr_layout_finish(&list);
}

/* dims[0] is the dimension that varies fastest. */
static int make_array(const struct dimension *dims, size_t n, struct ipcr_type *old,
                      struct ipcr_type *t, struct ipcr_type **made)
{
    struct array a = {.stride = old->extent, .copies = 1};
    for (size_t i = 0; i < n; i++)
        reach_dimension(&a, &dims[i]);
    ipcr_bounds_add(&a.bounds, old, a.reach, a.copies);
    a.bounds.bounded = true;
    a.bounds.lb = 0;
    a.bounds.ub = a.stride;
    int class = ipcr_bounds_close(&a.bounds);
    if (class) {
        ipcr_type_release(t);
        return class;
    }
    a.layout = ipcr_layout_retain(old->layout);
    a.stride = old->extent;
    for (size_t i = 0; i < n && a.layout; i++) {
        a.layout = lay_out_dimension(a.layout, &dims[i], a.stride);
        a.stride *= dims[i].extent;
    }
    return ipcr_type_finish(t, &a.bounds, a.layout, made);
}

static void keep(struct ipcr_type *t, size_t *next, struct ipcr_ints numbers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t->contents->value[(*next)++] = ipcr_ints_get(numbers, i);
}

/* The numbers from this one on are large counts. */
static void count_from(struct ipcr_type_contents *c, size_t first)
{
    c->counts = c->integers - first;
    c->integers = first;
}

static int no_memory(void)
{
    return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for the description of an array");
}

static int check_shape(int64_t dims, int order)
{
    if (order == MPI_ORDER_C || order == MPI_ORDER_FORTRAN)
        return ipcr_type_check_least(MPI_ERR_ARG, "the number of dimensions", dims, 1);
    return ipcr_err_note(MPI_ERR_ARG,
                         "the order is %d; it must be MPI_ORDER_C or "
                         "MPI_ORDER_FORTRAN",
                         order);
}

/* Which of the program's dimensions is number i from the fastest. */
static size_t fastest(size_t dims, int order, size_t i)
{
    return order == MPI_ORDER_C ? dims - 1 - i : i;
}

/* ---- subarray ---------------------------------------------------------------------------------
 */

static int check_range(const struct ipcr_subarray *is, size_t i)
{
    int64_t size = ipcr_ints_get(is->sizes, i), sub = ipcr_ints_get(is->subsizes, i);
    int64_t start = ipcr_ints_get(is->starts, i);
    if (size >= 1 && sub >= 1 && sub <= size && start >= 0 && start <= size - sub)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG,
                         "dimension %zu: %lld indices from %lld on are no part of an array that "
                         "has %lld",
                         i, (long long)sub, (long long)start, (long long)size);
}

static int check_subarray(const struct ipcr_subarray *is, const struct ipcr_type *old)
{
    int class = check_shape(is->dims, is->order);
    if (class)
        return class;
    if (!is->sizes.at || !is->subsizes.at || !is->starts.at)
        return ipcr_err_note(MPI_ERR_ARG, "an array of sizes or starts is a null pointer");
    for (size_t i = 0; i < (size_t)is->dims && !class; i++)
        class = check_range(is, i);
    return class ? class : ipcr_type_check_old(old);
}

static struct ipcr_type *describe_subarray(const struct ipcr_subarray *is, struct ipcr_type *old)
{
    size_t n = (size_t)is->dims, next = 0;
    struct ipcr_type *t = ipcr_type_new_from(MPI_COMBINER_SUBARRAY, 3 * n + 2, 0, old);
    if (t == NULL)
        return NULL;
    bool large = is->sizes.width == sizeof(MPI_Count);
    keep(t, &next, IPCR_INTS(&is->dims), 1);
    if (large) {
        keep(t, &next, IPCR_INTS(&is->order), 1);
        count_from(t->contents, next);
    }
    keep(t, &next, is->sizes, n);
    keep(t, &next, is->subsizes, n);
    keep(t, &next, is->starts, n);
    if (!large)
        keep(t, &next, IPCR_INTS(&is->order), 1);
    return t;
}

int ipcr_type_subarray(const struct ipcr_subarray *is, struct ipcr_type *old,
                       struct ipcr_type **made)
{
    int class = check_subarray(is, old);
    if (class)
        return class;
    size_t n = (size_t)is->dims;
    struct dimension *dims = calloc(n, sizeof *dims);
    if (dims == NULL)
        return no_memory();
    for (size_t i = 0; i < n; i++) {
        size_t at = fastest(n, is->order, i);
        dims[i] = (struct dimension){.extent = ipcr_ints_get(is->sizes, at),
                                     .first = ipcr_ints_get(is->starts, at),
                                     .length = ipcr_ints_get(is->subsizes, at),
                                     .blocks = 1};
    }
    class = make_array(dims, n, old, describe_subarray(is, old), made);
    free(dims);
    return class;
}

/* ---- darray -----------------------------------------------------------------------------------
 */

/* The program's numbers for one dimension. */
struct deal {
    int64_t size, distribution, argument, processes;
};

static struct deal deal_of(const struct ipcr_darray *is, size_t i)
{
    return (struct deal){ipcr_ints_get(is->gsizes, i), ipcr_ints_get(is->distribs, i),
                         ipcr_ints_get(is->dargs, i), ipcr_ints_get(is->psizes, i)};
}

/* Indices that one process gets at a time; below 1 if the numbers make no sense. */
static int64_t deal_length(const struct deal *d)
{
    bool standard = d->argument == MPI_DISTRIBUTE_DFLT_DARG;
    if (d->size < 1 || d->processes < 1)
        return 0;
    switch (d->distribution) {
    case MPI_DISTRIBUTE_NONE:
        return d->processes == 1 ? d->size : 0;
    case MPI_DISTRIBUTE_CYCLIC:
        return standard ? 1 : d->argument;
    case MPI_DISTRIBUTE_BLOCK:
        if (standard)
            return (d->size - 1) / d->processes + 1;
        /* The blocks must hold all indices: argument * processes >= size, without overflow. */
        return d->argument > (d->size - 1) / d->processes ? d->argument : 0;
    default:
        return 0;
    }
}

static int check_darray(const struct ipcr_darray *is, const struct ipcr_type *old)
{
    int64_t processes = 1;
    int class = check_shape(is->dims, is->order);
    if (class)
        return class;
    if (!is->gsizes.at || !is->distribs.at || !is->dargs.at || !is->psizes.at)
        return ipcr_err_note(MPI_ERR_ARG, "an array of sizes or distributions is a null pointer");
    for (size_t i = 0; i < (size_t)is->dims; i++) {
        struct deal d = deal_of(is, i);
        if (deal_length(&d) < 1)
            return ipcr_err_note(MPI_ERR_ARG,
                                 "dimension %zu: %lld indices cannot be dealt out to %lld "
                                 "processes by distribution %lld with argument %lld",
                                 i, (long long)d.size, (long long)d.processes,
                                 (long long)d.distribution, (long long)d.argument);
        if (__builtin_mul_overflow(processes, d.processes, &processes))
            processes = -1;
    }
    if (processes != is->size || is->rank < 0 || is->rank >= is->size)
        return ipcr_err_note(MPI_ERR_ARG,
                             "rank %lld of %lld has no place in a grid of %lld processes",
                             (long long)is->rank, (long long)is->size, (long long)processes);
    return ipcr_type_check_old(old);
}

/* What the process at this coordinate gets of one dimension. */
static struct dimension hand(const struct deal *d, int64_t coordinate)
{
    int64_t length = deal_length(d), first, step;
    struct dimension mine = {.extent = d->size, .length = length};
    if (__builtin_mul_overflow(coordinate, length, &first) || first >= d->size)
        return mine;
    if (__builtin_mul_overflow(d->processes, length, &step))
        step = INT64_MAX;
    int64_t left = d->size - first;
    mine.first = first;
    mine.blocks = left / step + (left % step >= length);
    mine.rest = left % step < length ? left % step : 0;
    if (left > step)
        mine.step = step;
    return mine;
}

static struct ipcr_type *describe_darray(const struct ipcr_darray *is, struct ipcr_type *old)
{
    size_t n = (size_t)is->dims, next = 0;
    struct ipcr_type *t = ipcr_type_new_from(MPI_COMBINER_DARRAY, 4 * n + 4, 0, old);
    if (t == NULL)
        return NULL;
    keep(t, &next, IPCR_INTS(&is->size), 1);
    keep(t, &next, IPCR_INTS(&is->rank), 1);
    keep(t, &next, IPCR_INTS(&is->dims), 1);
    bool large = is->gsizes.width == sizeof(MPI_Count);
    if (!large)
        keep(t, &next, is->gsizes, n);
    keep(t, &next, is->distribs, n);
    keep(t, &next, is->dargs, n);
    keep(t, &next, is->psizes, n);
    keep(t, &next, IPCR_INTS(&is->order), 1);
    if (large) {
        count_from(t->contents, next);
        keep(t, &next, is->gsizes, n);
    }
    return t;
}

int ipcr_type_darray(const struct ipcr_darray *is, struct ipcr_type *old, struct ipcr_type **made)
{
    int class = check_darray(is, old);
    if (class)
        return class;
    size_t n = (size_t)is->dims;
    struct dimension *dims = calloc(n, sizeof *dims);
    if (dims == NULL)
        return no_memory();
    /* The grid of processes is numbered with the last coordinate fastest, whatever the order of the
     * array. */
    int64_t rank = is->rank;
    for (size_t i = n; i-- > 0;) {
        struct deal d = deal_of(is, i);
        dims[fastest(n, is->order, i)] = hand(&d, rank % d.processes);
        rank /= d.processes;
    }
    class = make_array(dims, n, old, describe_darray(is, old), made);
    free(dims);
    return class;
}
