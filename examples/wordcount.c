// wordcount: which words does a text use most?     wordcount [text.txt]
//
// The idea: map and reduce. Rank 0 reads the text piece by piece (it never holds all of it) and
// deals each piece out; every rank counts the words of its part in a table of its own. Then each
// word gets an owner, chosen by its hash: MPI_Alltoallv sends all entries to their owners, who add
// them up. An entry is a fixed number of bytes, so a contiguous datatype makes it one element.
#include <ctype.h>
#include <errno.h>
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef EXAMPLES_DIR
#define EXAMPLES_DIR "." // where story.txt is, when no file is named
#endif

enum {
    PIECE = 1 << 16,
    LONGEST = 47,
    TOP = 15
}; // bytes for a rank at once; of a word; lines shown

struct entry {
    uint64_t count;
    uint32_t hash;
    char word[LONGEST + 1]; // in lower case; what is longer is cut
};

struct table { // open addressing; the number of slots is a power of two
    struct entry *slot;
    size_t slots, used;
};

struct totals { // sums that do not depend on who counted what
    uint64_t words, hashes, distinct;
};

static int rank, size;

static void *need(void *p)
{
    if (!p) {
        fprintf(stderr, "wordcount: rank %d is out of memory\n", rank);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    return p;
}

static int complain(const char *path, const char *why)
{
    fprintf(stderr, "wordcount: %s: %s\n", path, why);
    return -1;
}

// Letters, digits, apostrophes, and every byte of a character outside ASCII belong to words.
static int in_word(unsigned char c)
{
    return isalnum(c) || c == '\'' || c >= 0x80;
}

// Takes the next word from *at, which moves behind it. Returns 0 when there is none before end.
static int next_word(const char **at, const char *end, struct entry *e)
{
    const char *p = *at;
    int len = 0;
    while (p < end && !in_word((unsigned char)*p))
        p++;
    memset(e, 0, sizeof *e);
    e->hash = 2166136261u; // FNV-1a
    for (; p < end && in_word((unsigned char)*p); p++) {
        if (len < LONGEST) {
            e->word[len] = (char)tolower((unsigned char)*p);
            e->hash = (e->hash ^ (unsigned char)e->word[len++]) * 16777619u;
        }
    }
    *at = p;
    e->count = 1;
    return len > 0;
}

static void table_add(struct table *t, const struct entry *e)
{
    if (2 * t->used >= t->slots) { // grow first, so that the search below finds a free slot
        struct table larger = {.slots = t->slots ? 2 * t->slots : 1024};
        larger.slot = need(calloc(larger.slots, sizeof *larger.slot));
        for (size_t i = 0; i < t->slots; i++)
            if (t->slot[i].count)
                table_add(&larger, &t->slot[i]);
        free(t->slot);
        *t = larger;
    }
    size_t i = e->hash & (t->slots - 1);
    while (t->slot[i].count && strcmp(t->slot[i].word, e->word) != 0)
        i = (i + 1) & (t->slots - 1);
    if (t->slot[i].count) {
        t->slot[i].count += e->count;
    } else {
        t->slot[i] = *e;
        t->used++;
    }
}

// Rank 0 fills the buffer (what the last round left is at its start) and says how much to take: up
// to the last place that does not cut a word in two. Returns -1 for a word longer than a piece.
static int read_on(FILE *f, char *buffer, int *have, int room)
{
    *have += (int)fread(buffer + *have, 1, (size_t)(room - *have), f);
    int take = *have, run = 0;
    for (int i = 0; i < *have; i++) {
        run = in_word((unsigned char)buffer[i]) ? run + 1 : 0;
        if (run > PIECE - 1)
            return -1;
    }
    return feof(f) ? take : take - run;
}

// Cuts the text into a piece for each rank, between words; none is longer than two PIECEs.
static void cut(const char *text, int bytes, int *counts, int *starts)
{
    for (int r = 0, at = 0; r < size; r++) {
        int end = (int)((int64_t)bytes * (r + 1) / size);
        end = end < at ? at : end;
        while (end < bytes && in_word((unsigned char)text[end]))
            end++;
        starts[r] = at;
        counts[r] = end - at;
        at = end;
    }
}

// Deals out the text and counts. Rank 0 also counts the whole text itself, without any table, as
// the standard by which the result is judged. Returns 0, or -1 on every rank after rank 0 has said
// why.
static int map(FILE *f, const char *path, struct table *mine, struct totals *judge)
{
    int *counts = need(calloc((size_t)size, sizeof(int)));
    int *starts = need(calloc((size_t)size, sizeof(int)));
    int room = size * PIECE, have = 0, take;
    char *buffer = need(malloc(rank == 0 ? (size_t)room : 1)), *part = need(malloc(2 * PIECE));
    struct entry e;
    for (;;) {
        take = rank == 0 ? read_on(f, buffer, &have, room) : 0;
        if (rank == 0 && ferror(f))
            take = complain(path, strerror(errno));
        else if (take < 0)
            complain(path, "a word of 64 KiB and more: this is not a text");
        MPI_Bcast(&take, 1, MPI_INT, 0, MPI_COMM_WORLD);
        if (take <= 0)
            break;
        int bytes = 0;
        if (rank == 0)
            cut(buffer, take, counts, starts);
        MPI_Scatter(counts, 1, MPI_INT, &bytes, 1, MPI_INT, 0, MPI_COMM_WORLD);
        MPI_Scatterv(buffer, counts, starts, MPI_CHAR, part, bytes, MPI_CHAR, 0, MPI_COMM_WORLD);
        for (const char *p = part; next_word(&p, part + bytes, &e);)
            table_add(mine, &e);
        for (const char *p = buffer; rank == 0 && next_word(&p, buffer + take, &e);) {
            judge->words++;
            judge->hashes += e.hash;
        }
        if (rank == 0)
            memmove(buffer, buffer + take, (size_t)(have -= take));
    }
    free(counts);
    free(starts);
    free(buffer);
    free(part);
    return take;
}

static int by_owner(const void *a, const void *b)
{
    uint32_t p = ((const struct entry *)a)->hash % (uint32_t)size;
    uint32_t q = ((const struct entry *)b)->hash % (uint32_t)size;
    return (p > q) - (p < q);
}

static int by_count(const void *a, const void *b)
{
    const struct entry *p = a, *q = b;
    return p->count != q->count ? (p->count < q->count ? 1 : -1) : strcmp(p->word, q->word);
}

// The used slots as a list, in the given order.
static struct entry *list(const struct table *t, int (*order)(const void *, const void *))
{
    struct entry *all = need(malloc((t->used + 1) * sizeof *all));
    size_t n = 0;
    for (size_t i = 0; i < t->slots; i++)
        if (t->slot[i].count)
            all[n++] = t->slot[i];
    qsort(all, n, sizeof *all, order);
    return all;
}

// Sends each entry to its owner; returns the table of those that I own.
static struct table reduce(const struct table *mine, MPI_Datatype entry_type)
{
    int *out = need(calloc((size_t)size * 4, sizeof(int))), *in = out + size;
    int *out_at = in + size, *in_at = out_at + size, total = 0;
    struct entry *send = list(mine, by_owner);
    for (size_t i = 0; i < mine->used; i++)
        out[send[i].hash % (uint32_t)size]++;
    MPI_Alltoall(out, 1, MPI_INT, in, 1, MPI_INT, MPI_COMM_WORLD);
    for (int r = 0, at = 0; r < size; at += out[r], total += in[r], r++) {
        out_at[r] = at;
        in_at[r] = total;
    }
    struct entry *got = need(malloc((size_t)(total + 1) * sizeof *got));
    MPI_Alltoallv(send, out, out_at, entry_type, got, in, in_at, entry_type, MPI_COMM_WORLD);
    struct table owned = {0};
    for (int i = 0; i < total; i++)
        table_add(&owned, &got[i]);
    free(send);
    free(got);
    free(out);
    return owned;
}

// The most frequent words: each rank's best, gathered; the best of these.
static void show(const struct table *owned, MPI_Datatype entry_type)
{
    struct entry mine[TOP] = {0}, *best = list(owned, by_count);
    struct entry *all = need(calloc((size_t)size * TOP, sizeof *all));
    memcpy(mine, best, (owned->used < TOP ? owned->used : TOP) * sizeof *mine);
    MPI_Gather(mine, TOP, entry_type, all, TOP, entry_type, 0, MPI_COMM_WORLD);
    if (rank == 0)
        qsort(all, (size_t)size * TOP, sizeof *all, by_count);
    for (int i = 0; rank == 0 && i < TOP && all[i].count; i++)
        printf("%8llu  %-14s %.*s\n", (unsigned long long)all[i].count, all[i].word,
               (int)(1 + 49 * all[i].count / all[0].count),
               "--------------------------------------------------");
    free(best);
    free(all);
}

static int verify(const struct table *owned, struct totals judge)
{
    struct totals mine = {.distinct = owned->used}, all;
    for (size_t i = 0; i < owned->slots; i++) {
        mine.words += owned->slot[i].count;
        mine.hashes += owned->slot[i].count * owned->slot[i].hash;
    }
    MPI_Allreduce(&mine, &all, 3, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    int wrong = rank == 0 && (all.words != judge.words || all.hashes != judge.hashes);
    if (rank == 0)
        printf("wordcount: %s: %llu words, %llu different ones, on %d rank%s; read: %llu words\n",
               wrong ? "WRONG" : "verified", (unsigned long long)all.words,
               (unsigned long long)all.distinct, size, size > 1 ? "s" : "",
               (unsigned long long)judge.words);
    MPI_Bcast(&wrong, 1, MPI_INT, 0, MPI_COMM_WORLD);
    return wrong;
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    const char *path = argc > 1 ? argv[1] : EXAMPLES_DIR "/story.txt";
    struct table mine = {0};
    struct totals judge = {0};
    FILE *f = NULL;
    int wrong = 0, failed = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (rank == 0 && !(f = fopen(path, "rb")))
        failed = complain(path, strerror(errno));
    MPI_Bcast(&failed, 1, MPI_INT, 0, MPI_COMM_WORLD);
    if (!failed)
        failed = map(f, path, &mine, &judge);
    if (!failed) {
        MPI_Datatype entry_type;
        MPI_Type_contiguous(sizeof(struct entry), MPI_BYTE, &entry_type);
        MPI_Type_commit(&entry_type);
        struct table owned = reduce(&mine, entry_type);
        show(&owned, entry_type);
        wrong = verify(&owned, judge);
        MPI_Type_free(&entry_type);
        free(owned.slot);
    }
    if (f)
        fclose(f);
    free(mine.slot);
    MPI_Finalize();
    return failed ? 2 : wrong;
}
