/* The reference for datatypes; see typemap.h. Simple and slow on purpose. */
#include "typemap.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static uint64_t state = 1;

void random_seed(uint64_t seed)
{
    state = seed;
}

uint64_t random_below(uint64_t bound)
{
    uint64_t x = state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (x ^ x >> 31) % bound;
}

ptrdiff_t random_between(ptrdiff_t low, ptrdiff_t high)
{
    return low + (ptrdiff_t)random_below((uint64_t)(high - low + 1));
}

/* ---- maps -------------------------------------------------------------------------------------
 */

void map_free(struct map *m)
{
    free(m->items);
    *m = (struct map){0};
}

static void map_item(struct map *m, struct item item)
{
    if (m->count == m->room) {
        m->room = m->room ? 2 * m->room : 8;
        m->items = realloc(m->items, m->room * sizeof *m->items);
        if (!m->items)
            abort();
    }
    m->items[m->count++] = item;
}

size_t map_size(const struct map *m)
{
    size_t size = 0;
    for (size_t i = 0; i < m->count; i++)
        size += m->items[i].size;
    return size;
}

ptrdiff_t map_extent(const struct map *m)
{
    return m->ub - m->lb;
}

static void map_bounds(struct map *m, const struct map *from, ptrdiff_t at)
{
    if (!from->any || (m->bounded && !from->bounded))
        return;
    bool first = !m->any || (from->bounded && !m->bounded);
    if (first || at + from->lb < m->lb)
        m->lb = at + from->lb;
    if (first || at + from->ub > m->ub)
        m->ub = at + from->ub;
    m->any = true;
    m->bounded = from->bounded;
}

void map_add(struct map *m, const struct map *from, ptrdiff_t at)
{
    map_bounds(m, from, at);
    for (size_t i = 0; i < from->count; i++)
        map_item(m,
                 (struct item){at + from->items[i].at, from->items[i].size, from->items[i].type});
    if (from->count && from->align > m->align)
        m->align = from->align;
}

void map_close(struct map *m)
{
    if (!m->bounded && m->align)
        while ((m->ub - m->lb) % m->align)
            m->ub++;
}

void map_reach(const struct map *m, size_t count, ptrdiff_t *low, ptrdiff_t *high)
{
    *low = *high = 0;
    bool first = true;
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < m->count; i++) {
            ptrdiff_t at = (ptrdiff_t)c * map_extent(m) + m->items[i].at;
            ptrdiff_t end = at + (ptrdiff_t)m->items[i].size;
            *low = first || at < *low ? at : *low;
            *high = first || end > *high ? end : *high;
            first = false;
        }
}

bool map_disjoint(const struct map *m, size_t count)
{
    ptrdiff_t low, high;
    map_reach(m, count, &low, &high);
    bool *taken = calloc(1, (size_t)(high - low) + 1), disjoint = true;
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < m->count; i++)
            for (size_t b = 0; b < m->items[i].size; b++) {
                ptrdiff_t at = (ptrdiff_t)c * map_extent(m) + m->items[i].at + (ptrdiff_t)b;
                disjoint &= !taken[at - low];
                taken[at - low] = true;
            }
    free(taken);
    return disjoint;
}

unsigned char *map_pack(const struct map *m, size_t count, const unsigned char *buf)
{
    unsigned char *image = malloc(count * map_size(m) + 1), *next = image;
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < m->count; i++)
            for (size_t b = 0; b < m->items[i].size; b++)
                *next++ = buf[(ptrdiff_t)c * map_extent(m) + m->items[i].at + (ptrdiff_t)b];
    return image;
}

void map_unpack(const struct map *m, size_t count, unsigned char *buf, const unsigned char *image)
{
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < m->count; i++)
            for (size_t b = 0; b < m->items[i].size; b++)
                buf[(ptrdiff_t)c * map_extent(m) + m->items[i].at + (ptrdiff_t)b] = *image++;
}

