/* Builds layouts in normal form. */
#include "layout.h"

#include <stdlib.h>
#include <string.h>

/* Up to so many blocks of a piece are copied into the list that it is added to: one flat list of
 * blocks is quicker to walk than a list of lists, and a few more entries cost little memory. */
enum { FLATTEN = 8 };

struct ipcr_layout ipcr_layout_empty = {.kind = IPCR_DENSE};

struct ipcr_layout *ipcr_layout_retain(struct ipcr_layout *l)
{
    if (l->refs)
        l->refs++;
    return l;
}

void ipcr_layout_release(struct ipcr_layout *l)
{
    if (l == NULL || l->refs == 0 || --l->refs)
        return;
    if (l->kind == IPCR_LOOP)
        ipcr_layout_release(l->child);
    if (l->kind == IPCR_LIST)
        for (size_t i = 0; i < l->count; i++)
            ipcr_layout_release(l->children[i]);
    free(l);
}

/* Sums of displacements wrap around, as addresses do: each byte's own place is in range, but a
 * partial sum of one need not be. */
static ptrdiff_t plus(ptrdiff_t a, ptrdiff_t b)
{
    return (ptrdiff_t)((size_t)a + (size_t)b);
}

static ptrdiff_t minus(ptrdiff_t a, ptrdiff_t b)
{
    return (ptrdiff_t)((size_t)a - (size_t)b);
}

static struct ipcr_layout *new_layout(const struct ipcr_layout *value)
{
    struct ipcr_layout *l = malloc(sizeof *l);
    if (l == NULL)
        return NULL;
    *l = *value;
    l->refs = 1;
    if (l->kind == IPCR_LOOP)
        ipcr_layout_retain(l->child);
    return l;
}

/* True if copies of `inner` (STRIDED or LOOP), `stride` apart, go on in inner's own step. */
static bool continues(const struct ipcr_layout *inner, ptrdiff_t stride)
{
    return inner->count * (size_t)inner->stride == (size_t)stride;
}

struct ipcr_layout ipcr_layout_repeated(struct ipcr_layout *child, size_t count, ptrdiff_t stride)
{
    if (count == 0 || child->size == 0)
        return ipcr_layout_empty;
    struct ipcr_layout l = *child;
    l.refs = 0;
    if (count == 1)
        return l;
    l.size = count * child->size;
    switch (child->kind) {
    case IPCR_DENSE:
        if (stride == (ptrdiff_t)child->size)
            return l;
        l.kind = IPCR_STRIDED;
        l.count = count;
        l.stride = stride;
        l.block = child->size;
        return l;
    case IPCR_STRIDED:
    case IPCR_LOOP:
        if (!continues(child, stride))
            break;
        l.count *= count;
        return l;
    default:
        break;
    }
    return (struct ipcr_layout){
        .kind = IPCR_LOOP, .size = l.size, .count = count, .stride = stride, .child = child};
}

struct ipcr_layout *ipcr_layout_repeat(struct ipcr_layout *child, size_t count, ptrdiff_t stride)
{
    if (child == NULL)
        return NULL;
    if (count == 1)
        return ipcr_layout_retain(child);
    struct ipcr_layout value = ipcr_layout_repeated(child, count, stride);
    return value.size == 0 ? &ipcr_layout_empty : new_layout(&value);
}

struct ipcr_layout *ipcr_layout_shift(struct ipcr_layout *l, ptrdiff_t by)
{
    if (l == NULL || l->size == 0 || by == 0)
        return l == NULL ? NULL : ipcr_layout_retain(l);
    struct ipcr_layout value = *l;
    /* BLOCKS and LIST hold their spans in their own memory: they are referred to, not copied. */
    if (l->kind == IPCR_BLOCKS || l->kind == IPCR_LIST)
        value = (struct ipcr_layout){.kind = IPCR_LOOP, .size = l->size, .count = 1, .child = l};
    value.offset = plus(value.offset, by);
    return new_layout(&value);
}

/* ---- lists ------------------------------------------------------------------------------------
 */

static size_t piece_size(const struct ipcr_layout_list *list, size_t i)
{
    size_t end = i + 1 < list->count ? list->pieces[i + 1].span.start : list->size;
    return end - list->pieces[i].span.start;
}

static bool make_room(struct ipcr_layout_list *list)
{
    if (list->count < list->room)
        return true;
    size_t room = list->room ? 2 * list->room : 16;
    struct ipcr_layout_piece *pieces = realloc(list->pieces, room * sizeof *pieces);
    if (pieces == NULL)
        return false;
    list->pieces = pieces;
    list->room = room;
    return true;
}

/* A child of NULL stands for `size` plain bytes, which join plain bytes that they follow. */
static void add_piece(struct ipcr_layout_list *list, ptrdiff_t at, struct ipcr_layout *child,
                      size_t size)
{
    struct ipcr_layout_piece *last = list->count ? &list->pieces[list->count - 1] : NULL;
    if (last && !last->child && !child &&
        plus(last->span.at, (ptrdiff_t)piece_size(list, list->count - 1)) == at) {
        list->size += size;
        return;
    }
    if (!make_room(list)) {
        list->failed = true;
        return;
    }
    list->pieces[list->count++] = (struct ipcr_layout_piece){
        .span = {.at = at, .start = list->size}, .child = child ? ipcr_layout_retain(child) : NULL};
    list->size += size;
}

