/* Buffered sends: the buffer that the program attached, and what still lies in it.
 * MPI 5.0 section 3.6. */
#ifndef IPCR_BSEND_H
#define IPCR_BSEND_H

#include <stddef.h>

#include "p2p.h"

struct ipcr_req;

/* MPI_SUCCESS, or MPI_ERR_BUFFER (noted) when one is attached already. */
int ipcr_bsend_attach(void *buffer, size_t size);
/* Waits until everything in it has been sent, then forgets it. */
int ipcr_bsend_detach(void **buffer, size_t *size);
void ipcr_bsend_flush(void);

/* Copies the message into the buffer and starts a send from there. MPI_ERR_BUFFER (noted, with the
 * numbers) when it does not fit beside what is still there. */
int ipcr_bsend_start(const struct ipcr_msg *m);

#endif
