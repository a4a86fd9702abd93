/* Copies between the memory of another process and this one's own, by system call. */
#ifndef IPCR_VMCOPY_H
#define IPCR_VMCOPY_H

#include <sys/types.h>

#include "transport.h"

enum { IPCR_VMCOPY_MOST = 2 * IPCR_PULLS };

/* n parts, at most IPCR_VMCOPY_MOST: 0 or a negative errno. The library lock is held: there is one
 * buffer for all. */
int ipcr_vmcopy_read(pid_t pid, const struct ipcr_pull *part, int n);
int ipcr_vmcopy_write(pid_t pid, const struct ipcr_pull *part, int n);

#endif
