// Memory from MPI_Alloc_mem: alignment, reuse, and messages out of it and into it, of sizes on both
// sides of every limit, that begin and end anywhere in a block.
#include "check.h"

enum { LARGEST = 3000000 };

static void *get(size_t bytes, const char *alignment)
{
    void *base = NULL;
    MPI_Info info = MPI_INFO_NULL;

    if (alignment != NULL) {
        OK(MPI_Info_create(&info));
        OK(MPI_Info_set(info, "mpi_minimum_memory_alignment", alignment));
    }
    OK(MPI_Alloc_mem((MPI_Aint)bytes, info, &base));
    CHECK(base != NULL);
    if (alignment != NULL) {
        EQ((uintptr_t)base % strtoul(alignment, NULL, 10), 0);
        OK(MPI_Info_free(&info));
    }
    return base;
}

static void alignments(void)
{
    const char *const wanted[] = {NULL, "1", "64", "4096", "65536", "2097152"};
    void *base[6];

    for (int i = 0; i < 6; i++) {
        base[i] = get(100000, wanted[i]);
        fill(base[i], 100000, (uint64_t)i);
    }
    for (int i = 5; i >= 0; i--) {
        FILLED(base[i], 100000, (uint64_t)i);
        OK(MPI_Free_mem(base[i]));
    }
    OK(MPI_Free_mem(get(0, NULL)));
}

// Blocks live and die in a random order; none ever overlaps another.
static void churn(void)
{
    enum { BLOCKS = 24, TURNS = 2000 };
    char *base[BLOCKS] = {NULL};
    size_t bytes[BLOCKS] = {0};
    uint64_t state = 7 + (uint64_t)me;

    for (int turn = 0; turn < TURNS; turn++) {
        int i = (int)rnd(&state, BLOCKS);
        if (base[i] == NULL) {
            bytes[i] = rnd(&state, 4) ? rnd(&state, 30000) : rnd(&state, 300000);
            base[i] = get(bytes[i], NULL);
            fill(base[i], bytes[i], (uint64_t)(turn + i));
            FILLED(base[i], bytes[i], (uint64_t)(turn + i));
            fill(base[i], bytes[i], (uint64_t)i);
        } else {
            FILLED(base[i], bytes[i], (uint64_t)i);
            OK(MPI_Free_mem(base[i]));
            base[i] = NULL;
        }
    }
    for (int i = 0; i < BLOCKS; i++)
        if (base[i] != NULL)
            OK(MPI_Free_mem(base[i]));
}

// Everybody sends to the right out of one block and receives from the left into another.
static void ring(char *out, char *in, size_t offset, size_t bytes)
{
    int right = (me + 1) % np, left = (me + np - 1) % np;
    uint64_t seed = mix3(offset, bytes, 99);
    MPI_Status status;

    fill(out + offset, bytes, seed + (uint64_t)me);
    memset(in, 0x5a, LARGEST);
    OK(MPI_Sendrecv(out + offset, (int)bytes, MPI_BYTE, right, 3, in, (int)bytes, MPI_BYTE, left, 3,
                    MPI_COMM_WORLD, &status));
    STATUS(&status, left, 3, MPI_BYTE, (int)bytes);
    FILLED(in, bytes, seed + (uint64_t)left);
    CHECK(all_bytes(in + bytes, LARGEST - bytes, 0x5a));
}

static void messages(void)
{
    const size_t sizes[] = {0, 1, 4096, 4097, 8191, 100000, LARGEST};
    char *out = get(LARGEST + 4096, NULL), *in = get(LARGEST, NULL), *heap = need(LARGEST + 4096);

    for (int i = 0; i < 7; i++) {
        ring(out, in, 0, sizes[i]);
        ring(out, in, 4095, sizes[i]);
        ring(heap, in, 1, sizes[i]);
    }
    OK(MPI_Free_mem(out));
    // The same addresses with other pages behind them.
    out = get(LARGEST + 4096, NULL);
    ring(out, in, 17, LARGEST);
    OK(MPI_Free_mem(out));
    OK(MPI_Free_mem(in));
    free(heap);
}

// A column of a matrix in such memory, to a receiver that is contiguous, and back.
static void columns(void)
{
    enum { SIDE = 300 };
    double(*matrix)[SIDE] = get(sizeof(double[SIDE][SIDE]), NULL), column[SIDE];
    MPI_Datatype type;

    OK(MPI_Type_vector(SIDE, 1, SIDE, MPI_DOUBLE, &type));
    OK(MPI_Type_commit(&type));
    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < SIDE; k++)
            matrix[i][k] = me + 1000.0 * i + k;
    OK(MPI_Sendrecv(&matrix[0][5], 1, type, (me + 1) % np, 0, column, SIDE, MPI_DOUBLE,
                    (me + np - 1) % np, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    for (int i = 0; i < SIDE; i++)
        EQ(column[i], (me + np - 1) % np + 1000 * i + 5);
    OK(MPI_Sendrecv(column, SIDE, MPI_DOUBLE, (me + 1) % np, 0, &matrix[0][7], 1, type,
                    (me + np - 1) % np, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    for (int i = 0; i < SIDE; i++)
        EQ(matrix[i][7], (me + 2 * np - 2) % np + 1000 * i + 5);
    OK(MPI_Type_free(&type));
    OK(MPI_Free_mem(matrix));
}

static void wrong(void)
{
    char here, *base = get(10000, NULL);

    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Free_mem(&here), MPI_ERR_BASE);
    FAILS(MPI_Free_mem(base + 1), MPI_ERR_BASE);
    OK(MPI_Free_mem(base));
    FAILS(MPI_Free_mem(base), MPI_ERR_BASE);
    FAILS(MPI_Alloc_mem(-1, MPI_INFO_NULL, &base), MPI_ERR_ARG);
    FAILS(MPI_Alloc_mem(INTPTR_MAX / 2, MPI_INFO_NULL, &base), MPI_ERR_NO_MEM);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    alignments();
    churn();
    messages();
    columns();
    if (CHECK_ABI)
        wrong();
    return check_end();
}
