/* Which transport for which pair: the language of IPCRUN_TRANSPORT, and what reaches what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "route.h"

static struct ipcr_route route;
static char why[300];

/* The names for a rank itself, ranks of one node, ranks of different nodes, in one word. */
static void chooses(const char *list, bool shared, const char *wanted)
{
    char got[64] = "";
    assert_int_equal(ipcr_route_make(&route, list, shared, why, sizeof why), 0);
    for (enum ipcr_pair p = 0; p < IPCR_PAIRS; p++) {
        const char *name = ipcr_route_name(&route, p);
        strcat(got, p ? " " : "");
        strcat(got, name ? name : "-");
    }
    assert_string_equal(got, wanted);
}

static void test_preference(void **state)
{
    (void)state;
    chooses("", false, "self shm tcp");
    chooses(NULL, false, "self shm tcp");
    chooses("tcp", false, "self tcp tcp");
    chooses("unix,tcp", false, "self unix tcp");
    chooses("tcp,unix", false, "self tcp tcp");
    chooses("pipe", false, "self pipe -");
    chooses("self", false, "self - -");
    chooses("tcp,tcp,tcp", false, "self tcp tcp");
}

static void test_classes(void **state)
{
    (void)state;
    chooses("node=fifo", false, "self fifo tcp");
    chooses("remote=udp", false, "self shm udp");
    chooses("node=unix,shm,remote=tcp", false, "self unix tcp");
    chooses("remote=unix,tcp", false, "self shm tcp");
    chooses("udp,node=unix", false, "self udp udp");
    chooses("unix,remote=tcp,node=pipe", false, "self unix tcp");
    chooses("remote=pipe", false, "self shm -");
}

static void test_shared_directory(void **state)
{
    (void)state;
    chooses("mmap", false, "self mmap -");
    chooses("mmap", true, "self mmap mmap");
    chooses("unix,mmap", true, "self unix mmap");
    chooses("", true, "self shm tcp");
}

static void test_reasons(void **state)
{
    (void)state;
    chooses("shm,tcp", false, "self shm tcp");
    assert_string_equal(route.why[IPCR_PAIR_SELF], "always");
    assert_string_equal(route.why[IPCR_PAIR_NODE], "shm reaches ranks of one host only");
    assert_string_equal(route.why[IPCR_PAIR_REMOTE],
                        "shm reaches ranks of one host only; tcp reaches every rank");
    chooses("node=shm", false, "self shm tcp");
    assert_string_equal(route.why[IPCR_PAIR_REMOTE], "by default");
}

static void test_needs(void **state)
{
    (void)state;
    chooses("node=pipe", false, "self pipe tcp");
    assert_int_equal(ipcr_route_inherits(&route, IPCR_PAIR_NODE), IPCR_INHERIT_PIPES);
    assert_int_equal(ipcr_route_inherits(&route, IPCR_PAIR_REMOTE), IPCR_INHERIT_NOTHING);
    assert_false(ipcr_route_needs_dir(&route, IPCR_PAIR_NODE));
    chooses("fifo", false, "self fifo -");
    assert_true(ipcr_route_needs_dir(&route, IPCR_PAIR_NODE));
    assert_false(ipcr_route_needs_dir(&route, IPCR_PAIR_REMOTE));
    chooses("", false, "self shm tcp");
    for (enum ipcr_pair p = 0; p < IPCR_PAIRS; p++) { /* a plain job makes nothing */
        assert_int_equal(ipcr_route_inherits(&route, p), IPCR_INHERIT_NOTHING);
        assert_false(ipcr_route_needs_dir(&route, p));
    }
}

static void refuses(const char *list, const char *sentence)
{
    assert_true(ipcr_route_make(&route, list, false, why, sizeof why) < 0);
    if (!strstr(why, sentence))
        fail_msg("'%s' does not say '%s'", why, sentence);
}

static void test_mistakes(void **state)
{
    (void)state;
    refuses("carrier", "names 'carrier'; the transports are self, shm, tcp");
    refuses("tcp,", "names ''");
    refuses(",tcp", "names ''");
    refuses("tcp,,shm", "names ''");
    refuses("node=", "names ''");
    refuses("node=node=shm", "names 'node=shm'");
    refuses("TCP", "names 'TCP'");
    refuses("tcp shm", "names 'tcp shm'");
    refuses("shmx", "names 'shmx'");
    refuses("sh", "names 'sh'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_preference),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_shared_directory),
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_needs),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
