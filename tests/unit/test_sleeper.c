/* What a rank does: on the wire, and who belongs to its communicator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sleeper.h"

static const struct ipcr_sleeper example = {
    .rank = 3,
    .state = IPCR_STATE_WAITS,
    .pid = 4711,
    .gen = 12,
    .ms = 1500,
    .peer = -1,
    .tag = 7,
    .kind = IPCR_BOARD_RECV,
    .ctx = 16,
    .sent = 1ull << 40,
    .arrived = 5,
    .call = "MPI_Recv",
    .comm = "row",
    .where = "jacobi.c:88",
    .near_source = 2,
    .near_tag = 9,
    .near_comm = "column",
    .several = "any of 2 requests: ...",
    .nruns = 2,
    .runs = {{0, 2, 3}, {7, 1, 1}},
    .slept_ms = 250,
    .cpu_ms = 1250,
    .nways = 1,
    .ways = {{"shm", 17, 1ull << 33}},
};

static void wire_keeps_it(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    struct ipcr_sleeper got;
    ipcr_put_sleeper(&b, &example);
    struct ipcr_reader r = {.at = b.data, .left = b.len};
    assert_true(ipcr_get_sleeper(&r, &got));
    assert_int_equal(r.left, 0);
    assert_int_equal(got.sent, example.sent);
    assert_int_equal(got.ctx, 16);
    assert_int_equal(got.kind, IPCR_BOARD_RECV);
    assert_string_equal(got.where, "jacobi.c:88");
    assert_string_equal(got.near_comm, "column");
    assert_string_equal(got.several, "any of 2 requests: ...");
    assert_int_equal(got.nruns, 2);
    assert_int_equal(got.runs[1].first, 7);
    assert_int_equal(got.cpu_ms, 1250);
    assert_int_equal(got.nways, 1);
    assert_string_equal(got.ways[0].name, "shm");
    assert_int_equal(got.ways[0].bytes, 1ull << 33);
    free(b.data);
}

/* Cut anywhere, it is refused, and nothing is read that is not there. */
static void wire_cut_short(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    struct ipcr_sleeper got;
    ipcr_put_sleeper(&b, &example);
    for (size_t n = 0; n < b.len; n++) {
        uint8_t *exact = malloc(n ? n : 1);
        memcpy(exact, b.data, n);
        struct ipcr_reader r = {.at = exact, .left = n};
        assert_false(ipcr_get_sleeper(&r, &got));
        free(exact);
    }
    free(b.data);
}

static void smallest_on_the_wire(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    struct ipcr_sleeper s = {0};
    ipcr_put_sleeper(&b, &s);
    assert_int_equal(b.len, IPCR_SLEEPER_MIN);
    free(b.data);
}

/* An empty one, with another byte so far from its end. */
static void check_refused(size_t from_end, uint8_t byte)
{
    struct ipcr_buf b = {0};
    struct ipcr_sleeper s = {0}, got;
    ipcr_put_sleeper(&b, &s);
    b.data[b.len - from_end] = byte;
    struct ipcr_reader r = {.at = b.data, .left = b.len};
    assert_false(ipcr_get_sleeper(&r, &got));
    assert_int_equal(got.nruns, 0);
    assert_int_equal(got.nways, 0);
    free(b.data);
}

static void too_many_are_refused(void **state)
{
    (void)state;
    check_refused(1, IPCR_SLEEPER_WAYS + 1);
    check_refused(1 + 16 + 1, IPCR_SLEEPER_RUNS + 1);
}

static int runs_of(struct ipcr_sleeper *s, int n, const int *ranks)
{
    s->nruns = (uint8_t)ipcr_sleeper_runs(s->runs, IPCR_SLEEPER_RUNS, ranks, n);
    return s->nruns;
}

static void check_members(const struct ipcr_sleeper *s, int n, const int *ranks, int world)
{
    for (int r = 0; r < world; r++) {
        bool member = false;
        for (int i = 0; i < n; i++)
            member |= ranks[i] == r;
        assert_int_equal(ipcr_sleeper_is_member(s, (uint32_t)r), member);
    }
}

#define CHECK_RUNS(wanted, ...)                                                         \
    do {                                                                                \
        static const int ranks_[] = {__VA_ARGS__};                                      \
        struct ipcr_sleeper s_ = {0};                                                   \
        assert_int_equal(runs_of(&s_, sizeof ranks_ / sizeof *ranks_, ranks_), wanted); \
        check_members(&s_, sizeof ranks_ / sizeof *ranks_, ranks_, 64);                 \
    } while (0)

static void members_as_runs(void **state)
{
    (void)state;
    CHECK_RUNS(1, 0, 1, 2, 3, 4);
    CHECK_RUNS(1, 3);
    CHECK_RUNS(1, 5, 13, 21, 29);
    CHECK_RUNS(2, 0, 1, 2, 4, 5, 6);
    CHECK_RUNS(3, 5, 4, 3);
    CHECK_RUNS(2, 8, 16, 24, 25);
    CHECK_RUNS(8, 40, 37, 33, 28, 22, 15, 7, 3);
}

static void too_irregular(void **state)
{
    (void)state;
    static const int ranks[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    struct ipcr_sleeper s = {0};
    assert_int_equal(runs_of(&s, 9, ranks), 0);
    assert_false(ipcr_sleeper_is_member(&s, 9));
}

static void collectives_by_name(void **state)
{
    (void)state;
    assert_true(ipcr_sleeper_is_collective("MPI_Allreduce"));
    assert_true(ipcr_sleeper_is_collective("MPI_Comm_split"));
    assert_false(ipcr_sleeper_is_collective("MPI_Recv"));
    assert_false(ipcr_sleeper_is_collective("MPI_Waitall"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wire_keeps_it),        cmocka_unit_test(wire_cut_short),
        cmocka_unit_test(smallest_on_the_wire), cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(members_as_runs),      cmocka_unit_test(too_irregular),
        cmocka_unit_test(collectives_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
