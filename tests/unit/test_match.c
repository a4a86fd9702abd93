/* Matching against a naive list, with random operations; and the cost of long queues. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "match.h"
#include "mpi.h"

/* match.c's only way to fail; not reached in these tests. */
_Noreturn void ipcr_err_fatal(const char *fmt, ...);
_Noreturn void ipcr_err_fatal(const char *fmt, ...)
{
    fprintf(stderr, "%s\n", fmt);
    abort();
}

#define MAX 4096

static bool fits(uint32_t ctx, int src, int tag, uint32_t mctx, int msrc, int mtag)
{
    return ctx == mctx && (src == MPI_ANY_SOURCE || src == msrc) &&
           (tag == MPI_ANY_TAG || tag == mtag);
}

/* The oracle: plain arrays in order of arrival. */
static struct ipcr_posted *receives[MAX];
static struct ipcr_unexpected *messages[MAX];
static uint64_t cookies; /* names given to messages so far */
static int n_receives, n_messages;

static void *take_out(void **list, int *n, int i)
{
    void *it = list[i];
    memmove(list + i, list + i + 1, (size_t)(*n - i - 1) * sizeof *list);
    --*n;
    return it;
}

static int pick(int n)
{
    return rand() % n;
}

/* Two of the program, one of the library. */
static uint32_t pick_context(void)
{
    static const uint32_t contexts[] = {0, 4, 5};
    return contexts[pick(3)];
}

/* Some are longer than what a block holds. */
static struct ipcr_unexpected *keep(uint32_t ctx, int src, int tag)
{
    static unsigned char bytes[IPCR_MATCH_INSIDE * 2];
    struct ipcr_unexpected what = {.ctx = ctx, .src = src, .tag = tag, .cookie = ++cookies};
    what.size = cookies % sizeof bytes;
    memset(bytes, (int)cookies, sizeof bytes);
    struct ipcr_unexpected *u = ipcr_match_keep(&what, bytes, what.size);
    assert_non_null(u);
    return u;
}

static void discard(struct ipcr_unexpected *u)
{
    for (uint64_t i = 0; i < u->size; i++)
        assert_int_equal(u->bytes[i], u->cookie & 0xff);
    ipcr_match_drop(u);
    ipcr_match_free(u);
}

/* What is fetched for a message that comes next is a receive that waits, whatever has come and gone
 * before. */
static void is_foreseen(uint32_t ctx, int src, int tag)
{
    ipcr_match_fetch(ctx, src, tag);
    const struct ipcr_posted *p = ipcr_match_likely(ctx, src, tag);
    bool waits = !p;
    for (int i = 0; i < n_receives; i++)
        waits |= receives[i] == p;
    assert_true(waits);
}

static void message_arrives(void)
{
    uint32_t ctx = pick_context();
    int src = pick(4), tag = pick(5);
    is_foreseen(ctx, src, tag);
    struct ipcr_posted *found = ipcr_match_find(ctx, src, tag), *expected = NULL;
    for (int i = 0; i < n_receives && !expected; i++)
        if (fits(receives[i]->filed.ctx, receives[i]->filed.src, receives[i]->filed.tag, ctx, src,
                 tag))
            expected = take_out((void **)receives, &n_receives, i);
    assert_ptr_equal(found, expected);
    if (found) {
        assert_false(ipcr_match_waits(found));
        free(found);
        return;
    }
    if (n_messages == MAX)
        return;
    messages[n_messages++] = keep(ctx, src, tag);
}

/* What a receive from any source might take instead: the oldest of each source, in the order of
 * arrival. */
static void sources_are_known(uint32_t ctx, int tag)
{
    struct ipcr_unexpected *oldest[4], *expected[4];
    struct ipcr_unexpected *u = ipcr_match_peek(ctx, MPI_ANY_SOURCE, tag);
    int n = 0;
    bool seen[4] = {false};
    for (int i = 0; i < n_messages; i++) {
        struct ipcr_unexpected *m = messages[i];
        if (fits(ctx, MPI_ANY_SOURCE, tag, m->ctx, m->src, m->tag) && !seen[m->src])
            expected[n++] = m;
        if (fits(ctx, MPI_ANY_SOURCE, tag, m->ctx, m->src, m->tag))
            seen[m->src] = true;
    }
    if (n > 2) /* no more than there is room for */
        assert_int_equal(ipcr_match_sources(u, tag, oldest, 2), 2);
    assert_int_equal(ipcr_match_sources(u, tag, oldest, 4), n);
    for (int i = 0; i < n; i++)
        assert_ptr_equal(oldest[i], expected[i]);
}

