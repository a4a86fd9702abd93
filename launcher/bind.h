/* Binding the ranks of a node to cores. */
#ifndef IPCR_BIND_H
#define IPCR_BIND_H

#include <sched.h>

#include "plan.h"

struct ipcr_binding; /* CPU sets of the local ranks, and the claims on their cores */

/* Chooses CPUs for n ranks of this node. IPCR_BIND_AUTO binds only if every rank can have a core of
 * its own that no other job of ipcrun has bound ranks to; each rank gets an equal share of
 * neighbouring cores, so that its threads have room. IPCR_BIND_CORE gives each rank one core, free
 * ones first, in turn when there are too few. NULL: not bound. `usable`: ipcr_cpus_usable().
 * Sets never go beyond the affinity mask. */
struct ipcr_binding *ipcr_bind_choose(enum ipcr_bind how, int n, int usable);
/* CPUs of a local rank; NULL: not bound. */
const cpu_set_t *ipcr_bind_cpus(const struct ipcr_binding *b, int local);
/* Gives the claims back, too: keep it as long as the ranks run. */
void ipcr_bind_free(struct ipcr_binding *b);

/* Pure: rank i of n gets cores[first[i]] to cores[first[i + 1] - 1]; first has n + 1 entries. */
void ipcr_bind_share(int n, int ncores, int *first);

#endif
