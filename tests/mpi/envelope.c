// How each kind of datatype says it was made: envelope and contents of every combiner, for types
// made by the constructors with int and by those with MPI_Count. The calls without _c know nothing
// of large counts, and refuse.
#include "check.h"

enum { MOST = 24 };

// What the contents must be.
struct recipe {
    int combiner;
    int ni, na, nc, nd;
    int integers[MOST];
    MPI_Aint addresses[MOST];
    MPI_Count counts[MOST];
    MPI_Datatype types[MOST];
};

static void check_numbers(const struct recipe *got, const struct recipe *want)
{
    for (int i = 0; i < want->ni; i++)
        EQ(got->integers[i], want->integers[i]);
    for (int i = 0; i < want->na; i++)
        EQ(got->addresses[i], want->addresses[i]);
    for (int i = 0; i < want->nc; i++)
        EQ(got->counts[i], want->counts[i]);
    for (int i = 0; i < want->nd; i++)
        CHECK(got->types[i] == want->types[i]);
}

static void check_wide(MPI_Datatype type, const struct recipe *want)
{
    MPI_Count ni = -1, na = -1, nc = -1, nd = -1;
    struct recipe got = {.combiner = -1};

    OK(MPI_Type_get_envelope_c(type, &ni, &na, &nc, &nd, &got.combiner));
    EQ(got.combiner, want->combiner);
    EQ(ni, want->ni);
    EQ(na, want->na);
    EQ(nc, want->nc);
    EQ(nd, want->nd);
    OK(MPI_Type_get_contents_c(type, ni, na, nc, nd, got.integers, got.addresses, got.counts,
                               got.types));
    check_numbers(&got, want);
    if (nc)
        FAILS(MPI_Type_get_contents_c(type, ni, na, nc - 1, nd, got.integers, got.addresses,
                                      got.counts, got.types),
              MPI_ERR_ARG);
}

static void check_narrow(MPI_Datatype type, const struct recipe *want)
{
    struct recipe got = {.combiner = -1};

    if (want->nc) {
        FAILS(MPI_Type_get_envelope(type, &got.ni, &got.na, &got.nd, &got.combiner), MPI_ERR_TYPE);
        FAILS(MPI_Type_get_contents(type, MOST, MOST, MOST, got.integers, got.addresses, got.types),
              MPI_ERR_TYPE);
        return;
    }
    OK(MPI_Type_get_envelope(type, &got.ni, &got.na, &got.nd, &got.combiner));
    EQ(got.combiner, want->combiner);
    EQ(got.ni, want->ni);
    EQ(got.na, want->na);
    EQ(got.nd, want->nd);
    OK(MPI_Type_get_contents(type, got.ni, got.na, got.nd, got.integers, got.addresses, got.types));
    check_numbers(&got, want);
    FAILS(MPI_Type_get_contents(type, got.ni, got.na, got.nd - 1, got.integers, got.addresses,
                                got.types),
          MPI_ERR_ARG);
}

static void check_recipe(MPI_Datatype type, const struct recipe *want)
{
    check_wide(type, want);
    check_narrow(type, want);
    OK(MPI_Type_free(&type));
}

static void vectors(void)
{
    MPI_Datatype type;

    OK(MPI_Type_contiguous(5, MPI_INT, &type));
    check_recipe(type,
                 &(struct recipe){MPI_COMBINER_CONTIGUOUS, 1, 0, 0, 1, {5}, .types = {MPI_INT}});
    OK(MPI_Type_contiguous_c(5, MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_CONTIGUOUS, 0, 0, 1, 1, .counts = {5},
                                        .types = {MPI_INT}});
    OK(MPI_Type_vector(3, 2, -4, MPI_CHAR, &type));
    check_recipe(
        type, &(struct recipe){MPI_COMBINER_VECTOR, 3, 0, 0, 1, {3, 2, -4}, .types = {MPI_CHAR}});
    OK(MPI_Type_vector_c(3, 2, -4, MPI_CHAR, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_VECTOR, 0, 0, 3, 1, .counts = {3, 2, -4},
                                        .types = {MPI_CHAR}});
    OK(MPI_Type_create_hvector(3, 2, 100, MPI_CHAR, &type));
    check_recipe(type, &(struct recipe){
                           MPI_COMBINER_HVECTOR, 2, 1, 0, 1, {3, 2}, {100}, .types = {MPI_CHAR}});
    OK(MPI_Type_create_hvector_c(3, 2, 100, MPI_CHAR, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_HVECTOR, 0, 0, 3, 1, .counts = {3, 2, 100},
                                        .types = {MPI_CHAR}});
}

