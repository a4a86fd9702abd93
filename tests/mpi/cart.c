// Cartesian topologies: coordinates, ranks, shifts, sub-grids, duplicates, and wrong arguments.
#include "check.h"

enum { MOST = 4, TAG = 3 };

struct grid { // what the test asked for
    int ndims, dims[MOST], periods[MOST], size;
};

static struct grid grid(int ndims, const int *periods)
{
    struct grid g = {.ndims = ndims, .size = 1};
    OK(MPI_Dims_create(np, ndims, g.dims));
    for (int d = 0; d < ndims; d++) {
        g.periods[d] = periods[d];
        g.size *= g.dims[d];
    }
    return g;
}

// The rank at coords plus `steps` in dimension `along`, worked out digit by digit.
static int walk(const struct grid *g, const int *coords, int along, int steps)
{
    int rank = 0;
    for (int d = 0; d < g->ndims; d++) {
        int at = coords[d] + (d == along ? steps : 0), length = g->dims[d];
        while (g->periods[d] && at < 0)
            at += length;
        while (g->periods[d] && at >= length)
            at -= length;
        if (at < 0 || at >= length)
            return MPI_PROC_NULL;
        rank = rank * length + at;
    }
    return rank;
}

static void check_grid(MPI_Comm comm, const struct grid *g)
{
    int ndims = -1, kind, rank, dims[MOST], periods[MOST], coords[MOST], again[MOST], at;

    OK(MPI_Topo_test(comm, &kind));
    EQ(kind, MPI_CART);
    OK(MPI_Cartdim_get(comm, &ndims));
    EQ(ndims, g->ndims);
    OK(MPI_Cart_get(comm, MOST, dims, periods, coords));
    OK(MPI_Comm_rank(comm, &rank));
    OK(MPI_Cart_coords(comm, rank, MOST, again));
    for (int d = 0; d < ndims; d++) {
        EQ(dims[d], g->dims[d]);
        EQ(periods[d] != 0, g->periods[d] != 0);
        EQ(coords[d], again[d]);
    }
    for (int r = 0; r < g->size; r++) {
        OK(MPI_Cart_coords(comm, r, MOST, again));
        OK(MPI_Cart_rank(comm, again, &at));
        EQ(at, r);
        EQ(walk(g, again, 0, 0), r);
    }
    for (int d = 0; d < ndims; d++)
        for (int steps = -5; steps <= 5; steps++) {
            int from, to;
            OK(MPI_Cart_shift(comm, d, steps, &from, &to));
            EQ(to, walk(g, coords, d, steps));
            EQ(from, walk(g, coords, d, -steps));
        }
}

// Everybody hands its rank on along every dimension.
static void pass_on(MPI_Comm comm, const struct grid *g)
{
    int rank, from, to, in;

    OK(MPI_Comm_rank(comm, &rank));
    for (int d = 0; d < g->ndims; d++) {
        OK(MPI_Cart_shift(comm, d, 1, &from, &to));
        in = MPI_PROC_NULL;
        OK(MPI_Sendrecv(&rank, 1, MPI_INT, to, TAG, &in, 1, MPI_INT, from, TAG, comm,
                        MPI_STATUS_IGNORE));
        EQ(in, from);
    }
}

static void grids(int reorder)
{
    for (int ndims = 1; ndims <= MOST; ndims++)
        for (int open = 0; open < 1 << ndims; open++) {
            int periods[MOST];
            for (int d = 0; d < ndims; d++)
                periods[d] = open >> d & 1;
            struct grid g = grid(ndims, periods);
            MPI_Comm comm, twin;
            int result;
            OK(MPI_Cart_create(MPI_COMM_WORLD, ndims, g.dims, periods, reorder, &comm));
            OK(MPI_Comm_compare(MPI_COMM_WORLD, comm, &result));
            CHECK(result == MPI_CONGRUENT || (reorder && result == MPI_SIMILAR));
            check_grid(comm, &g);
            pass_on(comm, &g);
            OK(MPI_Comm_dup(comm, &twin));
            OK(MPI_Comm_free(&comm));
            check_grid(twin, &g);
            OK(MPI_Comm_free(&twin));
        }
}

// Coordinates of a periodic dimension wrap around however far they are; of an open one they must
// exist.
static void wrapping(void)
{
    int dims[2] = {np, 1}, periods[2] = {1, 0}, far[2] = {7 * np + 1, 0}, out[2] = {0, 1}, rank;
    int back[2] = {-2147483647 - 1, 0};
    MPI_Comm comm;

    OK(MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0, &comm));
    OK(MPI_Cart_rank(comm, far, &rank));
    EQ(rank, 1 % np);
    OK(MPI_Cart_rank(comm, back, &rank));
    EQ(rank, (int)(((-2147483648LL) % np + np) % np));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    FAILS(MPI_Cart_rank(comm, out, &rank), MPI_ERR_ARG);
    OK(MPI_Comm_free(&comm));
}

