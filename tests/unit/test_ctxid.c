/* Agreement on context ids. One process holds one set of ids, so several members of a communicator
 * cannot be had here; instead other members' words are made up, and several agreements of this
 * process (threads) are interleaved by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctxid.h"

static int fresh(void **state)
{
    (void)state;
    ipcr_ctxid_init();
    return 0;
}

static int done(void **state)
{
    (void)state;
    ipcr_ctxid_finish();
    return 0;
}

/* Alone in the communicator: what is offered is agreed. */
static uint32_t take(uint64_t key)
{
    struct ipcr_ctxid_bid bid;
    uint32_t ctx = 0;
    enum ipcr_ctxid_result r;
    ipcr_ctxid_begin(&bid, key, true);
    do {
        ipcr_ctxid_offer(&bid);
        r = ipcr_ctxid_settle(&bid, &ctx);
    } while (r == IPCR_CTXID_AGAIN);
    ipcr_ctxid_end(&bid);
    assert_int_equal(r, IPCR_CTXID_TAKEN);
    return ctx;
}

static void ids_are_distinct_and_reused(void **state)
{
    (void)state;
    uint32_t a = take(1), b = take(1), c = take(1);
    assert_true(a != b && b != c && a != c);
    assert_true(a != IPCR_CTX_WORLD && a != IPCR_CTX_SELF && b != IPCR_CTX_SELF);
    ipcr_ctxid_free(b);
    assert_int_equal(take(1), b);
}

static void contexts_of_two_ids_never_meet(void **state)
{
    (void)state;
    uint32_t a = take(1), b = take(1);
    assert_true(b > a ? b - a >= 3 : a - b >= 3); /* each carries ctx, ctx + 1 and ctx + 2 */
    assert_int_equal(ipcr_ctxid_of(a), ipcr_ctxid_of(a + 2));
    assert_int_not_equal(ipcr_ctxid_of(a), ipcr_ctxid_of(b));
}

static void many_at_once(void **state)
{
    (void)state;
    enum { MANY = 5000 }; /* through three windows */
    uint32_t *ctx = malloc(MANY * sizeof *ctx);
    uint8_t *seen = calloc(4 * (MANY + 2), 1);
    for (int i = 0; i < MANY; i++) {
        ctx[i] = take(1);
        assert_true(ctx[i] < 4 * (MANY + 2)); /* the lowest free one */
        assert_int_equal(seen[ctx[i]]++, 0);
    }
    for (int i = 0; i < MANY; i++)
        ipcr_ctxid_free(ctx[i]);
    assert_int_equal(take(1), 8);
    free(ctx);
    free(seen);
}

/* Other members use ids that are free here: those must not be chosen. */
static void others_have_a_say(void **state)
{
    (void)state;
    struct ipcr_ctxid_bid bid;
    uint32_t ctx = 0;
    ipcr_ctxid_begin(&bid, 1, true);
    ipcr_ctxid_offer(&bid);
    bid.words[0] &= ~UINT64_C(0xffff);
    assert_int_equal(ipcr_ctxid_settle(&bid, &ctx), IPCR_CTXID_TAKEN);
    assert_int_equal(ipcr_ctxid_of(ctx), 16);
    ipcr_ctxid_end(&bid);

    /* Somebody has none free among the first ids: all go on to the next portion. */
    ipcr_ctxid_begin(&bid, 1, true);
    ipcr_ctxid_offer(&bid);
    size_t first = bid.count;
    memset(bid.words, 0, (bid.count - 1) * sizeof *bid.words);
    assert_int_equal(ipcr_ctxid_settle(&bid, &ctx), IPCR_CTXID_AGAIN);
    ipcr_ctxid_offer(&bid);
    assert_true(bid.count > first);
    assert_int_equal(ipcr_ctxid_settle(&bid, &ctx), IPCR_CTXID_TAKEN);
    assert_int_equal(ipcr_ctxid_of(ctx), (first - 1) * 64);
    ipcr_ctxid_end(&bid);
}

static void all_in_use(void **state)
{
    (void)state;
    struct ipcr_ctxid_bid bid;
    uint32_t ctx;
    enum ipcr_ctxid_result r;
    int rounds = 0;
    ipcr_ctxid_begin(&bid, 1, true);
    do {
        ipcr_ctxid_offer(&bid);
        memset(bid.words, 0, (bid.count - 1) * sizeof *bid.words);
        r = ipcr_ctxid_settle(&bid, &ctx);
    } while (r == IPCR_CTXID_AGAIN && ++rounds < 100);
    ipcr_ctxid_end(&bid);
    assert_int_equal(r, IPCR_CTXID_NONE);
}

