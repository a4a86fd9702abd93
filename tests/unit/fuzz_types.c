/* Datatypes made by a program that cannot be trusted: a string of bytes says which constructors are
 * called with which numbers, sensible or not. Nothing may crash or leave its memory, and what can
 * be made is packed in pieces, natively and in external32, and comes back as it was.
 *
 *   fuzz_types             so many random strings as take a few seconds
 *   fuzz_types FILE...     these files
 *
 * LLVMFuzzerTestOneInput is libFuzzer's entry. To let that search, in a build tree beside the
 * source:
 *
 *   clang -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address -DFUZZ_ENTRY_ONLY -iquote ../runtime \
 *       ../tests/unit/fuzz_types.c .libs/libipcr.a -lhwloc -lm -pthread -o fuzz && ./fuzz
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comm.h"
#include "errhandler.h"
#include "external.h"
#include "lock.h"

enum { POOL = 8, ARRAY = 6, SMALL = 1 << 15 };

/* The string, and what its bytes are made into. Past its end everything is zero. */
struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t byte(struct input *in)
{
    if (in->left == 0)
        return 0;
    in->left--;
    return *in->at++;
}

/* Mostly small numbers, and those at which sums and products begin to overflow. */
static int64_t number(struct input *in)
{
    static const int64_t edges[] = {
        INT_MAX,          (int64_t)INT_MAX + 1, INT_MIN,   INT64_MAX,
        INT64_MAX / 2,    INT64_MAX / 8 + 1,    INT64_MIN, INT64_MIN / 2,
        INT64_C(1) << 40, -(INT64_C(1) << 40),  65536,     -1};
    uint8_t b = byte(in);
    if (b >= 0xf4)
        return edges[b - 0xf4];
    if (b >= 0xe0)
        return (int64_t)byte(in) << (b & 7);
    return b >= 0xc0 ? -(int64_t)(b & 31) : b & 15;
}

struct types {
    MPI_Datatype pool[POOL];
    int next;
};

static MPI_Datatype old_type(struct input *in, const struct types *t)
{
    uint8_t b = byte(in);
    if (b < 128)
        return t->pool[b % POOL];
    return (MPI_Datatype)(uintptr_t)(0x200 + (b * 7) % 256); /* predefined, or no datatype at all */
}

/* ---- what is done with a type -----------------------------------------------------------------
 */

/* Exactly the memory that the data needs, so that a sanitizer sees each step outside. */
static unsigned char *memory_for(const struct ipcr_type *t, size_t count, unsigned char **buf)
{
    ptrdiff_t lb;
    size_t span = ipcr_type_span(t, count, &lb);
    unsigned char *block = calloc(1, span ? span : 1);
    *buf = (unsigned char *)((uintptr_t)block - (uintptr_t)lb);
    return block;
}

static void demand(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz_types: %s\n", what);
    abort();
}

/* The image in two pieces is the image in one. */
static void pack(struct input *in, const struct ipcr_type *t, size_t count)
{
    size_t size = count * t->size, cut = size ? (size_t)byte(in) * size / 256 : 0;
    unsigned char *buf, *block = memory_for(t, count, &buf), *whole = malloc(size + 1);
    unsigned char *first = malloc(cut + 1), *second = malloc(size - cut + 1);
    for (size_t i = 0; i < size; i++)
        whole[i] = (unsigned char)(i * 167 + 13);
    ipcr_type_unpack(t, count, buf, 0, whole, cut);
    ipcr_type_unpack(t, count, buf, cut, whole + cut, size - cut);
    ipcr_type_pack(t, count, buf, 0, whole, size);
    ipcr_type_pack(t, count, buf, 0, first, cut);
    ipcr_type_pack(t, count, buf, cut, second, size - cut);
    demand(memcmp(whole, first, cut) == 0, "the first piece differs");
    demand(memcmp(whole + cut, second, size - cut) == 0, "the second piece differs");
    free(first);
    free(second);
    free(whole);
    free(block);
}

