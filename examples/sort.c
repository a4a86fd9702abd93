// sort: sorts the lines of a text file by sample sort and, if asked, writes them to another file:
//     sort [input.txt [sorted.txt]]          (without a file: 200,000 lines made up on the spot)
//
// The idea: in the end rank 0 shall have the smallest lines, rank 1 the next ones, and so on, with
// about equally many each. Where to cut is not known beforehand, so each rank sorts its own lines
// and offers a regular sample; the sorted samples of all give the cuts (splitters). MPI_Alltoall
// tells how much comes from whom, MPI_Alltoallv brings it. Lines have different lengths: they
// travel as plain bytes, and whoever receives them finds the ends of the lines again.
//
// Order is that of the bytes, as in LC_ALL=C sort. If very many lines are equal, they all land on
// one rank: right, but not balanced.
#include <errno.h>
#include <limits.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct line {
    const char *text;
    int len; // with its end of line
};

struct lines {
    char *bytes;
    int size;          // of bytes
    struct line *line; // into bytes
    int count;
};

struct sum { // does not change when lines are put into another order
    uint64_t lines, bytes, hash;
};

static int rank, size;

static void *need(size_t n)
{
    void *p = malloc(n + 1);
    if (!p) {
        fprintf(stderr, "sort: rank %d has no memory for %zu bytes\n", rank, n);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    return p;
}

// Finds the lines in l->bytes. The last byte there must be an end of line.
static void split(struct lines *l)
{
    l->count = 0;
    for (int i = 0; i < l->size; i++)
        l->count += l->bytes[i] == '\n';
    l->line = need((size_t)l->count * sizeof *l->line);
    char *p = l->bytes;
    for (int i = 0; i < l->count; i++) {
        char *end = memchr(p, '\n', (size_t)(l->bytes + l->size - p));
        l->line[i] = (struct line){p, (int)(end + 1 - p)};
        p = end + 1;
    }
}

static int compare(const void *a, const void *b)
{
    const struct line *p = a, *q = b;
    int shorter =
        (p->len < q->len ? p->len : q->len) - 1; // an end of line is not part of the order
    int order = memcmp(p->text, q->text, (size_t)shorter);
    return order ? order : p->len - q->len;
}

// Splits into lines and puts them in order, the bytes too, so that a range of lines is one piece.
static void sort_lines(struct lines *l)
{
    split(l);
    qsort(l->line, (size_t)l->count, sizeof *l->line, compare);
    char *ordered = need((size_t)l->size), *p = ordered;
    for (int i = 0; i < l->count; i++) {
        memcpy(p, l->line[i].text, (size_t)l->line[i].len);
        l->line[i].text = p;
        p += l->line[i].len;
    }
    free(l->bytes);
    l->bytes = ordered;
}

static struct sum checksum(const struct lines *l)
{
    struct sum mine = {(uint64_t)l->count, (uint64_t)l->size, 0}, all;
    for (int i = 0; i < l->count; i++) {
        uint64_t h = 14695981039346656037u; // FNV-1a
        for (int k = 0; k < l->line[i].len; k++)
            h = (h ^ (unsigned char)l->line[i].text[k]) * 1099511628211u;
        mine.hash += h;
    }
    MPI_Allreduce(&mine, &all, 3, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    return all;
}

static int complain(const char *path, const char *why)
{
    fprintf(stderr, "sort: %s: %s\n", path, why);
    return -1;
}

static int read_file(const char *path, struct lines *all)
{
    FILE *f = fopen(path, "rb");
    size_t room = 1 << 20, got = 0, more = 0;
    if (!f)
        return complain(path, strerror(errno));
    all->bytes = need(room);
    while (got < INT_MAX && (more = fread(all->bytes + got, 1, room - got, f)) > 0) {
        got += more;
        if (got == room) {
            char *larger = need(room *= 2);
            memcpy(larger, all->bytes, got);
            free(all->bytes);
            all->bytes = larger;
        }
    }
    int error = ferror(f) ? errno : 0;
    fclose(f);
    if (error)
        return complain(path, strerror(error));
    if (got >= INT_MAX)
        return complain(path, "2 GB or more; the counts of this example are ints");
    if (got > 0 && all->bytes[got - 1] != '\n')
        all->bytes[got++] = '\n'; // need() left one byte for this
    all->size = (int)got;
    return 0;
}

static void make_up(struct lines *all)
{
    static const char *const part[] = {"ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "ze", "bu"};
    uint64_t seed = 42;
    all->bytes = need(200000 * 16);
    for (int i = 0; i < 200000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = seed >> 20;
        for (uint64_t k = 3 + bits % 5; k > 0; k--, bits /= 10)
            all->size += sprintf(all->bytes + all->size, "%s", part[bits % 10]);
        all->bytes[all->size++] = '\n';
    }
}

// Deals rank 0's lines out in pieces of about the same number of bytes, cut at ends of lines.
static struct lines deal(const struct lines *all)
{
    int *counts = need((size_t)size * sizeof *counts),
        *starts = need((size_t)size * sizeof *starts);
    for (int r = 0, at = 0; rank == 0 && r < size; r++) {
        int64_t end = (int64_t)all->size * (r + 1) / size;
        while (end > at && end < all->size && all->bytes[end - 1] != '\n')
            end++;
        starts[r] = at;
        counts[r] = end > at ? (int)end - at : 0;
        at += counts[r];
    }
    struct lines mine = {0};
    MPI_Scatter(counts, 1, MPI_INT, &mine.size, 1, MPI_INT, 0, MPI_COMM_WORLD);
    mine.bytes = need((size_t)mine.size);
    MPI_Scatterv(all->bytes, counts, starts, MPI_CHAR, mine.bytes, mine.size, MPI_CHAR, 0,
                 MPI_COMM_WORLD);
    free(counts);
    free(starts);
    return mine;
}

// Gathers `size` lines of each rank, evenly spread, from everybody to everybody, sorted.
static struct lines gather_samples(const struct lines *mine)
{
    struct lines samples = {0};
    int *counts = need((size_t)size * sizeof *counts),
        *starts = need((size_t)size * sizeof *starts);
    int picks = mine->count < size ? mine->count : size, bytes = 0;
    for (int i = 0; i < picks; i++)
        bytes += mine->line[(int64_t)mine->count * i / picks].len;
    char *out = need((size_t)bytes), *p = out;
    for (int i = 0; i < picks; i++) {
        const struct line *l = &mine->line[(int64_t)mine->count * i / picks];
        memcpy(p, l->text, (size_t)l->len);
        p += l->len;
    }
    MPI_Allgather(&bytes, 1, MPI_INT, counts, 1, MPI_INT, MPI_COMM_WORLD);
    for (int r = 0; r < size; r++) {
        starts[r] = samples.size;
        samples.size += counts[r];
    }
    samples.bytes = need((size_t)samples.size);
    MPI_Allgatherv(out, bytes, MPI_CHAR, samples.bytes, counts, starts, MPI_CHAR, MPI_COMM_WORLD);
    sort_lines(&samples);
    free(out);
    free(counts);
    free(starts);
    return samples;
}

// Sends every line to the rank between whose splitters it belongs; returns what I received.
static struct lines exchange(const struct lines *mine, const struct lines *samples)
{
    int *out = need((size_t)size * 4 * sizeof *out), *in = out + size;
    int *out_at = in + size, *in_at = out_at + size;
    struct lines got = {0};
    for (int r = 0, i = 0, at = 0; r < size; r++) {
        out_at[r] = at;
        const struct line *splitter = r + 1 < size && samples->count
                                          ? &samples->line[(int64_t)samples->count * (r + 1) / size]
                                          : NULL;
        while (i < mine->count && (!splitter || compare(&mine->line[i], splitter) < 0))
            at += mine->line[i++].len;
        out[r] = at - out_at[r];
    }
    MPI_Alltoall(out, 1, MPI_INT, in, 1, MPI_INT, MPI_COMM_WORLD);
    for (int r = 0; r < size; r++) {
        in_at[r] = got.size;
        got.size += in[r];
    }
    got.bytes = need((size_t)got.size);
    MPI_Alltoallv(mine->bytes, out, out_at, MPI_CHAR, got.bytes, in, in_at, MPI_CHAR,
                  MPI_COMM_WORLD);
    free(out);
    return got;
}

// Lines that stand before a smaller one. Each rank looks at its own lines, and at the largest line
// of those to its left, which comes by message: a rank without lines passes on what it got.
static int count_disorder(const struct lines *l)
{
    struct line left = {"", 0};
    char *buffer = NULL;
    int mine = 0, all;
    for (int i = 1; i < l->count; i++)
        mine += compare(&l->line[i - 1], &l->line[i]) > 0;
    if (rank > 0) {
        MPI_Status s;
        MPI_Probe(rank - 1, 0, MPI_COMM_WORLD, &s);
        MPI_Get_count(&s, MPI_CHAR, &left.len);
        left.text = buffer = need((size_t)left.len);
        MPI_Recv(buffer, left.len, MPI_CHAR, rank - 1, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    mine += l->count && left.len && compare(&left, &l->line[0]) > 0;
    if (l->count)
        left = l->line[l->count - 1];
    if (rank + 1 < size)
        MPI_Send(left.text, left.len, MPI_CHAR, rank + 1, 0, MPI_COMM_WORLD);
    free(buffer);
    MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    return all;
}

static void show(const struct lines *l)
{
    struct {
        int count;
        char first[28];
    } mine = {.count = l->count}, *all = need((size_t)size * sizeof *all);
    if (l->count)
        snprintf(mine.first, sizeof mine.first, "%.*s", l->line[0].len - 1, l->line[0].text);
    MPI_Gather(&mine, sizeof mine, MPI_BYTE, all, sizeof mine, MPI_BYTE, 0, MPI_COMM_WORLD);
    for (int r = 0; rank == 0 && r < size && r < 32; r++)
        printf("rank %3d has %8d lines%s%s\n", r, all[r].count, all[r].count ? " from " : "",
               all[r].first);
    free(all);
}

// Rank 0 writes the parts one after the other. Returns 0, or -1 on rank 0 after saying why.
static int write_file(const char *path, const struct lines *mine)
{
    if (rank != 0) {
        MPI_Send(mine->bytes, mine->size, MPI_CHAR, 0, 1, MPI_COMM_WORLD);
        return 0;
    }
    FILE *f = fopen(path, "wb");
    int error = f ? 0 : errno;
    for (int r = 0; r < size; r++) {
        struct lines part = *mine;
        if (r > 0) { // received even if it cannot be written: somebody is sending it
            MPI_Status s;
            MPI_Probe(r, 1, MPI_COMM_WORLD, &s);
            MPI_Get_count(&s, MPI_CHAR, &part.size);
            part.bytes = need((size_t)part.size);
            MPI_Recv(part.bytes, part.size, MPI_CHAR, r, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        }
        if (!error && fwrite(part.bytes, 1, (size_t)part.size, f) != (size_t)part.size)
            error = errno;
        if (r > 0)
            free(part.bytes);
    }
    if (f && fclose(f) != 0 && !error)
        error = errno;
    return error ? complain(path, strerror(error)) : 0;
}

static void free_lines(struct lines *l)
{
    free(l->bytes);
    free(l->line);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    struct lines all = {0};
    int failed = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 0 && argc > 1)
        failed = read_file(argv[1], &all);
    else if (rank == 0)
        make_up(&all);
    MPI_Bcast(&failed, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (failed) {
        MPI_Finalize();
        return 2;
    }

    split(&all);
    struct lines mine = deal(&all);
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    sort_lines(&mine);
    struct lines samples = gather_samples(&mine), sorted = exchange(&mine, &samples);
    sort_lines(&sorted);
    MPI_Barrier(MPI_COMM_WORLD);
    double seconds = MPI_Wtime() - start;

    struct sum before = checksum(&all), after = checksum(&sorted);
    int disorder = count_disorder(&sorted);
    int wrong = disorder > 0 || memcmp(&before, &after, sizeof before) != 0;
    show(&sorted);
    if (rank == 0) {
        printf("sort: %llu lines, %llu bytes on %d rank%s in %.3f s\n",
               (unsigned long long)after.lines, (unsigned long long)after.bytes, size,
               size > 1 ? "s" : "", seconds);
        printf("sort: %s: %d lines out of order, checksum %016llx before and %016llx after\n",
               wrong ? "WRONG" : "verified", disorder, (unsigned long long)before.hash,
               (unsigned long long)after.hash);
    }
    failed = argc > 2 && write_file(argv[2], &sorted) != 0;
    MPI_Bcast(&failed, 1, MPI_INT, 0, MPI_COMM_WORLD);
    free_lines(&all);
    free_lines(&mine);
    free_lines(&samples);
    free_lines(&sorted);
    MPI_Finalize();
    return wrong ? 1 : failed ? 2 : 0;
}
