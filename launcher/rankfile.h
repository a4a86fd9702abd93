/* Files that say for each rank where it runs and on which CPUs, as Open MPI's launcher reads them:
 *
 *     rank 0=node1 slot=0-3
 *     rank 1=+n1 slot=4,6      # +n1: the second host of -H or the host file
 *
 * CPUs have the system's numbers. Without slot= the rank is not bound. */
#ifndef IPCR_RANKFILE_H
#define IPCR_RANKFILE_H

#include "hosts.h"
#include "plan.h"

struct ipcr_rankfile {
    int n;       /* ranks 0 to n - 1, each once */
    char **host; /* [n] a name, or "+n1" */
    char **cpus; /* [n] an item of a list of CPUs (bind.h) */
};

/* False with a sentence. What was read must be freed all the same. */
bool ipcr_rankfile_read(struct ipcr_rankfile *f, const char *path, char *why, size_t room);
void ipcr_rankfile_free(struct ipcr_rankfile *f);

/* Adds the hosts that are named, a slot for each of their ranks. */
bool ipcr_rankfile_add_hosts(const struct ipcr_rankfile *f, struct ipcr_hosts *h, char *why,
                             size_t room);
/* The host of each rank, as an index into the settled hosts; to be freed. NULL with a sentence. */
int *ipcr_rankfile_place(const struct ipcr_rankfile *f, const struct ipcr_hosts *h, char *why,
                         size_t room);

#endif
