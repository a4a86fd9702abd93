/* How many CPUs this process may use: no topology needed. */
#include "cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* CPUs in the affinity mask; machines with more CPUs than cpu_set_t holds need a larger set. */
int ipcr_cpus_affinity(void)
{
    for (int max = CPU_SETSIZE; max <= 1 << 20; max *= 4) {
        cpu_set_t *set = CPU_ALLOC(max);
        size_t bytes = CPU_ALLOC_SIZE(max);
        int rc = set ? sched_getaffinity(0, bytes, set) : 0;
        int n = set && rc == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (n > 0 || errno != EINVAL)
            return n > 0 ? n : 1;
    }
    return 1;
}

/* Reads up to two numbers of a file; "max" reads as none. */
static int read_numbers(const char *path, long long v[2])
{
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    int n = fscanf(f, "%lld %lld", &v[0], &v[1]);
    fclose(f);
    return n < 0 ? 0 : n;
}

static int min_quota(int cpus, long long quota, long long period)
{
    if (quota <= 0 || period <= 0)
        return cpus;
    long long n = quota / period; /* 1.5 CPUs do not carry two ranks that spin */
    n = n < 1 ? 1 : n;
    return n < cpus ? (int)n : cpus;
}

/* Quota of one cgroup (version 2, then 1) whose directory is `dir`. */
static int quota_at(const char *dir, int cpus)
{
    char path[4300];
    long long v[2] = {0, 0}, period[2] = {0, 0};
    snprintf(path, sizeof path, "%s/cpu.max", dir);
    if (read_numbers(path, v) == 2)
        return min_quota(cpus, v[0], v[1]);
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", dir);
    if (read_numbers(path, v) < 1)
        return cpus;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", dir);
    read_numbers(path, period);
    return min_quota(cpus, v[0], period[0]);
}

/* The quota of a group holds for everything below it: walk up to the mount point. */
static int quota_up(const char *mount, char *group, int cpus)
{
    char dir[4200];
    for (;;) {
        snprintf(dir, sizeof dir, "%s%s", mount, group);
        cpus = quota_at(dir, cpus);
        char *slash = strrchr(group, '/');
        if (!slash)
            return cpus;
        *slash = 0;
    }
}

/* Lines of /proc/self/cgroup: "0::/path" (version 2) or "4:cpu,cpuacct:/path" (version 1). */
static int quota_line(char *line, int cpus)
{
    char *save, *id = strtok_r(line, ":", &save);
    if (!id || !save)
        return cpus;
    char *group = strchr(save, ':');
    if (!group)
        return cpus;
    *group++ = 0;
    group[strcspn(group, "\n")] = 0;
    if (strcmp(group, "/") == 0)
        *group = 0;
    if (!*save)
        return quota_up("/sys/fs/cgroup", group, cpus);
    char list[300];
    snprintf(list, sizeof list, ",%s,", save);
    return strstr(list, ",cpu,") ? quota_up("/sys/fs/cgroup/cpu", group, cpus) : cpus;
}

int ipcr_cpus_usable(void)
{
    int cpus = ipcr_cpus_affinity();
    char line[4300];
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && fgets(line, sizeof line, f))
        cpus = quota_line(line, cpus);
    if (f)
        fclose(f);
    return cpus;
}
