/* The choice among algorithms, and the shape of what is chosen: how many messages and rounds an
 * operation costs is part of its contract. TAP. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

static int tests, failures;

static void check(bool right, const char *name)
{
    failures += !right;
    printf("%sok %d - %s\n", right ? "" : "not ", ++tests, name);
}

static struct ipcr_op user_op = {.magic = IPCR_OP_MAGIC, .refs = 1};

/* A call as one rank sees it; `bytes` is what the table's ranges speak of. */
struct call {
    struct ipcr_comm comm;
    struct ipcr_coll c;
    int counts[128];
    char buf[64];
};

static struct ipcr_coll *call(enum ipcr_coll_kind kind, int ranks, size_t bytes, bool crowded)
{
    static struct call call;
    memset(&call, 0, sizeof call);
    call.comm = (struct ipcr_comm){.size = ranks, .one_node = true, .crowded = crowded};
    for (int i = 0; i < ranks; i++)
        call.counts[i] = i ? 0 : (int)bytes;
    struct ipcr_type *byte = ipcr_type_of(MPI_UINT8_T);
    call.c = (struct ipcr_coll){.kind = kind,
                                .comm = &call.comm,
                                .sbuf = call.buf,
                                .rbuf = call.buf + 32,
                                .scount = bytes,
                                .stype = byte,
                                .rcount = bytes,
                                .rtype = byte,
                                .op = ipcr_op_of(MPI_SUM)};
    if (kind == IPCR_ALLGATHERV || kind == IPCR_REDUCE_SCATTER)
        call.c.rcounts.v = call.counts;
    if (kind == IPCR_REDUCE_SCATTER_BLOCK)
        call.c.rcount = bytes / (size_t)ranks;
    return &call.c;
}

static bool chosen(const struct ipcr_coll *c, const char *name)
{
    const char *is = ipcr_coll_select(c)->name;
    if (strcmp(is, name) != 0)
        fprintf(stderr, "# %s of %d ranks: chosen is %s, should be %s\n", ipcr_coll_names[c->kind],
                c->comm->size, is, name);
    return strcmp(is, name) == 0;
}

static bool always_fits(enum ipcr_coll_kind kind)
{
    static const size_t sizes[] = {0, 1, 1000, 5000, 30000, 70000, 600000, 3000000};
    for (int ranks = 1; ranks <= 128; ranks += ranks < 10 ? 1 : 17)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (int bits = 0; bits < 8; bits++) {
                struct ipcr_coll *c = call(kind, ranks, sizes[s], bits & 1);
                if (bits & 2)
                    c->sbuf = MPI_IN_PLACE;
                if (bits & 4)
                    c->op = &user_op;
                const struct ipcr_coll_row *row = ipcr_coll_select(c);
                if (row->kind != kind || !ipcr_coll_possible(row, c))
                    return false;
            }
    return true;
}

static void try_table(void)
{
    bool grouped = true, fits = true, named = true;
    for (int i = 1; i < ipcr_coll_rows; i++)
        grouped &= ipcr_coll_table[i - 1].kind <= ipcr_coll_table[i].kind;
    check(grouped, "rows are grouped by collective");
    for (int k = 0; k < IPCR_COLL_KINDS; k++)
        fits &= always_fits((enum ipcr_coll_kind)k);
    check(fits, "for every call there is a row");
    for (int i = 0; i < ipcr_coll_rows; i++)
        for (int j = 0; j < i; j++) {
            const struct ipcr_coll_row *a = &ipcr_coll_table[i], *b = &ipcr_coll_table[j];
            if (a->kind == b->kind)
                named &= (strcmp(a->name, b->name) == 0) == (a->run == b->run);
        }
    check(named, "a name means one algorithm");
}

static void try_choices(void)
{
    struct ipcr_coll *c = call(IPCR_ALLREDUCE, 8, 8, true);
    check(chosen(c, "flat"), "a short allreduce on a crowded node is flat");
    c->comm->one_node = false;
    check(chosen(c, "doubling"), "crowded counts only where one node holds all ranks");
    check(chosen(call(IPCR_ALLREDUCE, 8, 8, false), "doubling"), "with free cores it is not");
    check(chosen(call(IPCR_ALLREDUCE, 2, 8, true), "doubling"), "nor between two ranks");
    check(chosen(call(IPCR_BARRIER, 2, 0, true), "dissemination"), "nor is their barrier");
    c = call(IPCR_ALLREDUCE, 8, 4000000, false);
    check(chosen(c, "ring"), "a long allreduce goes round a ring");
    c->op = &user_op;
    check(chosen(c, "doubling"), "but not with an operation whose order matters");
    c = call(IPCR_REDUCE_SCATTER, 8, 100000, false);
    c->op = &user_op;
    check(chosen(c, "root"), "nor does a reduce_scatter change that order");
    c = call(IPCR_ALLTOALL, 16, 8, true);
    c->sbuf = MPI_IN_PLACE;
    check(chosen(c, "inplace"), "an alltoall in place has an algorithm of its own");
}

