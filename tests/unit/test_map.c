/* Placement of ranks on hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "map.h"

static struct ipcr_plan plan_for(const char *list, int n, const struct ipcr_map_wish *wish,
                                 int **node_host)
{
    struct ipcr_hosts h = {0};
    char why[256];
    assert_true(ipcr_hosts_list(&h, list, why, sizeof why));
    struct ipcr_plan plan = {.size = n, .napps = 1};
    plan.apps = ipcr_alloc(sizeof *plan.apps);
    plan.apps[0].count = n;
    ipcr_map(&plan, &h, wish, node_host);
    ipcr_hosts_free(&h);
    return plan;
}

/* nodes: a digit for each rank. */
static void check_wish(const char *list, struct ipcr_map_wish wish, const char *nodes, int universe)
{
    int *node_host, n = (int)strlen(nodes), here[10] = {0};
    struct ipcr_plan plan = plan_for(list, n, &wish, &node_host);
    for (int i = 0; i < n; i++) {
        int node = nodes[i] - '0';
        assert_int_equal(plan.node_of[i], node);
        assert_int_equal(plan.local_of[i], here[node]++);
    }
    assert_int_equal(plan.universe, universe);
    for (int i = 0; i < plan.nodes; i++)
        assert_int_equal(ipcr_plan_ranks_on(&plan, i), here[i]);
    ipcr_plan_free(&plan);
    free(node_host);
}

static void check(const char *list, int ppn, const char *nodes, int universe)
{
    check_wish(list, (struct ipcr_map_wish){.ppn = ppn}, nodes, universe);
}

static void dealt_in_turns(void **state)
{
    (void)state;
    const struct ipcr_map_wish by_node = {0, true, true, NULL}, two_each = {2, true, true, NULL};
    const struct ipcr_map_wish blocks = {0, true, false, NULL}, turns = {0, false, true, NULL};
    check_wish("a", by_node, "000", 3);
    check_wish("a:2,b:3,c", by_node, "012011", 6);
    check_wish("a:4,b", by_node, "010000", 6);
    check_wish("a:4,b:4", by_node, "010", 8);
    check_wish("a,b,c", two_each, "0120", 6);
    check_wish("a,b", by_node, "01010", 5);
    check_wish("a:4,b:4", blocks, "0011", 8);
    check_wish("a:4,b:4", turns, "0000", 8);
    check_wish("a:2,b:4", turns, "010111", 6);
}

static void slots(void **state)
{
    (void)state;
    check("a", 0, "0", 1);
    check("a:2,b:3,c:3", 0, "00111222", 8);
    check("a:2,b:3", 0, "001", 5);
    check("a:4", 0, "00", 4);
}

/* Whatever order a rankfile names hosts in; those without ranks are no nodes. */
static void given_by_a_file(void **state)
{
    (void)state;
    const int host_of[] = {2, 0, 2, 0, 0};
    check_wish("a,b,c", (struct ipcr_map_wish){.host_of = host_of}, "10100", 5);
}

static void more_ranks_than_slots(void **state)
{
    (void)state;
    check("a", 0, "000", 3);
    check("a,b", 0, "001", 3);
    check("a:2,b", 0, "000011", 6);
    check("a:2,b:3", 0, "0000111", 7);
}

static void ranks_per_host(void **state)
{
    (void)state;
    check("a:9,b:9", 2, "0011", 4);
    check("a,b,c", 2, "001", 6);
    check("a,b", 2, "000011", 6);
}

static void unused_hosts_are_no_nodes(void **state)
{
    (void)state;
    int *node_host;
    struct ipcr_plan plan = plan_for("a:2,b,c", 2, &(struct ipcr_map_wish){0}, &node_host);
    assert_int_equal(plan.nodes, 1);
    assert_int_equal(node_host[0], 0);
    assert_string_equal(plan.hosts.at[0], "a");
    assert_int_equal(plan.universe, 4);
    ipcr_plan_free(&plan);
    free(node_host);
}

static void programs_follow_each_other(void **state)
{
    (void)state;
    struct ipcr_hosts h = {0};
    char why[256];
    int *node_host;
    assert_true(ipcr_hosts_list(&h, "a:3,b:3", why, sizeof why));
    struct ipcr_plan plan = {.size = 5, .napps = 3};
    plan.apps = ipcr_alloc(3 * sizeof *plan.apps);
    plan.apps[0].count = 1;
    plan.apps[1].count = 3;
    plan.apps[2].count = 1;
    ipcr_map(&plan, &h, &(struct ipcr_map_wish){0}, &node_host);
    const int wanted[] = {0, 1, 1, 1, 2};
    for (int i = 0; i < 5; i++)
        assert_int_equal(plan.app_of[i], wanted[i]);
    ipcr_hosts_free(&h);
    ipcr_plan_free(&plan);
    free(node_host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots),
        cmocka_unit_test(dealt_in_turns),
        cmocka_unit_test(given_by_a_file),
        cmocka_unit_test(more_ranks_than_slots),
        cmocka_unit_test(ranks_per_host),
        cmocka_unit_test(unused_hosts_are_no_nodes),
        cmocka_unit_test(programs_follow_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
