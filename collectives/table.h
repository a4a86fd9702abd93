/* The table of algorithms and the choice among them. */
#ifndef IPCR_TABLE_H
#define IPCR_TABLE_H

#include <limits.h>

#include "coll.h"

/* What a row asks of the call. NEEDS are a matter of right results and always hold; WISHES say when
 * the algorithm is worth its while and, like the ranges, do not stand in the way of a program that
 * forces it. Whatever is asked must have the same answer on every rank of the communicator. */
enum {
    IPCR_COMMUTATIVE = 1 << 0,  /* the operation */
    IPCR_PREDEFINED = 1 << 1,   /* the operation: a user's function gets its vectors whole */
    IPCR_POWER_OF_TWO = 1 << 2, /* the number of ranks */
    IPCR_IN_PLACE = 1 << 3,     /* MPI_IN_PLACE is the send buffer */
    IPCR_SEPARATE = 1 << 4,     /* it is not */
    IPCR_CROWDED = 1 << 5,      /* wish: one node, with fewer cores than ranks */
    IPCR_INTER = 1 << 6,        /* an intercommunicator; without it: none */
    IPCR_LINES = 1 << 7,        /* a blocking call, lines.h, and vectors (if any) that fit */
    IPCR_SPREAD = 1 << 8,       /* wish: several nodes, and several ranks on some of them */
    IPCR_MIXED = 1 << 9,        /* wish: and those of a node do not stand together */
    IPCR_SHEETS = 1 << 10,      /* the same as IPCR_LINES, for sheets */
    IPCR_WISHES = IPCR_CROWDED | IPCR_SPREAD | IPCR_MIXED
};

#define IPCR_ANY_BYTES SIZE_MAX
#define IPCR_ANY_RANKS INT_MAX

/* Ranges include both ends. Bytes are those of
 *   the whole vector       bcast, reduce, allreduce, scan, exscan
 *   one block              gather, scatter, allgather, alltoall
 *   all blocks together    allgatherv, reduce_scatter, reduce_scatter_block
 * and 0 where no rank but the root knows (gatherv, scatterv) or each pair has its own (alltoallv,
 * alltoallw, neighbourhoods). */
struct ipcr_coll_row {
    enum ipcr_coll_kind kind;
    const char *name;
    void (*run)(struct ipcr_coll *c);
    unsigned needs;
    size_t min_bytes, max_bytes;
    int min_ranks, max_ranks;
};

/* Grouped by kind, intercommunicators last: for these there is one row at most, and nothing to
 * choose or to force. For every call there is a row that fits (tests/coll/choices.c). */
extern const struct ipcr_coll_row ipcr_coll_table[];
extern const int ipcr_coll_rows;

/* Names of the collectives as IPCRUN_COLL_<NAME> spells them. */
extern const char *const ipcr_coll_names[IPCR_COLL_KINDS];

/* The first row that fits, or the forced one where its needs hold. Ends the job with a clear
 * sentence if the environment forces something that does not exist. */
const struct ipcr_coll_row *ipcr_coll_select(const struct ipcr_coll *c);
/* Forces a row for its kind from now on; NULL: chooses freely again. For tests. */
void ipcr_coll_force(enum ipcr_coll_kind kind, const struct ipcr_coll_row *row);
/* Do the needs of a row hold for this call? */
bool ipcr_coll_possible(const struct ipcr_coll_row *row, const struct ipcr_coll *c);
/* Reads IPCRUN_COLL_* anew. 0, or -EINVAL with a sentence in `why`. */
int ipcr_coll_environment(char *why, size_t room);

#endif
