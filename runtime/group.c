/* Groups and their algebra. */
#include "group.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "graveyard.h"
#include "job.h"

struct ipcr_group ipcr_group_empty = {
    .magic = IPCR_GROUP_MAGIC, .refs = 1, .rank = MPI_UNDEFINED, .predefined = true};

static struct ipcr_graveyard graves;

/* Where each world rank stands in a group: makes every operation linear instead of quadratic. */
struct index {
    int size; /* world ranks from here on are in nobody's group */
    int *at;  /* rank in the group, or -1 */
};

static bool index_open(struct index *ix, const struct ipcr_group *g)
{
    ix->size = 0;
    for (int r = 0; r < g->size; r++)
        if (g->world[r] >= ix->size)
            ix->size = g->world[r] + 1;
    ix->at = malloc(((size_t)ix->size + 1) * sizeof *ix->at);
    if (!ix->at)
        return false;
    memset(ix->at, -1, (size_t)ix->size * sizeof *ix->at);
    for (int r = 0; r < g->size; r++)
        ix->at[g->world[r]] = r;
    return true;
}

static int index_find(const struct index *ix, int world)
{
    return world < ix->size ? ix->at[world] : -1;
}

static void index_close(struct index *ix)
{
    free(ix->at);
}

struct ipcr_group *ipcr_group_new(int size)
{
    struct ipcr_group *g = malloc(sizeof *g + (size_t)size * sizeof g->world[0]);
    if (g)
        *g = (struct ipcr_group){
            .magic = IPCR_GROUP_MAGIC, .refs = 1, .size = size, .rank = MPI_UNDEFINED};
    return g;
}

struct ipcr_group *ipcr_group_settle(struct ipcr_group *g)
{
    g->rank = MPI_UNDEFINED;
    for (int r = 0; r < g->size; r++)
        if (g->world[r] == ipcr_job.rank)
            g->rank = r;
    return g;
}

/* For results whose size was only bounded before: empty ones become the one empty group. The others
 * belong to the session of the group that they come from. */
static struct ipcr_group *settle_or_empty(struct ipcr_group *g, const struct ipcr_group *from)
{
    g->session = from->session;
    if (g->size)
        return ipcr_group_settle(g);
    ipcr_group_release(g);
    return &ipcr_group_empty;
}

void ipcr_group_retain(struct ipcr_group *g)
{
    if (!g->predefined)
        g->refs++;
}

void ipcr_group_release(struct ipcr_group *g)
{
    if (g->predefined || --g->refs)
        return;
    ipcr_grave_bury(&graves, g);
}

void ipcr_group_finish(void)
{
    ipcr_grave_empty(&graves);
}

int ipcr_group_compare(const struct ipcr_group *a, const struct ipcr_group *b)
{
    if (a->size != b->size)
        return MPI_UNEQUAL;
    if (memcmp(a->world, b->world, (size_t)a->size * sizeof a->world[0]) == 0)
        return MPI_IDENT;
    struct index ix;
    if (!index_open(&ix, a))
        return -1;
    int result = MPI_SIMILAR;
    for (int r = 0; r < b->size && result == MPI_SIMILAR; r++)
        if (index_find(&ix, b->world[r]) < 0)
            result = MPI_UNEQUAL;
    index_close(&ix);
    return result;
}

static int find_linear(const struct ipcr_group *g, int world)
{
    if (world < g->size && g->world[world] == world) /* MPI_COMM_WORLD's group, mostly */
        return world;
    for (int r = 0; r < g->size; r++)
        if (g->world[r] == world)
            return r;
    return MPI_UNDEFINED;
}

int ipcr_group_translate(const struct ipcr_group *a, int n, const int *from,
                         const struct ipcr_group *b, int *to)
{
    enum { FEW = 4 }; /* below this, searching is cheaper than an index */
    struct index ix;
    if (n > FEW && !index_open(&ix, b))
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory to translate %d ranks", n);
    for (int i = 0; i < n; i++) {
        if (from[i] == MPI_PROC_NULL) {
            to[i] = MPI_PROC_NULL;
        } else if (n > FEW) {
            int r = index_find(&ix, a->world[from[i]]);
            to[i] = r < 0 ? MPI_UNDEFINED : r;
        } else {
            to[i] = find_linear(b, a->world[from[i]]);
        }
    }
    if (n > FEW)
        index_close(&ix);
    return MPI_SUCCESS;
}

/* Appends to `to` those members of `from` that are in the indexed group, or those that are not. */
static void append(struct ipcr_group *to, const struct ipcr_group *from, const struct index *ix,
                   bool members)
{
    for (int r = 0; r < from->size; r++)
        if ((index_find(ix, from->world[r]) >= 0) == members)
            to->world[to->size++] = from->world[r];
}

