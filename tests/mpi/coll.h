// What the tests of data-moving collectives share: kinds of elements (plain, strided, struct) whose
// contents name their block and place, and communicators of several shapes to run on.
#ifndef TESTS_MPI_COLL_H
#define TESTS_MPI_COLL_H

#include "check.h"

enum { KINDS = 5, MARK = 0x5e };

// A kind of element. `parts` are the bytes that carry value; all others are gaps, which nobody may
// write in a receive buffer.
struct kind {
    const char *name;
    MPI_Datatype type;
    int extent;
    struct {
        int at, size;
    } parts[2];
};

static struct kind kinds[KINDS];

struct char_double {
    char c;
    double d;
};

static inline void kinds_make(void)
{
    const struct kind plain[3] = {{"char", MPI_CHAR, 1, {{0, 1}, {0, 0}}},
                                  {"int", MPI_INT, 4, {{0, 4}, {0, 0}}},
                                  {"double", MPI_DOUBLE, 8, {{0, 8}, {0, 0}}}};
    int lengths[2] = {1, 1};
    MPI_Aint at[2] = {offsetof(struct char_double, c), offsetof(struct char_double, d)};
    MPI_Datatype types[2] = {MPI_CHAR, MPI_DOUBLE}, vector;

    memcpy(kinds, plain, sizeof plain);
    // Two shorts of a group of five: short - gap - short - gap - gap.
    kinds[3] = (struct kind){"strided", MPI_DATATYPE_NULL, 10, {{0, 2}, {4, 2}}};
    OK(MPI_Type_vector(2, 1, 2, MPI_SHORT, &vector));
    OK(MPI_Type_create_resized(vector, 0, 10, &kinds[3].type));
    OK(MPI_Type_free(&vector));
    OK(MPI_Type_commit(&kinds[3].type));
    kinds[4] = (struct kind){"struct", MPI_DATATYPE_NULL, 16, {{0, 1}, {8, 8}}};
    OK(MPI_Type_create_struct(2, lengths, at, types, &kinds[4].type));
    OK(MPI_Type_commit(&kinds[4].type));
}

static inline void kinds_free(void)
{
    OK(MPI_Type_free(&kinds[3].type));
    OK(MPI_Type_free(&kinds[4].type));
}

// The bytes of element `i` of the block called `block`.
static inline void element_bytes(const struct kind *k, uint64_t block, int i, unsigned char *to)
{
    uint64_t words[2] = {mix3(block, (uint64_t)i, 1), mix3(block, (uint64_t)i, 2)};

    memset(to, MARK, (size_t)k->extent);
    for (int p = 0; p < 2; p++)
        memcpy(to + k->parts[p].at, &words[p], (size_t)k->parts[p].size);
}

// A buffer for `count` elements, marked all over.
static inline char *blank(const struct kind *k, long count)
{
    size_t bytes = (size_t)(count + 1) * (size_t)k->extent;
    char *buffer = need(bytes);

    memset(buffer, MARK, bytes);
    return buffer;
}

static inline char *element(const struct kind *k, char *buffer, long i)
{
    return buffer + i * k->extent;
}

static inline void put_block(const struct kind *k, char *at, int count, uint64_t block)
{
    for (int i = 0; i < count; i++)
        element_bytes(k, block, i, (unsigned char *)element(k, at, i));
}

static inline void check_block_at(const char *file, int line, const struct kind *k, const char *at,
                                  const uint64_t block_and_count[2])
{
    unsigned char want[16];
    char text[128];
    int count = (int)block_and_count[1];

    for (int i = 0; i < count; i++) {
        element_bytes(k, block_and_count[0], i, want);
        if (memcmp(at + (long)i * k->extent, want, (size_t)k->extent) == 0)
            continue;
        snprintf(text, sizeof text, "element %d of %d (%s) is wrong", i, count, k->name);
        check_fail(file, line, text);
        return;
    }
}

#define BLOCK(kind, at, count, block)                \
    check_block_at(__FILE__, __LINE__, (kind), (at), \
                   (const uint64_t[2]){(block), (uint64_t)(count)})

// Nothing was written here.
static inline void check_blank_at(const char *file, int line, const struct kind *k, const char *at,
                                  long count)
{
    if (!all_bytes(at, (size_t)(count * k->extent), MARK))
        check_fail(file, line, "wrote where nothing belongs");
}

#define BLANK(kind, at, count) check_blank_at(__FILE__, __LINE__, (kind), (at), (count))

// A name for what rank `from` has for rank `to`.
static inline uint64_t block_of(int from, int to)
{
    return (uint64_t)(from * 4096 + to + 7);
}

// A communicator and where I am in it.
struct place {
    MPI_Comm comm;
    int rank, size, largest; // elements per block that the test should go up to
};

static inline struct place place_of(MPI_Comm comm, int largest)
{
    struct place p = {comm, 0, 0, largest};
    MPI_Comm_rank(comm, &p.rank);
    MPI_Comm_size(comm, &p.size);
    return p;
}

static inline void run_on_split(void (*test)(const struct place *), int colour, int key)
{
    MPI_Comm comm;

    OK(MPI_Comm_split(MPI_COMM_WORLD, colour, key, &comm));
    if (comm == MPI_COMM_NULL)
        return;
    struct place p = place_of(comm, 1000);
    test(&p);
    OK(MPI_Comm_free(&comm));
}

// Runs a test on the world with blocks of up to `largest` elements, and with up to 1000 on a
// duplicate, the reversed world, odd and even ranks, all but one rank, and each rank alone.
static inline void run_on_all(void (*test)(const struct place *), int largest)
{
    struct place p = place_of(MPI_COMM_WORLD, largest);
    MPI_Comm twin;

    test(&p);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &twin));
    p = place_of(twin, 1000);
    test(&p);
    OK(MPI_Comm_free(&twin));
    run_on_split(test, 0, -me);
    run_on_split(test, me % 2, me);
    run_on_split(test, me == np / 2 ? MPI_UNDEFINED : 0, (me * 5) % 7);
    p = place_of(MPI_COMM_SELF, 1000);
    test(&p);
}

// Block lengths from nothing to the largest the place allows.
static const int block_lengths[] = {0, 1, 7, 1000, 10000, 100000};
enum { BLOCK_LENGTHS = sizeof block_lengths / sizeof *block_lengths };

// Calls `each` for every length and kind; with long blocks only for ints and the strided kind.
static inline void for_each_length(const struct place *p,
                                   void (*each)(const struct place *, const struct kind *, int))
{
    for (int l = 0; l < BLOCK_LENGTHS; l++)
        for (int k = 0; k < KINDS; k++) {
            int length = block_lengths[l], rare = k != 1 && k != 3;
            if (length <= p->largest && !(rare && length > 1000))
                each(p, &kinds[k], length);
        }
}

// The roots worth trying.
static inline int next_root(const struct place *p, int root)
{
    if (p->size <= 3 || root < 0)
        return root + 1;
    return root == 0 ? p->size / 2 : root < p->size - 1 ? p->size - 1 : p->size;
}

#define FOR_EACH_ROOT(p, root) for (int root = 0; root < (p)->size; root = next_root((p), root))

#endif
