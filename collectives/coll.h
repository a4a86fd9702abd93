/* Collectives: the call object, the step verbs algorithms are written in, and the internal entry
 * points. MPI 5.0 chapter 6.
 *
 * An algorithm is one function that receives a struct ipcr_coll and speaks in verbs: send, recv,
 * round, copy, reduce, temp. It looks at ranks, counts and addresses, never at data and never at
 * the clock, so the same text serves a blocking call (run.c: the verbs act at once) and the
 * nonblocking and persistent ones (schedule.c: the verbs are written down and played later).
 *
 * The rules between the verbs:
 *  - send and recv name transfers of the current round; ipcr_coll_round() carries them all out,
 *    concurrently, and ends when they have. Between one pair of ranks they match in order.
 *  - copy and reduce act on the spot: they see what earlier rounds brought, and the transfers of
 * the current round see what they wrote. They must not touch what a transfer of the current round
 *    was given before them.
 *  - the last round must be closed. Nothing fails in between: the first error is kept in the run
 *    and the pattern of messages is completed all the same, so no other rank is left hanging. */
#ifndef IPCR_COLL_H
#define IPCR_COLL_H

#include "comm.h"
#include "datatype.h"
#include "op.h"

struct ipcr_req;

enum ipcr_coll_kind {
    IPCR_BARRIER,
    IPCR_BCAST,
    IPCR_REDUCE,
    IPCR_ALLREDUCE,
    IPCR_GATHER,
    IPCR_GATHERV,
    IPCR_SCATTER,
    IPCR_SCATTERV,
    IPCR_ALLGATHER,
    IPCR_ALLGATHERV,
    IPCR_ALLTOALL,
    IPCR_ALLTOALLV,
    IPCR_ALLTOALLW,
    IPCR_SCAN,
    IPCR_EXSCAN,
    IPCR_REDUCE_SCATTER,
    IPCR_REDUCE_SCATTER_BLOCK,
    IPCR_NEIGHBOR_ALLGATHER, /* from here on: of the neighbourhood */
    IPCR_NEIGHBOR_ALLGATHERV,
    IPCR_NEIGHBOR_ALLTOALL,
    IPCR_NEIGHBOR_ALLTOALLV,
    IPCR_NEIGHBOR_ALLTOALLW,
    IPCR_COLL_KINDS
};
static inline bool ipcr_coll_is_neighborly(enum ipcr_coll_kind kind)
{
    return kind >= IPCR_NEIGHBOR_ALLGATHER;
}

/* An array of counts or displacements as the program gave it: int now, MPI_Count or MPI_Aint for
 * the large-count calls. */
struct ipcr_counts {
    const void *v;
    bool wide; /* elements are 64 bits */
};
static inline int64_t ipcr_counts_at(struct ipcr_counts c, int i)
{
    return c.wide ? ((const int64_t *)c.v)[i] : ((const int *)c.v)[i];
}

/* One collective as it was called, with checked arguments. What is not significant on this rank is
 * zero or NULL. MPI_IN_PLACE stays visible: sbuf (scatter: rbuf) == MPI_IN_PLACE.
 *   barrier                     no buffers
 *   bcast                       the buffer is rbuf, rcount, rtype on every rank
 *   reductions                  sbuf and rbuf hold rcount elements of rtype; reduce_scatter: sbuf
 *                               the sum of rcounts, rbuf my share; stype is unused
 *   gather, scatter and so on   as in the standard */
struct ipcr_coll {
    enum ipcr_coll_kind kind;
    struct ipcr_comm *comm;
    const void *sbuf;
    void *rbuf;
    size_t scount, rcount;
    struct ipcr_type *stype, *rtype;
    struct ipcr_counts scounts, rcounts, sdispls, rdispls; /* v and w forms */
    const MPI_Datatype *stypes, *rtypes;                   /* alltoallw */
    struct ipcr_op *op;
    int root;
    int tag;                   /* of this operation's messages, on comm->ctx + 1 */
    struct ipcr_coll_run *run; /* who carries out the verbs */
};

/* A stretch of data: count elements of type at buf. What verbs are given. */
struct ipcr_part {
    void *buf;
    size_t count;
    struct ipcr_type *type;
};

