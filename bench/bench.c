// Options, batches and verified contents for the measuring programs.
#include "bench.h"

#include "distance.h"

#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void usage(const struct bench *b, const char *program, const char *what)
{
    if (b->rank == 0)
        fprintf(stderr,
                "usage: %s [options] [OPERATION...]\n"
                "  operations: %s\n"
                "  -s MIN[:MAX]  sizes in bytes, doubling (now %zu:%zu)\n"
                "  -x FACTOR     from one size to the next (now %d)\n"
                "  -b SECONDS    length of a batch (now %g)\n"
                "  -n BATCHES    batches a point, at most (now %d)\n"
                "  -t SECONDS    time for one point, at most (now %g)\n"
                "  -a            buffers from MPI_Alloc_mem, where the program has a choice\n",
                program, what, b->least, b->most, b->factor, b->batch_s, b->batches, b->point_s);
    MPI_Finalize();
    exit(2);
}

static int parse_sizes(struct bench *b, const char *text)
{
    char *end;
    b->least = b->most = strtoul(text, &end, 10);
    if (end == text)
        return 0;
    if (*end == ':') {
        text = end + 1;
        b->most = strtoul(text, &end, 10);
    }
    return end != text && *end == 0 && b->most >= b->least && b->most <= (size_t)1 << 30;
}

static int parse(struct bench *b, int argc, char **argv)
{
    int option, good = 1;
    opterr = b->rank == 0;
    while ((option = getopt(argc, argv, "s:x:b:n:t:a")) != -1) {
        if (option == 's')
            good &= parse_sizes(b, optarg);
        else if (option == 'x')
            good &= (b->factor = atoi(optarg)) >= 2;
        else if (option == 'b')
            good &= (b->batch_s = atof(optarg)) > 0;
        else if (option == 'n')
            good &= (b->batches = atoi(optarg)) >= 1;
        else if (option == 't')
            good &= (b->point_s = atof(optarg)) > 0;
        else if (option == 'a')
            b->alloc_mem = 1;
        else
            good = 0;
    }
    b->names = argv + optind;
    return good;
}

static int is_word_of(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (; *list; list += strspn(list, " ")) {
        size_t here = strcspn(list, " ");
        if (here == len && memcmp(list, word, len) == 0)
            return 1;
        list += here;
    }
    return 0;
}

