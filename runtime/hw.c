/* Hardware from sysfs. */
#include "hw.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mpi.h"

enum { LINE = 4096 }; /* of a list of CPUs */

static const struct {
    const char *name;
    const char *file; /* with the CPUs of an instance, below cpuN/topology */
    int cache;        /* or the level of a cache */
} kinds[IPCR_HW_KINDS] = {
    [IPCR_HW_MACHINE] = {.name = "hwloc://Machine"},
    [IPCR_HW_PACKAGE] = {.name = "hwloc://Package", .file = "core_siblings_list"},
    [IPCR_HW_NUMA_NODE] = {.name = "hwloc://NUMANode"},
    [IPCR_HW_DIE] = {.name = "hwloc://Die", .file = "die_cpus_list"},
    [IPCR_HW_L3] = {.name = "hwloc://L3Cache", .cache = 3},
    [IPCR_HW_L2] = {.name = "hwloc://L2Cache", .cache = 2},
    [IPCR_HW_L1] = {.name = "hwloc://L1Cache", .cache = 1},
    [IPCR_HW_CORE] = {.name = "hwloc://Core", .file = "thread_siblings_list"},
    [IPCR_HW_PU] = {.name = "hwloc://PU"},
};

const char *ipcr_hw_name(enum ipcr_hw_kind kind)
{
    return kinds[kind].name;
}

enum ipcr_hw_kind ipcr_hw_named(const char *name)
{
    enum ipcr_hw_kind kind = 0;
    while (kind < IPCR_HW_KINDS && strcasecmp(kinds[kind].name, name) != 0)
        kind++;
    return kind;
}

static bool read_line(const char *path, char line[LINE])
{
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool there = fgets(line, LINE, file) != NULL;
    fclose(file);
    return there;
}

/* "0-3,8-11" and the like. */
static bool read_cpus(const char *path, cpu_set_t *set)
{
    char line[LINE], *at = line;
    CPU_ZERO(set);
    if (!read_line(path, line))
        return false;
    for (;;) {
        char *end;
        long from = strtol(at, &end, 10), to = from;
        if (end == at)
            break;
        if (*end == '-')
            to = strtol(end + 1, &end, 10);
        for (long cpu = from; cpu <= to && cpu >= 0 && cpu < CPU_SETSIZE; cpu++)
            CPU_SET((int)cpu, set);
        if (*end != ',')
            break;
        at = end + 1;
    }
    return CPU_COUNT(set) > 0;
}

/* Caches of instructions only do not count. */
static bool is_cache(const char *cpu, int index, int level)
{
    char path[400], line[LINE];
    snprintf(path, sizeof path, "%s/cache/index%d/level", cpu, index);
    if (!read_line(path, line) || atoi(line) != level)
        return false;
    snprintf(path, sizeof path, "%s/cache/index%d/type", cpu, index);
    return read_line(path, line) && strncmp(line, "Instruction", strlen("Instruction")) != 0;
}

static bool cache_cpus(const char *cpu, int level, cpu_set_t *set)
{
    enum { MOST = 10 };
    char path[400];
    for (int i = 0; i < MOST; i++) {
        if (!is_cache(cpu, i, level))
            continue;
        snprintf(path, sizeof path, "%s/cache/index%d/shared_cpu_list", cpu, i);
        return read_cpus(path, set);
    }
    return false;
}

/* A CPU's folder has a link to its node: "node1". */
static bool numa_cpus(const char *cpu, cpu_set_t *set)
{
    char path[600] = "";
    DIR *folder = opendir(cpu);
    if (!folder)
        return false;
    for (struct dirent *e; (e = readdir(folder)) != NULL;)
        if (strncmp(e->d_name, "node", 4) == 0 && e->d_name[4] >= '0' && e->d_name[4] <= '9')
            snprintf(path, sizeof path, "%s/%.100s/cpulist", cpu, e->d_name);
    closedir(folder);
    return path[0] && read_cpus(path, set);
}

/* The CPUs of the instance that this CPU, whose folder is given, belongs to. */
static bool instance_cpus(const char *folder, enum ipcr_hw_kind kind, int cpu, cpu_set_t *set)
{
    char path[400];
    if (kind == IPCR_HW_PU) {
        CPU_ZERO(set);
        CPU_SET(cpu, set);
        return true;
    }
    if (kind == IPCR_HW_NUMA_NODE)
        return numa_cpus(folder, set);
    if (kinds[kind].cache)
        return cache_cpus(folder, kinds[kind].cache, set);
    snprintf(path, sizeof path, "%s/topology/%s", folder, kinds[kind].file);
    return read_cpus(path, set);
}

static int first_of(const cpu_set_t *set)
{
    int cpu = 0;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, set))
        cpu++;
    return cpu;
}

bool ipcr_hw_instance(const char *sys, enum ipcr_hw_kind kind, const cpu_set_t *mask, int *first)
{
    char folder[300];
    cpu_set_t set, inside;
    int cpu = first_of(mask);
    if (kind == IPCR_HW_MACHINE) {
        *first = 0;
        return true;
    }
    snprintf(folder, sizeof folder, "%.200s/devices/system/cpu/cpu%d", sys, cpu);
    if (cpu == CPU_SETSIZE || !instance_cpus(folder, kind, cpu, &set))
        return false;
    CPU_AND(&inside, &set, mask);
    *first = CPU_EQUAL(&inside, mask) ? first_of(&set) : MPI_UNDEFINED;
    return true;
}

bool ipcr_hw_mine(enum ipcr_hw_kind kind, int *first)
{
    cpu_set_t mask;
    return sched_getaffinity(0, sizeof mask, &mask) == 0 &&
           ipcr_hw_instance("/sys", kind, &mask, first);
}
