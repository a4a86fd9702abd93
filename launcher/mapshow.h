/* `ipcrun --map`. */
#ifndef IPCR_MAPSHOW_H
#define IPCR_MAPSHOW_H

#include "plan.h"

/* Prints ranks, hosts, cores and how each pair of ranks would talk; the exit status. */
int ipcr_map_show(const struct ipcr_plan *plan, const bool *local);

#endif
