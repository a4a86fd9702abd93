/* hw.c: where a process is bound, from a copy of sysfs with two packages of two cores of two
 * threads, one level 3 cache and one memory each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "hw.h"
#include "mpi.h"

static char root[64];

/* Writes root/path, with its folders. */
static void put(const char *text, const char *path)
{
    char full[300];
    snprintf(full, sizeof full, "%s/%s", root, path);
    for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = 0;
        mkdir(full, 0755);
        *slash = '/';
    }
    FILE *file = fopen(full, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

static void put_cache(int cpu, int index, int level, const char *type, const char *cpus)
{
    char path[200], number[8];
    const struct {
        const char *name, *text;
    } files[] = {{"level", number}, {"type", type}, {"shared_cpu_list", cpus}};
    snprintf(number, sizeof number, "%d", level);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "devices/system/cpu/cpu%d/cache/index%d/%s", cpu, index,
                 files[i].name);
        put(files[i].text, path);
    }
}

/* CPUs 0 to 3 are the cores of both packages, 4 to 7 their second threads. */
static int make_machine(void **state)
{
    (void)state;
    strcpy(root, "/tmp/test_hw.XXXXXX");
    assert_non_null(mkdtemp(root));
    for (int cpu = 0; cpu < 8; cpu++) {
        char path[200], core[16];
        const char *package = cpu % 4 < 2 ? "0-1,4-5" : "2-3,6-7";
        snprintf(core, sizeof core, "%d,%d", cpu % 4, cpu % 4 + 4);
        snprintf(path, sizeof path, "devices/system/cpu/cpu%d/topology/core_siblings_list", cpu);
        put(package, path);
        snprintf(path, sizeof path, "devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
        put(core, path);
        snprintf(path, sizeof path, "devices/system/cpu/cpu%d/node%d/cpulist", cpu, cpu % 4 / 2);
        put(package, path);
        put_cache(cpu, 0, 1, "Data", core);
        put_cache(cpu, 1, 1, "Instruction", "0-7");
        put_cache(cpu, 2, 3, "Unified", package);
    }
    return 0;
}

static int remove_machine(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

/* The first CPU of the instance, MPI_UNDEFINED, or -1 where the machine shows no such kind. */
static int instance(enum ipcr_hw_kind kind, int a, int b)
{
    cpu_set_t mask;
    int first = -2;
    CPU_ZERO(&mask);
    CPU_SET(a, &mask);
    CPU_SET(b, &mask);
    return ipcr_hw_instance(root, kind, &mask, &first) ? first : -1;
}

static void one_core(void **state)
{
    (void)state;
    assert_int_equal(instance(IPCR_HW_MACHINE, 3, 7), 0);
    assert_int_equal(instance(IPCR_HW_PACKAGE, 3, 7), 2);
    assert_int_equal(instance(IPCR_HW_NUMA_NODE, 3, 7), 2);
    assert_int_equal(instance(IPCR_HW_L3, 3, 7), 2);
    assert_int_equal(instance(IPCR_HW_L1, 3, 7), 3);
    assert_int_equal(instance(IPCR_HW_CORE, 3, 7), 3);
    assert_int_equal(instance(IPCR_HW_PU, 3, 7), MPI_UNDEFINED);
    assert_int_equal(instance(IPCR_HW_PU, 7, 7), 7);
}

static void one_package(void **state)
{
    (void)state;
    assert_int_equal(instance(IPCR_HW_PACKAGE, 0, 5), 0);
    assert_int_equal(instance(IPCR_HW_L3, 4, 5), 0);
    assert_int_equal(instance(IPCR_HW_L1, 4, 5), MPI_UNDEFINED);
    assert_int_equal(instance(IPCR_HW_CORE, 4, 5), MPI_UNDEFINED);
}

static void both_packages(void **state)
{
    (void)state;
    assert_int_equal(instance(IPCR_HW_MACHINE, 1, 2), 0);
    assert_int_equal(instance(IPCR_HW_PACKAGE, 1, 2), MPI_UNDEFINED);
    assert_int_equal(instance(IPCR_HW_NUMA_NODE, 1, 2), MPI_UNDEFINED);
}

static void not_there(void **state)
{
    (void)state;
    assert_int_equal(instance(IPCR_HW_L2, 0, 0), -1);
    assert_int_equal(instance(IPCR_HW_DIE, 0, 0), -1);
    assert_int_equal(instance(IPCR_HW_CORE, 9, 9), -1);
}

static void names(void **state)
{
    (void)state;
    for (enum ipcr_hw_kind kind = 0; kind < IPCR_HW_KINDS; kind++)
        assert_int_equal(ipcr_hw_named(ipcr_hw_name(kind)), kind);
    assert_int_equal(ipcr_hw_named("HWLOC://numanode"), IPCR_HW_NUMA_NODE);
    assert_int_equal(ipcr_hw_named("hwloc://Abacus"), IPCR_HW_KINDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_core),  cmocka_unit_test(one_package), cmocka_unit_test(both_packages),
        cmocka_unit_test(not_there), cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
