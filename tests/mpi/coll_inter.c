// Collectives between the two sides of an intercommunicator, in all forms, with every kind of root,
// on sides of different sizes. Every rank works out itself what must arrive from the other side.
#include "nbc.h"

// An intercommunicator as this rank sees it.
struct bridge {
    MPI_Comm comm;
    int side, rank, size, others; // others: ranks of the other side
};

// One call of one collective: `root` on side `root_side`, if it has one.
struct trial {
    const struct bridge *bridge;
    const struct collective *k;
    enum form form;
    int root_side, root, count, large;
    struct call call;
};

static int is(const struct trial *t, int (*call)(struct call *))
{
    return t->k->call == call;
}

static int shares_out(const struct trial *t) // reduce_scatter and its block form
{
    return is(t, call_reduce_scatter) || is(t, call_reduce_scatter_block);
}

// Different blocks for different ranks?
static int deals(const struct trial *t)
{
    return is(t, call_scatter) || is(t, call_scatterv) || is(t, call_alltoall) ||
           is(t, call_alltoallv) || is(t, call_alltoallw);
}

static int at_root(const struct trial *t)
{
    return t->bridge->side == t->root_side && t->bridge->rank == t->root;
}

static int sends(const struct trial *t)
{
    if (!t->k->rooted)
        return !is(t, call_barrier);
    if (is(t, call_gather) || is(t, call_gatherv) || is(t, call_reduce))
        return t->bridge->side != t->root_side;
    return at_root(t);
}

static int receives(const struct trial *t)
{
    if (!t->k->rooted)
        return !is(t, call_barrier);
    if (is(t, call_gather) || is(t, call_gatherv) || is(t, call_reduce))
        return at_root(t);
    return t->bridge->side != t->root_side;
}

// Element k of what a rank of a side has for rank `to` of the other one.
static void put(char *at, int side_and_rank, int to, int k)
{
    uint64_t word = mix3((uint64_t)side_and_rank, (uint64_t)to, (uint64_t)k);
    memcpy(at, &word, 4);
    memcpy(at + 8, (char *)&word + 4, 4);
}

static int name_of(int side, int rank)
{
    return side * 1000 + rank;
}

static int most(const struct trial *t)
{
    return t->bridge->size > t->bridge->others ? t->bridge->size : t->bridge->others;
}

static size_t room(const struct trial *t)
{
    return ((size_t)t->count + 4) * EXTENT * (size_t)(t->bridge->size * t->bridge->others + 2);
}

// Lengths of blocks. Those of the v forms depend on the rank that has the block, those of the
// alltoalls on both, the same for either direction. Shares of a reduce_scatter add up to the same
// on both sides.
static int length(const struct trial *t, int rank)
{
    const struct bridge *b = t->bridge;
    if (is(t, call_reduce_scatter))
        return t->count * b->others +
               (b->size > 1) * ((rank == 0) - (rank == b->size - 1)) * (t->count > 0);
    if (is(t, call_alltoallv) || is(t, call_alltoallw))
        return t->count + (b->rank + rank) % 3;
    if (is(t, call_gatherv) || is(t, call_scatterv) || is(t, call_allgatherv))
        return t->count + rank % 3;
    return t->count;
}

static void lay_out(struct trial *t)
{
    struct call *c = &t->call;
    int place = 0;
    for (int i = 0; i < most(t); i++) {
        c->counts[i] = length(t, i);
        c->displs[i] = place;
        c->bytes[i] = place * EXTENT;
        c->types[i] = element;
        place += is(t, call_gather) || is(t, call_scatter) || is(t, call_allgather) ||
                         is(t, call_alltoall)
                     ? t->count
                     : t->count + 3;
    }
    nbc_widen(c);
}

// Elements of a vector that is reduced.
static int vector(const struct trial *t)
{
    return shares_out(t) ? t->count * t->bridge->size * t->bridge->others : t->count;
}