/* ---- random datatypes -------------------------------------------------------------------------
 */

static struct sample basic(void)
{
    static const struct {
        MPI_Datatype type;
        size_t size, second, second_at, extent, align;
        MPI_Datatype halves[2]; /* of a pair */
    } kinds[] = {
        {MPI_CHAR, 1, 0, 0, 1, 1, {0}},
        {MPI_BYTE, 1, 0, 0, 1, 1, {0}},
        {MPI_SHORT, 2, 0, 0, 2, 2, {0}},
        {MPI_INT, 4, 0, 0, 4, 4, {0}},
        {MPI_FLOAT, 4, 0, 0, 4, 4, {0}},
        {MPI_WCHAR, sizeof(wchar_t), 0, 0, sizeof(wchar_t), _Alignof(wchar_t), {0}},
        {MPI_LONG, sizeof(long), 0, 0, sizeof(long), _Alignof(long), {0}},
        {MPI_UNSIGNED_LONG, sizeof(long), 0, 0, sizeof(long), _Alignof(long), {0}},
        {MPI_DOUBLE, 8, 0, 0, 8, 8, {0}},
        {MPI_DOUBLE, 8, 0, 0, 8, 8, {0}},
        {MPI_C_DOUBLE_COMPLEX, 16, 0, 0, 16, 8, {0}},
        {MPI_LONG_DOUBLE,
         sizeof(long double),
         0,
         0,
         sizeof(long double),
         _Alignof(long double),
         {0}},
        {MPI_SHORT_INT, 2, 4, 4, 8, 4, {MPI_SHORT, MPI_INT}},
        {MPI_DOUBLE_INT, 8, 4, 8, 16, 8, {MPI_DOUBLE, MPI_INT}},
        {MPI_2INT, 4, 4, 4, 8, 4, {MPI_INT, MPI_INT}},
    };
    size_t k = random_below(sizeof kinds / sizeof kinds[0]);
    struct sample s = {.type = kinds[k].type};
    bool pair = kinds[k].second != 0;
    map_item(&s.map, (struct item){0, kinds[k].size, pair ? kinds[k].halves[0] : kinds[k].type});
    if (pair)
        map_item(&s.map,
                 (struct item){(ptrdiff_t)kinds[k].second_at, kinds[k].second, kinds[k].halves[1]});
    s.map.any = true;
    s.map.ub = (ptrdiff_t)kinds[k].extent;
    s.map.align = (ptrdiff_t)kinds[k].align;
    return s;
}

void sample_free(struct sample *s)
{
    if ((uintptr_t)s->type >= 4096)
        MPI_Type_free(&s->type);
    map_free(&s->map);
}

/* A number of copies, mostly small, that keeps within `most` elements. */
static int copies(size_t most, const struct map *of)
{
    size_t limit = most / (of->count ? of->count : 1);
    size_t n = random_below(4) ? random_below(6) : random_below(40);
    return (int)(n < limit ? n : limit);
}

static void add_run(struct map *m, const struct map *old, ptrdiff_t at, int n)
{
    for (int i = 0; i < n; i++)
        map_add(m, old, at + i * map_extent(old));
}

enum { MOST_BLOCKS = 24, MOST_DIMS = 3 };

/* Numbers for the _c constructors, which make every second type. */
struct wide {
    MPI_Count at[MOST_BLOCKS];
};

static struct wide widen(const int *numbers, int n)
{
    struct wide w = {{0}};
    for (int i = 0; i < n; i++)
        w.at[i] = numbers[i];
    return w;
}

static void make_contiguous(struct sample *s, const struct sample *old, size_t most)
{
    int n = copies(most, &old->map);
    add_run(&s->map, &old->map, 0, n);
    if (random_below(2))
        MPI_Type_contiguous(n, old->type, &s->type);
    else
        MPI_Type_contiguous_c(n, old->type, &s->type);
}

