// Half a round trip of one column of a matrix: described by a vector type on both sides (column),
// or copied by hand into a contiguous buffer, sent, and copied out again (by_hand); contiguous
// sends as many bytes that lie together. BYTES is what is sent; the number in the name says how
// many of them lie together in a row of the matrix.
#include "bench.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PITCH = 1024 }; // bytes from one row to the next: no two share a cache line

struct strided {
    struct bench b;
    int rows, block; // block: bytes of a row that belong to the column
    char *matrix, *packed;
    MPI_Datatype column;
};

static void ping_pong(const struct strided *s, void *buf, int count, MPI_Datatype type)
{
    if (s->b.rank == 0) {
        MPI_Send(buf, count, type, 1, 0, MPI_COMM_WORLD);
        MPI_Recv(buf, count, type, 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    } else if (s->b.rank == 1) {
        MPI_Recv(buf, count, type, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        MPI_Send(buf, count, type, 0, 0, MPI_COMM_WORLD);
    }
}

static void column(void *arg, long count)
{
    struct strided *s = arg;
    for (long i = 0; i < count; i++)
        ping_pong(s, s->matrix, 1, s->column);
}

static void contiguous(void *arg, long count)
{
    struct strided *s = arg;
    for (long i = 0; i < count; i++)
        ping_pong(s, s->packed, s->rows * s->block, MPI_BYTE);
}

static void pack(struct strided *s)
{
    for (int r = 0; r < s->rows; r++)
        memcpy(s->packed + (size_t)r * (size_t)s->block, s->matrix + (size_t)r * PITCH,
               (size_t)s->block);
}

static void unpack(struct strided *s)
{
    for (int r = 0; r < s->rows; r++)
        memcpy(s->matrix + (size_t)r * PITCH, s->packed + (size_t)r * (size_t)s->block,
               (size_t)s->block);
}

static void by_hand(void *arg, long count)
{
    struct strided *s = arg;
    for (long i = 0; i < count; i++) {
        if (s->b.rank == 0)
            pack(s);
        if (s->b.rank == 0)
            MPI_Send(s->packed, s->rows * s->block, MPI_BYTE, 1, 0, MPI_COMM_WORLD);
        if (s->b.rank < 2)
            MPI_Recv(s->packed, s->rows * s->block, MPI_BYTE, 1 - s->b.rank, 0, MPI_COMM_WORLD,
                     MPI_STATUS_IGNORE);
        if (s->b.rank < 2)
            unpack(s);
        if (s->b.rank == 1) {
            pack(s);
            MPI_Send(s->packed, s->rows * s->block, MPI_BYTE, 0, 0, MPI_COMM_WORLD);
        }
    }
}

// Rank 1 gets rank 0's column, and nothing beside it.
static void verify(struct strided *s)
{
    size_t bytes = (size_t)s->rows * (size_t)s->block;
    memset(s->matrix, 0x55, (size_t)s->rows * PITCH);
    if (s->b.rank == 0) {
        bench_fill(s->packed, bytes, 0, 1, 0);
        unpack(s);
        MPI_Send(s->matrix, 1, s->column, 1, 0, MPI_COMM_WORLD);
    } else if (s->b.rank == 1) {
        MPI_Recv(s->matrix, 1, s->column, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        pack(s);
        bench_check(&s->b, "strided", s->packed, bytes, (int[]){0, 1, 0});
        for (int r = 0; r < s->rows && s->block < PITCH; r++)
            s->b.wrong += s->matrix[(size_t)r * PITCH + (size_t)s->block] != 0x55;
    }
}

static void measure(struct strided *s, const char *suffix)
{
    static const struct {
        const char *name;
        bench_fn *fn;
    } ways[] = {{"column", column}, {"by_hand", by_hand}, {"contiguous", contiguous}};
    MPI_Type_vector(s->rows, s->block / 8, PITCH / 8, MPI_DOUBLE, &s->column);
    MPI_Type_commit(&s->column);
    verify(s);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char name[40];
        snprintf(name, sizeof name, "%s_%s", ways[i].name, suffix);
        if (bench_wants(&s->b, ways[i].name))
            bench_print(&s->b, name, (size_t)(s->rows * s->block),
                        stats_times(bench_measure(&s->b, ways[i].fn, s), 0.5e6), "us");
    }
    MPI_Type_free(&s->column);
}

int main(int argc, char **argv)
{
    struct strided s = {.b = {.least = 256, .most = 256 << 10, .factor = 8}};
    bench_begin(&s.b, argc, argv, "column by_hand contiguous");
    s.matrix = bench_alloc(s.b.most / 8 * PITCH);
    s.packed = bench_alloc(s.b.most);
    for (s.block = 8; s.b.size > 1 && s.block <= 512; s.block *= 8) {
        char suffix[20];
        snprintf(suffix, sizeof suffix, "%d", s.block);
        for (size_t bytes = s.b.least; bytes <= s.b.most; bytes = bench_next(&s.b, bytes)) {
            s.rows = (int)bytes / s.block;
            if (s.rows > 0)
                measure(&s, suffix);
        }
    }
    free(s.matrix);
    free(s.packed);
    return bench_end(&s.b);
}