static void indexed(void)
{
    const int lengths[2] = {3, 1}, places[2] = {5, -2};
    const MPI_Aint at[2] = {40, -16};
    const MPI_Count wide_lengths[2] = {3, 1}, wide_places[2] = {5, -2};
    MPI_Datatype type;

    OK(MPI_Type_indexed(2, lengths, places, MPI_INT, &type));
    check_recipe(type, &(struct recipe){
                           MPI_COMBINER_INDEXED, 5, 0, 0, 1, {2, 3, 1, 5, -2}, .types = {MPI_INT}});
    OK(MPI_Type_indexed_c(2, wide_lengths, wide_places, MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_INDEXED, 0, 0, 5, 1,
                                        .counts = {2, 3, 1, 5, -2}, .types = {MPI_INT}});
    OK(MPI_Type_create_hindexed(2, lengths, at, MPI_INT, &type));
    check_recipe(type,
                 &(struct recipe){
                     MPI_COMBINER_HINDEXED, 3, 2, 0, 1, {2, 3, 1}, {40, -16}, .types = {MPI_INT}});
    OK(MPI_Type_create_hindexed_c(2, wide_lengths, wide_places, MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_HINDEXED, 0, 0, 5, 1,
                                        .counts = {2, 3, 1, 5, -2}, .types = {MPI_INT}});
    OK(MPI_Type_create_indexed_block(2, 7, places, MPI_INT, &type));
    check_recipe(type,
                 &(struct recipe){
                     MPI_COMBINER_INDEXED_BLOCK, 4, 0, 0, 1, {2, 7, 5, -2}, .types = {MPI_INT}});
    OK(MPI_Type_create_indexed_block_c(2, 7, wide_places, MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_INDEXED_BLOCK, 0, 0, 4, 1,
                                        .counts = {2, 7, 5, -2}, .types = {MPI_INT}});
    OK(MPI_Type_create_hindexed_block(2, 7, at, MPI_INT, &type));
    check_recipe(
        type, &(struct recipe){
                  MPI_COMBINER_HINDEXED_BLOCK, 2, 2, 0, 1, {2, 7}, {40, -16}, .types = {MPI_INT}});
    OK(MPI_Type_create_hindexed_block_c(2, 7, wide_places, MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_HINDEXED_BLOCK, 0, 0, 4, 1,
                                        .counts = {2, 7, 5, -2}, .types = {MPI_INT}});
}

static void structs(void)
{
    const MPI_Datatype types[2] = {MPI_INT, MPI_DOUBLE};
    MPI_Datatype type;

    OK(MPI_Type_create_struct(2, (int[]){3, 1}, (MPI_Aint[]){-8, 16}, types, &type));
    check_recipe(
        type,
        &(struct recipe){
            MPI_COMBINER_STRUCT, 3, 2, 0, 2, {2, 3, 1}, {-8, 16}, .types = {MPI_INT, MPI_DOUBLE}});
    OK(MPI_Type_create_struct_c(2, (MPI_Count[]){3, 1}, (MPI_Count[]){-8, 16}, types, &type));
    check_recipe(type,
                 &(struct recipe){MPI_COMBINER_STRUCT, 0, 0, 5, 2, .counts = {2, 3, 1, -8, 16},
                                  .types = {MPI_INT, MPI_DOUBLE}});
    OK(MPI_Type_create_resized(MPI_INT, -8, 64, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_RESIZED, 0, 2, 0, 1, .addresses = {-8, 64},
                                        .types = {MPI_INT}});
    OK(MPI_Type_create_resized_c(MPI_INT, -8, 64, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_RESIZED, 0, 0, 2, 1, .counts = {-8, 64},
                                        .types = {MPI_INT}});
    // A duplicate was made of a type and no numbers, whatever that type was made of.
    MPI_Datatype wide;
    OK(MPI_Type_contiguous_c(3, MPI_INT, &wide));
    OK(MPI_Type_dup(wide, &type));
    int ni, na, nd, combiner;
    OK(MPI_Type_get_envelope(type, &ni, &na, &nd, &combiner));
    EQ(combiner, MPI_COMBINER_DUP);
    EQ(nd, 1);
    OK(MPI_Type_free(&type));
    OK(MPI_Type_free(&wide));
    OK(MPI_Type_dup(MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_DUP, 0, 0, 0, 1, .types = {MPI_INT}});
}