static void fill_out(struct trial *t)
{
    const struct bridge *b = t->bridge;
    char *at = is(t, call_bcast) ? t->call.out : t->call.in;
    int own = t->k->reduces ? vector(t) : is(t, call_bcast) ? t->count : length(t, b->rank);
    for (int k = 0; k < own && !deals(t); k++)
        put(at + k * EXTENT, name_of(b->side, b->rank), 0, k);
    for (int to = 0; to < b->others && deals(t); to++)
        for (int k = 0; k < length(t, to); k++)
            put(at + t->call.bytes[to] + k * EXTENT, name_of(b->side, b->rank), to, k);
}

// The vectors of the other side combined in the order of its ranks, elements first to last.
static void want_sum(const struct trial *t, char *want, int first, int n)
{
    int other = !t->bridge->side, one = 1;
    char left[EXTENT];
    for (int k = 0; k < n; k++)
        for (int from = t->bridge->others - 1; from >= 0; from--) {
            char *at = want + k * EXTENT;
            put(left, name_of(other, from), 0, first + k);
            if (from == t->bridge->others - 1)
                put(at, name_of(other, from), 0, first + k);
            else
                compose(left, at, &one, NULL);
        }
}

static void want_blocks(const struct trial *t, char *want)
{
    const struct bridge *b = t->bridge;
    int other = !b->side, mine = deals(t) ? b->rank : 0;
    if (t->k->rooted && !at_root(t)) { // one block, from the root
        int n = is(t, call_bcast) ? t->count : length(t, b->rank);
        for (int k = 0; k < n; k++)
            put(want + k * EXTENT, name_of(other, t->root), mine, k);
        return;
    }
    for (int from = 0; from < b->others; from++)
        for (int k = 0; k < length(t, from); k++)
            put(want + t->call.bytes[from] + k * EXTENT, name_of(other, from), mine, k);
}

static void want_result(const struct trial *t, char *want)
{
    int first = 0, rank = t->bridge->rank, n = t->count;
    if (!receives(t))
        return;
    if (is(t, call_reduce_scatter_block)) {
        n = t->call.count;
        first = rank * n;
    }
    if (is(t, call_reduce_scatter)) {
        n = length(t, rank);
        for (int i = 0; i < rank; i++)
            first += length(t, i);
    }
    if (t->k->reduces)
        want_sum(t, want, first, n);
    else
        want_blocks(t, want);
}

static void run(struct trial *t)
{
    struct call *c = &t->call;
    int starts = t->form == INIT ? 2 : 1;
    OK(t->k->call(c));
    for (int i = 0; i < starts; i++) {
        if (t->form == INIT)
            OK(MPI_Start(&c->request));
        OK(MPI_Wait(&c->request, MPI_STATUS_IGNORE));
    }
    if (t->form == INIT)
        OK(MPI_Request_free(&c->request));
}

static void try_one(struct trial *t)
{
    const struct bridge *b = t->bridge;
    int root = at_root(t) ? MPI_ROOT : b->side == t->root_side ? MPI_PROC_NULL : t->root;
    t->call = (struct call){.form = t->form,
                            .comm = b->comm,
                            .rank = b->rank,
                            .size = b->size,
                            .root = root,
                            .count = t->count,
                            .large = t->large,
                            .type = element,
                            .op = composition,
                            .in = need(room(t)),
                            .out = need(room(t)),
                            .request = MPI_REQUEST_NULL};
    if (is(t, call_reduce_scatter_block))
        t->call.count *= b->others;
    lay_out(t);
    fill(t->call.in, room(t), 1);
    fill(t->call.out, room(t), 2);
    if (sends(t))
        fill_out(t);
    char *want = memcpy(need(room(t)), t->call.out, room(t));
    want_result(t, want);
    run(t);
    if (memcmp(want, t->call.out, room(t)) != 0)
        FAIL("%s of %d and %d ranks, root %d of side %d, count %d, form %d: wrong on side %d",
             t->k->name, b->size, b->others, t->root, t->root_side, t->count, t->form, b->side);
    free(want);
    free(t->call.in);
    free(t->call.out);
}

static int ranks_of(const struct bridge *b, int side)
{
    return b->side == side ? b->size : b->others;
}