/* Two threads of this process are in two agreements at once. */
static void one_offers_at_a_time(void **state)
{
    (void)state;
    struct ipcr_ctxid_bid late, early;
    uint32_t a = 0, b = 0;
    ipcr_ctxid_begin(&late, 9, true);
    ipcr_ctxid_offer(&late); /* alone so far: it offers, and its round is under way */
    ipcr_ctxid_begin(&early, 3, true);
    ipcr_ctxid_offer(&early);
    assert_true(late.offers);
    assert_false(early.offers);
    assert_int_equal(ipcr_ctxid_settle(&early, &b), IPCR_CTXID_BUSY);
    assert_int_equal(ipcr_ctxid_settle(&late, &a), IPCR_CTXID_TAKEN);
    ipcr_ctxid_end(&late);
    ipcr_ctxid_offer(&early);
    assert_int_equal(ipcr_ctxid_settle(&early, &b), IPCR_CTXID_TAKEN);
    ipcr_ctxid_end(&early);
    assert_int_not_equal(a, b);
}

/* Another member could not offer, so nothing was agreed; then the smaller key goes first. */
static void the_smaller_key_goes_first(void **state)
{
    (void)state;
    struct ipcr_ctxid_bid late, early;
    uint32_t ctx = 0;
    ipcr_ctxid_begin(&late, 9, true);
    ipcr_ctxid_begin(&early, 3, true);
    ipcr_ctxid_offer(&late);
    assert_false(late.offers);
    assert_int_equal(ipcr_ctxid_settle(&late, &ctx), IPCR_CTXID_BUSY);
    ipcr_ctxid_offer(&early);
    assert_true(early.offers);
    memset(early.words, 0, early.count * sizeof *early.words); /* as if another member was busy */
    assert_int_equal(ipcr_ctxid_settle(&early, &ctx), IPCR_CTXID_AGAIN);
    ipcr_ctxid_offer(&late);
    assert_false(late.offers);
    assert_int_equal(ipcr_ctxid_settle(&late, &ctx), IPCR_CTXID_BUSY);
    ipcr_ctxid_offer(&early);
    assert_int_equal(ipcr_ctxid_settle(&early, &ctx), IPCR_CTXID_TAKEN);
    ipcr_ctxid_end(&early);
    ipcr_ctxid_offer(&late);
    assert_true(late.offers);
    assert_int_equal(ipcr_ctxid_settle(&late, &ctx), IPCR_CTXID_TAKEN);
    ipcr_ctxid_end(&late);
}

/* A nonblocking agreement whose members have yet to come offers nothing beside another one, and
 * does not keep that from offering. */
static void who_has_not_entered_waits(void **state)
{
    (void)state;
    struct ipcr_ctxid_bid open, blocking;
    uint32_t ctx = 0;
    ipcr_ctxid_begin(&open, 3, false);
    ipcr_ctxid_begin(&blocking, 9, false);
    ipcr_ctxid_offer(&blocking);
    assert_false(blocking.offers);
    assert_int_equal(ipcr_ctxid_settle(&blocking, &ctx), IPCR_CTXID_BUSY);
    ipcr_ctxid_offer(&blocking); /* that round has shown that all its members are here */
    assert_true(blocking.offers);
    assert_int_equal(ipcr_ctxid_settle(&blocking, &ctx), IPCR_CTXID_TAKEN);
    ipcr_ctxid_end(&blocking);
    ipcr_ctxid_end(&open);
}

/* Words that stay where they are reach every id as well, and find the end of them. */
static void narrow_windows(void **state)
{
    (void)state;
    struct ipcr_ctxid_bid bid;
    uint32_t ctx = 0, last = 0;
    enum ipcr_ctxid_result r = IPCR_CTXID_AGAIN;
    ipcr_ctxid_begin(&bid, 1, true);
    bid.narrow = true;
    uint64_t *words = bid.words;
    size_t count = bid.count;
    while (r == IPCR_CTXID_AGAIN) {
        ipcr_ctxid_offer(&bid);
        assert_true(bid.words == words && bid.count == count);
        memset(bid.words, 0, (bid.count - 1) * sizeof *bid.words);
        last = bid.window;
        r = ipcr_ctxid_settle(&bid, &ctx);
    }
    assert_int_equal(r, IPCR_CTXID_NONE);
    bid.window = last; /* the last portion has ids, too */
    ipcr_ctxid_offer(&bid);
    assert_int_equal(ipcr_ctxid_settle(&bid, &ctx), IPCR_CTXID_TAKEN);
    assert_int_equal(ipcr_ctxid_of(ctx), last * (count - 1) * 64);
    assert_true(ipcr_ctxid_of(ctx) > 1000000);
    ipcr_ctxid_free(ctx);
    ipcr_ctxid_end(&bid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ids_are_distinct_and_reused, fresh, done),
        cmocka_unit_test_setup_teardown(contexts_of_two_ids_never_meet, fresh, done),
        cmocka_unit_test_setup_teardown(many_at_once, fresh, done),
        cmocka_unit_test_setup_teardown(others_have_a_say, fresh, done),
        cmocka_unit_test_setup_teardown(all_in_use, fresh, done),
        cmocka_unit_test_setup_teardown(one_offers_at_a_time, fresh, done),
        cmocka_unit_test_setup_teardown(the_smaller_key_goes_first, fresh, done),
        cmocka_unit_test_setup_teardown(who_has_not_entered_waits, fresh, done),
        cmocka_unit_test_setup_teardown(narrow_windows, fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
