/* Lines: a little shared memory in which each rank of a node shows something to others. What short
 * collectives on one node are made of, where messages would cost more than the work: a rank writes
 * its own line, others read it, and that is all that happens.
 *
 * The node segment (seg.h) has slots of lines. Members of a communicator agree on one when it
 * starts its third collective, so that short-lived ones take none; communicators without common
 * members may have the same slot. A collective is a meeting: all members begin it, those who have
 * something to say show it, and those whom it concerns wait for that.
 *
 * Meeting s uses set s mod SETS of the lines, so who only shows may be ahead of who only reads, and
 * a series of broadcasts takes a crowded node few switches. A line may be written anew when all
 * members have left the meeting that it was of: that is known after a meeting in which all have
 * waited for all, and otherwise from the reports, one line for each rank in one more set, where it
 * says every REPORT meetings how many it has left.
 *
 * What is too long for a line stands on a sheet: there are fewer sets of these, and the line says
 * when. Both ranks copy themselves then, through memory that stays in the cache. That is faster
 * than to let the kernel copy once from one process to the other, and nobody answers anybody. */
#ifndef IPCR_LINES_H
#define IPCR_LINES_H

#include <string.h>

#include "bell.h"
#include "coll.h"
#include "seg.h"

enum {
    IPCR_LINES_RANKS = 64, /* of the largest communicator that gets lines */
    IPCR_LINES_SETS = IPCR_SEG_SETS - 1,
    IPCR_LINES_REPORT = 8 /* meetings from one report to the next; no more than there are sheets */
};

struct ipcr_flat;

struct ipcr_lines {
    struct ipcr_comm *comm; /* whose these are; no reference: it owns this */
    int slot;
    uint32_t width;          /* lines in a set: ranks of the node */
    size_t long_bytes;       /* from one set of long places to the next */
    uint32_t seq;            /* meetings begun so far */
    uint32_t left;           /* all members have left this one, and all before it */
    int32_t depth;           /* of the sets that are waited for */
    int next;                /* members before this one have been found to be where they should */
    struct ipcr_line *line;  /* the slot's first */
    char *long_line;         /* and its first long place */
    char *sheet;             /* the same; NULL: none */
    struct ipcr_bell *bells; /* of all ranks of the node */
    int local[IPCR_LINES_RANKS]; /* of each member: its number on the node */
};

enum { IPCR_LINES_ALL = -1 };

/* Stands for "has none": not one node, too many ranks, another transport was chosen, no free slot,
 * or threads. */
extern struct ipcr_lines ipcr_lines_none;

struct ipcr_lines *ipcr_lines_agree(struct ipcr_comm *comm);

/* The lines of comm, or NULL. Called at the start of every blocking collective, in the same order
 * by all members; may then block to agree with them. */
static inline struct ipcr_lines *ipcr_lines_of(struct ipcr_comm *comm)
{
    struct ipcr_lines *l = comm->coll_cache;
    if (__builtin_expect(!l && comm->coll_seq >= 2, 0))
        l = ipcr_lines_agree(comm);
    return l == &ipcr_lines_none ? NULL : l;
}

/* Line of member i in one of the sets. */
static inline struct ipcr_line *ipcr_lines_line(const struct ipcr_lines *l, uint32_t set, int i)
{
    return l->line + set * l->width + (uint32_t)l->local[i];
}
/* That of the present meeting. */
static inline struct ipcr_line *ipcr_lines_now(const struct ipcr_lines *l, int i)
{
    return ipcr_lines_line(l, l->seq % IPCR_LINES_SETS, i);
}
/* Where so many bytes of member i lie. */
static inline char *ipcr_lines_place(const struct ipcr_lines *l, int i, size_t bytes)
{
    if (__builtin_expect(bytes <= IPCR_LINE_BYTES, 1))
        return ipcr_lines_now(l, i)->bytes;
    return l->long_line + l->seq % IPCR_LINES_SETS * l->long_bytes +
           (size_t)l->local[i] * IPCR_LINE_LONG;
}
/* Has member i shown its line? The acquire pairs with the release in ipcr_lines_show(): what a line
 * shows is read after its number. */
static inline bool ipcr_lines_shows(const struct ipcr_lines *l, int i)
{
    return atomic_load_explicit(&ipcr_lines_now(l, i)->seq, memory_order_acquire) == l->seq;
}

/* The slow halves of what follows (lines.c). */
void ipcr_lines_report(struct ipcr_lines *l);
void ipcr_lines_wait_for_room(struct ipcr_lines *l, int32_t depth);
void ipcr_lines_wait(struct ipcr_lines *l, int i);
void ipcr_lines_wait_for_all(struct ipcr_lines *l);

/* Every member begins every meeting, also one in which it has nothing to do. */
static inline void ipcr_lines_begin(struct ipcr_lines *l)
{
    if (++l->seq % IPCR_LINES_REPORT == 0)
        ipcr_lines_report(l);
}

/* Where this rank writes what it will show, IPCR_LINE_LONG bytes at most. Blocks while others are
 * so far behind that they may still read what stands there. */
static inline char *ipcr_lines_room(struct ipcr_lines *l, size_t bytes)
{
    if (__builtin_expect(l->seq - l->left > IPCR_LINES_SETS, 0))
        ipcr_lines_wait_for_room(l, IPCR_LINES_SETS);
    return ipcr_lines_place(l, l->comm->rank, bytes);
}

