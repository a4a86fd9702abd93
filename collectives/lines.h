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
 * says every REPORT meetings how many it has left. */
#ifndef IPCR_LINES_H
#define IPCR_LINES_H

#include "comm.h"
#include "seg.h"

enum {
    IPCR_LINES_RANKS = 64, /* of the largest communicator that gets lines */
    IPCR_LINES_SETS = IPCR_SEG_SETS - 1
};

struct ipcr_lines {
    struct ipcr_comm *comm; /* whose these are; no reference: it owns this */
    int slot;
    uint32_t seq;            /* meetings begun so far */
    uint32_t left;           /* all members have left this one, and all before it */
    int next;                /* members before this one have been found to be where they should */
    struct ipcr_line *line;  /* the slot's first */
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

/* Every member begins every meeting, also one in which it has nothing to do. */
void ipcr_lines_begin(struct ipcr_lines *l);
/* Where this rank writes what it will show, IPCR_LINE_BYTES at most. Blocks while others are so far
 * behind that they may still read what stands there. */
char *ipcr_lines_room(struct ipcr_lines *l);
/* Shows the first `bytes` there to a member or to IPCR_LINES_ALL. */
void ipcr_lines_show(struct ipcr_lines *l, size_t bytes, int to);
/* Both for what lies elsewhere. */
void ipcr_lines_show_copy(struct ipcr_lines *l, const void *mine, size_t bytes, int to);
/* Waits for what member i shows: readable until the next meeting begins. */
const struct ipcr_line *ipcr_lines_await(struct ipcr_lines *l, int i);
/* The same of all, where all show something to all. */
void ipcr_lines_await_all(struct ipcr_lines *l);

static inline struct ipcr_line *ipcr_lines_line(const struct ipcr_lines *l, uint32_t set, int i)
{
    return l->line + set * (uint32_t)ipcr_seg.n + (uint32_t)l->local[i];
}
/* What member i showed at this meeting, for which this rank has waited. */
static inline const void *ipcr_lines_at(const struct ipcr_lines *l, int i)
{
    return ipcr_lines_line(l, l->seq % IPCR_LINES_SETS, i)->bytes;
}

#endif
