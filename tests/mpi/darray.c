// Distributed arrays: every process's part, for 1 to 4 dimensions, all distributions and both
// orders, against index arithmetic; an array that is scattered over the ranks and gathered again;
// wrong numbers.
#include "check.h"

enum { MOST_DIMS = 4, MOST_CELLS = 4096 };

struct deal {
    int dims, order;
    int sizes[MOST_DIMS], how[MOST_DIMS], arguments[MOST_DIMS], grid[MOST_DIMS];
    int cells, ranks;
};

// Who along dimension d owns index i.
static int owner(const struct deal *a, int d, int i)
{
    int block = a->arguments[d];

    if (a->how[d] == MPI_DISTRIBUTE_NONE)
        return 0;
    if (a->how[d] == MPI_DISTRIBUTE_BLOCK) {
        if (block == MPI_DISTRIBUTE_DFLT_DARG)
            block = (a->sizes[d] + a->grid[d] - 1) / a->grid[d];
        return i / block;
    }
    return i / (block == MPI_DISTRIBUTE_DFLT_DARG ? 1 : block) % a->grid[d];
}

// The rank that owns the cell at this place in memory. The grid of processes is in C order always.
static int rank_of_cell(const struct deal *a, int at)
{
    int owners[MOST_DIMS], rank = 0;

    for (int i = 0; i < a->dims; i++) {
        int d = a->order == MPI_ORDER_C ? a->dims - 1 - i : i;
        owners[d] = owner(a, d, at % a->sizes[d]);
        at /= a->sizes[d];
    }
    for (int d = 0; d < a->dims; d++)
        rank = rank * a->grid[d] + owners[d];
    return rank;
}

