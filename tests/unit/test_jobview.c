/* What a head tells of its job: lists of ranks, and messages that are cut or lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jobview.h"

static void check_ranks(const char *wanted, size_t room, const int *ranks, int n)
{
    char text[64];
    ipcr_jobview_ranks(text, room, ranks, n);
    assert_string_equal(text, wanted);
}

static void ranks_in_words(void **state)
{
    (void)state;
    static const int ranks[] = {0, 1, 2, 5, 7, 8, 100};
    check_ranks("0-2, 5, 7-8, 100", 64, ranks, 7);
    check_ranks("0", 64, ranks, 1);
    check_ranks("", 64, ranks, 0);
    check_ranks("0-2, 5, ...", 16, ranks, 7);
    check_ranks("...", 8, ranks + 6, 1);
}

/* As the head writes it. */
static void put_job(struct ipcr_buf *b, uint32_t node_of_last)
{
    struct ipcr_sleeper s = {.state = IPCR_STATE_RUNS};
    ipcr_put_text(b, "a73b99323a4e");
    ipcr_put_text(b, "./heat 100");
    ipcr_put_u64(b, 1500);
    ipcr_put_u32(b, 2);
    ipcr_put_text(b, "one");
    ipcr_put_text(b, "two");
    ipcr_put_u32(b, 3);
    for (uint32_t i = 0; i < 3; i++) {
        ipcr_put_u32(b, i < 2 ? 0 : node_of_last);
        s.rank = i;
        ipcr_put_sleeper(b, &s);
    }
}

static void a_job_is_read(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    struct ipcr_jobview v = {0};
    put_job(&b, 1);
    for (int again = 0; again < 2; again++) {
        struct ipcr_reader r = {.at = b.data, .left = b.len};
        assert_true(ipcr_jobview_get(&r, &v));
    }
    assert_int_equal(v.size, 3);
    assert_int_equal(v.node_of[2], 1);
    assert_int_equal(v.all[2].rank, 2);
    assert_string_equal(v.hosts.at[1], "two");
    ipcr_jobview_free(&v);
    free(b.data);
}

static void refused(const struct ipcr_buf *b, size_t n)
{
    uint8_t *exact = malloc(n ? n : 1);
    struct ipcr_jobview v = {0};
    memcpy(exact, b->data, n);
    struct ipcr_reader r = {.at = exact, .left = n};
    assert_false(ipcr_jobview_get(&r, &v));
    assert_null(v.all);
    free(exact);
}

static void lies_are_refused(void **state)
{
    (void)state;
    struct ipcr_buf b = {0};
    put_job(&b, 1);
    for (size_t n = 0; n < b.len; n++)
        refused(&b, n);
    b.len = 0;
    put_job(&b, 2); /* there is no such host */
    refused(&b, b.len);
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_in_words),
        cmocka_unit_test(a_job_is_read),
        cmocka_unit_test(lies_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
