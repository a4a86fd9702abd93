/* Chooses an algorithm: the first row of the table that fits the call, or the one that
 * IPCRUN_COLL_<NAME> forces. Every rank must choose alike, so nothing but what all ranks know goes
 * in: sizes in bytes (never counts or layouts, which may differ), ranks, the operation, and on
 * which nodes they are. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "lines.h"
#include "seg.h"
#include "table.h"

static const struct ipcr_coll_row *first[IPCR_COLL_KINDS], *forced[IPCR_COLL_KINDS];
static const struct ipcr_coll_row *between[IPCR_COLL_KINDS]; /* the sides of intercommunicators */
static bool prepared;

static size_t size_of_all(const struct ipcr_coll *c)
{
    int64_t sum = 0;
    for (int i = 0; i < c->comm->size; i++)
        sum += ipcr_counts_at(c->rcounts, i);
    return (size_t)sum * c->rtype->size;
}

static inline size_t size_of(const struct ipcr_coll *c)
{
    switch (c->kind) {
    case IPCR_BARRIER:
    case IPCR_GATHERV:
    case IPCR_SCATTERV:
    case IPCR_ALLTOALLV:
    case IPCR_ALLTOALLW:
    case IPCR_NEIGHBOR_ALLGATHER:
    case IPCR_NEIGHBOR_ALLGATHERV:
    case IPCR_NEIGHBOR_ALLTOALL:
    case IPCR_NEIGHBOR_ALLTOALLV:
    case IPCR_NEIGHBOR_ALLTOALLW:
    case IPCR_COLL_KINDS:
        return 0;
    case IPCR_GATHER:
        return c->comm->rank == c->root ? c->rcount * c->rtype->size : c->scount * c->stype->size;
    case IPCR_SCATTER:
        return c->comm->rank == c->root ? c->scount * c->stype->size : c->rcount * c->rtype->size;
    case IPCR_ALLGATHERV:
    case IPCR_REDUCE_SCATTER:
        return size_of_all(c);
    case IPCR_REDUCE_SCATTER_BLOCK:
        return c->rcount * c->rtype->size * (size_t)c->comm->size;
    case IPCR_BCAST:
    case IPCR_REDUCE:
    case IPCR_ALLREDUCE:
    case IPCR_ALLGATHER:
    case IPCR_ALLTOALL:
    case IPCR_SCAN:
    case IPCR_EXSCAN:
        break;
    }
    return c->rcount * c->rtype->size;
}

/* Each of two ranks knows what both have for the other. */
static bool both_fit(const struct ipcr_coll *c)
{
    int other = c->comm->rank == 0;
    return c->comm->size == 2 && ipcr_part_size(ipcr_coll_given(c, other)) <= IPCR_LINE_LONG &&
           ipcr_part_size(ipcr_coll_rpart(c, other)) <= IPCR_LINE_LONG;
}

/* What a rank would show on its line. More would not be slow but wrong, so this is a need and no
 * range. Reductions read a line as elements, and so want them to lie there as in the program. */
static inline bool fits_line(const struct ipcr_coll *c, size_t bytes)
{
    size_t others = (size_t)c->comm->size - 1;
    switch (c->kind) {
    case IPCR_BARRIER:
    case IPCR_GATHERV: /* what does not fit is a message: the two whom it concerns know */
    case IPCR_SCATTERV:
        return true;
    case IPCR_BCAST:
    case IPCR_GATHER:
    case IPCR_ALLGATHER:
    case IPCR_ALLGATHERV:
        return bytes <= IPCR_LINE_LONG;
    case IPCR_SCATTER:
    case IPCR_ALLTOALL:
        return bytes <= IPCR_LINE_LONG && bytes * others <= IPCR_LINE_LONG;
    case IPCR_REDUCE_SCATTER_BLOCK: /* all but its own share */
        return c->rtype->dense && bytes - c->rcount * c->rtype->size <= IPCR_LINE_LONG;
    case IPCR_REDUCE:
    case IPCR_ALLREDUCE:
    case IPCR_REDUCE_SCATTER:
    case IPCR_SCAN:
    case IPCR_EXSCAN:
        return c->rtype->dense && bytes <= IPCR_LINE_LONG;
    case IPCR_ALLTOALLV:
    case IPCR_ALLTOALLW:
        return both_fit(c);
    default: /* no row asks */
        return false;
    }
}

/* The same for sheets. What is shown one after another always fits. */
static bool fits_sheet(const struct ipcr_coll *c, size_t bytes)
{
    size_t others = (size_t)c->comm->size - 1;
    switch (c->kind) {
    case IPCR_BCAST:
    case IPCR_ALLGATHER:
        return true;
    case IPCR_ALLTOALL:
        return bytes <= IPCR_SHEET_BYTES && bytes * others <= IPCR_SHEET_BYTES;
    case IPCR_SCAN:
    case IPCR_EXSCAN: /* shown as whole elements */
        return c->rtype->dense && c->rtype->size > 0;
    default:
        return false;
    }
}

