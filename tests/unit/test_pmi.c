/* The map of ranks that a launcher tells by PMI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pmi.h"

static void placed(const char *map, const char *nodes)
{
    int node_of[8];
    assert_true(ipcr_pmi_places(map, 8, node_of));
    for (int r = 0; r < 8; r++)
        assert_int_equal(node_of[r], nodes[r] - '0');
}

static void ranks_go_to_nodes(void **state)
{
    (void)state;
    placed("(vector,(0,1,8))", "00000000");
    placed("(vector,(0,4,2))", "00112233");
    placed("(vector,(0,2,3),(2,1,2))", "00011122");
    placed("(vector,(3,1,1),(1,2,9))", "31111111");
    placed("(vector,(0,999999999,1))", "01234567");
}

static void a_short_map_repeats(void **state)
{
    (void)state;
    placed("(vector,(0,1,1))", "00000000");
    placed("(vector,(0,2,1))", "01010101");
    placed("(vector,(0,3,1),(0,1,1))", "01200120");
}

static void a_map_without_sense_is_refused(void **state)
{
    static const char *const maps[] = {"",
                                       "vector",
                                       "(vector,",
                                       "(vector,)",
                                       "(vector,(0,1,1)",
                                       "(vector,(0,1,1)),",
                                       "(vector,(0,1))",
                                       "(vector,(0,1,0))",
                                       "(vector,(0,0,1))",
                                       "(vector,(-1,1,1))",
                                       "(vector,(0,99999999999,1))",
                                       "(matrix,(0,1,1))"};
    int node_of[8];
    (void)state;
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        if (ipcr_pmi_places(maps[i], 8, node_of))
            fail_msg("'%s' is taken for a map", maps[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks_go_to_nodes),
        cmocka_unit_test(a_short_map_repeats),
        cmocka_unit_test(a_map_without_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