static void make_vector(struct sample *s, const struct sample *old, size_t most)
{
    int length = copies(most < 5 ? most : 5, &old->map);
    int n = copies(most / (size_t)(length ? length : 1), &old->map), stride;
    bool bytes = random_below(2);
    if (bytes)
        stride = (int)random_between(-100, 300);
    else
        stride = (int)random_between(-3, 3 + 2 * length);
    ptrdiff_t step = bytes ? stride : stride * map_extent(&old->map);
    for (int i = 0; i < n; i++)
        add_run(&s->map, &old->map, i * step, length);
    bool wide = random_below(2);
    if (bytes && wide)
        MPI_Type_create_hvector_c(n, length, stride, old->type, &s->type);
    else if (bytes)
        MPI_Type_create_hvector(n, length, stride, old->type, &s->type);
    else if (wide)
        MPI_Type_vector_c(n, length, stride, old->type, &s->type);
    else
        MPI_Type_vector(n, length, stride, old->type, &s->type);
}

/* Displacements: at random, in even steps, or each where the last block ended. */
struct blocks {
    int n, lengths[MOST_BLOCKS], places[MOST_BLOCKS];
    MPI_Aint addresses[MOST_BLOCKS];
};

static struct blocks random_blocks(const struct map *old, size_t most, bool equal, ptrdiff_t unit)
{
    struct blocks b = {.n = (int)random_below(random_below(3) ? 6 : MOST_BLOCKS)};
    uint64_t style = random_below(4);
    int one = copies(3, old), step = (int)random_between(-9, 30), next = 0;
    size_t total = 0;
    ptrdiff_t extent = unit == 1 ? map_extent(old) : 1;
    for (int i = 0; i < b.n; i++) {
        b.lengths[i] = equal || random_below(2) ? one : copies(4, old);
        total += (size_t)b.lengths[i] * old->count;
        if (total > most)
            b.n = i;
        b.places[i] = style == 0 ? (int)random_between(-40, 160) : style == 1 ? i * step : next;
        b.addresses[i] = b.places[i];
        next = b.places[i] + (int)(b.lengths[i] * extent) + (style == 3 && random_below(3) == 0);
    }
    return b;
}

/* Which constructor says the kind. */
static void call_indexed(struct sample *s, const struct sample *old, const struct blocks *b,
                         uint64_t kind)
{
    int length = b->n ? b->lengths[0] : 1;
    switch (kind) {
    case 0:
        MPI_Type_indexed(b->n, b->lengths, b->places, old->type, &s->type);
        break;
    case 1:
        MPI_Type_create_hindexed(b->n, b->lengths, b->addresses, old->type, &s->type);
        break;
    case 2:
        MPI_Type_create_indexed_block(b->n, length, b->places, old->type, &s->type);
        break;
    default:
        MPI_Type_create_hindexed_block(b->n, length, b->addresses, old->type, &s->type);
    }
}

static void call_indexed_c(struct sample *s, const struct sample *old, const struct blocks *b,
                           uint64_t kind)
{
    struct wide lengths = widen(b->lengths, b->n), places = widen(b->places, b->n);
    MPI_Count length = b->n ? lengths.at[0] : 1;
    switch (kind) {
    case 0:
        MPI_Type_indexed_c(b->n, lengths.at, places.at, old->type, &s->type);
        break;
    case 1:
        MPI_Type_create_hindexed_c(b->n, lengths.at, places.at, old->type, &s->type);
        break;
    case 2:
        MPI_Type_create_indexed_block_c(b->n, length, places.at, old->type, &s->type);
        break;
    default:
        MPI_Type_create_hindexed_block_c(b->n, length, places.at, old->type, &s->type);
    }
}

