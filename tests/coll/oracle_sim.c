/* Every algorithm against the oracle, on simulated ranks (sim.h): each row of the table for 1 to 17
 * ranks, several sizes, layouts, operations, roots and in place, in three ways: as a blocking call
 * where every send completes at once, where every send waits for its receiver (what deadlocks or
 * reuses a buffer too early shows), as a schedule, and as one that all ranks have recorded before
 * the first one starts it. Then: results do not depend, in any bit, on whether a node is crowded.
 *
 *     oracle_sim [row name]      TAP on stdout */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "request.h"
#include "schedule.h"
#include "sim.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__ 1
#endif
#endif

static const size_t few[] = {0, 1, 2, 7, 40, SIZE_MAX};
static const size_t many[] = {1500, SIZE_MAX};
static const size_t segments[] = {17000, SIZE_MAX}; /* several segments of a chain */

static int execute_now(struct ipcr_coll *c, const struct ipcr_coll_row *row)
{
    ipcr_coll_force(c->kind, row);
    return ipcr_coll_run(c);
}

static int finish(struct ipcr_req *req)
{
    sim_wait(req);
    int error = req->class->result(req, MPI_STATUS_IGNORE);
    ipcr_req_free(req);
    return error;
}

static int execute_schedule(struct ipcr_coll *c, const struct ipcr_coll_row *row)
{
    ipcr_coll_force(c->kind, row);
    return finish(ipcr_coll_begin(c));
}

static bool closed(const struct ipcr_schedule *s)
{
    return s->open == 0;
}

static int execute_later(struct ipcr_coll *c, const struct ipcr_coll_row *row)
{
    ipcr_coll_force(c->kind, row);
    struct ipcr_req *req = ipcr_coll_init(c);
    if (!closed(req->state)) {
        fprintf(stderr, "# %s %s does not close its last round\n", ipcr_coll_names[c->kind],
                row->name);
        return MPI_ERR_INTERN;
    }
    sim_yield(); /* nobody moves data before all have recorded */
    req->class->start(req);
    return finish(req);
}

static const struct way {
    const char *name;
    size_t eager;
    case_execute *execute;
} ways[] = {
    {"eager", SIZE_MAX, execute_now},   {"synchronous", 0, execute_now},
    {"schedule", 48, execute_schedule}, {"synchronous schedule", 0, execute_schedule},
    {"persistent", 48, execute_later},
};
enum { WAYS = sizeof ways / sizeof *ways };

/* A case on its way through the ranks. */
struct trial {
    const struct tcase *t;
    const struct way *way;
    int faults, entered;
};

static void rank_body(struct ipcr_comm *comm, void *arg)
{
    struct trial *trial = arg;
    trial->entered++;
    trial->faults += case_run(trial->t, comm, trial->way->execute);
    if (trial->t->kind == IPCR_BARRIER && trial->entered != trial->t->ranks) {
        fprintf(stderr, "# rank %d left the barrier before all had come\n", comm->rank);
        trial->faults++;
    }
}

static long cases, faults;

/* Nodes of ranks: alike, in blocks, dealt out, uneven. */
enum { PLACES = 4, NODES_RANKS = 17 };

static const int *places(int place, int ranks)
{
    static int node[NODES_RANKS];
    for (int r = 0; r < ranks; r++)
        node[r] = place == 1 ? r * 3 / ranks : place == 2 ? r % 4 : 7 - (r < 5) - (r > 11);
    return place ? node : NULL;
}

static void try_placed(const struct tcase *t, int place)
{
    for (const struct way *way = ways; way < ways + WAYS; way++) {
        struct trial trial = {.t = t, .way = way};
        struct sim sim = {.n = t->ranks,
                          .eager = way->eager,
                          .seed = (unsigned)cases + 1,
                          .nodes = places(place, t->ranks),
                          .crowded = place && t->ranks % 2,
                          .body = rank_body,
                          .arg = &trial};
        bool ended = sim_run(&sim);
        cases++;
        if (ended && !trial.faults)
            continue;
        faults++;
        fprintf(stderr, "# %s: failed (%s)\n", case_name(t), way->name);
        if (faults > 20) {
            puts("Bail out! too many faults");
            exit(1);
        }
    }
}

