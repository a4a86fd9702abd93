/* The job's directory: for transports whose ends find each other by names in a file system. It is
 * made only when such a transport is in use, before any rank starts; its name holds the job's
 * random id, and nobody else may enter it. The agent and its guard both remove it when they end,
 * after all processes below them are gone: whichever of them is killed, the other one does. Where
 * hosts share a file system (IPCRUN_DIR), the agents of all of them use the same directory, and the
 * first one makes it. */
#ifndef IPCR_JOBDIR_H
#define IPCR_JOBDIR_H

#include "plan.h"

/* The path for this plan; the caller frees it. */
char *ipcr_jobdir_path(const struct ipcr_plan *plan);
/* 0, or a negative errno; -EPERM: something else has that name. */
int ipcr_jobdir_make(const char *path);
/* The directory, the files and folders of files in it, and message queues that a file RANK.mqueue
 * tells of; nothing happens if it is gone already. */
void ipcr_jobdir_remove(const char *path);

#endif
