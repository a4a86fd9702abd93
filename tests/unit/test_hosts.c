/* Host lists and host files: what is understood, and the sentence for what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hosts.h"

/* "a=2 b=1": names and slots, in order. */
static const char *show(const struct ipcr_hosts *h)
{
    static char text[1024];
    size_t n = 0;
    text[0] = 0;
    for (int i = 0; i < h->n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%d", i ? " " : "", h->at[i].name,
                              h->at[i].slots);
    return text;
}

static void check_list(const char *list, const char *wanted)
{
    struct ipcr_hosts h = {0};
    char why[256] = "";
    assert_true(ipcr_hosts_list(&h, list, why, sizeof why));
    assert_string_equal(show(&h), wanted);
    ipcr_hosts_free(&h);
}

static void lists(void **state)
{
    (void)state;
    check_list("a", "a=1");
    check_list("a:2,b,c:65536", "a=2 b=1 c=65536");
    check_list("a,b,a:3", "a=4 b=1");
    check_list("me@host-1.example.org:7", "me@host-1.example.org=7");
    check_list("10.77.0.2:3,::1,fe80::1%eth0", "10.77.0.2=3 ::1=1 fe80::1%eth0=1");
    check_list("[::1]:4,[fe80::2]", "::1=4 fe80::2=1");
}

static void check_refused(const char *list, const char *reason)
{
    struct ipcr_hosts h = {0};
    char why[256] = "";
    assert_false(ipcr_hosts_list(&h, list, why, sizeof why));
    if (!strstr(why, reason))
        fail_msg("'%s' is refused with '%s', not '%s'", list, why, reason);
    ipcr_hosts_free(&h);
}

static void bad_lists(void **state)
{
    (void)state;
    check_refused("", "empty name");
    check_refused("a,,b", "empty name");
    check_refused("a,", "empty name");
    check_refused("a:0", "no number of slots");
    check_refused("a:-1", "no number of slots");
    check_refused("a:65537", "no number of slots");
    check_refused("a:99999999999999999999", "no number of slots");
    check_refused("a:2x", "no number of slots");
    check_refused("a:", "no number of slots");
    check_refused(":3", "no host name");
    check_refused("a:40000,a:40000", "more than 65536 slots");
    check_refused("-oProxyCommand=id", "no host name");
    check_refused("me@-oProxyCommand=id", "no host name");
    check_refused("a b", "no host name");
    check_refused("a;b", "no host name");
    check_refused("$(id)", "no host name");
    check_refused("a/b", "no host name");
    check_refused("[::1", "no host name");
    check_refused("[::1]x", "no host name");
    check_refused("me@", "no host name");
}

static void check_text(const char *text, const char *wanted)
{
    struct ipcr_hosts h = {0};
    char why[256] = "", *copy = strdup(text);
    assert_true(ipcr_hosts_text(&h, copy, "file", why, sizeof why));
    assert_string_equal(show(&h), wanted);
    ipcr_hosts_free(&h);
    free(copy);
}

static void files(void **state)
{
    (void)state;
    check_text("a\n", "a=1");
    check_text("a", "a=1");
    check_text("# c\n\n  a:2 # two\r\n\tb slots=3\nc\n", "a=2 b=3 c=1");
    check_text("a slots=2\nb\na\n", "a=3 b=1");
}

static void check_bad_text(const char *text, const char *reason)
{
    struct ipcr_hosts h = {0};
    char why[256] = "", *copy = strdup(text);
    assert_false(ipcr_hosts_text(&h, copy, "file", why, sizeof why));
    if (!strstr(why, reason))
        fail_msg("refused with '%s', not '%s'", why, reason);
    ipcr_hosts_free(&h);
    free(copy);
}

static void bad_files(void **state)
{
    (void)state;
    check_bad_text("", "host file file names no host");
    check_bad_text("#a\n \n", "host file file names no host");
    check_bad_text("a\nb slots=0\n", "host file file, line 2: '0' is no number");
    check_bad_text("a slots 2\n", "line 1: 'slots' is not understood");
    check_bad_text("a b\n", "line 1: 'b' is not understood");
    check_bad_text("a:x\n", "line 1: host 'a': 'x' is no number");
}

static void local_hosts(void **state)
{
    (void)state;
    char own[256] = "";
    gethostname(own, sizeof own - 1);
    assert_true(ipcr_hosts_is_local("localhost"));
    assert_true(ipcr_hosts_is_local(own));
    assert_true(ipcr_hosts_is_local("127.0.0.1"));
    assert_true(ipcr_hosts_is_local("127.200.3.4"));
    assert_true(ipcr_hosts_is_local("::1"));
    assert_false(ipcr_hosts_is_local("192.0.2.77"));
    assert_false(ipcr_hosts_is_local("2001:db8::1"));
    assert_false(ipcr_hosts_is_local("me@localhost")); /* perhaps another user */
    assert_false(ipcr_hosts_is_local("128.0.0.1.example"));
}

static void local_names_become_one(void **state)
{
    (void)state;
    struct ipcr_hosts h = {0};
    char why[256];
    assert_true(ipcr_hosts_list(&h, "a,localhost:2,b,127.0.0.1:3", why, sizeof why));
    ipcr_hosts_settle(&h);
    assert_string_equal(show(&h), "a=1 localhost=5 b=1");
    assert_false(h.at[0].local);
    assert_true(h.at[1].local);
    assert_int_equal(ipcr_hosts_slots(&h), 7);
    ipcr_hosts_free(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists),       cmocka_unit_test(bad_lists),
        cmocka_unit_test(files),       cmocka_unit_test(bad_files),
        cmocka_unit_test(local_hosts), cmocka_unit_test(local_names_become_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
