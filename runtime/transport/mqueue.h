/* What the files of the mqueue transport share: mqueue.c is the transport, mqueue_make.c makes a
 * rank's queue within the limits of the system. */
#ifndef IPCR_MQUEUE_H
#define IPCR_MQUEUE_H

#include <stddef.h>

#include "job.h"

/* A queue without a name, open for reading, and the size of its messages; or -errno, noted if it is
 * a limit. */
int ipcr_mqueue_make(const struct ipcr_job *job, size_t *size);

#endif
