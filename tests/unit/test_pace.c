/* When long messages leave the ring, and when they come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/pace.h"

enum { LEN = 64 * 1024, CHEAP = 64 * 32, DEAR = 64 * 200 };

static void one_in_some_is_timed(void **state)
{
    struct ipcr_pace p = {0};
    int looks = 0;
    (void)state;
    for (int i = 0; i < 10 * IPCR_PACE_EVERY; i++)
        looks += ipcr_pace_looks(&p);
    assert_int_equal(looks, 10);
}

static void cheap_messages_stay(void **state)
{
    struct ipcr_pace p = {0};
    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_false(ipcr_pace_is_dear(&p, LEN, i % IPCR_PACE_ROW ? DEAR : CHEAP));
    assert_false(ipcr_pace_rested(&p));
}

static void dear_ones_leave_and_come_back(void **state)
{
    struct ipcr_pace p = {0};
    (void)state;
    for (int i = 1; i < IPCR_PACE_ROW; i++)
        assert_false(ipcr_pace_is_dear(&p, LEN, DEAR));
    assert_true(ipcr_pace_is_dear(&p, LEN, DEAR));
    for (int round = 0; round < 3; round++) {
        for (int i = 1; i < IPCR_PACE_REST; i++)
            assert_false(ipcr_pace_rested(&p));
        assert_true(ipcr_pace_rested(&p));
        assert_false(ipcr_pace_rested(&p)); /* once */
        assert_true(ipcr_pace_looks(&p));   /* the first one is timed */
        assert_true(ipcr_pace_is_dear(&p, LEN, DEAR));
    }
    assert_false(ipcr_pace_is_dear(&p, LEN, CHEAP));
    assert_false(ipcr_pace_is_dear(&p, LEN, DEAR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_in_some_is_timed),
        cmocka_unit_test(cheap_messages_stay),
        cmocka_unit_test(dear_ones_leave_and_come_back),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
