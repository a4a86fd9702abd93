/* What the two ways to carry out verbs have in common: now (run.c) and as a schedule (schedule.c).
 */
#ifndef IPCR_RUN_H
#define IPCR_RUN_H

#include "coll.h"
#include "p2p.h"

/* Tags of a communicator's collectives. All ranks start operations in the same order, so counting
 * gives each its own. A persistent one keeps its tag from one start to the next, while the others
 * count on and one day begin anew: it takes its tag from a range that they never reach. */
enum { IPCR_COLL_TAGS = 1 << 30 };

static inline int ipcr_coll_next_tag(struct ipcr_comm *comm)
{
    return (int)(comm->coll_seq++ % IPCR_COLL_TAGS);
}
static inline int ipcr_coll_next_persistent_tag(struct ipcr_comm *comm)
{
    return IPCR_COLL_TAGS + (int)(comm->coll_fixed++ % IPCR_COLL_TAGS);
}

/* A transfer of the operation as a message. */
static inline struct ipcr_msg ipcr_coll_msg(const struct ipcr_coll *c, struct ipcr_part p, int rank)
{
    return (struct ipcr_msg){.buf = p.buf,
                             .count = p.count,
                             .type = p.type,
                             .comm = c->comm,
                             .rank = rank,
                             .tag = c->tag,
                             .ctx = c->comm->ctx + 1,
                             .mode = IPCR_STANDARD};
}

/* Copies now; MPI_ERR_TRUNCATE if `to` is smaller. */
int ipcr_part_copy(struct ipcr_part from, struct ipcr_part to);

_Noreturn void ipcr_coll_no_memory(size_t bytes);

/* An allocated temporary (block.c). */
enum { IPCR_COLL_ALIGNMENT = 16 }; /* what any basic type asks for */
struct ipcr_coll_block {
    _Alignas(IPCR_COLL_ALIGNMENT) struct ipcr_coll_block *next;
    size_t size; /* of what is at `bytes` */
    char *bytes; /* behind this */
};
void *ipcr_coll_block_add(struct ipcr_coll_block **blocks, size_t bytes);
void ipcr_coll_block_free(struct ipcr_coll_block *blocks);

#endif