/* buf + offset. In integers, because buf may be MPI_BOTTOM, which is NULL. */
static inline void *ipcr_part_at(const void *buf, ptrdiff_t offset)
{
    return (void *)((uintptr_t)buf + (uintptr_t)offset);
}
static inline struct ipcr_part ipcr_part(const void *buf, size_t count, struct ipcr_type *type)
{
    return (struct ipcr_part){(void *)(uintptr_t)buf, count, type};
}
static inline struct ipcr_part ipcr_part_bytes(const void *buf, size_t bytes)
{
    return ipcr_part(buf, bytes, ipcr_type_of(MPI_BYTE));
}
static inline size_t ipcr_part_size(struct ipcr_part p)
{
    return p.count * p.type->size;
}
/* `count` elements beginning with element `first`. */
static inline struct ipcr_part ipcr_part_slice(struct ipcr_part p, size_t first, size_t count)
{
    return ipcr_part(ipcr_part_at(p.buf, (ptrdiff_t)first * p.type->extent), count, p.type);
}

/* One way to carry out the verbs: run.c has one, schedule.c the other. What `temp` gives lives
 * until the operation ends, in a schedule as long as that does. An empty send or recv given to
 * these functions is a message of zero bytes. */
struct ipcr_coll_verbs {
    void (*send)(struct ipcr_coll *c, struct ipcr_part p, int to);
    void (*recv)(struct ipcr_coll *c, struct ipcr_part p, int from);
    void (*round)(struct ipcr_coll *c);
    void (*copy)(struct ipcr_coll *c, struct ipcr_part from, struct ipcr_part to);
    void (*reduce)(struct ipcr_coll *c, const void *in, struct ipcr_part inout);
    void *(*temp)(struct ipcr_coll *c, size_t bytes);
};
struct ipcr_lines;
struct ipcr_coll_run {
    const struct ipcr_coll_verbs *verbs;
    struct ipcr_lines *lines; /* of the communicator, in a blocking call; NULL: none */
};

/* Transfers of the current round. Where nothing has to travel, nothing does: both sides know the
 * size. */
static inline void ipcr_coll_send(struct ipcr_coll *c, struct ipcr_part p, int to)
{
    if (ipcr_part_size(p))
        c->run->verbs->send(c, p, to);
}
static inline void ipcr_coll_recv(struct ipcr_coll *c, struct ipcr_part p, int from)
{
    if (ipcr_part_size(p))
        c->run->verbs->recv(c, p, from);
}
/* A message without content, for barriers; its address is never used. */
static inline void ipcr_coll_signal(struct ipcr_coll *c, int to)
{
    c->run->verbs->send(c, ipcr_part_bytes(c, 0), to);
}
static inline void ipcr_coll_await(struct ipcr_coll *c, int from)
{
    c->run->verbs->recv(c, ipcr_part_bytes(c, 0), from);
}
static inline void ipcr_coll_round(struct ipcr_coll *c)
{
    c->run->verbs->round(c);
}
/* A round of one send and one receive. */
static inline void ipcr_coll_exchange(struct ipcr_coll *c, struct ipcr_part out, int to,
                                      struct ipcr_part in, int from)
{
    ipcr_coll_recv(c, in, from);
    ipcr_coll_send(c, out, to);
    ipcr_coll_round(c);
}
/* Between two layouts with the same number of bytes. */
static inline void ipcr_coll_copy(struct ipcr_coll *c, struct ipcr_part from, struct ipcr_part to)
{
    if (ipcr_part_size(from))
        c->run->verbs->copy(c, from, to);
}
/* inout[i] = in[i] op inout[i], both of inout.type. */
static inline void ipcr_coll_reduce(struct ipcr_coll *c, const void *in, struct ipcr_part inout)
{
    if (ipcr_part_size(inout))
        c->run->verbs->reduce(c, in, inout);
}
/* Memory that lives until the operation ends, aligned for any type, contents undefined. Never NULL:
 * the job ends when there is none. */
static inline void *ipcr_coll_temp(struct ipcr_coll *c, size_t bytes)
{
    return c->run->verbs->temp(c, bytes);
}

/* part.c: what the arguments of the call mean. */

/* Room for `count` elements in the layout of `type`: the address to use as a buffer. */
void *ipcr_coll_temp_like(struct ipcr_coll *c, size_t count, const struct ipcr_type *type);
/* To how many this rank may send, and receive from: ranks, on an intercommunicator those of the
 * other side, or neighbours. */
int ipcr_coll_targets(const struct ipcr_coll *c);
int ipcr_coll_sources(const struct ipcr_coll *c);
/* What this rank sends to, and receives from, rank or neighbour i (all but bcast and reductions).
 * The two functions are for v and w forms; where all blocks are of one size it is a little
 * arithmetic, of which a short operation needs some. */
