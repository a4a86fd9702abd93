/* From options to the plan. */
#ifndef IPCR_MAKEPLAN_H
#define IPCR_MAKEPLAN_H

#include "head.h"
#include "options.h"

/* Says why nothing is started, and ends ipcrun. */
_Noreturn void ipcr_usage(const char *why);

/* Fills the plan (it takes the programs out of o) and how hosts are reached (setup->way, ssh). Does
 * not return if that cannot be done. *node_host, to be freed: the index in o->hosts of each node.
 */
void ipcr_makeplan(struct ipcr_plan *plan, struct ipcr_options *o, int **node_host,
                   struct ipcr_head_setup *setup);

#endif
