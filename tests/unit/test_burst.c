/* Bursts: the kernel may put messages together from the fourth short one on, until the sender looks
 * at what has arrived or sends a long one; the one before is the first whose acknowledgement
 * counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "transport/burst.h"

static int ends[2]; /* of a connection */
static struct ipcr_burst burst;

static int set_up(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    (void)state;
    ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&at, sizeof at), 0);
    ends[1] = accept(listener, NULL, NULL);
    assert_true(ends[1] >= 0);
    close(listener);
    setsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    memset(&burst, 0, sizeof burst);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

static bool kernel_gathers(void)
{
    int no_delay = -1;
    socklen_t len = sizeof no_delay;
    assert_int_equal(getsockopt(ends[0], IPPROTO_TCP, TCP_NODELAY, &no_delay, &len), 0);
    return no_delay == 0;
}

static bool next(size_t len)
{
    return ipcr_burst_next(&burst, ends[0], len);
}

static void test_few_leave_by_themselves(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= IPCR_BURST_AFTER; i++) {
        assert_int_equal(next(8), i == IPCR_BURST_AFTER);
        assert_false(kernel_gathers());
    }
}

static void test_more_go_together(void **state)
{
    (void)state;
    for (unsigned i = 0; i < IPCR_BURST_AFTER; i++)
        next(8);
    for (int i = 0; i < 1000; i++) { /* more than the count holds */
        assert_true(next(IPCR_BURST_SHORT));
        assert_true(kernel_gathers());
    }
    ipcr_burst_end(&burst, ends[0]);
    assert_false(kernel_gathers());
    assert_false(next(8));
    assert_false(kernel_gathers());
}

static void test_a_long_one_ends_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= IPCR_BURST_AFTER; i++)
        next(8);
    assert_false(next(IPCR_BURST_SHORT + 1));
    assert_false(kernel_gathers());
    for (unsigned i = 1; i < IPCR_BURST_AFTER; i++)
        assert_false(next(8));
}

/* All that is kept leaves with the end of the burst, without an acknowledgement. */
static void test_the_end_sends(void **state)
{
    char bytes[64] = {0};
    size_t got = 0;
    (void)state;
    for (int i = 0; i < 64; i++) {
        next(1);
        assert_int_equal(send(ends[0], bytes, 1, 0), 1);
    }
    ipcr_burst_end(&burst, ends[0]);
    for (ssize_t n; got < 64 && (n = recv(ends[1], bytes, sizeof bytes, 0)) > 0;)
        got += (size_t)n;
    assert_int_equal(got, 64);
}

static bool kernel_is_prompt(void)
{
    int quick = -1;
    socklen_t len = sizeof quick;
    assert_int_equal(getsockopt(ends[0], IPPROTO_TCP, TCP_QUICKACK, &quick, &len), 0);
    return quick != 0;
}

static void test_who_hears_acknowledges(void **state)
{
    int delayed = 0;
    (void)state;
    setsockopt(ends[0], IPPROTO_TCP, TCP_QUICKACK, &delayed, sizeof delayed);
    assert_false(kernel_is_prompt());
    ipcr_burst_heard(&burst, ends[0]);
    assert_true(kernel_is_prompt());
    /* It has sent, which may end that; the next time it asks again. */
    next(8);
    setsockopt(ends[0], IPPROTO_TCP, TCP_QUICKACK, &delayed, sizeof delayed);
    ipcr_burst_heard(&burst, ends[0]);
    assert_true(kernel_is_prompt());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_few_leave_by_themselves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_go_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_one_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_end_sends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_hears_acknowledges, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
