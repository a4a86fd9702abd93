/* How other hosts are reached: what the user says, what the scheduler has, what other launchers
 * were told. */
#ifndef IPCR_REACH_H
#define IPCR_REACH_H

#include "scheduler.h"
#include "spawn.h"

struct ipcr_reach {
    const struct ipcr_spawn_way *way;
    char *command; /* instead of the way's program; owned; NULL: nothing */
};

/* launcher and command: of --launcher and --ssh, NULL: not given. False with a sentence. */
bool ipcr_reach_choose(struct ipcr_reach *r, const char *launcher, const char *command,
                       const struct ipcr_allocation *a, char *why, size_t room);

#endif
