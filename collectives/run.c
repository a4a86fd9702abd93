/* Runs a collective now: the verbs act at once, a round waits for its transfers.
 *
 * A small operation allocates nothing: the run object is on the caller's stack with room for a
 * handful of transfers and for small temporaries. The two shapes of round that small collectives
 * are made of, one message or one exchange, go straight to the blocking calls of p2p. */
#include <stdlib.h>
#include <string.h>

#include "run.h"
#include "err.h"
#include "lines.h"
#include "request.h"
#include "table.h"

enum {
    TRANSFERS = 8,  /* in one round, without an allocation */
    SCRATCH = 1024, /* bytes of temporaries without one */
    STACK_REQUESTS = 64
};

struct transfer {
    struct ipcr_msg msg;
    bool is_send;
};

struct blocking {
    struct ipcr_coll_run run;
    int error; /* the first one */
    int count, room;
    struct transfer *transfers; /* of the round: first[] or allocated */
    struct ipcr_coll_block *blocks;
    size_t used; /* of scratch */
    struct transfer first[TRANSFERS];
    _Alignas(IPCR_COLL_ALIGNMENT) char scratch[SCRATCH];
};

static struct blocking *blocking_of(struct ipcr_coll *c)
{
    return (struct blocking *)c->run;
}

static void keep_error(struct blocking *b, int class)
{
    if (b->error == MPI_SUCCESS)
        b->error = class;
}

_Noreturn void ipcr_coll_no_memory(size_t bytes)
{
    ipcr_err_fatal("no memory for the %zu bytes of temporary space that this collective needs; "
                   "use fewer ranks on this host, or smaller pieces",
                   bytes);
}

static void grow(struct blocking *b)
{
    int room = 4 * b->room;
    size_t bytes = (size_t)room * sizeof *b->transfers;
    struct transfer *t = realloc(b->transfers == b->first ? NULL : b->transfers, bytes);
    if (!t)
        ipcr_coll_no_memory(bytes);
    if (b->transfers == b->first)
        memcpy(t, b->first, sizeof b->first);
    b->transfers = t;
    b->room = room;
}

static void add(struct ipcr_coll *c, struct ipcr_part p, int rank, bool is_send)
{
    struct blocking *b = blocking_of(c);
    if (__builtin_expect(b->count == b->room, 0))
        grow(b);
    struct transfer *t = &b->transfers[b->count++];
    t->msg = ipcr_coll_msg(c, p, rank);
    t->is_send = is_send;
}

static void now_send(struct ipcr_coll *c, struct ipcr_part p, int to)
{
    add(c, p, to, true);
}

static void now_recv(struct ipcr_coll *c, struct ipcr_part p, int from)
{
    add(c, p, from, false);
}

static void start(struct blocking *b, bool sends, struct ipcr_req **reqs, int *started)
{
    for (int i = 0; i < b->count; i++) {
        struct transfer *t = &b->transfers[i];
        if (t->is_send != sends)
            continue;
        struct ipcr_req **req = &reqs[*started];
        int err = sends ? ipcr_p2p_isend(&t->msg, req) : ipcr_p2p_irecv(&t->msg, req);
        keep_error(b, err);
        if (err == MPI_SUCCESS)
            ++*started;
    }
}

/* Receives are posted first, so that what arrives meanwhile goes where it belongs. */
static void round_of_many(struct blocking *b)
{
    struct ipcr_req *small[STACK_REQUESTS], **reqs = small;
    int started = 0;
    if (b->count > STACK_REQUESTS && !(reqs = malloc((size_t)b->count * sizeof *reqs)))
        ipcr_coll_no_memory((size_t)b->count * sizeof *reqs);
    start(b, false, reqs, &started);
    start(b, true, reqs, &started);
    keep_error(b, ipcr_req_finish_all(reqs, started));
    if (reqs != small)
        free(reqs);
}

static void now_round(struct ipcr_coll *c)
{
    struct blocking *b = blocking_of(c);
    struct transfer *t = b->transfers;
    if (b->count == 1)
        keep_error(b,
                   t->is_send ? ipcr_p2p_send(&t->msg) : ipcr_p2p_recv(&t->msg, MPI_STATUS_IGNORE));
    else if (b->count == 2 && t[0].is_send != t[1].is_send) {
        struct ipcr_msg *out = &t[t[1].is_send].msg, *in = &t[t[0].is_send].msg;
        out->mode = IPCR_EXCHANGE;
        keep_error(b, ipcr_p2p_sendrecv(out, in, MPI_STATUS_IGNORE));
    } else if (b->count > 0)
        round_of_many(b);
    b->count = 0;
}