static void receive_is_posted(void)
{
    uint32_t ctx = pick_context();
    bool wild = ipcr_match_is_program(ctx);
    int src = wild && !pick(3) ? MPI_ANY_SOURCE : pick(4);
    int tag = wild && !pick(3) ? MPI_ANY_TAG : pick(5);
    struct ipcr_unexpected *found = ipcr_match_peek(ctx, src, tag), *expected = NULL;
    int at = -1;
    for (int i = 0; i < n_messages && at < 0; i++)
        if (fits(ctx, src, tag, messages[i]->ctx, messages[i]->src, messages[i]->tag))
            at = i;
    if (at >= 0)
        expected = take_out((void **)messages, &n_messages, at);
    assert_ptr_equal(found, expected);
    if (found) {
        discard(found);
        return;
    }
    if (n_receives == MAX)
        return;
    struct ipcr_posted *p = calloc(1, sizeof *p);
    p->filed.ctx = ctx;
    p->filed.src = src;
    p->filed.tag = tag;
    ipcr_match_post(p);
    receives[n_receives++] = p;
}

static void receive_is_cancelled(void)
{
    if (!n_receives)
        return;
    struct ipcr_posted *p = take_out((void **)receives, &n_receives, pick(n_receives));
    ipcr_match_unpost(p);
    free(p);
}

/* Its sender wants a message back, from anywhere in its queues. */
static void message_is_cancelled(void)
{
    if (!n_messages)
        return;
    struct ipcr_unexpected *u = take_out((void **)messages, &n_messages, pick(n_messages));
    assert_ptr_equal(ipcr_match_named(u->ctx, u->src, u->tag, u->cookie), u);
    assert_null(ipcr_match_named(u->ctx, u->src, u->tag, cookies + 1));
    discard(u);
}

static void test_random_against_naive(void **state)
{
    (void)state;
    for (int seed = 1; seed <= 20; seed++) {
        srand((unsigned)seed);
        int bias = 1 + seed % 9; /* more messages than receives, or the other way round */
        for (int i = 0; i < 20000; i++) {
            int what = pick(20);
            if (i % 100 == 0)
                sources_are_known(i % 200 ? 0 : 4, pick(4) ? pick(5) : MPI_ANY_TAG);
            if (what == 0)
                pick(2) ? receive_is_cancelled() : message_is_cancelled();
            else if (what <= bias * 2)
                message_arrives();
            else
                receive_is_posted();
        }
        while (n_receives)
            receive_is_cancelled();
        n_messages = 0;
        ipcr_match_finish();
    }
}

/* Many distinct keys come and go: empty queues must not pile up, live ones must survive sweeps. */
static void test_many_keys(void **state)
{
    (void)state;
    struct ipcr_posted keep = {.filed.ctx = 7, .filed.src = 1, .filed.tag = 1};
    ipcr_match_post(&keep);
    for (int i = 0; i < 200000; i++) {
        struct ipcr_posted p = {.filed.ctx = 4, .filed.src = i % 100, .filed.tag = i};
        ipcr_match_post(&p);
        assert_ptr_equal(ipcr_match_find(4, i % 100, i), &p);
    }
    assert_null(ipcr_match_find(7, 1, 2));
    assert_ptr_equal(ipcr_match_find(7, 1, 1), &keep);
    ipcr_match_finish();
}

/* Of many receives the one is fetched that a message will find. */
static void test_likely(void **state)
{
    enum { N = 10000 };
    struct ipcr_posted *p = calloc(N, sizeof *p);
    (void)state;
    assert_non_null(p);
    assert_null(ipcr_match_likely(4, 1, 7));
    for (int i = 0; i < N; i++) {
        p[i].filed.ctx = 4;
        p[i].filed.tag = i;
        ipcr_match_post(&p[i]);
    }
    for (int i = 0; i < N; i++) {
        assert_ptr_equal(ipcr_match_likely(4, 0, i), &p[i]);
        assert_ptr_equal(ipcr_match_find(4, 0, i), &p[i]);
    }
    assert_null(ipcr_match_likely(4, 0, 0));
    ipcr_match_finish();
    free(p);
}

/* The same source comes before the same tag, that before the context, and the library's own
 * messages are nobody's mistake. */
static void test_nearest(void **state)
{
    (void)state;
    assert_null(ipcr_match_nearest(4, 1, 7));
    keep(5, 1, 7);
    assert_null(ipcr_match_nearest(4, 1, 7));
    struct ipcr_unexpected *elsewhere = keep(8, 1, 7);
    assert_ptr_equal(ipcr_match_nearest(4, 1, 7), elsewhere);
    struct ipcr_unexpected *other = keep(4, 3, 9);
    assert_ptr_equal(ipcr_match_nearest(4, 1, 7), other);
    struct ipcr_unexpected *same_tag = keep(4, 2, 7);
    assert_ptr_equal(ipcr_match_nearest(4, 1, 7), same_tag);
    struct ipcr_unexpected *same_source = keep(4, 1, 8);
    assert_ptr_equal(ipcr_match_nearest(4, 1, 7), same_source);
    ipcr_match_finish();
}