struct ipcr_group *ipcr_group_union(const struct ipcr_group *a, const struct ipcr_group *b)
{
    struct index ix;
    if (!index_open(&ix, a))
        return NULL;
    struct ipcr_group *g = ipcr_group_new(a->size + b->size);
    if (g) {
        memcpy(g->world, a->world, (size_t)a->size * sizeof a->world[0]);
        g->size = a->size;
        append(g, b, &ix, false);
        g = settle_or_empty(g, a->session ? a : b);
    }
    index_close(&ix);
    return g;
}

/* a's members that are (or are not) in b. */
static struct ipcr_group *filter(const struct ipcr_group *a, const struct ipcr_group *b, bool in_b)
{
    struct index ix;
    if (!index_open(&ix, b))
        return NULL;
    struct ipcr_group *g = ipcr_group_new(a->size);
    if (g) {
        g->size = 0;
        append(g, a, &ix, in_b);
        g = settle_or_empty(g, a);
    }
    index_close(&ix);
    return g;
}

struct ipcr_group *ipcr_group_intersection(const struct ipcr_group *a, const struct ipcr_group *b)
{
    return filter(a, b, true);
}

struct ipcr_group *ipcr_group_difference(const struct ipcr_group *a, const struct ipcr_group *b)
{
    return filter(a, b, false);
}

struct ipcr_group *ipcr_group_incl(const struct ipcr_group *g, int n, const int *ranks)
{
    struct ipcr_group *result = ipcr_group_new(n);
    if (!result)
        return NULL;
    for (int i = 0; i < n; i++)
        result->world[i] = g->world[ranks[i]];
    return settle_or_empty(result, g);
}

struct ipcr_group *ipcr_group_excl(const struct ipcr_group *g, int n, const int *ranks)
{
    struct ipcr_group *out = ipcr_group_incl(g, n, ranks);
    if (!out)
        return NULL;
    struct ipcr_group *rest = ipcr_group_difference(g, out);
    ipcr_group_release(out);
    return rest;
}

int ipcr_group_check_ranks(const struct ipcr_group *g, int n, const int *ranks)
{
    unsigned char *seen = calloc((size_t)g->size + 1, 1);
    if (!seen)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory to check %d ranks", n);
    int class = MPI_SUCCESS;
    for (int i = 0; i < n && class == MPI_SUCCESS; i++) {
        if (ranks[i] < 0 || ranks[i] >= g->size)
            class = ipcr_err_note(MPI_ERR_RANK, "item %d is rank %d; the group has %d members", i,
                                  ranks[i], g->size);
        else if (seen[ranks[i]]++)
            class = ipcr_err_note(MPI_ERR_RANK, "rank %d is named twice", ranks[i]);
    }
    free(seen);
    return class;
}

/* How many ranks a triplet stands for; each must exist, so the sum below cannot overflow. */
static int range_length(const struct ipcr_group *g, const int range[3], int *length)
{
    int first = range[0], last = range[1], stride = range[2];
    if (stride == 0)
        return ipcr_err_note(MPI_ERR_ARG, "the stride of range (%d, %d, 0) is 0", first, last);
    long steps = ((long)last - first) / stride;
    bool backward = stride > 0 ? last < first : last > first;
    *length = 0;
    if (backward)
        return MPI_SUCCESS;
    long end = first + steps * stride;
    if (first < 0 || first >= g->size || end < 0 || end >= g->size)
        return ipcr_err_note(MPI_ERR_RANK,
                             "range (%d, %d, %d) leaves the group, which has %d members", first,
                             last, stride, g->size);
    *length = (int)steps + 1;
    return MPI_SUCCESS;
}

int ipcr_group_expand(const struct ipcr_group *g, int n, int ranges[][3], int **ranks, int *count)
{
    size_t total = 0;
    for (int i = 0; i < n; i++) {
        int length, class = range_length(g, ranges[i], &length);
        if (class != MPI_SUCCESS)
            return class;
        total += (size_t)length;
    }
    if (total > (size_t)g->size)
        return ipcr_err_note(MPI_ERR_RANK, "the ranges name %zu ranks of a group of %d", total,
                             g->size);
    *ranks = malloc((total + 1) * sizeof **ranks);
    if (!*ranks)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for %zu ranks", total);
    *count = 0;
    for (int i = 0; i < n; i++) {
        int length;
        range_length(g, ranges[i], &length);
        for (int k = 0; k < length; k++)
            (*ranks)[(*count)++] = ranges[i][0] + k * ranges[i][2];
    }
    return MPI_SUCCESS;
}
