/* --stats and --trace at the head: clocks of other hosts, the two ends of messages, and messages of
 * agents that make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats.h"
#include "trace.h"

static const uint64_t second = 1000000000;

/* A clock that is 5 s ahead of ours and gains a millisecond every 10 s. */
static uint64_t theirs(uint64_t ours)
{
    return ours + 5 * second + (uint64_t)((int64_t)(ours - 100 * second) / 10000);
}

static void look(struct ipcr_clock_look *l, uint64_t at)
{
    static const uint64_t delays[] = {400000, 20000, 90000};
    for (int i = 0; i < 3; i++) /* the way there is the longer one, but for the quickest answer */
        ipcr_clock_take(l, at - delays[i], theirs(at + (i == 1 ? 0 : delays[i] / 2)),
                        at + delays[i]);
}

static void test_line(void **state)
{
    (void)state;
    struct ipcr_clock c = {0};
    assert_int_equal(ipcr_clock_ours(&c, 77 * second), 77 * second);
    look(&c.first, 100 * second);
    assert_int_equal(c.first.trip_ns, 40000);
    assert_int_equal(c.first.ahead_ns, 5 * second);
    assert_int_equal(ipcr_clock_ours(&c, 105 * second), 100 * second);
    look(&c.last, 200 * second);
    for (uint64_t at = 90 * second; at <= 210 * second; at += 10 * second) {
        int64_t off = (int64_t)(ipcr_clock_ours(&c, theirs(at)) - at);
        assert_true(off >= -1 && off <= 1);
    }
}

/* Two looks that differ by less than they are unsure of say nothing about a drift. */
static void test_no_line(void **state)
{
    (void)state;
    struct ipcr_clock c = {.first = {100 * second, 60000, 5000, 8},
                           .last = {100 * second + 200000000, 20000, -25000, 8}};
    assert_int_equal(ipcr_clock_ours(&c, 110 * second), 110 * second + 25000);
    c.last.ahead_ns = -45000;
    assert_true(ipcr_clock_ours(&c, 110 * second) > 110 * second + 2000000);
}

static struct ipcr_flow_end end_of(uint32_t from, uint32_t to, int32_t tag, bool send, uint64_t id)
{
    return (struct ipcr_flow_end){
        .from = from, .to = to, .ctx = 4, .tag = tag, .send = send, .bytes = id};
}

static void count_alone(const struct ipcr_flow_end *e, void *arg)
{
    (void)e;
    ++*(int *)arg;
}

static void meets(struct ipcr_flows *f, struct ipcr_flow_end end, uint64_t wanted)
{
    struct ipcr_flow_end *other = ipcr_flows_meet(f, &end);
    assert_int_equal(other ? other->bytes : 0, wanted);
    free(other);
}

/* Receives may be seen before the sends, and other keys do not matter. */
static void test_ends(void **state)
{
    (void)state;
    int alone = 0;
    struct ipcr_flows *f = ipcr_flows_new();
    meets(f, end_of(0, 1, 7, true, 1), 0);
    meets(f, end_of(0, 1, 7, true, 2), 0);
    meets(f, end_of(0, 1, 8, false, 3), 0);
    meets(f, end_of(1, 0, 7, false, 4), 0);
    meets(f, end_of(0, 1, 7, false, 5), 1);
    meets(f, end_of(0, 1, 7, false, 6), 2);
    meets(f, end_of(0, 1, 7, false, 7), 0);
    meets(f, end_of(0, 1, 7, true, 8), 7);
    meets(f, end_of(0, 1, 8, true, 9), 3);
    meets(f, end_of(1, 0, 7, true, 10), 4);
    meets(f, end_of(2, 2, -1, true, 11), 0);
    for (uint32_t i = 0; i < 100000; i++)
        meets(f, end_of(i, i + 1, (int32_t)i, true, 12), 0);
    ipcr_flows_free(f, count_alone, &alone);
    assert_int_equal(alone, 100001);
}

/* ---- a profile there and back, and cut off anywhere ---- */

static struct ipcr_tally *made_up(void)
{
    struct ipcr_tally *t = calloc(1, sizeof *t);
    assert_non_null(t);
    t->opened_ns = second;
    t->closed_ns = 4 * second;
    t->mpi_ns = 2 * second;
    t->wait_ns[IPCR_WAIT_MESSAGE] = second;
    t->sent[0] = (struct ipcr_profile_flow){3, 300};
    t->sizes[9] = 3;
    strcpy(t->calls[0].name, "MPI_Send");
    t->calls[0].calls = 3;
    t->calls[0].ns = second;
    t->ncalls = 1;
    t->peers[1].sent = t->sent[0];
    return t;
}

static void test_profile(void **state)
{
    (void)state;
    struct ipcr_tally *t = made_up();
    struct ipcr_stats s;
    struct ipcr_buf b = {0};
    ipcr_stats_put(&b, 1, 2, t);
    for (size_t cut = 0; cut <= b.len; cut++) {
        struct ipcr_reader r = {b.data, cut, false};
        ipcr_stats_open(&s, 2);
        ipcr_stats_take(&s, &r);
        assert_int_equal(s.ranks[1].there, cut == b.len);
        assert_false(s.ranks[0].there);
        if (cut == b.len) {
            assert_true(s.ranks[1].closed);
            assert_int_equal(s.ranks[1].wall_ns, 3 * second);
            assert_int_equal(ipcr_stats_computed(&s.ranks[1]), second);
            assert_int_equal(ipcr_stats_moved(&s.ranks[1]), second);
            assert_int_equal(s.ranks[1].npeers, 1);
            assert_string_equal(s.calls[0].name, "MPI_Send");
        }
        ipcr_stats_free(&s);
    }
    free(b.data);
    free(t);
}

/* Whether the tables of three ranks that wait so long in collectives, of 10 s, name the last one.
 */
static bool names_last(uint64_t first, uint64_t second_one, uint64_t third)
{
    const uint64_t waits[] = {first, second_one, third};
    struct ipcr_stats s;
    char *text;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    ipcr_stats_open(&s, 4); /* the fourth has said nothing */
    for (int i = 0; i < 3; i++) {
        s.ranks[i].there = s.ranks[i].closed = true;
        s.ranks[i].wall_ns = 10 * second;
        s.ranks[i].mpi_ns = s.ranks[i].wait_ns[IPCR_WAIT_COLLECTIVE] = waits[i];
    }
    ipcr_stats_text(&s, to);
    fclose(to);
    bool named =
        strstr(text, "in collectives rank 1 waited 0.010 s, the others 2.000 s on average");
    assert_int_equal(named, strstr(text, "they waited for it") != NULL);
    free(text);
    ipcr_stats_free(&s);
    return named;
}

static void test_last(void **state)
{
    (void)state;
    assert_true(names_last(3 * second, second / 100, second));
    assert_false(names_last(3 * second, second / 2, second));
    assert_false(names_last(second / 10, second / 1000, second / 10));
}

static void test_bytes(void **state)
{
    (void)state;
    assert_string_equal(ipcr_stats_bytes(0), "0 B");
    assert_string_equal(ipcr_stats_bytes(999), "999 B");
    assert_string_equal(ipcr_stats_bytes(1000), "1.0 kB");
    assert_string_equal(ipcr_stats_bytes(99949), "99.9 kB");
    assert_string_equal(ipcr_stats_bytes(123456789), "123 MB");
    assert_string_equal(ipcr_stats_bytes(UINT64_MAX), "18.4 EB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line), cmocka_unit_test(test_no_line),
        cmocka_unit_test(test_ends), cmocka_unit_test(test_profile),
        cmocka_unit_test(test_last), cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