/* That of member i in the present meeting. */
static inline char *ipcr_lines_sheet(const struct ipcr_lines *l, int i)
{
    size_t index = l->seq % IPCR_SHEET_SETS * l->width + (uint32_t)l->local[i];
    return l->sheet + index * IPCR_SHEET_BYTES;
}
/* The same as ipcr_lines_room(), for IPCR_SHEET_BYTES. */
static inline char *ipcr_lines_sheet_room(struct ipcr_lines *l)
{
    if (l->seq - l->left > IPCR_SHEET_SETS)
        ipcr_lines_wait_for_room(l, IPCR_SHEET_SETS);
    return ipcr_lines_sheet(l, l->comm->rank);
}
/* Either, where all members know that so many bytes will be shown. */
static inline char *ipcr_lines_room_for(struct ipcr_lines *l, size_t bytes)
{
    return bytes <= IPCR_LINE_LONG ? ipcr_lines_room(l, bytes) : ipcr_lines_sheet_room(l);
}

static inline void ipcr_lines_ring(const struct ipcr_lines *l, int i)
{
    ipcr_bell_ring(&l->bells[l->local[i]], l->local[i]);
}
static inline void ipcr_lines_ring_all(const struct ipcr_lines *l)
{
    for (int i = 0; i < l->comm->size; i++)
        if (i != l->comm->rank)
            ipcr_lines_ring(l, i);
}

/* Shows these bytes to a member or to IPCR_LINES_ALL. */
static inline void ipcr_lines_show(struct ipcr_lines *l, size_t bytes, int to)
{
    struct ipcr_line *line = ipcr_lines_now(l, l->comm->rank);
    line->size = (uint32_t)bytes;
    atomic_store_explicit(&line->seq, l->seq, memory_order_release);
    if (to == IPCR_LINES_ALL)
        ipcr_lines_ring_all(l);
    else
        ipcr_lines_ring(l, to);
}

/* What member i showed at this meeting, for which this rank has waited: readable until the next one
 * begins. */
static inline struct ipcr_part ipcr_lines_at(const struct ipcr_lines *l, int i)
{
    size_t bytes = ipcr_lines_now(l, i)->size;
    return ipcr_part_bytes(ipcr_lines_place(l, i, bytes), bytes);
}
/* Waits for what member i shows. */
static inline struct ipcr_part ipcr_lines_await(struct ipcr_lines *l, int i)
{
    if (!ipcr_lines_shows(l, i))
        ipcr_lines_wait(l, i);
    return ipcr_lines_at(l, i);
}
/* The same of all, where all show something to all: who shows the present meeting has left the one
 * before. */
static inline void ipcr_lines_await_all(struct ipcr_lines *l)
{
    for (int i = 0; i < l->comm->size; i++)
        if (!ipcr_lines_shows(l, i)) {
            ipcr_lines_wait_for_all(l);
            break;
        }
    l->left = l->seq - 1;
}
/* The address of what member i showed, where all know that it has so many bytes. */
static inline const char *ipcr_lines_found(const struct ipcr_lines *l, int i, size_t bytes)
{
    return bytes <= IPCR_LINE_LONG ? ipcr_lines_at(l, i).buf : ipcr_lines_sheet(l, i);
}
/* Few bytes between a line and a buffer, or more and a sheet; there may be no buffer for none at
 * all. */
static inline void ipcr_lines_move(void *to, const void *from, size_t bytes)
{
    if (bytes <= IPCR_RING_INLINE)
        ipcr_ring_copy_inline(to, from, bytes);
    else
        memcpy(to, from, bytes);
}
/* ipcr_coll_copy() for little data. Collectives that have lines are blocking ones, so what is plain
 * needs no verb. */
static inline void ipcr_lines_copy(struct ipcr_coll *c, struct ipcr_part from, struct ipcr_part to)
{
    size_t bytes = ipcr_part_size(from);
    if (from.type->dense && to.type->dense && bytes <= ipcr_part_size(to))
        ipcr_lines_move(ipcr_part_at(to.buf, to.type->true_lb),
                        ipcr_part_at(from.buf, from.type->true_lb), bytes);
    else
        ipcr_coll_copy(c, from, to);
}
/* Shows what lies elsewhere; and what a line has brought, to where it belongs. */
static inline void ipcr_lines_show_part(struct ipcr_coll *c, struct ipcr_part mine, int to)
{
    struct ipcr_lines *l = c->run->lines;
    size_t bytes = ipcr_part_size(mine);
    ipcr_lines_copy(c, mine, ipcr_part_bytes(ipcr_lines_room(l, bytes), bytes));
    ipcr_lines_show(l, bytes, to);
}
static inline void ipcr_lines_take(struct ipcr_coll *c, int from, struct ipcr_part to)
{
    ipcr_lines_copy(c, ipcr_lines_await(c->run->lines, from), to);
}

/* Combines vectors of f->count elements, that of rank i at shown[i], in the order of f (flat.h),
 * and leaves the result in c->rbuf. None of them overlaps that, but one may be there. */
void ipcr_lines_merge(struct ipcr_coll *c, const struct ipcr_flat *f, const void *const *shown);

#endif
