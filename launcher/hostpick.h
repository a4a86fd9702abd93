/* Which hosts of the list are used, and in which order. */
#ifndef IPCR_HOSTPICK_H
#define IPCR_HOSTPICK_H

#include "hosts.h"

/* Takes this machine out of a settled list. False: no host would be left. */
bool ipcr_hostpick_no_local(struct ipcr_hosts *h);
/* Sorts by slots: 1 fewest first, -1 most first; hosts with as many stay in their order. */
void ipcr_hostpick_order(struct ipcr_hosts *h, int direction);

#endif
