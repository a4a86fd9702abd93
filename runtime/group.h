/* Groups: ordered sets of world ranks, and their algebra. MPI 5.0 section 7.3.
 *
 * A pure data structure; only ipcr_group_settle() looks at the job, to find this process. Functions
 * that make a group return it with one reference, and NULL when there is no memory; an empty
 * result is always MPI_GROUP_EMPTY's object. Ranks and ranges are checked by the caller. */
#ifndef IPCR_GROUP_H
#define IPCR_GROUP_H

#include "comm.h"
#include "observe.h"

extern struct ipcr_group ipcr_group_empty;

/* NULL if it is not a group. */
static inline struct ipcr_group *ipcr_group_of(MPI_Group h)
{
    uintptr_t v = (uintptr_t)h;
    if (v == 0x109)
        return &ipcr_group_empty;
    struct ipcr_group *g = (struct ipcr_group *)v;
    return v < 4096 || g->magic != IPCR_GROUP_MAGIC ? NULL : g;
}

/* The program gets a handle, which has a reference of its own. */
static inline MPI_Group ipcr_group_hand_out(struct ipcr_group *g)
{
    IPCR_OBSERVE(object, IPCR_OBJECT_GROUP, g, true);
    return g == &ipcr_group_empty ? MPI_GROUP_EMPTY : (MPI_Group)g;
}

/* Room for `size` members (size > 0): fill world[], then settle, which sets rank. */
struct ipcr_group *ipcr_group_new(int size);
struct ipcr_group *ipcr_group_settle(struct ipcr_group *g);
void ipcr_group_retain(struct ipcr_group *g);
void ipcr_group_release(struct ipcr_group *g);
/* Memory that freed groups still hold. */
void ipcr_group_finish(void);

/* MPI_IDENT (same members, same order), MPI_SIMILAR (same members) or MPI_UNEQUAL; -1: no memory.
 */
int ipcr_group_compare(const struct ipcr_group *a, const struct ipcr_group *b);

/* to[i] = the rank in b of the process that has rank from[i] in a, or MPI_UNDEFINED; MPI_PROC_NULL
 * stays. MPI_SUCCESS or MPI_ERR_NO_MEM. */
int ipcr_group_translate(const struct ipcr_group *a, int n, const int *from,
                         const struct ipcr_group *b, int *to);

/* a's members, then those of b that are not in a; a's members that are in b; those that are not. */
struct ipcr_group *ipcr_group_union(const struct ipcr_group *a, const struct ipcr_group *b);
struct ipcr_group *ipcr_group_intersection(const struct ipcr_group *a, const struct ipcr_group *b);
struct ipcr_group *ipcr_group_difference(const struct ipcr_group *a, const struct ipcr_group *b);

/* Members ranks[0..n) in that order; all members but those, in g's order. */
struct ipcr_group *ipcr_group_incl(const struct ipcr_group *g, int n, const int *ranks);
struct ipcr_group *ipcr_group_excl(const struct ipcr_group *g, int n, const int *ranks);

/* MPI_SUCCESS if the ranks exist in g and are distinct, else an error class with a note. */
int ipcr_group_check_ranks(const struct ipcr_group *g, int n, const int *ranks);
/* Writes out n triplets (first, last, stride) as ranks: *count of them in *ranks, malloc'ed, the
 * caller's. MPI_SUCCESS, or an error class with a note when one is not a range of g's ranks. */
int ipcr_group_expand(const struct ipcr_group *g, int n, int ranges[][3], int **ranks, int *count);

#endif