static void pack_external(struct input *in, const struct ipcr_type *t, size_t count)
{
    size_t size = count * ipcr_external_size(t), room = 32 + byte(in);
    unsigned char *buf, *block = memory_for(t, count, &buf), *whole = malloc(size + 1);
    demand(ipcr_external_pack(t, count, buf, 0, whole, size) == size,
           "external32 has another size");
    for (size_t done = 0; done < size;) {
        unsigned char *piece = malloc(room);
        size_t n = ipcr_external_pack(t, count, buf, done, piece, room);
        demand(n > 0 && memcmp(whole + done, piece, n) == 0, "a piece of external32 differs");
        free(piece);
        done += n;
    }
    demand(ipcr_external_unpack(t, count, buf, 0, whole, size) == size, "external32 was left over");
    free(whole);
    free(block);
}

static void examine(struct input *in, MPI_Datatype type)
{
    const struct ipcr_type *t = ipcr_type_of(type);
    MPI_Count n[4];
    ptrdiff_t lb;
    int combiner;
    size_t count = 1 + byte(in) % 3;
    demand(MPI_Type_get_envelope_c(type, &n[0], &n[1], &n[2], &n[3], &combiner) == MPI_SUCCESS,
           "a type without an envelope");
    demand(ipcr_type_elements(t, t->size) == t->elements, "the elements do not add up");
    demand(ipcr_type_element_bytes(t, t->elements) == (int64_t)t->size || t->elements == 0,
           "the bytes do not add up");
    if (t->size > SMALL || t->true_extent > SMALL || t->extent > SMALL || t->extent < -SMALL ||
        ipcr_type_span(t, count, &lb) > 4 * SMALL)
        return;
    pack(in, t, count);
    pack_external(in, t, count);
}

/* ---- making types -----------------------------------------------------------------------------
 */

static int make_indexed(struct input *in, MPI_Datatype old, MPI_Datatype *type)
{
    MPI_Count lengths[ARRAY], places[ARRAY], n = byte(in) % (ARRAY + 1);
    int narrow_lengths[ARRAY], narrow_places[ARRAY];
    uint8_t kind = byte(in);
    for (int i = 0; i < ARRAY; i++) {
        lengths[i] = number(in);
        places[i] = number(in);
        narrow_lengths[i] = (int)lengths[i];
        narrow_places[i] = (int)places[i];
    }
    switch (kind % 6) {
    case 0:
        return MPI_Type_indexed_c(n, lengths, places, old, type);
    case 1:
        return MPI_Type_create_hindexed_c(n, lengths, places, old, type);
    case 2:
        return MPI_Type_create_indexed_block_c(n, lengths[0], places, old, type);
    case 3:
        return MPI_Type_create_hindexed_block_c(n, lengths[0], places, old, type);
    case 4:
        return MPI_Type_indexed((int)n, narrow_lengths, narrow_places, old, type);
    default:
        return MPI_Type_indexed_c(number(in) < 0 ? -1 : n, NULL, places, old, type);
    }
}

static int make_struct(struct input *in, const struct types *t, MPI_Datatype *type)
{
    MPI_Count lengths[ARRAY], places[ARRAY], n = byte(in) % (ARRAY + 1);
    MPI_Datatype old[ARRAY];
    for (int i = 0; i < ARRAY; i++) {
        lengths[i] = number(in);
        places[i] = number(in);
        old[i] = old_type(in, t);
    }
    return MPI_Type_create_struct_c(n, lengths, places, old, type);
}