// Fewer places than ranks: the rest gets nothing. No dimensions: one place.
static void partial(void)
{
    int dims[1] = {np > 1 ? np - 1 : 1}, periods[1] = {1}, n, kind, newrank;
    MPI_Comm comm;

    OK(MPI_Cart_create(MPI_COMM_WORLD, 1, dims, periods, 0, &comm));
    CHECK((comm == MPI_COMM_NULL) == (me >= dims[0]));
    OK(MPI_Cart_map(MPI_COMM_WORLD, 1, dims, periods, &newrank));
    CHECK((newrank == MPI_UNDEFINED) == (me >= dims[0]));
    if (comm != MPI_COMM_NULL) {
        OK(MPI_Comm_size(comm, &n));
        EQ(n, dims[0]);
        OK(MPI_Comm_free(&comm));
    }
    OK(MPI_Cart_create(MPI_COMM_WORLD, 0, dims, periods, 0, &comm));
    CHECK((comm == MPI_COMM_NULL) == (me > 0));
    if (comm == MPI_COMM_NULL)
        return;
    OK(MPI_Topo_test(comm, &kind));
    EQ(kind, MPI_CART);
    OK(MPI_Cartdim_get(comm, &n));
    EQ(n, 0);
    OK(MPI_Cart_rank(comm, NULL, &n));
    EQ(n, 0);
    OK(MPI_Comm_free(&comm));
}

// Every subset of the dimensions of a grid.
static void sub_grids(void)
{
    const int periods[3] = {1, 0, 1};
    struct grid g = grid(3, periods);
    MPI_Comm comm, sub;
    int coords[MOST];

    OK(MPI_Cart_create(MPI_COMM_WORLD, 3, g.dims, periods, 0, &comm));
    OK(MPI_Cart_get(comm, 3, (int[3]){0}, (int[3]){0}, coords));
    for (int keep = 0; keep < 8; keep++) {
        struct grid want = {.size = 1};
        int remain[3], rank, expect[MOST], sum, total = 0;
        for (int d = 0; d < 3; d++) {
            remain[d] = keep >> d & 1;
            if (!remain[d])
                continue;
            expect[want.ndims] = coords[d];
            want.dims[want.ndims] = g.dims[d];
            want.periods[want.ndims++] = periods[d];
            want.size *= g.dims[d];
        }
        OK(MPI_Cart_sub(comm, remain, &sub));
        check_grid(sub, &want);
        OK(MPI_Comm_rank(sub, &rank));
        EQ(rank, walk(&want, expect, 0, 0));
        OK(MPI_Comm_size(sub, &sum));
        EQ(sum, want.size);
        OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, sub));
        for (int r = 0; r < np; r++) { // those who share the coordinates that went
            int theirs[MOST], same = 1;
            OK(MPI_Cart_coords(comm, r, 3, theirs));
            for (int d = 0; d < 3; d++)
                same &= remain[d] || theirs[d] == coords[d];
            total += same * r;
        }
        EQ(sum, total);
        OK(MPI_Comm_free(&sub));
    }
    OK(MPI_Comm_free(&comm));
}

static void errors(void)
{
    int dims[2] = {np, 1}, more[2] = {np, 2}, zero[2] = {0, 1}, huge[2] = {2000000000, 2000000000};
    int periods[2] = {0, 0}, n, kind, coords[2];
    MPI_Comm comm, plain;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &plain));
    OK(MPI_Comm_set_errhandler(plain, MPI_ERRORS_RETURN));
    FAILS(MPI_Cart_create(plain, 2, more, periods, 0, &comm), MPI_ERR_DIMS);
    CHECK(comm == MPI_COMM_NULL);
    FAILS(MPI_Cart_create(plain, 2, zero, periods, 0, &comm), MPI_ERR_DIMS);
    FAILS(MPI_Cart_create(plain, 2, huge, periods, 0, &comm), MPI_ERR_DIMS);
    FAILS(MPI_Cart_create(plain, -1, dims, periods, 0, &comm), MPI_ERR_DIMS);
    FAILS(MPI_Cart_map(plain, 2, more, periods, &n), MPI_ERR_DIMS);
    OK(MPI_Topo_test(plain, &kind));
    EQ(kind, MPI_UNDEFINED);
    FAILS(MPI_Cartdim_get(plain, &n), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Cart_get(plain, 2, dims, periods, coords), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Cart_rank(plain, coords, &n), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Cart_coords(plain, 0, 2, coords), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Cart_shift(plain, 0, 1, &n, &n), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Cart_sub(plain, dims, &comm), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Graphdims_get(plain, &n, &n), MPI_ERR_TOPOLOGY);

    dims[0] = np, dims[1] = 1;
    OK(MPI_Cart_create(plain, 2, dims, periods, 0, &comm)); // inherits the error handler
    FAILS(MPI_Cart_coords(comm, np, 2, coords), MPI_ERR_RANK);
    FAILS(MPI_Cart_coords(comm, -1, 2, coords), MPI_ERR_RANK);
    FAILS(MPI_Cart_coords(comm, 0, 1, coords), MPI_ERR_DIMS);
    FAILS(MPI_Cart_get(comm, 1, dims, periods, coords), MPI_ERR_DIMS);
    FAILS(MPI_Cart_shift(comm, 2, 1, &n, &n), MPI_ERR_DIMS);
    FAILS(MPI_Cart_shift(comm, -1, 1, &n, &n), MPI_ERR_DIMS);
    FAILS(MPI_Graphdims_get(comm, &n, &n), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Dist_graph_neighbors_count(comm, &n, &n, &n), MPI_ERR_TOPOLOGY);
    OK(MPI_Comm_free(&comm));
    OK(MPI_Comm_free(&plain));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Topo_test(MPI_COMM_NULL, &kind), MPI_ERR_COMM);
    FAILS(MPI_Cart_create(MPI_COMM_NULL, 2, dims, periods, 0, &comm), MPI_ERR_COMM);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    grids(0);
    grids(1);
    wrapping();
    partial();
    sub_grids();
    errors();
    return check_end();
}
