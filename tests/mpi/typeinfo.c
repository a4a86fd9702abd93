// What can be asked of a datatype: how it was made, its name, its size in wide integers, and
// darray, whose parts are checked against index arithmetic.
#include "check.h"

struct recipe {
    int integers[16];
    MPI_Aint addresses[8];
    MPI_Datatype types[8];
    int counts[3];
};

// Envelope and contents; the combiner and the numbers of each kind must be these.
static struct recipe recipe_of(MPI_Datatype type, int combiner, int ni, int na, int nd)
{
    struct recipe r;
    int got = -1;

    OK(MPI_Type_get_envelope(type, &r.counts[0], &r.counts[1], &r.counts[2], &got));
    EQ(got, combiner);
    EQ(r.counts[0], ni);
    EQ(r.counts[1], na);
    EQ(r.counts[2], nd);
    if (got != MPI_COMBINER_NAMED)
        OK(MPI_Type_get_contents(type, ni, na, nd, r.integers, r.addresses, r.types));
    return r;
}

// Derived types among the contents are new handles, to be freed; predefined ones are not.
static void check_base(MPI_Datatype got, MPI_Datatype want, int is_derived)
{
    int sizes[2];

    if (!is_derived) {
        CHECK(got == want);
        return;
    }
    OK(MPI_Type_size(got, &sizes[0]));
    OK(MPI_Type_size(want, &sizes[1]));
    EQ(sizes[0], sizes[1]);
    OK(MPI_Type_free(&got));
}