/* Algorithms that ask for nodes get several kinds of them. */
static void try_case(const struct tcase *t, void *arg)
{
    (void)arg;
    int kinds = t->row->needs & IPCR_SPREAD ? PLACES : 1;
    for (int place = 0; place < kinds; place++)
        try_placed(t, place);
}

static int tests;

static void report(const char *name)
{
    printf("%sok %d - %s (%ld cases)\n", faults ? "not " : "", ++tests, name, cases);
}

/* What needs a communicator of another kind (tests/mpi/neighbor.c, coll_inter.c) or real shared
 * memory (oracle.c). */
static bool not_here(const struct ipcr_coll_row *row)
{
    return ipcr_coll_is_neighborly(row->kind) ||
           row->needs & (IPCR_INTER | IPCR_LINES | IPCR_SHEETS);
}

/* Some algorithms have two rows. */
static bool seen_before(const struct ipcr_coll_row *row)
{
    for (const struct ipcr_coll_row *r = ipcr_coll_table; r < row; r++)
        if (r->kind == row->kind && r->run == row->run)
            return true;
    return false;
}

static void try_row(const struct ipcr_coll_row *row)
{
    char name[128];
    cases = faults = 0;
    for (int ranks = 1; ranks <= 17; ranks++)
        case_each(row, ranks, few, try_case, NULL);
    bool chain = strcmp(row->name, "chain") == 0;
    for (int ranks = 2; ranks <= 6; ranks += 2)
        case_each(row, ranks, chain ? segments : many, try_case, NULL);
    ipcr_coll_force(row->kind, NULL);
    snprintf(name, sizeof name, "%s %s", ipcr_coll_names[row->kind], row->name);
    report(name);
}

/* ---- the same bits ----------------------------------------------------------------------------
 */

enum { BITS_RANKS = 24, BITS_MAX = 40000 };

struct bits {
    enum ipcr_coll_kind kind;
    int root;
    size_t count;
    double *results[BITS_RANKS]; /* [count] */
};

/* Numbers whose sum depends on the order of additions. */
static double rough(int rank, size_t k)
{
    unsigned x = (unsigned)rank * 2654435761u + (unsigned)k * 40503u + 1u;
    x ^= x >> 13;
    x *= 0x5bd1e995u;
    return ((double)x - 2e9) * (x & 1 ? 1e-9 : 1e7);
}

static void bits_body(struct ipcr_comm *comm, void *arg)
{
    struct bits *b = arg;
    bool scatters = b->kind == IPCR_REDUCE_SCATTER_BLOCK;
    size_t all = scatters ? b->count * (size_t)comm->size : b->count;
    double *mine = malloc((all + 1) * sizeof *mine);
    for (size_t k = 0; k < all; k++)
        mine[k] = rough(comm->rank, k);
    memset(b->results[comm->rank], 0, b->count * sizeof(double));
    struct ipcr_coll c = {.kind = b->kind,
                          .comm = comm,
                          .sbuf = mine,
                          .rbuf = b->results[comm->rank],
                          .rcount = b->count,
                          .rtype = ipcr_type_of(MPI_DOUBLE),
                          .op = ipcr_op_of(MPI_SUM),
                          .root = b->root};
    faults += ipcr_coll_run(&c) != MPI_SUCCESS;
    free(mine);
}

static struct bits bits_run(struct bits b, int ranks, bool crowded)
{
    for (int r = 0; r < ranks; r++)
        b.results[r] = malloc((b.count + 1) * sizeof(double));
    struct sim sim = {
        .n = ranks, .eager = 1000, .seed = 7, .body = bits_body, .arg = &b, .crowded = crowded};
    faults += !sim_run(&sim);
    return b;
}

static void try_bits(const struct bits *b, int ranks)
{
    struct bits free_cores = bits_run(*b, ranks, false), crowded = bits_run(*b, ranks, true);
    size_t size = b->count * sizeof(double);
    for (int r = 0; r < ranks; r++) {
        bool same = memcmp(free_cores.results[r], crowded.results[r], size) == 0;
        if (b->kind == IPCR_ALLREDUCE)
            same = same && memcmp(free_cores.results[0], free_cores.results[r], size) == 0;
        if (!same) {
            faults++;
            fprintf(stderr, "# %s: %d ranks, %zu elements: the bits differ at rank %d\n",
                    ipcr_coll_names[b->kind], ranks, b->count, r);
        }
    }
    for (int r = 0; r < ranks; r++) {
        free(free_cores.results[r]);
        free(crowded.results[r]);
    }
    cases++;
}

