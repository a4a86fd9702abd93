/* CPUs for the ranks of a node: counting them, and cores as hwloc sees them. */
#ifndef IPCR_CPUS_H
#define IPCR_CPUS_H

#include <sched.h>

/* CPUs in the affinity mask of this process; at least 1. */
int ipcr_cpus_affinity(void);

/* CPUs that this process may use: its affinity mask, cut by the CPU quota of its cgroups (a quota
 * of 1.5 CPUs counts as 1). At least 1. */
int ipcr_cpus_usable(void);

/* The cores that this process may run on, in the machine's order, each with those of its hardware
 * threads that are in the affinity mask: *cores is malloc'ed. Returns how many; 0 if that cannot be
 * found out (no hwloc). hwloc is loaded by the first call and not before. */
int ipcr_cpus_cores(cpu_set_t **cores);

#endif