struct ipcr_part ipcr_coll_sblock(const struct ipcr_coll *c, int i);
struct ipcr_part ipcr_coll_rblock(const struct ipcr_coll *c, int i);
static inline struct ipcr_part ipcr_coll_spart(const struct ipcr_coll *c, int i)
{
    const unsigned same = 1u << IPCR_GATHER | 1u << IPCR_GATHERV | 1u << IPCR_ALLGATHER |
                          1u << IPCR_ALLGATHERV | 1u << IPCR_NEIGHBOR_ALLGATHER |
                          1u << IPCR_NEIGHBOR_ALLGATHERV; /* the same block to whoever it goes */
    if (same >> c->kind & 1)
        i = 0;
    if (__builtin_expect(c->scounts.v != NULL, 0))
        return ipcr_coll_sblock(c, i);
    return ipcr_part_slice(ipcr_part(c->sbuf, c->scount, c->stype), (size_t)i * c->scount,
                           c->scount);
}
static inline struct ipcr_part ipcr_coll_rpart(const struct ipcr_coll *c, int i)
{
    if (c->kind == IPCR_SCATTER || c->kind == IPCR_SCATTERV)
        i = 0;
    if (__builtin_expect(c->rcounts.v != NULL, 0))
        return ipcr_coll_rblock(c, i);
    return ipcr_part_slice(ipcr_part(c->rbuf, c->rcount, c->rtype), (size_t)i * c->rcount,
                           c->rcount);
}
/* Element of the vector with which rank i's share begins (reduce_scatter; i may be the number of
 * ranks); fills an array of size + 1. */
size_t *ipcr_coll_shares(struct ipcr_coll *c);
/* The bytes of p as one contiguous stretch: p's own memory if that is one, else temporary memory
 * without contents. pack also fills it from p; unpack brings it back to p. Both do nothing where
 * the memory is p's own. */
struct ipcr_part ipcr_coll_image(struct ipcr_coll *c, struct ipcr_part p);
struct ipcr_part ipcr_coll_pack(struct ipcr_coll *c, struct ipcr_part p);
void ipcr_coll_unpack(struct ipcr_coll *c, struct ipcr_part image, struct ipcr_part p);

static inline bool ipcr_coll_in_place(const struct ipcr_coll *c)
{
    return c->sbuf == MPI_IN_PLACE;
}
/* What this rank gives to rank i in an allgather (where i is itself) or an alltoall, wherever it
 * lies. */
static inline struct ipcr_part ipcr_coll_given(const struct ipcr_coll *c, int i)
{
    return ipcr_coll_in_place(c) ? ipcr_coll_rpart(c, i) : ipcr_coll_spart(c, i);
}
/* Is this rank the root? And has it a block of its own in a rooted operation? Everyone has, but on
 * an intercommunicator only those on the other side from the root. */
static inline bool ipcr_coll_at_root(const struct ipcr_coll *c)
{
    return c->root == (ipcr_comm_is_inter(c->comm) ? MPI_ROOT : c->comm->rank);
}
static inline bool ipcr_coll_has_share(const struct ipcr_coll *c)
{
    return c->root >= 0;
}
/* Reductions: the vector this rank contributes. */
static inline const void *ipcr_coll_mine(const struct ipcr_coll *c)
{
    return ipcr_coll_in_place(c) ? c->rbuf : c->sbuf;
}
static inline int ipcr_coll_mod(int rank, int size) /* -size <= rank < 2 * size */
{
    return rank < 0 ? rank + size : rank >= size ? rank - size : rank;
}

/* Runs a blocking collective on checked arguments: selects a row of the table and executes it.
 * MPI_SUCCESS or an error class. */
int ipcr_coll_run(struct ipcr_coll *c);

/* The nonblocking and the persistent form (schedule.c): a request that is under way, and one that
 * MPI_Start starts. What c points to is not looked at afterwards, except buffers. */
struct ipcr_req *ipcr_coll_begin(struct ipcr_coll *c);
struct ipcr_req *ipcr_coll_init(struct ipcr_coll *c);

/* Internal blocking collectives for other parts of the library (communicator construction). */
int ipcr_coll_barrier(struct ipcr_comm *comm);
int ipcr_coll_bcast(void *buf, size_t count, MPI_Datatype type, int root, struct ipcr_comm *comm);
int ipcr_coll_allreduce(const void *sbuf, void *rbuf, size_t count, MPI_Datatype type, MPI_Op op,
                        struct ipcr_comm *comm);
int ipcr_coll_allgather(const void *sbuf, size_t count, MPI_Datatype type, void *rbuf,
                        struct ipcr_comm *comm);

#endif