static void add_blocks(struct ipcr_layout_list *list, ptrdiff_t at, const struct ipcr_layout *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->kind == IPCR_STRIDED)
            add_piece(list, plus(at, (ptrdiff_t)i * l->stride), NULL, l->block);
        else
            add_piece(list, plus(at, l->spans[i].at), NULL,
                      l->spans[i + 1].start - l->spans[i].start);
    }
}

static struct ipcr_layout *repeat_cached(struct ipcr_layout_list *list, struct ipcr_layout *child,
                                         size_t count, ptrdiff_t stride)
{
    if (list->of == child && list->times == count && list->stride == stride)
        return list->repeat;
    ipcr_layout_release(list->repeat);
    list->repeat = ipcr_layout_repeat(child, count, stride);
    list->of = child;
    list->times = count;
    list->stride = stride;
    return list->repeat;
}

void ipcr_layout_add(struct ipcr_layout_list *list, ptrdiff_t at, struct ipcr_layout *child,
                     size_t count, ptrdiff_t stride)
{
    struct ipcr_layout l = ipcr_layout_repeated(child, count, stride);
    if (l.size == 0 || list->failed)
        return;
    if (l.kind == IPCR_DENSE) {
        add_piece(list, plus(at, l.offset), NULL, l.size);
        return;
    }
    if ((l.kind == IPCR_STRIDED || l.kind == IPCR_BLOCKS) && l.count <= FLATTEN) {
        add_blocks(list, plus(at, l.offset), &l);
        return;
    }
    struct ipcr_layout *repeat = repeat_cached(list, child, count, stride);
    if (repeat == NULL)
        list->failed = true;
    else
        add_piece(list, at, repeat, repeat->size);
}

/* What all pieces of a list have in common. */
struct pattern {
    bool plain, mixed; /* no piece, or some but not all pieces, have a child */
    bool equal;        /* all have the same child, or the same number of plain bytes */
    bool even;         /* neighbours are everywhere the same distance apart */
    ptrdiff_t stride;
};

static struct pattern look_at(const struct ipcr_layout_list *list)
{
    const struct ipcr_layout_piece *p = list->pieces;
    struct pattern is = {.plain = p[0].child == NULL, .equal = true, .even = true};
    is.stride = minus(p[1].span.at, p[0].span.at);
    for (size_t i = 1; i < list->count; i++) {
        is.mixed |= (p[i].child == NULL) != is.plain;
        is.equal &= p[i].child == p[0].child && piece_size(list, i) == piece_size(list, 0);
        is.even &= minus(p[i].span.at, p[i - 1].span.at) == is.stride;
    }
    return is;
}

static struct ipcr_layout *spell_out(const struct ipcr_layout_list *list, struct pattern is)
{
    bool plain = is.plain && !is.mixed;
    size_t n = list->count, spans = (n + 1) * sizeof(struct ipcr_span);
    struct ipcr_layout *l =
        malloc(sizeof *l + spans + (plain ? 0 : n * sizeof(struct ipcr_layout *)));
    if (l == NULL)
        return NULL;
    *l = (struct ipcr_layout){.refs = 1, .size = list->size, .count = n};
    l->kind = plain ? IPCR_BLOCKS : IPCR_LIST;
    l->block = plain && is.equal ? piece_size(list, 0) : 0;
    l->spans = (struct ipcr_span *)(l + 1);
    l->children = plain ? NULL : (struct ipcr_layout **)(l->spans + n + 1);
    for (size_t i = 0; i < n; i++) {
        l->spans[i] = list->pieces[i].span;
        if (!plain)
            l->children[i] =
                list->pieces[i].child ? ipcr_layout_retain(list->pieces[i].child) : NULL;
    }
    l->spans[n] = (struct ipcr_span){.start = list->size};
    return l;
}

static struct ipcr_layout *normal_form(const struct ipcr_layout_list *list)
{
    if (list->count == 0)
        return &ipcr_layout_empty;
    const struct ipcr_layout_piece *first = list->pieces;
    struct ipcr_layout plain = {.kind = IPCR_DENSE, .size = piece_size(list, 0)};
    if (list->count == 1) {
        plain.offset = first->span.at;
        return first->child ? ipcr_layout_shift(first->child, first->span.at) : new_layout(&plain);
    }
    struct pattern is = look_at(list);
    if (!is.equal || !is.even)
        return spell_out(list, is);
    struct ipcr_layout value =
        ipcr_layout_repeated(first->child ? first->child : &plain, list->count, is.stride);
    value.offset = plus(value.offset, first->span.at);
    return new_layout(&value);
}

struct ipcr_layout *ipcr_layout_finish(struct ipcr_layout_list *list)
{
    struct ipcr_layout *l = list->failed ? NULL : normal_form(list);
    for (size_t i = 0; i < list->count; i++)
        ipcr_layout_release(list->pieces[i].child);
    ipcr_layout_release(list->repeat);
    free(list->pieces);
    return l;
}
