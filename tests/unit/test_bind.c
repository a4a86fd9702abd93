/* Which rank of a host gets which CPUs, on machines that are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bind.h"

enum { CORES = 16, RANKS = 40 };

/* Two packages of two L3 caches of four cores; core i has the hardware threads 2 i and 2 i + 1. */
static void make_machine(struct ipcr_core cores[CORES])
{
    memset(cores, 0, sizeof *cores * CORES);
    for (int i = 0; i < CORES; i++) {
        CPU_SET(2 * i, &cores[i].cpus);
        CPU_SET(2 * i + 1, &cores[i].cpus);
        cores[i].in[IPCR_OBJECT_CORE] = cores[i].in[IPCR_OBJECT_L2] = i;
        cores[i].in[IPCR_OBJECT_L3] = i / 4;
        cores[i].in[IPCR_OBJECT_PACKAGE] = 7 + i / 8; /* numbers need not begin at 0 */
    }
}

/* wanted: the CPUs of each rank, as text. */
static void check(struct ipcr_bind_wish wish, int n, const char *const *wanted)
{
    struct ipcr_core cores[CORES];
    cpu_set_t sets[RANKS];
    char text[256];
    make_machine(cores);
    ipcr_bind_place(&wish, n, cores, CORES, sets);
    for (int i = 0; i < n; i++) {
        ipcr_bind_text(text, sizeof text, &sets[i]);
        assert_string_equal(text, wanted[i]);
    }
}

#define CHECK(wish, ...)                                            \
    do {                                                            \
        const char *const wanted[] = {__VA_ARGS__};                 \
        check(wish, (int)(sizeof wanted / sizeof *wanted), wanted); \
    } while (0)

static struct ipcr_bind_wish to(int object, int width, int map_by)
{
    return (struct ipcr_bind_wish){
        .how = IPCR_BIND_OBJECT, .object = object, .width = width, .map_by = map_by};
}

/* Every core belongs to exactly one rank, and shares differ by one core at most. */
static void shares_of_all(void **state)
{
    (void)state;
    struct ipcr_core cores[CORES];
    cpu_set_t sets[CORES], all;
    make_machine(cores);
    for (int n = 1; n <= CORES; n++) {
        int sum = 0;
        CPU_ZERO(&all);
        ipcr_bind_place(&(struct ipcr_bind_wish){.how = IPCR_BIND_AUTO}, n, cores, CORES, sets);
        for (int i = 0; i < n; i++) {
            int share = CPU_COUNT(&sets[i]) / 2;
            assert_true(share == CORES / n || share == (CORES + n - 1) / n);
            sum += share;
            CPU_OR(&all, &all, &sets[i]);
        }
        assert_int_equal(sum, CORES);
        assert_int_equal(CPU_COUNT(&all), 2 * CORES);
    }
}

static void cores_and_threads(void **state)
{
    (void)state;
    CHECK(to(IPCR_OBJECT_CORE, 0, 0), "0-1", "2-3", "4-5");
    CHECK(to(IPCR_OBJECT_CORE, 3, 0), "0-5", "6-11", "12-17", "18-23", "24-29", "0-3,30-31");
    CHECK(to(IPCR_OBJECT_HWTHREAD, 1, 0), "0", "1", "2");
    CHECK(to(IPCR_OBJECT_HWTHREAD, 3, 0), "0-2", "3-5");
}

static void larger_objects(void **state)
{
    (void)state;
    CHECK(to(IPCR_OBJECT_PACKAGE, 1, 0), "0-15", "16-31");
    CHECK(to(IPCR_OBJECT_PACKAGE, 1, 0), "0-15", "0-15", "16-31", "16-31");
    CHECK(to(IPCR_OBJECT_L3, 1, 0), "0-7", "8-15", "16-23", "24-31");
    CHECK(to(IPCR_OBJECT_L3, 2, 0), "0-15", "16-31");
    CHECK(to(IPCR_OBJECT_L3, 9, 0), "0-31");
    CHECK(to(IPCR_OBJECT_L2, 2, 0), "0-3", "16-19");
    CHECK(to(IPCR_OBJECT_NUMA, 1, 0), "0-31", "0-31"); /* it has none */
}

static void dealt_to_objects(void **state)
{
    (void)state;
    CHECK(to(IPCR_OBJECT_CORE, 1, IPCR_OBJECT_PACKAGE), "0-1", "16-17", "2-3", "18-19", "4-5");
    CHECK(to(IPCR_OBJECT_L3, 1, IPCR_OBJECT_PACKAGE), "0-7", "16-23", "8-15", "24-31");
    CHECK(to(IPCR_OBJECT_CORE, 1, IPCR_OBJECT_L3), "0-1", "8-9", "16-17", "24-25", "2-3");
    CHECK(to(IPCR_OBJECT_CORE, 2, IPCR_OBJECT_CORE), "0-3", "4-7");
    const struct ipcr_bind_wish shares = {.how = IPCR_BIND_AUTO, .map_by = IPCR_OBJECT_PACKAGE};
    CHECK(shares, "0-7", "16-31", "8-15");
}

/* Two neighbours to each, and then from the first one again. */
static void blocks_of_objects(void **state)
{
    (void)state;
    struct ipcr_bind_wish wish = to(IPCR_OBJECT_CORE, 1, IPCR_OBJECT_PACKAGE);
    wish.block = 2;
    CHECK(wish, "0-1", "2-3", "16-17", "18-19", "4-5");
    wish.object = wish.map_by = IPCR_OBJECT_L3;
    CHECK(wish, "0-7", "0-7", "8-15", "8-15", "16-23");
    wish = to(IPCR_OBJECT_CORE, 1, IPCR_OBJECT_CORE);
    wish.block = 2;
    CHECK(wish, "0-1", "0-1", "2-3");
}

static void more_ranks_than_cores(void **state)
{
    (void)state;
    struct ipcr_core cores[CORES];
    cpu_set_t sets[RANKS];
    make_machine(cores);
    for (int object = 0; object < IPCR_OBJECTS; object++)
        for (int by = 0; by < IPCR_OBJECTS; by++) {
            struct ipcr_bind_wish wish = to(object, 2, by);
            ipcr_bind_place(&wish, RANKS, cores, CORES, sets);
            for (int i = 0; i < RANKS; i++)
                assert_true(CPU_COUNT(&sets[i]) >= 2);
        }
}

static void item_is(const char *list, int item, const char *wanted, int items)
{
    cpu_set_t set;
    char text[256];
    int n;
    assert_true(ipcr_bind_item(list, item, &set, &n));
    assert_int_equal(n, items);
    ipcr_bind_text(text, sizeof text, &set);
    assert_string_equal(text, wanted);
}

static void lists(void **state)
{
    (void)state;
    item_is("0", 0, "0", 1);
    item_is("0-1,2+4+6-7", 1, "2,4,6-7", 2);
    item_is("5,1023", 1, "1023", 2);
    static const char *const wrong[] = {"",
                                        ",",
                                        "0,",
                                        "a",
                                        "-1",
                                        "0-",
                                        "3-2",
                                        "0++",
                                        "1024",
                                        "0 ,1",
                                        "0;1",
                                        "0x1",
                                        "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cpu_set_t set;
        int n;
        assert_false(ipcr_bind_item(wrong[i], 0, &set, &n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_all),
        cmocka_unit_test(cores_and_threads),
        cmocka_unit_test(larger_objects),
        cmocka_unit_test(dealt_to_objects),
        cmocka_unit_test(blocks_of_objects),
        cmocka_unit_test(more_ranks_than_cores),
        cmocka_unit_test(lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
