/* Maps of ranks to hosts, the order of hosts, and devices of ranks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gpus.h"
#include "hostpick.h"
#include "rankmap.h"
#include "util.h"

/* wanted: the host of each rank, a digit each; of four hosts. */
static void places(const char *map, int length, const char *wanted)
{
    int host_of[16], size = (int)strlen(wanted);
    char why[300];
    assert_int_equal(ipcr_rankmap_length(map, 4, why, sizeof why), length);
    ipcr_rankmap_place(map, host_of, size);
    for (int i = 0; i < size; i++)
        assert_int_equal(host_of[i], wanted[i] - '0');
}

static void refused(const char *map, const char *reason)
{
    char why[300] = "";
    assert_int_equal(ipcr_rankmap_length(map, 4, why, sizeof why), 0);
    if (!strstr(why, reason))
        fail_msg("'%s' is refused with '%s', not '%s'", map, why, reason);
}

static void maps(void **state)
{
    (void)state;
    places("0,0,1,1", 4, "0011");
    places("3", 1, "333");
    places("(0,2,2)", 4, "00110011");
    places("(vector,(0,2,2),(2,2,1))", 6, "001123001");
    places("1,(2,2,1),0", 4, "1230");
}

static void no_maps(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "a",
                                        "0,",
                                        ",0",
                                        "0 1",
                                        "(0,2)",
                                        "(0,0,1)",
                                        "(0,1,0)",
                                        "(0,1,1",
                                        "-1",
                                        "(vector,0",
                                        "(vector)",
                                        "(vector,)",
                                        "(0,1,65537)",
                                        "(0,4,65536),(0,4,65536)",
                                        "0)",
                                        "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refused(wrong[i], "expected a host's number for each rank");
    refused("4", "host 4 is not among the 4");
    refused("(2,3,1)", "host 4 is not among the 4");
}

static void order_is(struct ipcr_hosts *h, const char *wanted)
{
    for (int i = 0; i < h->n; i++)
        assert_int_equal(h->at[i].name[0], wanted[i]);
}

static void hosts(void **state)
{
    (void)state;
    struct ipcr_hosts h = {0};
    char why[256];
    assert_true(ipcr_hosts_list(&h, "a:2,b,localhost:3,d", why, sizeof why));
    ipcr_hosts_settle(&h);
    ipcr_hostpick_order(&h, 0);
    order_is(&h, "abld");
    ipcr_hostpick_order(&h, 1);
    order_is(&h, "bdal");
    ipcr_hostpick_order(&h, -1);
    order_is(&h, "labd");
    assert_true(ipcr_hostpick_no_local(&h));
    order_is(&h, "abd");
    assert_int_equal(h.n, 3);
    ipcr_hosts_free(&h);
    assert_true(ipcr_hosts_list(&h, "localhost", why, sizeof why));
    ipcr_hosts_settle(&h);
    assert_false(ipcr_hostpick_no_local(&h));
    ipcr_hosts_free(&h);
}

static void devices_are(const char *named, int each, int local_rank, const char *wanted)
{
    char *got = ipcr_gpus_of(named, each, local_rank);
    assert_string_equal(got, wanted);
    free(got);
}

static void devices(void **state)
{
    (void)state;
    devices_are(NULL, 1, 0, "0");
    devices_are("", 2, 3, "6,7");
    devices_are("4,5,GPU-x,7", 2, 1, "GPU-x,7");
    devices_are("4,5", 2, 1, "4,5"); /* too few are shared */
    assert_string_equal(ipcr_gpus_variable(0), "CUDA_VISIBLE_DEVICES");
    assert_null(ipcr_gpus_variable(3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps),
        cmocka_unit_test(no_maps),
        cmocka_unit_test(hosts),
        cmocka_unit_test(devices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
