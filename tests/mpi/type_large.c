// Datatypes of more elements and bytes than an int counts: sizes and extents, data at both ends of
// a mapping of which only those pages are touched, and operations on that many elements. With an
// argument: packs so many bytes from and to real memory.
#include "check.h"

#include <sys/mman.h>

#define GIGA ((MPI_Count)1 << 30)

static void check_size(MPI_Datatype type, MPI_Count size, MPI_Count lb, MPI_Count extent)
{
    MPI_Count got[3] = {-1, -1, -1}, room = -1;
    int narrow = -1, narrow_room = -1;

    OK(MPI_Type_commit(&type));
    OK(MPI_Type_size_c(type, &got[0]));
    EQ(got[0], size);
    OK(MPI_Type_size_x(type, &got[0]));
    EQ(got[0], size);
    OK(MPI_Type_get_extent_c(type, &got[1], &got[2]));
    EQ(got[1], lb);
    EQ(got[2], extent);
    OK(MPI_Type_get_true_extent_c(type, &got[1], &got[2]));
    EQ(got[1], lb);
    EQ(got[2], extent);
    OK(MPI_Type_size(type, &narrow));
    EQ(narrow, MPI_UNDEFINED);
    OK(MPI_Pack_size_c(1, type, MPI_COMM_SELF, &room));
    CHECK(room >= size);
    OK(MPI_Pack_size(1, type, MPI_COMM_SELF, &narrow_room));
    EQ(narrow_room, MPI_UNDEFINED);
    OK(MPI_Type_free(&type));
}

static void sizes(void)
{
    const MPI_Count lengths[2] = {3 * GIGA, GIGA}, places[2] = {8 * GIGA, 0};
    const MPI_Count array[2] = {5 * GIGA, 2}, part[2] = {4 * GIGA, 2}, start[2] = {0, 0};
    MPI_Datatype type;

    OK(MPI_Type_contiguous_c(3 * GIGA, MPI_CHAR, &type));
    check_size(type, 3 * GIGA, 0, 3 * GIGA);
    OK(MPI_Type_vector_c(3 * GIGA, 2, 5, MPI_INT, &type));
    check_size(type, 24 * GIGA, 0, (3 * GIGA - 1) * 20 + 8);
    OK(MPI_Type_create_hvector_c(2, 3 * GIGA, 1024 * GIGA, MPI_INT, &type));
    check_size(type, 24 * GIGA, 0, 1036 * GIGA);
    OK(MPI_Type_create_hvector_c(2, 3 * GIGA, -1024 * GIGA, MPI_INT, &type));
    check_size(type, 24 * GIGA, -1024 * GIGA, 1036 * GIGA);
    OK(MPI_Type_indexed_c(2, lengths, places, MPI_SHORT, &type));
    check_size(type, 8 * GIGA, 0, 22 * GIGA);
    OK(MPI_Type_create_hindexed_c(2, lengths, places, MPI_SHORT, &type));
    check_size(type, 8 * GIGA, 0, 14 * GIGA);
    OK(MPI_Type_create_indexed_block_c(2, 3 * GIGA, places, MPI_CHAR, &type));
    check_size(type, 6 * GIGA, 0, 11 * GIGA);
    OK(MPI_Type_create_hindexed_block_c(2, 3 * GIGA, places, MPI_CHAR, &type));
    check_size(type, 6 * GIGA, 0, 11 * GIGA);
    OK(MPI_Type_create_struct_c(2, lengths, places, (MPI_Datatype[]){MPI_CHAR, MPI_SHORT}, &type));
    check_size(type, 5 * GIGA, 0, 11 * GIGA);
    OK(MPI_Type_create_subarray_c(2, array, part, start, MPI_ORDER_FORTRAN, MPI_CHAR, &type));
    MPI_Count got = -1;
    OK(MPI_Type_size_c(type, &got));
    EQ(got, 8 * GIGA);
    OK(MPI_Type_free(&type));
}

// Each of three processes gets a third of a long line, in blocks.
static void distributed(void)
{
    const MPI_Count line[1] = {9 * GIGA};
    const int how[1] = {MPI_DISTRIBUTE_CYCLIC}, block[1] = {1 << 30}, grid[1] = {3};

    for (int rank = 0; rank < 3; rank++) {
        MPI_Datatype type;
        MPI_Count size = -1, lb = -1, extent = -1;
        OK(MPI_Type_create_darray_c(3, rank, 1, line, how, block, grid, MPI_ORDER_C, MPI_CHAR,
                                    &type));
        OK(MPI_Type_size_c(type, &size));
        EQ(size, 3 * GIGA);
        OK(MPI_Type_get_true_extent_c(type, &lb, &extent));
        EQ(lb, rank * GIGA);
        EQ(extent, 7 * GIGA);
        OK(MPI_Type_get_extent_c(type, &lb, &extent));
        EQ(lb, 0);
        EQ(extent, 9 * GIGA);
        OK(MPI_Type_free(&type));
    }
}

// What does not fit into an address is refused.
static void too_large(void)
{
    MPI_Datatype half, type;

    OK(MPI_Type_contiguous_c(INT64_MAX / 2 + 1, MPI_CHAR, &half));
    FAILS(MPI_Type_contiguous_c(2, half, &type), MPI_ERR_COUNT);
    FAILS(MPI_Type_contiguous_c(INT64_MAX / 2, MPI_INT, &type), MPI_ERR_COUNT);
    FAILS(MPI_Type_vector_c(2, 1, INT64_MAX / 2, MPI_INT, &type), MPI_ERR_COUNT);
    FAILS(MPI_Type_create_hvector_c(-1, 1, 1, MPI_INT, &type), MPI_ERR_COUNT);
    FAILS(MPI_Type_create_resized_c(MPI_INT, INT64_MAX, 1, &type), MPI_ERR_ARG);
    OK(MPI_Type_free(&half));
}