static MPI_Datatype part_of(const struct deal *a, int rank)
{
    MPI_Datatype type;
    OK(MPI_Type_create_darray(a->ranks, rank, a->dims, a->sizes, a->how, a->arguments, a->grid,
                              a->order, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    return type;
}

static void check_part(const struct deal *a, int rank)
{
    static int array[MOST_CELLS], part[MOST_CELLS + 1];
    int size = -1, next = 0;
    MPI_Aint lb = -1, extent = -1;
    MPI_Datatype type = part_of(a, rank);

    for (int i = 0; i < a->cells; i++)
        array[i] = i;
    memset(part, 0xff, sizeof part);
    OK(MPI_Type_size(type, &size));
    OK(MPI_Type_get_extent(type, &lb, &extent));
    EQ(lb, 0);
    EQ(extent, a->cells * (int)sizeof(int));
    OK(MPI_Sendrecv(array, 1, type, 0, 0, part, MOST_CELLS, MPI_INT, 0, 0, MPI_COMM_SELF,
                    MPI_STATUS_IGNORE));
    for (int i = 0; i < a->cells; i++)
        if (rank_of_cell(a, i) == rank && part[next++] != i) {
            FAIL("cell %d of %d: got %d", i, a->cells, part[next - 1]);
            break;
        }
    EQ(size, next * (int)sizeof(int));
    EQ(part[next], -1);
    OK(MPI_Type_free(&type));
}

static struct deal random_deal(uint64_t *seed)
{
    struct deal a = {.dims = 1 + (int)rnd(seed, MOST_DIMS), .cells = 1, .ranks = 1};

    a.order = rnd(seed, 2) ? MPI_ORDER_C : MPI_ORDER_FORTRAN;
    for (int d = 0; d < a.dims; d++) {
        a.sizes[d] = 1 + (int)rnd(seed, 8);
        a.how[d] =
            (int[]){MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_CYCLIC, MPI_DISTRIBUTE_NONE}[rnd(seed, 3)];
        a.grid[d] = a.how[d] == MPI_DISTRIBUTE_NONE ? 1 : 1 + (int)rnd(seed, 3);
        a.arguments[d] = MPI_DISTRIBUTE_DFLT_DARG;
        if (a.how[d] == MPI_DISTRIBUTE_CYCLIC && rnd(seed, 2))
            a.arguments[d] = 1 + (int)rnd(seed, 4);
        if (a.how[d] == MPI_DISTRIBUTE_BLOCK && rnd(seed, 2))
            a.arguments[d] = (a.sizes[d] + a.grid[d] - 1) / a.grid[d] + (int)rnd(seed, 3);
        a.cells *= a.sizes[d];
        a.ranks *= a.grid[d];
    }
    return a;
}

static void random_deals(int count)
{
    uint64_t seed = 41;

    for (int i = 0; i < count; i++) {
        struct deal a = random_deal(&seed);
        for (int rank = 0; rank < a.ranks; rank++)
            check_part(&a, rank);
    }
}

// Rank 0 deals a matrix out to all, who number their parts; then it has the matrix in pieces.
static void scattered(const struct deal *a)
{
    int array[MOST_CELLS], part[MOST_CELLS], size = -1;
    MPI_Datatype mine = part_of(a, me);
    MPI_Request send, *sends = need((size_t)np * sizeof *sends);

    for (int i = 0; i < a->cells; i++)
        array[i] = 1000 + i;
    OK(MPI_Type_size(mine, &size));
    if (me == 0)
        for (int rank = 0; rank < np; rank++) {
            MPI_Datatype type = part_of(a, rank);
            OK(MPI_Isend(array, 1, type, rank, 5, MPI_COMM_WORLD, &sends[rank]));
            OK(MPI_Type_free(&type));
        }
    OK(MPI_Recv(part, MOST_CELLS, MPI_INT, 0, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    for (int i = 0, next = 0; i < a->cells; i++)
        if (rank_of_cell(a, i) == me)
            EQ(part[next++], 1000 + i);
    if (me == 0)
        OK(MPI_Waitall(np, sends, MPI_STATUSES_IGNORE));
    free(sends);
    memset(array, 0xff, sizeof array);
    OK(MPI_Isend(part, size / (int)sizeof(int), MPI_INT, 0, 6, MPI_COMM_WORLD, &send));
    if (me == 0) {
        for (int rank = 0; rank < np; rank++) {
            MPI_Datatype type = part_of(a, rank);
            OK(MPI_Recv(array, 1, type, rank, 6, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
            OK(MPI_Type_free(&type));
        }
        for (int i = 0; i < a->cells; i++)
            EQ(array[i], 1000 + i);
    }
    OK(MPI_Wait(&send, MPI_STATUS_IGNORE));
    OK(MPI_Type_free(&mine));
}

static void wrong(void)
{
    const int size[1] = {10}, block[1] = {MPI_DISTRIBUTE_BLOCK}, none[1] = {MPI_DISTRIBUTE_NONE},
              bad[1] = {77};
    const int standard[1] = {MPI_DISTRIBUTE_DFLT_DARG}, three[1] = {3}, two[1] = {2};
    MPI_Datatype type;

    FAILS(
        MPI_Type_create_darray(3, 3, 1, size, block, standard, three, MPI_ORDER_C, MPI_INT, &type),
        MPI_ERR_ARG);
    FAILS(MPI_Type_create_darray(3, 0, 1, size, block, standard, two, MPI_ORDER_C, MPI_INT, &type),
          MPI_ERR_ARG);
    FAILS(MPI_Type_create_darray(3, 0, 1, size, block, three, three, MPI_ORDER_C, MPI_INT, &type),
          MPI_ERR_ARG);
    FAILS(MPI_Type_create_darray(3, 0, 1, size, none, standard, three, MPI_ORDER_C, MPI_INT, &type),
          MPI_ERR_ARG);
    FAILS(MPI_Type_create_darray(3, 0, 1, size, bad, standard, three, MPI_ORDER_C, MPI_INT, &type),
          MPI_ERR_ARG);
    FAILS(MPI_Type_create_darray(3, 0, 1, size, block, standard, three, 7, MPI_INT, &type),
          MPI_ERR_ARG);
    FAILS(
        MPI_Type_create_darray(3, 0, 0, size, block, standard, three, MPI_ORDER_C, MPI_INT, &type),
        MPI_ERR_ARG);
    FAILS(
        MPI_Type_create_darray(3, 0, 1, NULL, block, standard, three, MPI_ORDER_C, MPI_INT, &type),
        MPI_ERR_ARG);
    FAILS(MPI_Type_create_darray(3, 0, 1, size, block, standard, three, MPI_ORDER_C,
                                 MPI_DATATYPE_NULL, &type),
          MPI_ERR_TYPE);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    random_deals((int)argument(argc, argv, 1, 300));
    struct deal a = {
        .dims = 2, .order = MPI_ORDER_C, .sizes = {37, 11}, .cells = 37 * 11, .ranks = np};
    a.how[0] = MPI_DISTRIBUTE_CYCLIC;
    a.arguments[0] = 2;
    a.grid[0] = np;
    a.how[1] = MPI_DISTRIBUTE_NONE;
    a.arguments[1] = MPI_DISTRIBUTE_DFLT_DARG;
    a.grid[1] = 1;
    scattered(&a);
    a.order = MPI_ORDER_FORTRAN;
    a.how[0] = MPI_DISTRIBUTE_BLOCK;
    a.arguments[0] = MPI_DISTRIBUTE_DFLT_DARG;
    scattered(&a);
    wrong();
    return check_end();
}
