/* Buffered sends: the buffers that the program attached, and what still lies in them. MPI 5.0
 * section 3.6.
 *
 * A buffer belongs to a communicator, to a session, or to the process; each has a slot for one. A
 * message goes into the first buffer there is in that order. MPI_BUFFER_AUTOMATIC stands for one
 * that never fills up: its blocks come from malloc. */
#ifndef IPCR_BSEND_H
#define IPCR_BSEND_H

#include <stdint.h>

#include "p2p.h"

struct ipcr_req;
struct ipcr_bsend; /* an attached buffer; plain memory: free() it when nothing lies in it any more
                    */

extern struct ipcr_bsend *ipcr_bsend_process; /* the slot of the process */

/* MPI_SUCCESS, or MPI_ERR_BUFFER (noted) when one is attached already or this cannot be one. */
int ipcr_bsend_attach(struct ipcr_bsend **slot, void *buffer, int64_t size);
/* Empties the slot, then waits until everything in the buffer has been sent. *buffer and *size are
 * what was attached (for an automatic one MPI_BUFFER_AUTOMATIC and 0), or NULL and 0. */
void ipcr_bsend_detach(struct ipcr_bsend **slot, void **buffer, int64_t *size);
/* A request, which may be complete already, that completes when all that lies in the buffer now has
 * been sent. comm (NULL: none) is whom errors of the request belong to. */
int ipcr_bsend_iflush(struct ipcr_bsend *b, struct ipcr_comm *comm, struct ipcr_req **req);
int ipcr_bsend_flush(struct ipcr_bsend *b);

/* Copies the message into the buffer that is responsible for it and starts a send from there.
 * MPI_ERR_BUFFER (noted, with the numbers) when it does not fit beside what is still there. */
int ipcr_bsend_start(const struct ipcr_msg *m);

/* Waits until all buffers are empty. */
void ipcr_bsend_drain(void);
/* At the end, after that: forgets the buffer of the process. */
void ipcr_bsend_finish(void);

#endif