static void same_bits(enum ipcr_coll_kind kind)
{
    static const size_t counts[] = {1, 9, 64, 511, 4000, BITS_MAX, SIZE_MAX};
    char name[128];
    cases = faults = 0;
    for (int ranks = 2; ranks <= BITS_RANKS; ranks += ranks < 9 ? 1 : 5)
        for (const size_t *count = counts; *count != SIZE_MAX; count++) {
            struct bits b = {.kind = kind, .root = ranks / 2, .count = *count};
            try_bits(&b, ranks);
        }
    snprintf(name, sizeof name, "%s has the same bits on a crowded node", ipcr_coll_names[kind]);
    report(name);
}

/* ---- over the network -------------------------------------------------------------------------
 */

static void crossing_body(struct ipcr_comm *comm, void *arg)
{
    double in[16 * 16] = {0}, out[16 * 16];
    struct ipcr_type *type = ipcr_type_of(MPI_DOUBLE);
    struct ipcr_coll c = {.kind = *(enum ipcr_coll_kind *)arg,
                          .comm = comm,
                          .sbuf = in,
                          .rbuf = out,
                          .scount = 16,
                          .rcount = 16,
                          .stype = type,
                          .rtype = type,
                          .root = 6 % comm->size};
    if (c.kind == IPCR_REDUCE || c.kind == IPCR_ALLREDUCE)
        c.op = ipcr_op_of(MPI_SUM);
    faults += ipcr_coll_run(&c) != MPI_SUCCESS;
}

/* Where the ranks of a node stand together, a binomial tree crosses hardly more often. */
static bool dealt_out(enum ipcr_coll_kind kind)
{
    return kind == IPCR_SCATTER;
}

/* What is chosen freely crosses from node to node this often, and no more. */
static void crossings(enum ipcr_coll_kind kind, int nodes, int wanted)
{
    char name[128];
    int node[16];
    for (int r = 0; r < 16; r++)
        node[r] = dealt_out(kind) ? r % nodes : r * nodes / 16;
    struct sim sim = {
        .n = 16, .eager = 1000, .seed = 5, .body = crossing_body, .arg = &kind, .nodes = node};
    cases = 1;
    faults = 0;
    if (!sim_run(&sim) || sim_crossings() != wanted) {
        fprintf(stderr, "# %d messages crossed\n", sim_crossings());
        faults++;
    }
    snprintf(name, sizeof name, "%s of 16 ranks on %d nodes: %d messages from node to node",
             ipcr_coll_names[kind], nodes, wanted);
    report(name);
}

static bool try_crossings(void)
{
    static const struct {
        enum ipcr_coll_kind kind;
        int two, four;
    } all[] = {{IPCR_BARRIER, 2, 8},   {IPCR_BCAST, 1, 3},      {IPCR_REDUCE, 1, 3},
               {IPCR_ALLREDUCE, 2, 8}, {IPCR_ALLGATHER, 2, 12}, {IPCR_SCATTER, 1, 3}};
    bool failed = false;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        crossings(all[i].kind, 2, all[i].two);
        failed |= faults != 0;
        crossings(all[i].kind, 4, all[i].four);
        failed |= faults != 0;
    }
    return failed;
}

int main(int argc, char **argv)
{
#ifdef __SANITIZE_THREAD__
    puts("coroutines mean nothing to the thread sanitizer");
    return 77;
#endif
    bool failed = false;
    mallopt(M_MMAP_THRESHOLD, 1 << 30); /* else half the time goes into page faults */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    case_setup();
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < ipcr_coll_rows; i++) {
        const struct ipcr_coll_row *row = &ipcr_coll_table[i];
        if (seen_before(row) || not_here(row) || (argc > 1 && strcmp(argv[1], row->name) != 0))
            continue;
        try_row(row);
        failed |= faults != 0;
    }
    static const enum ipcr_coll_kind reducing[] = {IPCR_REDUCE, IPCR_ALLREDUCE,
                                                   IPCR_REDUCE_SCATTER_BLOCK};
    for (size_t i = 0; i < sizeof reducing / sizeof *reducing && argc == 1; i++) {
        same_bits(reducing[i]);
        failed |= faults != 0;
    }
    if (argc == 1)
        failed |= try_crossings();
    printf("1..%d\n", tests);
    return failed;
}
