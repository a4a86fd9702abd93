/* The cheap clock is the system's clock, all the time, and never goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "tick.h"

static uint64_t system_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Between two looks at the other one, give or take what comparing them cannot tell. */
static void test_agrees(void **state)
{
    (void)state;
    const uint64_t off = 20000, begin = system_ns();
    uint64_t last = 0;
    ipcr_tick_open();
    for (uint64_t now = begin; now - begin < 1200000000;) {
        uint64_t before = system_ns(), ns = ipcr_tick_ns();
        now = system_ns();
        assert_true(ns >= last);
        assert_true(ns + off >= before);
        assert_true(ns <= now + off);
        last = ns;
    }
}

/* A rank that did not ask for a long time. */
static void test_sleeps(void **state)
{
    (void)state;
    const struct timespec pause = {0, 700000000};
    ipcr_tick_ns();
    nanosleep(&pause, NULL);
    uint64_t before = system_ns(), ns = ipcr_tick_ns(), after = system_ns();
    assert_true(ns + 20000 >= before && ns <= after + 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees),
        cmocka_unit_test(test_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