// Two pages of a mapping of 12 GiB, one at each end.
static void far_apart(void)
{
    const MPI_Count far = 12 * GIGA, lengths[2] = {100, 50}, places[2] = {far - 400, 0};
    int *line = mmap(NULL, (size_t)far, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    int got[150], packed[150], *end = (int *)((char *)line + far - 400);
    MPI_Count at = 0;
    MPI_Datatype type;
    MPI_Status status;

    if (line == MAP_FAILED) // an address space limit; there is nothing to be tested then
        return;
    for (int i = 0; i < 150; i++)
        *(i < 100 ? &end[i] : &line[i - 100]) = i;
    OK(MPI_Type_create_hindexed_c(2, lengths, places, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Sendrecv(line, 1, type, 0, 0, got, 150, MPI_INT, 0, 0, MPI_COMM_SELF, &status));
    for (int i = 0; i < 150; i++)
        EQ(got[i], i);
    for (int i = 0; i < 150; i++)
        got[i] = 1000 + i;
    OK(MPI_Sendrecv(got, 150, MPI_INT, 0, 0, line, 1, type, 0, 0, MPI_COMM_SELF, &status));
    OK(MPI_Pack_c(line, 1, type, packed, sizeof packed, &at, MPI_COMM_SELF));
    EQ(at, sizeof packed);
    for (int i = 0; i < 150; i++)
        EQ(packed[i], 1000 + i);
    OK(MPI_Type_free(&type));
    munmap(line, (size_t)far);
}

static MPI_Count seen, calls;

static void narrow_sum(void *in, void *inout, int *len, MPI_Datatype *type)
{
    (void)in, (void)inout, (void)type;
    seen += *len;
    calls++;
}

static void wide_sum(void *in, void *inout, MPI_Count *len, MPI_Datatype *type)
{
    (void)in, (void)inout, (void)type;
    seen += *len;
    calls++;
}

// Elements of no extent: as many as one likes, all in the same place.
static void operations(void)
{
    const MPI_Count count = 5 * GIGA + 7;
    MPI_Datatype spot;
    MPI_Op narrow, wide;
    int in = 1, inout = 2, commute = -1;

    OK(MPI_Type_create_resized_c(MPI_INT, 0, 0, &spot));
    OK(MPI_Type_commit(&spot));
    OK(MPI_Op_create(narrow_sum, 1, &narrow));
    OK(MPI_Op_create_c(wide_sum, 0, &wide));
    OK(MPI_Op_commutative(wide, &commute));
    EQ(commute, 0);
    OK(MPI_Reduce_local_c(&in, &inout, count, spot, narrow));
    EQ(seen, count);
    CHECK(calls > 1);
    seen = calls = 0;
    OK(MPI_Reduce_local_c(&in, &inout, count, spot, wide));
    EQ(seen, count);
    EQ(calls, 1);
    FAILS(MPI_Reduce_local_c(&in, &inout, -1, spot, wide), MPI_ERR_COUNT);
    FAILS(MPI_Op_create_c(NULL, 0, &wide), MPI_ERR_ARG);
    OK(MPI_Op_free(&narrow));
    OK(MPI_Op_free(&wide));
    OK(MPI_Type_free(&spot));
}

static void wide_add(void *in, void *inout, MPI_Count *len, MPI_Datatype *type)
{
    CHECK(*type == MPI_INT);
    for (MPI_Count i = 0; i < *len; i++)
        ((int *)inout)[i] += ((int *)in)[i];
}

// The same function serves a collective.
static void collective(void)
{
    int mine[3] = {me, me + 1, 2 * me}, sum[3] = {-1, -1, -1}, ranks = np * (np - 1) / 2;
    MPI_Op add;

    OK(MPI_Op_create_c(wide_add, 1, &add));
    OK(MPI_Allreduce(mine, sum, 3, MPI_INT, add, MPI_COMM_WORLD));
    EQ(sum[0], ranks);
    EQ(sum[1], ranks + np);
    EQ(sum[2], 2 * ranks);
    OK(MPI_Op_free(&add));
}

// Every second byte of a line, packed and unpacked in one piece.
static void real_memory(MPI_Count bytes)
{
    char *line = need((size_t)bytes * 2), *packed = need((size_t)bytes);
    MPI_Count at = 0;
    MPI_Datatype odd;

    memset(line, 0, (size_t)bytes * 2);
    for (MPI_Count i = 0; i < bytes; i += 4093)
        line[2 * i] = (char)mix((uint64_t)i);
    OK(MPI_Type_vector_c(bytes, 1, 2, MPI_CHAR, &odd));
    OK(MPI_Type_commit(&odd));
    OK(MPI_Pack_c(line, 1, odd, packed, bytes, &at, MPI_COMM_SELF));
    EQ(at, bytes);
    memset(line, 0x2e, (size_t)bytes * 2);
    at = 0;
    OK(MPI_Unpack_c(packed, bytes, &at, line, 1, odd, MPI_COMM_SELF));
    EQ(at, bytes);
    for (MPI_Count i = 0; i < bytes; i++)
        if (line[2 * i] != (i % 4093 ? 0 : (char)mix((uint64_t)i)) ||
            (i && line[2 * i - 1] != 0x2e)) {
            FAIL("byte %lld of %lld is wrong", (long long)i, (long long)bytes);
            break;
        }
    OK(MPI_Type_free(&odd));
    free(packed);
    free(line);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    if (argc > 1) {
        real_memory(atoll(argv[1]));
        return check_end();
    }
    sizes();
    distributed();
    too_large();
    far_apart();
    operations();
    collective();
    return check_end();
}
