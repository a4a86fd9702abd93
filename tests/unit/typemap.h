/* Type maps: datatypes written out naively, basic element by basic element, as a reference for the
 * real ones; and random datatypes that come with theirs. */
#ifndef TESTS_UNIT_TYPEMAP_H
#define TESTS_UNIT_TYPEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpi.h"

struct item {
    ptrdiff_t at;
    size_t size;
    MPI_Datatype type; /* a predefined one; of a pair, its half */
};

struct map {
    struct item *items; /* in packing order */
    size_t count, room;
    bool bounded; /* explicit bounds */
    bool any;     /* lb and ub mean something */
    ptrdiff_t lb, ub;
    ptrdiff_t align;
};

/* A datatype and what it should be. */
struct sample {
    MPI_Datatype type;
    struct map map;
};

uint64_t random_below(uint64_t bound);
void random_seed(uint64_t seed);
ptrdiff_t random_between(ptrdiff_t low, ptrdiff_t high);

void map_free(struct map *m);
size_t map_size(const struct map *m);
/* One copy of `from` moved by `at`; and the extent's rounding, when all are added. */
void map_add(struct map *m, const struct map *from, ptrdiff_t at);
void map_close(struct map *m);
ptrdiff_t map_extent(const struct map *m);
/* Lowest and one past the highest byte of the data of `count` copies; both 0 if there is none. */
void map_reach(const struct map *m, size_t count, ptrdiff_t *low, ptrdiff_t *high);
/* True if no byte belongs to two elements of `count` copies. */
bool map_disjoint(const struct map *m, size_t count);
/* The packed image of `count` copies at buf (NULL: no memory is read), which is malloc'd. */
unsigned char *map_pack(const struct map *m, size_t count, const unsigned char *buf);
void map_unpack(const struct map *m, size_t count, unsigned char *buf, const unsigned char *image);

/* A random datatype, derived over at most `depth` levels, of at most `most` elements. */
struct sample sample_make(int depth, size_t most);
void sample_free(struct sample *s);

#endif