static int make_array(struct input *in, MPI_Datatype old, MPI_Datatype *type)
{
    static const int orders[] = {MPI_ORDER_C, MPI_ORDER_FORTRAN, MPI_ORDER_C, 0};
    static const int ways[] = {MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_CYCLIC, MPI_DISTRIBUTE_NONE, 5};
    MPI_Count sizes[3], subsizes[3], starts[3];
    int how[3], arguments[3], grid[3], dims = byte(in) % 4, order = orders[byte(in) % 4];
    for (int i = 0; i < 3; i++) {
        sizes[i] = number(in);
        subsizes[i] = number(in);
        starts[i] = number(in);
        how[i] = ways[byte(in) % 4];
        arguments[i] = byte(in) % 2 ? MPI_DISTRIBUTE_DFLT_DARG : (int)number(in);
        grid[i] = 1 + byte(in) % 3;
    }
    if (byte(in) % 2)
        return MPI_Type_create_subarray_c(dims, sizes, subsizes, starts, order, old, type);
    int size = 1;
    for (int i = 0; i < dims; i++)
        size *= grid[i];
    return MPI_Type_create_darray_c(size, byte(in) % (size + 1), dims, sizes, how, arguments, grid,
                                    order, old, type);
}

static int make(struct input *in, const struct types *t, MPI_Datatype *type)
{
    uint8_t what = byte(in);
    MPI_Datatype old = old_type(in, t);
    MPI_Count a = number(in), b = number(in), c = number(in);
    switch (what % 10) {
    case 0:
        return MPI_Type_contiguous_c(a, old, type);
    case 1:
        return MPI_Type_vector_c(a, b, c, old, type);
    case 2:
        return MPI_Type_create_hvector_c(a, b, c, old, type);
    case 3:
        return MPI_Type_create_resized_c(old, a, b, type);
    case 4:
        return MPI_Type_dup(old, type);
    case 5:
    case 6:
        return make_indexed(in, old, type);
    case 7:
    case 8:
        return make_struct(in, t, type);
    default:
        return make_array(in, old, type);
    }
}

static void give_back(MPI_Datatype *type)
{
    if ((uintptr_t)*type >= 4096)
        MPI_Type_free(type);
    *type = MPI_DATATYPE_NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const MPI_Datatype start[POOL] = {MPI_INT,  MPI_DOUBLE,      MPI_CHAR, MPI_DOUBLE_INT,
                                             MPI_LONG, MPI_LONG_DOUBLE, MPI_BYTE, MPI_SHORT_INT};
    static struct ipcr_comm self = {.magic = IPCR_COMM_MAGIC, .size = 1, .name = "a test"};
    struct input in = {data, size};
    struct types t = {.next = 0};
    memcpy(t.pool, start, sizeof start);
    /* Datatypes need no job; their errors go to MPI_COMM_SELF. */
    ipcr_gate = 0;
    self.errhandler = ipcr_errhandler_of(MPI_ERRORS_RETURN);
    ipcr_comm_self = &self;
    while (in.left) {
        MPI_Datatype made = MPI_DATATYPE_NULL;
        if (make(&in, &t, &made) != MPI_SUCCESS)
            continue;
        examine(&in, made);
        give_back(&t.pool[t.next]);
        t.pool[t.next] = made;
        t.next = (t.next + 1) % POOL;
    }
    for (int i = 0; i < POOL; i++)
        give_back(&t.pool[i]);
    return 0;
}

#ifndef FUZZ_ENTRY_ONLY

enum { STRINGS = 4000, LONGEST = 600 };

static int read_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    uint8_t data[1 << 16];
    if (!file) {
        perror(name);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
    return fclose(file) != 0;
}

/* The same strings each time, so that a failure can be found again. */
static void random_strings(void)
{
    uint64_t state = 88172645463325252u;
    uint8_t data[LONGEST];
    for (int i = 0; i < STRINGS; i++) {
        size_t size = 0;
        for (; size < sizeof data; size++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            data[size] = (uint8_t)(state >> 32);
        }
        LLVMFuzzerTestOneInput(data, 1 + state % LONGEST);
    }
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= read_file(argv[i]);
    if (argc == 1)
        random_strings();
    return failed;
}

#endif
