/* Reduce_scatter and reduce_scatter_block by lines (lines.h): everyone shows its vector but for its
 * own share, which nobody else needs, and combines what all have for that share.
 *
 * Cost: one line written, n - 1 lines read and n - 1 operations on every rank, each on a share: for
 * vectors that fit a line. The order is that of recursive halving, so the bits are those of
 * reduce_scatter_halving.c. */
#include "lines.h"

#include "flat.h"

/* This rank's own vector, and where in it shares begin; both in bytes. */
struct vector {
    char *mine;
    const size_t *first;
    size_t element;
};

static size_t offset(const struct vector *v, int i)
{
    return v->first[i] * v->element;
}

static void show(struct ipcr_coll *c, const struct vector *v)
{
    int n = c->comm->size, rank = c->comm->rank;
    size_t before = offset(v, rank), next = offset(v, rank + 1), end = offset(v, n);
    char *room = ipcr_lines_room(c->run->lines, before + end - next);
    ipcr_lines_move(room, v->mine, before);
    ipcr_lines_move(room + before, ipcr_part_at(v->mine, (ptrdiff_t)next), end - next);
    ipcr_lines_show(c->run->lines, before + end - next, IPCR_LINES_ALL);
}

/* What rank i has for this rank's share. In place its own would be written over by the result. */
static const void *theirs(struct ipcr_coll *c, const struct vector *v, int i)
{
    int rank = c->comm->rank;
    size_t at = offset(v, rank), share = offset(v, rank + 1) - at;
    if (i != rank) /* before it on the line: all but i's own share */
        return (const char *)ipcr_lines_at(c->run->lines, i).buf + at -
               (i < rank ? offset(v, i + 1) - offset(v, i) : 0);
    void *own = ipcr_part_at(v->mine, (ptrdiff_t)at);
    if (!ipcr_coll_in_place(c))
        return own;
    void *copy = ipcr_coll_temp(c, share);
    ipcr_lines_move(copy, own, share);
    return copy;
}

void ipcr_reduce_scatter_lines(struct ipcr_coll *c)
{
    int rank = c->comm->rank;
    const void *shown[IPCR_LINES_RANKS];
    struct vector v = {(char *)(uintptr_t)ipcr_coll_mine(c), ipcr_coll_shares(c), c->rtype->size};
    ipcr_lines_begin(c->run->lines);
    show(c, &v);
    ipcr_lines_await_all(c->run->lines);
    for (int i = 0; i < c->comm->size; i++)
        shown[i] = theirs(c, &v, i);
    struct ipcr_flat f = {.order = IPCR_FLAT_HALVING, .count = v.first[rank + 1] - v.first[rank]};
    ipcr_lines_merge(c, &f, shown);
}