/* Messages are filed for wildcards only after such a receive was there, and not for ever: which
 * one is the oldest must not depend on it. */
static void test_wildcards_now_and_then(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct ipcr_unexpected *u[3] = {keep(4, 2, 7), keep(4, 1, 9), keep(4, 1, 7)};
        if (round % 100 == 0) {
            assert_ptr_equal(ipcr_match_peek(4, MPI_ANY_SOURCE, 9), u[1]);
            assert_ptr_equal(ipcr_match_peek(4, MPI_ANY_SOURCE, 7), u[0]);
            assert_ptr_equal(ipcr_match_peek(4, 1, MPI_ANY_TAG), u[1]);
            assert_ptr_equal(ipcr_match_peek(4, MPI_ANY_SOURCE, MPI_ANY_TAG), u[0]);
            assert_null(ipcr_match_peek(4, MPI_ANY_SOURCE, 8));
            assert_null(ipcr_match_peek(8, MPI_ANY_SOURCE, 7));
        }
        for (int i = 0; i < 3; i++)
            discard(u[i]);
    }
    assert_null(ipcr_match_peek(4, MPI_ANY_SOURCE, 7));
    ipcr_match_finish();
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Receives posted in one order and matched in the reverse one: a list would need n/2 steps each.
 * Not a timed test of speed: 100,000 x 50,000 list steps would take minutes, this takes a moment.
 */
static void test_reverse_order_is_flat(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct ipcr_posted *p = calloc(N, sizeof *p);
    double start = seconds();
    for (int i = 0; i < N; i++) {
        p[i] = (struct ipcr_posted){.filed.ctx = 0, .filed.src = i % 7, .filed.tag = i};
        ipcr_match_post(&p[i]);
    }
    for (int i = N; i-- > 0;)
        assert_ptr_equal(ipcr_match_find(0, i % 7, i), &p[i]);
    assert_true(seconds() - start < 30);
    free(p);
    ipcr_match_finish();
}

/* The same with messages, a third of them received from anywhere; twice, as memory comes back. */
static void test_many_messages_are_flat(void **state)
{
    (void)state;
    enum { N = 100000 };
    double start = seconds();
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < N; i++)
            keep(0, i % 7, i);
        for (int i = N; i-- > 0;) {
            struct ipcr_unexpected *u = ipcr_match_peek(0, i % 3 ? i % 7 : MPI_ANY_SOURCE, i);
            assert_non_null(u);
            assert_int_equal(u->tag, i);
            discard(u);
        }
        assert_null(ipcr_match_peek(0, MPI_ANY_SOURCE, MPI_ANY_TAG));
    }
    assert_true(seconds() - start < 30);
    ipcr_match_finish();
}

/* Receives of one key are kept in a place of their own until one with another key comes: in any
 * context, with wildcards or not, they are found in their order there and behind it. */
static void test_windows_of_one_key(void **state)
{
    (void)state;
    static const struct {
        uint32_t ctx;
        int src, tag;
    } key[] = {{0, 1, 2}, {0, MPI_ANY_SOURCE, 2}, {0, MPI_ANY_SOURCE, MPI_ANY_TAG}, {5, 1, 2}};
    for (size_t k = 0; k < sizeof key / sizeof *key; k++) {
        struct ipcr_posted r[5] = {0}, other = {.filed.ctx = 8, .filed.src = 3, .filed.tag = 4};
        for (int i = 0; i < 5; i++) {
            r[i].filed.ctx = key[k].ctx;
            r[i].filed.src = key[k].src;
            r[i].filed.tag = key[k].tag;
            ipcr_match_post(&r[i]);
        }
        assert_null(ipcr_match_find(4, 1, 2));
        assert_ptr_equal(ipcr_match_find(key[k].ctx, 1, 2), &r[0]);
        ipcr_match_unpost(&r[2]);
        ipcr_match_unpost(&r[4]);
        assert_false(ipcr_match_waits(&r[2]));
        ipcr_match_post(&other);
        assert_int_equal(ipcr_match_waiting, 3);
        assert_ptr_equal(ipcr_match_find(key[k].ctx, 1, 2), &r[1]);
        assert_ptr_equal(ipcr_match_find(8, 3, 4), &other);
        assert_ptr_equal(ipcr_match_find(key[k].ctx, 1, 2), &r[3]);
        assert_null(ipcr_match_find(key[k].ctx, 1, 2));
        assert_int_equal(ipcr_match_waiting, 0);
    }
    ipcr_match_finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_against_naive),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_windows_of_one_key),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_likely),
        cmocka_unit_test(test_wildcards_now_and_then),
        cmocka_unit_test(test_reverse_order_is_flat),
        cmocka_unit_test(test_many_messages_are_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