static inline unsigned offers(const struct ipcr_coll *c, size_t bytes)
{
    const struct ipcr_comm *comm = c->comm;
    unsigned have = ipcr_coll_in_place(c) ? IPCR_IN_PLACE : IPCR_SEPARATE;
    if (c->op && c->op->commutative)
        have |= IPCR_COMMUTATIVE;
    if (c->op && c->op->predefined)
        have |= IPCR_PREDEFINED;
    if ((comm->size & (comm->size - 1)) == 0)
        have |= IPCR_POWER_OF_TWO;
    if (comm->one_node && comm->crowded)
        have |= IPCR_CROWDED;
    if (comm->spread)
        have |= IPCR_SPREAD;
    if (comm->mixed)
        have |= IPCR_MIXED;
    if (c->run && c->run->lines && fits_line(c, bytes))
        have |= IPCR_LINES;
    if (c->run && c->run->lines && c->run->lines->sheet && fits_sheet(c, bytes))
        have |= IPCR_SHEETS;
    return have;
}

bool ipcr_coll_possible(const struct ipcr_coll_row *row, const struct ipcr_coll *c)
{
    unsigned ignored = IPCR_WISHES | IPCR_INTER;
    bool inter = row->needs & IPCR_INTER;
    return inter == ipcr_comm_is_inter(c->comm) &&
           (row->needs & ~ignored & ~offers(c, size_of(c))) == 0;
}

static void prepare(void)
{
    for (int i = ipcr_coll_rows - 1; i >= 0; i--) {
        const struct ipcr_coll_row *row = &ipcr_coll_table[i];
        *(row->needs & IPCR_INTER ? &between[row->kind] : &first[row->kind]) = row;
    }
    char why[1024];
    if (ipcr_coll_environment(why, sizeof why) < 0)
        ipcr_err_fatal("%s", why);
    prepared = true;
}

const struct ipcr_coll_row *ipcr_coll_select(const struct ipcr_coll *c)
{
    if (__builtin_expect(!prepared, 0))
        prepare();
    if (__builtin_expect(ipcr_comm_is_inter(c->comm), 0))
        return between[c->kind];
    const struct ipcr_coll_row *row = forced[c->kind];
    if (row && ipcr_coll_possible(row, c))
        return row;
    size_t bytes = size_of(c);
    int ranks = c->comm->size;
    unsigned missing = ~offers(c, bytes);
    row = first[c->kind];
    while ((row->needs & missing) || bytes < row->min_bytes || bytes > row->max_bytes ||
           ranks < row->min_ranks || ranks > row->max_ranks)
        row++;
    return row;
}

void ipcr_coll_force(enum ipcr_coll_kind kind, const struct ipcr_coll_row *row)
{
    forced[kind] = row;
}

static void append(char *why, size_t room, const char *before, const char *word)
{
    size_t used = strlen(why);
    snprintf(why + used, room - used, "%s%s", before, word);
}

/* Some algorithms have two rows; those of intercommunicators are not for choice. */
static bool not_listed(const struct ipcr_coll_row *row)
{
    if (row->needs & IPCR_INTER)
        return true;
    for (const struct ipcr_coll_row *r = ipcr_coll_table; r < row; r++)
        if (r->kind == row->kind && strcmp(r->name, row->name) == 0)
            return true;
    return false;
}

static int no_algorithm(enum ipcr_coll_kind kind, const char *setting, char *why, size_t room)
{
    snprintf(why, room, "%s: there is no such algorithm; choose one of", setting);
    const char *before = " ";
    for (int i = 0; i < ipcr_coll_rows; i++) {
        const struct ipcr_coll_row *row = &ipcr_coll_table[i];
        if (row->kind != kind || not_listed(row))
            continue;
        append(why, room, before, row->name);
        before = ", ";
    }
    return -EINVAL;
}

static int no_collective(const char *setting, char *why, size_t room)
{
    snprintf(why, room, "%s: there is no such collective; choose IPCRUN_COLL_ and one of", setting);
    for (int i = 0; i < IPCR_COLL_KINDS; i++)
        append(why, room, i ? ", " : " ", ipcr_coll_names[i]);
    return -EINVAL;
}

/* "IPCRUN_COLL_BCAST=chain"; an empty value forces nothing. */
static int read_setting(const char *setting, char *why, size_t room)
{
    const char *name = setting + strlen("IPCRUN_COLL_"), *value = strchr(name, '=');
    if (!value || !value[1])
        return 0;
    size_t length = (size_t)(value - name);
    int kind = 0;
    while (kind < IPCR_COLL_KINDS && (strncmp(ipcr_coll_names[kind], name, length) != 0 ||
                                      ipcr_coll_names[kind][length] != 0))
        kind++;
    if (kind == IPCR_COLL_KINDS)
        return no_collective(setting, why, room);
    for (const struct ipcr_coll_row *row = ipcr_coll_table;
         row < ipcr_coll_table + ipcr_coll_rows && !forced[kind]; row++)
        if ((int)row->kind == kind && !not_listed(row) && !strcmp(row->name, value + 1))
            forced[kind] = row;
    return forced[kind] ? 0 : no_algorithm((enum ipcr_coll_kind)kind, setting, why, room);
}

int ipcr_coll_environment(char *why, size_t room)
{
    memset(forced, 0, sizeof forced);
    for (char **setting = environ; *setting; setting++)
        if (strncmp(*setting, "IPCRUN_COLL_", strlen("IPCRUN_COLL_")) == 0 &&
            read_setting(*setting, why, room) < 0)
            return -EINVAL;
    return 0;
}
