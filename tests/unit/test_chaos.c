/* What chaos draws: the same for a seed, another for another, and within its bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "decide.h"
#include "env.h"
#include "job.h"
#include "tool_chaos.h"

enum { DRAWS = 400 };

/* Choices among 7 and answers, in turns, with this seed. */
static void draw(int64_t seed, unsigned char *to)
{
    ipcr_env.chaos = seed;
    ipcr_job.size = 4;
    assert_true(ipcr_tool_chaos.open());
    assert_int_equal(ipcr_decided, IPCR_DECIDE_CHAOS);
    for (int i = 0; i < DRAWS; i += 2) {
        to[i] = (unsigned char)ipcr_chaos_choose(7);
        to[i + 1] = ipcr_chaos_denies();
    }
    ipcr_tool_chaos.close();
    assert_int_equal(ipcr_decided, 0);
}

static void seeds(void **state)
{
    unsigned char one[DRAWS], again[DRAWS], other[DRAWS];
    (void)state;
    draw(1, one);
    draw(1, again);
    draw(2, other);
    assert_memory_equal(one, again, DRAWS);
    assert_memory_not_equal(one, other, DRAWS);
    ipcr_job.rank = 3;
    draw(1, other);
    assert_memory_not_equal(one, other, DRAWS);
}

static void bounds(void **state)
{
    unsigned char drawn[DRAWS];
    int seen[7] = {0}, row = 0;
    (void)state;
    draw(12345, drawn);
    for (int i = 0; i < DRAWS; i += 2) {
        assert_in_range(drawn[i], 0, 6);
        seen[drawn[i]]++;
        row = drawn[i + 1] ? row + 1 : 0;
        assert_in_range(row, 0, 3);
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 10, 60); /* 200 / 7 each */
}

static void off(void **state)
{
    (void)state;
    ipcr_env.chaos = 0;
    assert_false(ipcr_tool_chaos.open());
    for (int i = 0; i < DRAWS; i++) {
        assert_int_equal(ipcr_chaos_choose(100), 0);
        assert_false(ipcr_chaos_denies());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(seeds), cmocka_unit_test(bounds),
                                       cmocka_unit_test(off)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