static void arrays(void)
{
    const int sizes[2] = {6, 8}, subsizes[2] = {2, 3}, starts[2] = {1, 5}, grid[2] = {2, 3};
    const int how[2] = {MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_CYCLIC},
              arguments[2] = {MPI_DISTRIBUTE_DFLT_DARG, 2};
    const MPI_Count wide_sizes[2] = {6, 8}, wide_subsizes[2] = {2, 3}, wide_starts[2] = {1, 5};
    MPI_Datatype type;

    OK(MPI_Type_create_subarray(2, sizes, subsizes, starts, MPI_ORDER_FORTRAN, MPI_INT, &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_SUBARRAY,
                                        8,
                                        0,
                                        0,
                                        1,
                                        {2, 6, 8, 2, 3, 1, 5, MPI_ORDER_FORTRAN},
                                        .types = {MPI_INT}});
    OK(MPI_Type_create_subarray_c(2, wide_sizes, wide_subsizes, wide_starts, MPI_ORDER_C, MPI_INT,
                                  &type));
    check_recipe(type, &(struct recipe){MPI_COMBINER_SUBARRAY,
                                        2,
                                        0,
                                        6,
                                        1,
                                        {2, MPI_ORDER_C},
                                        .counts = {6, 8, 2, 3, 1, 5},
                                        .types = {MPI_INT}});
    OK(MPI_Type_create_darray(6, 4, 2, sizes, how, arguments, grid, MPI_ORDER_C, MPI_INT, &type));
    check_recipe(
        type, &(struct recipe){MPI_COMBINER_DARRAY,
                               12,
                               0,
                               0,
                               1,
                               {6, 4, 2, 6, 8, how[0], how[1], arguments[0], 2, 2, 3, MPI_ORDER_C},
                               .types = {MPI_INT}});
    OK(MPI_Type_create_darray_c(6, 4, 2, wide_sizes, how, arguments, grid, MPI_ORDER_C, MPI_INT,
                                &type));
    check_recipe(type,
                 &(struct recipe){MPI_COMBINER_DARRAY,
                                  10,
                                  0,
                                  2,
                                  1,
                                  {6, 4, 2, how[0], how[1], arguments[0], 2, 2, 3, MPI_ORDER_C},
                                  .counts = {6, 8},
                                  .types = {MPI_INT}});
}

static void predefined(void)
{
    MPI_Count ni = -1, na = -1, nc = -1, nd = -1;
    int combiner = -1, integers[1];
    MPI_Aint addresses[1];
    MPI_Datatype types[1];

    OK(MPI_Type_get_envelope_c(MPI_DOUBLE_INT, &ni, &na, &nc, &nd, &combiner));
    EQ(combiner, MPI_COMBINER_NAMED);
    EQ(ni + na + nc + nd, 0);
    FAILS(MPI_Type_get_contents(MPI_INT, 1, 1, 1, integers, addresses, types), MPI_ERR_TYPE);
    FAILS(MPI_Type_get_envelope_c(MPI_DATATYPE_NULL, &ni, &na, &nc, &nd, &combiner), MPI_ERR_TYPE);
}

// Null pointers where the answer should go.
static void nowhere(void)
{
    int n, combiner;
    MPI_Count wide;
    MPI_Aint lb;
    MPI_Datatype type;

    OK(MPI_Type_contiguous(3, MPI_INT, &type));
    FAILS(MPI_Type_contiguous(3, MPI_INT, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_dup(MPI_INT, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_get_envelope(type, &n, NULL, &n, &combiner), MPI_ERR_ARG);
    FAILS(MPI_Type_get_envelope_c(type, &wide, &wide, NULL, &wide, &combiner), MPI_ERR_ARG);
    FAILS(MPI_Type_get_contents(type, 1, 0, 1, NULL, NULL, &type), MPI_ERR_ARG);
    FAILS(MPI_Type_size(type, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_size_c(type, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_get_extent(type, &lb, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_get_true_extent_c(type, NULL, &wide), MPI_ERR_ARG);
    FAILS(MPI_Type_get_name(type, NULL, &n), MPI_ERR_ARG);
    FAILS(MPI_Type_commit(NULL), MPI_ERR_TYPE);
    FAILS(MPI_Type_free(NULL), MPI_ERR_TYPE);
    FAILS(MPI_Pack_size(1, MPI_INT, MPI_COMM_SELF, NULL), MPI_ERR_ARG);
    FAILS(MPI_Pack_external_size("external32", 1, MPI_INT, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_get_value_index(MPI_INT, MPI_INT, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_create_f90_real(6, 30, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_match_size(MPI_TYPECLASS_REAL, 4, NULL), MPI_ERR_ARG);
    FAILS(MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, NULL, NULL),
          MPI_ERR_ARG);
    FAILS(MPI_Type_free_keyval(NULL), MPI_ERR_ARG);
    OK(MPI_Type_free(&type));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    vectors();
    indexed();
    structs();
    arrays();
    predefined();
    nowhere();
    return check_end();
}