static void simple_recipes(void)
{
    MPI_Datatype type, outer;
    struct recipe r;

    recipe_of(MPI_DOUBLE, MPI_COMBINER_NAMED, 0, 0, 0);
    OK(MPI_Type_dup(MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_DUP, 0, 0, 1);
    check_base(r.types[0], MPI_INT, 0);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_contiguous(5, MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_CONTIGUOUS, 1, 0, 1);
    EQ(r.integers[0], 5);
    check_base(r.types[0], MPI_INT, 0);
    OK(MPI_Type_vector(3, 2, -4, type, &outer));
    r = recipe_of(outer, MPI_COMBINER_VECTOR, 3, 0, 1);
    EQ(r.integers[0], 3);
    EQ(r.integers[1], 2);
    EQ(r.integers[2], -4);
    check_base(r.types[0], type, 1);
    OK(MPI_Type_free(&outer));
    OK(MPI_Type_create_hvector(3, 2, 100, type, &outer));
    r = recipe_of(outer, MPI_COMBINER_HVECTOR, 2, 1, 1);
    EQ(r.addresses[0], 100);
    check_base(r.types[0], type, 1);
    OK(MPI_Type_free(&outer));
    OK(MPI_Type_create_resized(type, -8, 64, &outer));
    OK(MPI_Type_free(&type));
    r = recipe_of(outer, MPI_COMBINER_RESIZED, 0, 2, 1);
    EQ(r.addresses[0], -8);
    EQ(r.addresses[1], 64);
    OK(MPI_Type_free(&r.types[0]));
    OK(MPI_Type_free(&outer));
}

static void indexed_recipes(void)
{
    int lengths[2] = {3, 1}, displs[2] = {5, -2};
    MPI_Aint at[2] = {40, -16};
    MPI_Datatype type, types[2] = {MPI_INT, MPI_CHAR};
    struct recipe r;

    OK(MPI_Type_indexed(2, lengths, displs, MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_INDEXED, 5, 0, 1);
    const int indexed[5] = {2, 3, 1, 5, -2};
    CHECK(memcmp(r.integers, indexed, sizeof indexed) == 0);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_create_hindexed(2, lengths, at, MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_HINDEXED, 3, 2, 1);
    CHECK(memcmp(r.addresses, at, sizeof at) == 0);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_create_indexed_block(2, 7, displs, MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_INDEXED_BLOCK, 4, 0, 1);
    const int block[4] = {2, 7, 5, -2};
    CHECK(memcmp(r.integers, block, sizeof block) == 0);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_create_hindexed_block(2, 7, at, MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_HINDEXED_BLOCK, 2, 2, 1);
    EQ(r.integers[1], 7);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_create_struct(2, lengths, at, types, &type));
    r = recipe_of(type, MPI_COMBINER_STRUCT, 3, 2, 2);
    CHECK(r.types[0] == MPI_INT && r.types[1] == MPI_CHAR);
    CHECK(memcmp(r.addresses, at, sizeof at) == 0);
    OK(MPI_Type_free(&type));
}

static void array_recipes(void)
{
    int sizes[2] = {6, 8}, sub[2] = {2, 3}, start[2] = {1, 5};
    MPI_Datatype type;
    struct recipe r;

    OK(MPI_Type_create_subarray(2, sizes, sub, start, MPI_ORDER_FORTRAN, MPI_INT, &type));
    r = recipe_of(type, MPI_COMBINER_SUBARRAY, 8, 0, 1);
    const int want[8] = {2, 6, 8, 2, 3, 1, 5, MPI_ORDER_FORTRAN};
    CHECK(memcmp(r.integers, want, sizeof want) == 0);
    OK(MPI_Type_free(&type));
}

static void check_name(MPI_Datatype type, const char *want)
{
    char name[MPI_MAX_OBJECT_NAME] = "?";
    int length = -1;

    OK(MPI_Type_get_name(type, name, &length));
    CHECK_SAYING(strcmp(name, want) == 0, "the name is '%s'; should be '%s'", name, want);
    EQ(length, (int)strlen(want));
}

static void names(void)
{
    MPI_Datatype type;

    check_name(MPI_INT, "MPI_INT");
    check_name(MPI_DOUBLE_INT, "MPI_DOUBLE_INT");
    check_name(MPI_UNSIGNED_LONG_LONG, "MPI_UNSIGNED_LONG_LONG");
    check_name(MPI_2INT, "MPI_2INT");
    check_name(MPI_BYTE, "MPI_BYTE");
    OK(MPI_Type_contiguous(3, MPI_INT, &type));
    check_name(type, "");
    OK(MPI_Type_set_name(type, "point"));
    check_name(type, "point");
    OK(MPI_Type_free(&type));
}

static void wide_sizes(void)
{
    MPI_Datatype gigabyte, many;
    MPI_Count size = -1, lb = -1, extent = -1;

    OK(MPI_Type_contiguous(1 << 30, MPI_CHAR, &gigabyte));
    OK(MPI_Type_vector(6, 1, 2, gigabyte, &many));
    OK(MPI_Type_size_x(many, &size));
    EQ(size, (MPI_Count)6 << 30);
    OK(MPI_Type_get_extent_x(many, &lb, &extent));
    EQ(lb, 0);
    EQ(extent, (MPI_Count)11 << 30);
    OK(MPI_Type_get_true_extent_x(many, &lb, &extent));
    EQ(extent, (MPI_Count)11 << 30);
    OK(MPI_Type_free(&many));
    OK(MPI_Type_free(&gigabyte));
}

// Statuses that a program fills in itself.
static void made_statuses(void)
{
    MPI_Status status;
    MPI_Count wide = -1;
    int count = -1, flag = -1;

    memset(&status, 0, sizeof status);
    OK(MPI_Status_set_elements(&status, MPI_INT, 12));
    OK(MPI_Get_count(&status, MPI_INT, &count));
    EQ(count, 12);
    OK(MPI_Get_elements_x(&status, MPI_INT, &wide));
    EQ(wide, 12);
    OK(MPI_Status_set_elements_x(&status, MPI_CHAR, (MPI_Count)3 << 30));
    OK(MPI_Get_elements_x(&status, MPI_CHAR, &wide));
    EQ(wide, (MPI_Count)3 << 30);
    OK(MPI_Get_count(&status, MPI_CHAR, &count));
    EQ(count, MPI_UNDEFINED);
    OK(MPI_Status_set_cancelled(&status, 1));
    OK(MPI_Test_cancelled(&status, &flag));
    EQ(!!flag, 1);
    OK(MPI_Status_set_cancelled(&status, 0));
    OK(MPI_Test_cancelled(&status, &flag));
    EQ(flag, 0);
}

// One dimension of a distribution: who owns index i of n, spread over p parts.
static int owner(int distribution, int argument, int n, int p, int i)
{
    int block = argument == MPI_DISTRIBUTE_DFLT_DARG ? (n + p - 1) / p : argument;

    if (distribution == MPI_DISTRIBUTE_NONE)
        return 0;
    if (distribution == MPI_DISTRIBUTE_BLOCK)
        return i / block;
    return i / (argument == MPI_DISTRIBUTE_DFLT_DARG ? 1 : argument) % p;
}

// Rank `rank` of a grid gets its elements in the order in which they lie in memory.
static void darray(const int *how, const int *arguments, const int *grid, int order)
{
    const int sizes[2] = {10, 7};
    int global[70], part[70], at, ranks = grid[0] * grid[1];
    MPI_Datatype type;
    MPI_Aint lb, extent;

    for (int i = 0; i < 70; i++)
        global[i] = i;
    for (int rank = 0; rank < ranks; rank++) {
        int size, next = 0;
        OK(MPI_Type_create_darray(ranks, rank, 2, sizes, how, arguments, grid, order, MPI_INT,
                                  &type));
        OK(MPI_Type_commit(&type));
        OK(MPI_Type_size(type, &size));
        OK(MPI_Type_get_extent(type, &lb, &extent));
        EQ(lb, 0);
        EQ(extent, 70 * sizeof(int));
        memset(part, 0xff, sizeof part);
        OK(MPI_Sendrecv(global, 1, type, 0, 0, part, 70, MPI_INT, 0, 0, MPI_COMM_SELF,
                        MPI_STATUS_IGNORE));
        for (at = 0; at < 70; at++) {
            int row = order == MPI_ORDER_C ? at / 7 : at % 10;
            int column = order == MPI_ORDER_C ? at % 7 : at / 10;
            // The process grid is in C order always.
            int mine = owner(how[0], arguments[0], 10, grid[0], row) * grid[1] +
                       owner(how[1], arguments[1], 7, grid[1], column);
            if (mine == rank)
                EQ(part[next++], at);
        }
        EQ(size, next * (int)sizeof(int));
        OK(MPI_Type_free(&type));
    }
}

static void darrays(void)
{
    const int ways[5][2] = {{MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_DFLT_DARG},
                            {MPI_DISTRIBUTE_CYCLIC, MPI_DISTRIBUTE_DFLT_DARG},
                            {MPI_DISTRIBUTE_CYCLIC, 2},
                            {MPI_DISTRIBUTE_BLOCK, 5},
                            {MPI_DISTRIBUTE_NONE, MPI_DISTRIBUTE_DFLT_DARG}};

    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 5; b++) {
            int how[2] = {ways[a][0], ways[b][0]}, arguments[2] = {ways[a][1], ways[b][1]};
            int grid[2] = {a == 4 ? 1 : 2, b == 4 ? 1 : 3};
            if (b == 3)
                grid[1] = 2;
            darray(how, arguments, grid, MPI_ORDER_C);
            darray(how, arguments, grid, MPI_ORDER_FORTRAN);
        }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    simple_recipes();
    indexed_recipes();
    array_recipes();
    names();
    wide_sizes();
    made_statuses();
    darrays();
    return check_end();
}