static void try_all(const struct bridge *b, int count)
{
    struct trial t = {.bridge = b, .count = count};
    for (int i = 0; i < COLLECTIVES; i++) {
        t.k = &collectives[i];
        if (is(&t, call_scan) || is(&t, call_exscan))
            continue;
        int sides = t.k->rooted ? 2 : 1;
        for (t.root_side = 0; t.root_side < sides; t.root_side++) {
            int roots = t.k->rooted ? ranks_of(b, t.root_side) : 1;
            for (t.root = 0; t.root<roots; t.root += roots> 2 ? roots - 1 : 1)
                for (int form = NOW; form <= INIT; form++) {
                    t.form = (enum form)form;
                    t.large = count == 5;
                    try_one(&t);
                }
        }
    }
}

// Nobody leaves before all of the other side have come: each comes late once, when the others have
// looked often.
static void barrier_holds(const struct bridge *b)
{
    for (int late = 0; late < b->others + b->size; late++) {
        // the late one is a rank of side 0, or of side 1 after those
        int zeros = ranks_of(b, 0), side = late >= zeros, rank = side ? late - zeros : late;
        int i_am = b->side == side && b->rank == rank, waits = b->side != side, flag = 0;
        MPI_Request request;
        for (int i = 0; i < b->others && i_am; i++)
            OK(MPI_Recv(NULL, 0, MPI_INT, i, 3, b->comm, MPI_STATUS_IGNORE));
        OK(MPI_Ibarrier(b->comm, &request));
        for (int look = 0; look < 100 && waits; look++) {
            OK(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
            EQ(flag, 0);
        }
        if (waits)
            OK(MPI_Send(NULL, 0, MPI_INT, rank, 3, b->comm));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    }
}

static void wrong_arguments(const struct bridge *b)
{
    int in[64] = {0}, out[64];
    OK(MPI_Comm_set_errhandler(b->comm, MPI_ERRORS_RETURN));
    FAILS(MPI_Bcast(in, 1, MPI_INT, b->others, b->comm), MPI_ERR_ROOT);
    FAILS(MPI_Scan(in, out, 1, MPI_INT, MPI_SUM, b->comm), MPI_ERR_COMM);
    FAILS(MPI_Exscan(in, out, 1, MPI_INT, MPI_SUM, b->comm), MPI_ERR_COMM);
    FAILS(MPI_Allreduce(MPI_IN_PLACE, out, 1, MPI_INT, MPI_SUM, b->comm), MPI_ERR_BUFFER);
    FAILS(MPI_Allgather(MPI_IN_PLACE, 1, MPI_INT, out, 1, MPI_INT, b->comm), MPI_ERR_BUFFER);
    FAILS(MPI_Alltoall(MPI_IN_PLACE, 1, MPI_INT, out, 1, MPI_INT, b->comm), MPI_ERR_BUFFER);
}

// The ranks below `border` of an order of the world on one side, the others on the other.
static void across(int place, int border)
{
    struct bridge b = {.side = place >= border};
    MPI_Comm local;
    int leader = -1, leaders[2], mine[2] = {-1, -1};

    OK(MPI_Comm_split(MPI_COMM_WORLD, b.side, place, &local));
    OK(MPI_Comm_rank(local, &b.rank));
    if (b.rank == 0)
        mine[b.side] = me;
    OK(MPI_Allreduce(mine, leaders, 2, MPI_INT, MPI_MAX, MPI_COMM_WORLD));
    leader = leaders[!b.side];
    OK(MPI_Intercomm_create(local, 0, MPI_COMM_WORLD, leader, 9, &b.comm));
    OK(MPI_Comm_free(&local));
    OK(MPI_Comm_size(b.comm, &b.size));
    OK(MPI_Comm_remote_size(b.comm, &b.others));
    try_all(&b, 0);
    try_all(&b, 5);
    if (b.size * b.others < 10)
        try_all(&b, 3000);
    barrier_holds(&b);
    wrong_arguments(&b);
    OK(MPI_Comm_free(&b.comm));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    nbc_setup();
    if (np > 1) {
        across(me, 1);
        across((me * 2) % np + (np % 2 == 0 && me >= np / 2), (np + 1) / 2);
        across(np - 1 - me, np - 1);
    }
    nbc_finish();
    return check_end();
}