static void make_indexed(struct sample *s, const struct sample *old, size_t most)
{
    uint64_t kind = random_below(4);
    bool bytes = kind & 1, equal = kind & 2;
    ptrdiff_t unit = bytes ? 1 : map_extent(&old->map);
    struct blocks b = random_blocks(&old->map, most, equal, unit);
    for (int i = 0; i < b.n; i++)
        add_run(&s->map, &old->map, b.places[i] * unit, b.lengths[i]);
    if (random_below(2))
        call_indexed_c(s, old, &b, kind);
    else
        call_indexed(s, old, &b, kind);
}

static void make_struct(struct sample *s, int depth, size_t most)
{
    struct sample old[6];
    int n = (int)random_below(6), lengths[6] = {0};
    MPI_Aint places[6] = {0}, next = 0;
    MPI_Count wide_places[6] = {0};
    MPI_Datatype types[6] = {0};
    for (int i = 0; i < n; i++) {
        old[i] = sample_make(depth - 1, most / 6);
        types[i] = old[i].type;
        lengths[i] = copies(most / 6 < 4 ? most / 6 : 4, &old[i].map);
        places[i] = random_below(2) ? next : random_between(-64, 256);
        wide_places[i] = places[i];
        next = places[i] + lengths[i] * map_extent(&old[i].map);
        add_run(&s->map, &old[i].map, places[i], lengths[i]);
    }
    if (random_below(2))
        MPI_Type_create_struct(n, lengths, places, types, &s->type);
    else
        MPI_Type_create_struct_c(n, widen(lengths, n).at, wide_places, types, &s->type);
    for (int i = 0; i < n; i++)
        sample_free(&old[i]); /* the struct keeps what it needs */
}

/* All indices of an array in storage order; `owned` says which ones the type has. */
struct grid {
    int dims, order;
    int sizes[MOST_DIMS], subsizes[MOST_DIMS], starts[MOST_DIMS];
    int distributions[MOST_DIMS], arguments[MOST_DIMS], processes[MOST_DIMS];
    int coordinates[MOST_DIMS];
    bool dealt; /* darray */
};

static bool owned(const struct grid *g, int dim, int index)
{
    if (!g->dealt)
        return index >= g->starts[dim] && index < g->starts[dim] + g->subsizes[dim];
    int block = g->arguments[dim];
    if (g->distributions[dim] == MPI_DISTRIBUTE_NONE)
        return true;
    if (block == MPI_DISTRIBUTE_DFLT_DARG)
        block = g->distributions[dim] == MPI_DISTRIBUTE_CYCLIC
                    ? 1
                    : (g->sizes[dim] + g->processes[dim] - 1) / g->processes[dim];
    return index / block % g->processes[dim] == g->coordinates[dim];
}

static void map_grid(struct map *m, const struct grid *g, const struct map *old)
{
    ptrdiff_t total = 1;
    for (int d = 0; d < g->dims; d++)
        total *= g->sizes[d];
    for (ptrdiff_t at = 0; at < total; at++) {
        ptrdiff_t rest = at;
        bool mine = true;
        for (int i = 0; i < g->dims; i++) {
            int d = g->order == MPI_ORDER_C ? g->dims - 1 - i : i;
            mine &= owned(g, d, (int)(rest % g->sizes[d]));
            rest /= g->sizes[d];
        }
        if (mine)
            map_add(m, old, at * map_extent(old));
    }
    m->any = m->bounded = true;
    m->lb = 0;
    m->ub = total * map_extent(old);
}

static struct grid random_grid(void)
{
    struct grid g = {.dims = (int)random_between(1, MOST_DIMS)};
    g.order = random_below(2) ? MPI_ORDER_C : MPI_ORDER_FORTRAN;
    for (int d = 0; d < g.dims; d++) {
        g.sizes[d] = (int)random_between(1, 9);
        g.subsizes[d] = (int)random_between(1, g.sizes[d]);
        g.starts[d] = (int)random_between(0, g.sizes[d] - g.subsizes[d]);
    }
    return g;
}

