/* CPUs for the ranks of a node: counting them, and cores as hwloc sees them. */
#ifndef IPCR_CPUS_H
#define IPCR_CPUS_H

#include <sched.h>

#include "plan.h"

/* CPUs in the affinity mask of this process; at least 1. */
int ipcr_cpus_affinity(void);

/* CPUs that this process may use: its affinity mask, cut by the CPU quota of its cgroups (a quota
 * of 1.5 CPUs counts as 1). At least 1. */
int ipcr_cpus_usable(void);

struct ipcr_core {
    cpu_set_t cpus;       /* its hardware threads */
    int in[IPCR_OBJECTS]; /* number of the object of each kind that it lies in; 0 if there is none
                           */
};

/* The cores that this process may run on, in the machine's order, each with those of its hardware
 * threads that are in the affinity mask: *cores is malloc'ed. Returns how many; 0 if that cannot be
 * found out (no hwloc). hwloc is loaded by the first call and not before.
 *
 * After ipcr_cpus_imagine() it is the machine that HWLOC_SYNTHETIC or HWLOC_XMLFILE describes, with
 * all its CPUs: for pictures, since nobody can be bound there. False: neither is set. */
int ipcr_cpus_cores(struct ipcr_core **cores);
bool ipcr_cpus_imagine(void);
bool ipcr_cpus_imagined(void);

#endif