void bench_begin(struct bench *b, int argc, char **argv, const char *what)
{
    int provided;
    MPI_Init_thread(&argc, &argv, b->level, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &b->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &b->size);
    b->factor = b->factor ? b->factor : 2;
    b->batch_s = 0.01;
    b->batches = 21;
    b->point_s = 1;
    b->wrong = 0;
    int good = parse(b, argc, argv);
    for (char **name = b->names; *name; name++)
        good &= is_word_of(what, *name);
    if (!good)
        usage(b, argv[0], what);
    if (provided < b->level) {
        fprintf(stderr, "%s: this MPI gives thread level %d, not %d\n", argv[0], provided,
                b->level);
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    distance_open(b->rank, b->size);
    if (b->rank == 0)
        printf(
            "# name           ranks    bytes       median          min          max  unit batches "
            "operations\n");
}

int bench_end(struct bench *b)
{
    int wrong = 0;
    MPI_Allreduce(&b->wrong, &wrong, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (b->rank == 0 && wrong)
        printf("# WRONG: %d messages had wrong contents\n", wrong);
    distance_close();
    MPI_Finalize();
    return wrong != 0;
}

int bench_wants(const struct bench *b, const char *name)
{
    for (char **n = b->names; *n; n++)
        if (strcmp(*n, name) == 0)
            return 1;
    return b->names[0] == NULL;
}

size_t bench_next(const struct bench *b, size_t bytes)
{
    return bytes ? bytes * (size_t)b->factor : 1;
}

static double timed(bench_fn *fn, void *arg, long count)
{
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    fn(arg, count);
    return MPI_Wtime() - start;
}

// Doubles the count until a batch takes a fair part of batch_s, three times in a row: once may be
// an interruption. Rank 0's clock decides for all. plan[0]: operations a batch; plan[1]: batches.
static void find_plan(const struct bench *b, bench_fn *fn, void *arg, long plan[2])
{
    double took = 0;
    plan[0] = 1;
    for (int hits = 0; hits < 3;) {
        double t = timed(fn, arg, plan[0]);
        took = hits && took < t ? took : t;
        int hit = took >= b->batch_s / 4;
        MPI_Bcast(&hit, 1, MPI_INT, 0, MPI_COMM_WORLD);
        hits = hit ? hits + 1 : 0;
        plan[0] *= hit ? 1 : 2;
    }
    double each = took / (double)plan[0];
    plan[0] = each < b->batch_s ? (long)(b->batch_s / each) : 1;
    double batches = b->point_s / (each * (double)plan[0]);
    plan[1] = batches > b->batches ? b->batches : batches < 3 ? 3 : (long)batches;
    MPI_Bcast(plan, 2, MPI_LONG, 0, MPI_COMM_WORLD);
}

struct stats bench_measure(const struct bench *b, bench_fn *fn, void *arg)
{
    long plan[2];
    find_plan(b, fn, arg, plan);
    int n = (int)plan[1];
    double *mine = bench_alloc((size_t)n * sizeof *mine),
           *all = bench_alloc((size_t)n * sizeof *all);
    double before = distance_ns();
    for (int i = 0; i < n; i++)
        mine[i] = timed(fn, arg, plan[0]) / (double)plan[0];
    double after = distance_ns();
    MPI_Reduce(mine, all, n, MPI_DOUBLE, MPI_MAX, 0, MPI_COMM_WORLD);
    struct stats s = stats_of(all, n, plan[0]);
    s.distance_ns[0] = before;
    s.distance_ns[1] = after;
    free(mine);
    free(all);
    return s;
}

void bench_print(const struct bench *b, const char *name, size_t bytes, struct stats s,
                 const char *unit)
{
    if (b->rank == 0)
        stats_print((struct stats_label){name, b->size, bytes, unit}, s);
}

void *bench_alloc(size_t bytes)
{
    void *p = NULL;
    if (posix_memalign(&p, 4096, bytes + 64) != 0) {
        fprintf(stderr, "no memory for a buffer of %zu bytes\n", bytes);
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    memset(p, 0, bytes + 64);
    return p;
}

void *bench_buffer(const struct bench *b, size_t bytes)
{
    void *p;
    if (!b->alloc_mem)
        return bench_alloc(bytes);
    MPI_Alloc_mem((MPI_Aint)bytes + 64, MPI_INFO_NULL, &p); // or the job ends
    memset(p, 0, bytes + 64);
    return p;
}

void bench_buffer_free(const struct bench *b, void *p)
{
    if (b->alloc_mem)
        MPI_Free_mem(p);
    else
        free(p);
}

unsigned char bench_byte(int from, int to, int round, size_t k)
{
    uint32_t h =
        (uint32_t)k + (uint32_t)from * 40503u + (uint32_t)to * 9176u + (uint32_t)round * 131u;
    h *= 2654435761u;
    return (unsigned char)(h >> 24);
}

void bench_fill(void *buf, size_t n, int from, int to, int round)
{
    for (size_t k = 0; k < n; k++)
        ((unsigned char *)buf)[k] = bench_byte(from, to, round, k);
}

void bench_check(struct bench *b, const char *name, const void *buf, size_t n, const int who[3])
{
    for (size_t k = 0; k < n; k++) {
        if (((const unsigned char *)buf)[k] == bench_byte(who[0], who[1], who[2], k))
            continue;
        if (b->wrong++ < 3)
            fprintf(stderr, "%s, %zu bytes: rank %d got a wrong byte %zu from rank %d\n", name, n,
                    b->rank, k, who[0]);
        return;
    }
}
