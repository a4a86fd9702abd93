/* Cases of collectives and the naive oracle: each rank works out by itself what it has to end up
 * with, from who sends what to whom, and compares every byte of its buffers with that: results,
 * gaps between elements, guard zones, and send buffers, which nobody may change. */
#ifndef TESTS_COLL_CASES_H
#define TESTS_COLL_CASES_H

#include "table.h"

enum { CASE_RANKS = 64 };

/* Layouts of what is moved: dense; with gaps and a negative lower bound; the one on some ranks and
 * the other on the rest, which must not matter. */
enum { SHAPE_DENSE, SHAPE_GAPS, SHAPE_MIXED, SHAPES };

/* What is reduced. */
enum {
    REDUCE_SUM,    /* MPI_SUM of MPI_INT64_T */
    REDUCE_MAXLOC, /* MPI_MAXLOC of MPI_DOUBLE_INT, which has a hole */
    REDUCE_AFFINE, /* x -> a x + b composed by a user's function on a type with gaps: the order of
                      operands shows */
    REDUCE_XOR,    /* a user's commutative function on the same type */
    REDUCTIONS
};

struct tcase {
    enum ipcr_coll_kind kind;
    const struct ipcr_coll_row *row; /* NULL: as the table chooses */
    int ranks, root;
    size_t count; /* elements; the v forms vary around it */
    int variant;  /* SHAPE_ or REDUCE_ */
    bool in_place;
};

/* Runs the call of a case: the row, or what the table chooses. An error class. */
typedef int case_execute(struct ipcr_coll *c, const struct ipcr_coll_row *row);

void case_setup(void);
/* One rank's part of a case; the number of faults, which are also printed. */
int case_run(const struct tcase *t, struct ipcr_comm *comm, case_execute *execute);
/* Calls visit for each case of a row that makes sense for this number of ranks. */
void case_each(const struct ipcr_coll_row *row, int ranks, const size_t *counts,
               void (*visit)(const struct tcase *t, void *arg), void *arg);
/* "ALLREDUCE ring, 5 ranks, ..." */
const char *case_name(const struct tcase *t);

/* ---- the two halves, moves.c and reductions.c -------------------------------------------------
 */

/* A buffer with guard zones around `bytes` from `buf`. */
struct area {
    char *memory, *buf;
    size_t size;
};
void area_make(struct area *a, size_t bytes);
struct area area_copy(const struct area *a);
void area_free(struct area *a);
/* Byte-wise; prints and counts a fault. */
int area_compare(const struct tcase *t, int rank, const char *what, const struct area *got,
                 const struct area *want);

bool case_reduces(enum ipcr_coll_kind kind);
void reductions_setup(void);
void moves_setup(void);
int reductions_run(const struct tcase *t, struct ipcr_coll *c, case_execute *execute);
int moves_run(const struct tcase *t, struct ipcr_coll *c, case_execute *execute);
struct ipcr_type *reductions_type(int variant);
struct ipcr_op *reductions_op(int variant);

#endif