static void make_subarray(struct sample *s, const struct sample *old)
{
    struct grid g = random_grid();
    map_grid(&s->map, &g, &old->map);
    struct wide sizes = widen(g.sizes, g.dims), subsizes = widen(g.subsizes, g.dims);
    if (random_below(2))
        MPI_Type_create_subarray_c(g.dims, sizes.at, subsizes.at, widen(g.starts, g.dims).at,
                                   g.order, old->type, &s->type);
    else
        MPI_Type_create_subarray(g.dims, g.sizes, g.subsizes, g.starts, g.order, old->type,
                                 &s->type);
}

static void make_darray(struct sample *s, const struct sample *old)
{
    struct grid g = random_grid();
    int size = 1, rank = 0;
    g.dealt = true;
    for (int d = 0; d < g.dims; d++) {
        g.distributions[d] = MPI_DISTRIBUTE_NONE + (int)random_below(3);
        g.arguments[d] = MPI_DISTRIBUTE_DFLT_DARG;
        g.processes[d] = g.distributions[d] == MPI_DISTRIBUTE_NONE ? 1 : (int)random_between(1, 4);
        if (random_below(2) && g.distributions[d] == MPI_DISTRIBUTE_CYCLIC)
            g.arguments[d] = (int)random_between(1, 4);
        if (random_below(2) && g.distributions[d] == MPI_DISTRIBUTE_BLOCK)
            g.arguments[d] =
                (g.sizes[d] + g.processes[d] - 1) / g.processes[d] + (int)random_below(3);
        g.coordinates[d] = (int)random_below((uint64_t)g.processes[d]);
        size *= g.processes[d];
        rank = rank * g.processes[d] + g.coordinates[d];
    }
    map_grid(&s->map, &g, &old->map);
    if (random_below(2))
        MPI_Type_create_darray_c(size, rank, g.dims, widen(g.sizes, g.dims).at, g.distributions,
                                 g.arguments, g.processes, g.order, old->type, &s->type);
    else
        MPI_Type_create_darray(size, rank, g.dims, g.sizes, g.distributions, g.arguments,
                               g.processes, g.order, old->type, &s->type);
}

static void make_resized(struct sample *s, const struct sample *old)
{
    ptrdiff_t lb = random_between(-16, 16), extent = random_between(-8, 200);
    if (random_below(3) == 0) {
        lb = old->map.lb;
        extent = map_extent(&old->map) + random_between(0, 8);
    }
    map_add(&s->map, &old->map, 0);
    s->map.any = s->map.bounded = true;
    s->map.lb = lb;
    s->map.ub = lb + extent;
    if (random_below(2))
        MPI_Type_create_resized(old->type, lb, extent, &s->type);
    else
        MPI_Type_create_resized_c(old->type, lb, extent, &s->type);
}

static void make_dup(struct sample *s, const struct sample *old)
{
    map_add(&s->map, &old->map, 0);
    s->map.any = old->map.any;
    s->map.lb = old->map.lb;
    s->map.ub = old->map.ub;
    MPI_Type_dup(old->type, &s->type);
}

struct sample sample_make(int depth, size_t most)
{
    if (depth == 0 || most < 2 || random_below(8) == 0)
        return basic();
    struct sample s = {.type = MPI_DATATYPE_NULL};
    uint64_t kind = random_below(12);
    if (kind < 3) {
        make_struct(&s, depth, most);
        map_close(&s.map);
        return s;
    }
    struct sample old = sample_make(depth - 1, kind < 9 ? most / 4 + 1 : most / 100 + 1);
    if (kind < 5)
        make_vector(&s, &old, most);
    else if (kind < 7)
        make_indexed(&s, &old, most);
    else if (kind == 7)
        make_contiguous(&s, &old, most);
    else if (kind == 8)
        random_below(3) ? make_resized(&s, &old) : make_dup(&s, &old);
    else
        kind == 9 ? make_darray(&s, &old) : make_subarray(&s, &old);
    map_close(&s.map);
    sample_free(&old);
    return s;
}
