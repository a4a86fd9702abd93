/* `ipcrun --map`. */
#ifndef IPCR_MAPSHOW_H
#define IPCR_MAPSHOW_H

#include "talk.h"

/* Prints ranks, hosts, cores, how each pair of ranks would talk and why so; the exit status. */
int ipcr_map_show(const struct ipcr_plan *plan, const bool *local, const struct ipcr_route *route);

#endif
