// Every collective in its three forms (blocking, nonblocking, persistent), so that the tests of the
// latter two can ask for what the first one gives.
#ifndef TESTS_MPI_NBC_H
#define TESTS_MPI_NBC_H

#include "check.h"

enum form { NOW, BEGIN, INIT };
enum { RANKS = 64 };

// A call as one rank makes it. Buffers hold a block for each rank; counts and displacements are
// those of the v and w forms.
struct call {
    enum form form;
    MPI_Comm comm;
    int rank, size, root, count, in_place, large; // large: by the large-count form
    MPI_Datatype type; // of what is moved, and of what is reduced with op
    MPI_Op op;
    char *in, *out;
    int counts[RANKS], displs[RANKS], bytes[RANKS]; // displacements in elements, and in bytes
    MPI_Count counts_c[RANKS];                      // the same for the large-count forms
    MPI_Aint displs_c[RANKS], bytes_c[RANKS];
    MPI_Datatype types[RANKS];
    MPI_Request request;
};

struct collective {
    const char *name;
    int (*call)(struct call *);
    int reduces, rooted, may_be_in_place;
};

// One of the forms; `c` is what the large-count ones append to their names. Open MPI 4.1 has
// neither those nor persistent collectives.
#if MPI_VERSION >= 4
#define FORM(name, iname, c_, ...)                                   \
    (c->form == NOW     ? MPI_##name##c_(__VA_ARGS__)                \
     : c->form == BEGIN ? MPI_I##iname##c_(__VA_ARGS__, &c->request) \
                        : MPI_##name##_init##c_(__VA_ARGS__, MPI_INFO_NULL, &c->request))
#define LARGE(name, iname, ...) FORM(name, iname, _c, __VA_ARGS__)
#else
#define FORM(name, iname, c_, ...) \
    (c->form == NOW ? MPI_##name(__VA_ARGS__) : MPI_I##iname(__VA_ARGS__, &c->request))
#define LARGE(name, iname, ...) MPI_ERR_OTHER
#endif
#define PLAIN(name, iname, ...) FORM(name, iname, , __VA_ARGS__)
// Where the arguments are the same.
#define EITHER(name, iname, ...) \
    (c->large ? LARGE(name, iname, __VA_ARGS__) : PLAIN(name, iname, __VA_ARGS__))

static inline const void *in_of(const struct call *c)
{
    return c->in_place ? MPI_IN_PLACE : c->in;
}

static inline const void *in_at_root(const struct call *c)
{
    return c->in_place && c->rank == c->root ? MPI_IN_PLACE : c->in;
}

static inline void *out_at_root(const struct call *c)
{
    return c->in_place && c->rank == c->root ? MPI_IN_PLACE : c->out;
}

static inline int mine_of(const struct call *c)
{
    return c->counts[c->rank];
}

static int call_barrier(struct call *c)
{
    return PLAIN(Barrier, barrier, c->comm);
}
static int call_bcast(struct call *c)
{
    return EITHER(Bcast, bcast, c->out, c->count, c->type, c->root, c->comm);
}
static int call_gather(struct call *c)
{
    return EITHER(Gather, gather, in_at_root(c), c->count, c->type, c->out, c->count, c->type,
                  c->root, c->comm);
}
static int call_gatherv(struct call *c)
{
    if (c->large)
        return LARGE(Gatherv, gatherv, in_at_root(c), mine_of(c), c->type, c->out, c->counts_c,
                     c->displs_c, c->type, c->root, c->comm);
    return PLAIN(Gatherv, gatherv, in_at_root(c), mine_of(c), c->type, c->out, c->counts, c->displs,
                 c->type, c->root, c->comm);
}
static int call_scatter(struct call *c)
{
    return EITHER(Scatter, scatter, c->in, c->count, c->type, out_at_root(c), c->count, c->type,
                  c->root, c->comm);
}
static int call_scatterv(struct call *c)
{
    if (c->large)
        return LARGE(Scatterv, scatterv, c->in, c->counts_c, c->displs_c, c->type, out_at_root(c),
                     mine_of(c), c->type, c->root, c->comm);
    return PLAIN(Scatterv, scatterv, c->in, c->counts, c->displs, c->type, out_at_root(c),
                 mine_of(c), c->type, c->root, c->comm);
}
static int call_allgather(struct call *c)
{
    return EITHER(Allgather, allgather, in_of(c), c->count, c->type, c->out, c->count, c->type,
                  c->comm);
}
static int call_allgatherv(struct call *c)
{
    if (c->large)
        return LARGE(Allgatherv, allgatherv, in_of(c), mine_of(c), c->type, c->out, c->counts_c,
                     c->displs_c, c->type, c->comm);
    return PLAIN(Allgatherv, allgatherv, in_of(c), mine_of(c), c->type, c->out, c->counts,
                 c->displs, c->type, c->comm);
}
static int call_alltoall(struct call *c)
{
    return EITHER(Alltoall, alltoall, in_of(c), c->count, c->type, c->out, c->count, c->type,
                  c->comm);
}
// Each block is as long as the sum of its two ranks asks, so that both agree and in place works.
static int call_alltoallv(struct call *c)
{
    if (c->large)
        return LARGE(Alltoallv, alltoallv, in_of(c), c->counts_c, c->displs_c, c->type, c->out,
                     c->counts_c, c->displs_c, c->type, c->comm);
    return PLAIN(Alltoallv, alltoallv, in_of(c), c->counts, c->displs, c->type, c->out, c->counts,
                 c->displs, c->type, c->comm);
}
static int call_alltoallw(struct call *c)
{
    if (c->large)
        return LARGE(Alltoallw, alltoallw, in_of(c), c->counts_c, c->bytes_c, c->types, c->out,
                     c->counts_c, c->bytes_c, c->types, c->comm);
    return PLAIN(Alltoallw, alltoallw, in_of(c), c->counts, c->bytes, c->types, c->out, c->counts,
                 c->bytes, c->types, c->comm);
}
static int call_reduce(struct call *c)
{
    return EITHER(Reduce, reduce, in_at_root(c), c->out, c->count, c->type, c->op, c->root,
                  c->comm);
}
static int call_allreduce(struct call *c)
{
    return EITHER(Allreduce, allreduce, in_of(c), c->out, c->count, c->type, c->op, c->comm);
}
static int call_reduce_scatter_block(struct call *c)
{
    return EITHER(Reduce_scatter_block, reduce_scatter_block, in_of(c), c->out, c->count, c->type,
                  c->op, c->comm);
}
static int call_reduce_scatter(struct call *c)
{
    if (c->large)
        return LARGE(Reduce_scatter, reduce_scatter, in_of(c), c->out, c->counts_c, c->type, c->op,
                     c->comm);
    return PLAIN(Reduce_scatter, reduce_scatter, in_of(c), c->out, c->counts, c->type, c->op,
                 c->comm);
}
static int call_scan(struct call *c)
{
    return EITHER(Scan, scan, in_of(c), c->out, c->count, c->type, c->op, c->comm);
}
static int call_exscan(struct call *c)
{
    return EITHER(Exscan, exscan, in_of(c), c->out, c->count, c->type, c->op, c->comm);
}

static const struct collective collectives[] = {
    {"Barrier", call_barrier, 0, 0, 0},
    {"Bcast", call_bcast, 0, 1, 0},
    {"Gather", call_gather, 0, 1, 1},
    {"Gatherv", call_gatherv, 0, 1, 1},
    {"Scatter", call_scatter, 0, 1, 1},
    {"Scatterv", call_scatterv, 0, 1, 1},
    {"Allgather", call_allgather, 0, 0, 1},
    {"Allgatherv", call_allgatherv, 0, 0, 1},
    {"Alltoall", call_alltoall, 0, 0, 1},
    {"Alltoallv", call_alltoallv, 0, 0, 1},
    {"Alltoallw", call_alltoallw, 0, 0, 1},
    {"Reduce", call_reduce, 1, 1, 1},
    {"Allreduce", call_allreduce, 1, 0, 1},
    {"Reduce_scatter_block", call_reduce_scatter_block, 1, 0, 1},
    {"Reduce_scatter", call_reduce_scatter, 1, 0, 1},
    {"Scan", call_scan, 1, 0, 1},
    {"Exscan", call_exscan, 1, 0, 1},
};
enum { COLLECTIVES = sizeof collectives / sizeof *collectives };

// What is moved: two ints of three. What is reduced: affine maps x -> a x + b modulo 2^32, whose
// composition shows the order of operands, in the same memory.
enum { EXTENT = 12 };

static void compose(void *in, void *inout, int *count, MPI_Datatype *type)
{
    (void)type;
    for (int i = 0; i < *count; i++) {
        uint32_t left[3], right[3];
        memcpy(left, (char *)in + i * EXTENT, EXTENT);
        memcpy(right, (char *)inout + i * EXTENT, EXTENT);
        right[2] = right[0] * left[2] + right[2];
        right[0] *= left[0];
        memcpy((char *)inout + i * EXTENT, right, EXTENT);
    }
}

static MPI_Datatype element; // ints 0 and 2 of three
static MPI_Op composition;

static inline void nbc_setup(void)
{
    OK(MPI_Type_vector(2, 1, 2, MPI_INT, &element));
    OK(MPI_Type_commit(&element));
    OK(MPI_Op_create(compose, 0, &composition));
}

static inline void nbc_finish(void)
{
    OK(MPI_Type_free(&element));
    OK(MPI_Op_free(&composition));
}

// Bytes of a buffer of the call.
static inline size_t nbc_room(const struct call *c)
{
    return (size_t)(c->count + 4) * EXTENT * (size_t)c->size + EXTENT;
}

static inline void nbc_widen(struct call *c)
{
    for (int i = 0; i < RANKS; i++) {
        c->counts_c[i] = c->counts[i];
        c->displs_c[i] = c->displs[i];
        c->bytes_c[i] = c->bytes[i];
    }
}

// Fills in everything but form, root and in_place; buffers have contents that depend on the seed.
static inline void nbc_make(struct call *c, const struct collective *k, MPI_Comm comm, int count,
                            uint64_t seed)
{
    int place = 0, same = k->call == call_alltoallv || k->call == call_alltoallw;

    c->comm = comm;
    c->count = count;
    c->type = element;
    c->op = composition;
    c->request = MPI_REQUEST_NULL;
    MPI_Comm_rank(comm, &c->rank);
    MPI_Comm_size(comm, &c->size);
    for (int i = 0; i < c->size; i++) {
        c->counts[i] = count ? count + (same ? (i + c->rank) % 4 : i % 4) : 0;
        c->displs[i] = place;
        c->bytes[i] = place * EXTENT;
        c->types[i] = element;
        place += c->counts[i];
    }
    nbc_widen(c);
    c->in = need(nbc_room(c));
    c->out = need(nbc_room(c));
    fill(c->in, nbc_room(c), mix3(seed, (uint64_t)c->rank, 1));
    fill(c->out, nbc_room(c), mix3(seed, (uint64_t)c->rank, 2));
}

static inline void nbc_free(struct call *c)
{
    free(c->in);
    free(c->out);
}

// A twin of a call that was not made yet, in memory of its own.
static inline struct call nbc_twin(const struct call *c)
{
    struct call twin = *c;
    twin.in = memcpy(need(nbc_room(c)), c->in, nbc_room(c));
    twin.out = memcpy(need(nbc_room(c)), c->out, nbc_room(c));
    return twin;
}

// Both calls have ended: their buffers must be the same.
static inline void nbc_compare(const struct collective *k, const struct call *want,
                               const struct call *got)
{
    if (memcmp(want->out, got->out, nbc_room(want)) != 0)
        FAIL("%s of %d ranks, root %d, count %d%s: not what the blocking form gives", k->name,
             want->size, want->root, want->count, want->in_place ? ", in place" : "");
    if (memcmp(want->in, got->in, nbc_room(want)) != 0)
        FAIL("%s of %d ranks, root %d, count %d%s: the send buffer was changed", k->name,
             want->size, want->root, want->count, want->in_place ? ", in place" : "");
}

#endif