static void try_environment(void)
{
    char why[1024] = "";
    setenv("IPCRUN_COLL_BCAST", "chain", 1);
    setenv("IPCRUN_COLL_ALLREDUCE", "ring", 1);
    setenv("IPCRUN_COLL_BARRIER", "", 1);
    check(ipcr_coll_environment(why, sizeof why) == 0, "the environment may force algorithms");
    check(chosen(call(IPCR_BCAST, 4, 1, false), "chain"), "a forced one is taken at any size");
    check(chosen(call(IPCR_BARRIER, 4, 0, false), "dissemination"),
          "an empty value forces nothing");
    struct ipcr_coll *c = call(IPCR_ALLREDUCE, 4, 8, false);
    c->op = &user_op;
    check(chosen(c, "doubling"), "one whose needs do not hold gives way");
    check(chosen(call(IPCR_ALLREDUCE, 4, 8, false), "ring"), "and is taken where they do");

    setenv("IPCRUN_COLL_BCAST", "fastest", 1);
    bool refused = ipcr_coll_environment(why, sizeof why) < 0;
    fprintf(stderr, "# %s\n", why);
    check(refused &&
              strcmp(why,
                     "IPCRUN_COLL_BCAST=fastest: there is no such algorithm; choose "
                     "one of nodes, lines, sheets, linear, binomial, chain, scatter_ring") == 0,
          "an unknown algorithm is refused, with the names of all");
    setenv("IPCRUN_COLL_BCAST", "", 1);
    setenv("IPCRUN_COLL_BROADCAST", "chain", 1);
    refused = ipcr_coll_environment(why, sizeof why) < 0;
    check(refused && strstr(why, "IPCRUN_COLL_BROADCAST=chain") && strstr(why, "BARRIER, BCAST"),
          "and so is an unknown collective");
    unsetenv("IPCRUN_COLL_BROADCAST");
    unsetenv("IPCRUN_COLL_ALLREDUCE");
    check(ipcr_coll_environment(why, sizeof why) == 0 &&
              chosen(call(IPCR_BCAST, 4, 1, false), "binomial"),
          "without settings the table chooses");
}

/* ---- schedules ---------------------------------------------------------------------------------
 */

struct shape {
    int sends, recvs, rounds, waits; /* waits: rounds that receive */
    int copies, reduces;
};

static struct shape shape_of(struct ipcr_coll *c, int rank, const char *name)
{
    struct shape s = {0};
    bool waits = false;
    c->comm->rank = rank;
    const struct ipcr_coll_row *row = ipcr_coll_table;
    while (row->kind != c->kind || strcmp(row->name, name) != 0)
        row++;
    struct ipcr_schedule *r = ipcr_schedule_record(c, row);
    for (size_t i = 0; i < r->count; i++) {
        enum ipcr_step_kind k = r->steps[i].kind;
        s.sends += k == IPCR_STEP_SEND;
        s.recvs += k == IPCR_STEP_RECV;
        s.rounds += k == IPCR_STEP_ROUND;
        s.copies += k == IPCR_STEP_COPY;
        s.reduces += k == IPCR_STEP_REDUCE;
        s.waits += k == IPCR_STEP_ROUND && waits;
        waits = k == IPCR_STEP_RECV || (waits && k != IPCR_STEP_ROUND);
    }
    ipcr_schedule_free(r);
    return s;
}

static void try_schedules(void)
{
    for (int rank = 0; rank < 2; rank++) {
        struct shape s = shape_of(call(IPCR_ALLREDUCE, 2, 8, false), rank, "doubling");
        check(s.sends == 1 && s.recvs == 1 && s.rounds == 1 && s.reduces == 1 && s.copies == rank,
              "an allreduce of two ranks is one exchange and one addition");
        s = shape_of(call(IPCR_BARRIER, 2, 0, false), rank, "dissemination");
        check(s.sends == 1 && s.recvs == 1 && s.rounds == 1, "their barrier is one exchange");
    }
    bool two_waits = true, three = true, whole = true;
    for (int rank = 0; rank < 5; rank++) {
        struct shape s = shape_of(call(IPCR_ALLREDUCE, 5, 8, true), rank, "flat");
        two_waits &= s.waits == 1 && s.sends == (rank ? 1 : 4) && s.reduces == (rank ? 0 : 4);
        s = shape_of(call(IPCR_BARRIER, 5, 0, true), rank, "flat");
        two_waits &= s.waits == 1 && s.sends == (rank ? 1 : 4);
        s = shape_of(call(IPCR_BARRIER, 5, 0, true), rank, "dissemination");
        three &= s.waits == 3 && s.sends == 3 && s.recvs == 3;
        s = shape_of(call(IPCR_BCAST, 5, 4, true), rank, "binomial");
        whole &= s.recvs == (rank ? 1 : 0) && s.copies == 0;
    }
    check(two_waits, "a flat collective receives in one round on each rank");
    check(three, "a barrier of five ranks by dissemination takes three rounds");
    check(whole, "a binomial broadcast receives once and copies nothing");
    struct shape s = shape_of(call(IPCR_ALLGATHER, 8, 1, false), 3, "doubling");
    check(s.rounds == 3 && s.sends == 3 && s.copies == 1, "an allgather of 8 takes 3 exchanges");
    s = shape_of(call(IPCR_ALLREDUCE, 1, 8, false), 0, "doubling");
    check(s.sends == 0 && s.recvs == 0 && s.copies == 1, "one rank sends nothing");
    s = shape_of(call(IPCR_ALLREDUCE, 8, 0, false), 0, "doubling");
    check(s.sends == 0 && s.recvs == 0 && s.reduces == 0, "nothing is sent where nothing is given");
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    try_table();
    try_choices();
    try_environment();
    try_schedules();
    printf("1..%d\n", tests);
    return failures != 0;
}
