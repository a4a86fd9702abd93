/* The parts of this node's hardware that this process is bound to: for MPI_Comm_split_type and
 * MPI_Get_hw_resource_info. MPI 5.0 sections 7.4.2 and 9.1.2.
 *
 * What hwloc would say of the few kinds below, with its names for them, but read straight from
 * where it reads: a handful of small files, when a program asks. Nothing is loaded, and nothing
 * costs anything at the start. */
#ifndef IPCR_HW_H
#define IPCR_HW_H

#include <sched.h>
#include <stdbool.h>

/* From the largest to the smallest; the order in which an unguided split tries them. */
enum ipcr_hw_kind {
    IPCR_HW_MACHINE,
    IPCR_HW_PACKAGE,
    IPCR_HW_NUMA_NODE,
    IPCR_HW_DIE,
    IPCR_HW_L3,
    IPCR_HW_L2,
    IPCR_HW_L1,
    IPCR_HW_CORE,
    IPCR_HW_PU,
    IPCR_HW_KINDS
};

/* As an URI, "hwloc://Package". */
const char *ipcr_hw_name(enum ipcr_hw_kind kind);
/* IPCR_HW_KINDS: there is none of this name. The case of letters does not matter. */
enum ipcr_hw_kind ipcr_hw_named(const char *name);

/* The instance of a kind that all the CPUs of `mask` lie in: its first CPU; MPI_UNDEFINED when they
 * lie in more than one. False: this machine does not show any of this kind. `sys` is where sysfs is
 * mounted. */
bool ipcr_hw_instance(const char *sys, enum ipcr_hw_kind kind, const cpu_set_t *mask, int *first);
/* The same for this thread's CPUs on this machine. */
bool ipcr_hw_mine(enum ipcr_hw_kind kind, int *first);

#endif
