/* A send and a receive behind one request: MPI_Isendrecv and MPI_Isendrecv_replace. MPI 5.0 section
 * 3.10. */
#ifndef IPCR_SENDRECV_H
#define IPCR_SENDRECV_H

#include "p2p.h"

struct ipcr_req;

/* What an exchange in place sends: a packed copy of the message in `in`, so that its buffer is free
 * for the arrival. *out is the message to send from there. The copy lies in room[size] if it fits;
 * else out->buf is memory that goes back with free(). MPI_SUCCESS or MPI_ERR_NO_MEM (noted). */
int ipcr_sendrecv_copy(const struct ipcr_msg *in, void *room, size_t size, struct ipcr_msg *out);

/* Starts both. The request completes when both have, with the status of the receive. `copy` (NULL:
 * none) goes over to it. MPI_SUCCESS or MPI_ERR_NO_MEM (noted). */
int ipcr_sendrecv_start(const struct ipcr_msg *out, const struct ipcr_msg *in, void *copy,
                        struct ipcr_req **req);

#endif