int ipcr_part_copy(struct ipcr_part from, struct ipcr_part to)
{
    size_t bytes = ipcr_part_size(from);
    if (bytes > ipcr_part_size(to))
        return ipcr_err_note(MPI_ERR_TRUNCATE,
                             "a rank gives %zu bytes of which this one takes only %zu", bytes,
                             ipcr_part_size(to));
    if (from.type == to.type && from.type->dense)
        memcpy(ipcr_part_at(to.buf, to.type->true_lb), ipcr_part_at(from.buf, from.type->true_lb),
               bytes);
    else
        ipcr_type_copy(from.buf, from.count, from.type, to.buf, to.count, to.type);
    return MPI_SUCCESS;
}

static void now_copy(struct ipcr_coll *c, struct ipcr_part from, struct ipcr_part to)
{
    keep_error(blocking_of(c), ipcr_part_copy(from, to));
}

static void now_reduce(struct ipcr_coll *c, const void *in, struct ipcr_part inout)
{
    ipcr_op_apply(c->op, in, inout.buf, inout.count, inout.type);
}

static void *now_temp(struct ipcr_coll *c, size_t bytes)
{
    struct blocking *b = blocking_of(c);
    if (bytes <= SCRATCH - b->used) {
        void *p = b->scratch + b->used;
        b->used += (bytes + IPCR_COLL_ALIGNMENT - 1) / IPCR_COLL_ALIGNMENT * IPCR_COLL_ALIGNMENT;
        return p;
    }
    return ipcr_coll_block_add(&b->blocks, bytes);
}

static const struct ipcr_coll_verbs now = {now_send, now_recv,   now_round,
                                           now_copy, now_reduce, now_temp};

int ipcr_coll_run(struct ipcr_coll *c)
{
    struct blocking b; /* its arrays stay uninitialised: half the cost of an 8-byte operation */
    b.run.verbs = &now;
    b.run.lines = ipcr_lines_of(c->comm);
    b.error = MPI_SUCCESS;
    b.count = 0;
    b.room = TRANSFERS;
    b.transfers = b.first;
    b.blocks = NULL;
    b.used = 0;
    c->run = &b.run;
    c->tag = ipcr_coll_next_tag(c->comm);

    ipcr_coll_select(c)->run(c);

    if (b.transfers != b.first)
        free(b.transfers);
    ipcr_coll_block_free(b.blocks);
    return b.error;
}

int ipcr_coll_barrier(struct ipcr_comm *comm)
{
    return ipcr_coll_run(&(struct ipcr_coll){.kind = IPCR_BARRIER, .comm = comm});
}

int ipcr_coll_bcast(void *buf, size_t count, MPI_Datatype type, int root, struct ipcr_comm *comm)
{
    return ipcr_coll_run(&(struct ipcr_coll){.kind = IPCR_BCAST,
                                             .comm = comm,
                                             .rbuf = buf,
                                             .rcount = count,
                                             .rtype = ipcr_type_of(type),
                                             .root = root});
}

int ipcr_coll_allreduce(const void *sbuf, void *rbuf, size_t count, MPI_Datatype type, MPI_Op op,
                        struct ipcr_comm *comm)
{
    return ipcr_coll_run(&(struct ipcr_coll){.kind = IPCR_ALLREDUCE,
                                             .comm = comm,
                                             .sbuf = sbuf,
                                             .rbuf = rbuf,
                                             .rcount = count,
                                             .rtype = ipcr_type_of(type),
                                             .op = ipcr_op_of(op)});
}

int ipcr_coll_allgather(const void *sbuf, size_t count, MPI_Datatype type, void *rbuf,
                        struct ipcr_comm *comm)
{
    struct ipcr_type *t = ipcr_type_of(type);
    return ipcr_coll_run(&(struct ipcr_coll){.kind = IPCR_ALLGATHER,
                                             .comm = comm,
                                             .sbuf = sbuf,
                                             .scount = count,
                                             .stype = t,
                                             .rbuf = rbuf,
                                             .rcount = count,
                                             .rtype = t});
}
