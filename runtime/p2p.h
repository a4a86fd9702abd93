/* Point-to-point: starts and completes sends and receives. MPI 5.0 chapter 3.
 *
 * Protocols: a message of up to the transport's eager_max bytes travels at once (EAGER) as long as
 * the receiver's pile of unmatched messages from here stays below the `unexpected` setting;
 * otherwise the sender announces it (RTS) and waits until a receive matches, and the receiver
 * either pulls it out of the sender's memory (FIN) or asks for it (CTS, DATA...). A very short one
 * comes with its announcement (EAGER with SYNC) and is acknowledged when a receive matches (ACK).
 *
 * All functions are called with the library lock held; the blocking ones let go of it while they
 * wait. They return MPI_SUCCESS or an error class (the facts are noted with ipcr_err_note). */
#ifndef IPCR_P2P_H
#define IPCR_P2P_H

#include "comm.h"
#include "datatype.h"

struct ipcr_req;

enum ipcr_send_mode {
    IPCR_STANDARD,
    IPCR_SYNCHRONOUS, /* complete only when matched */
    IPCR_READY,       /* a receive is posted already: treated as standard */
    IPCR_EXCHANGE,    /* standard, and the same rank sends about as much here at the same time */
    IPCR_BUFFERED     /* the data was copied to the attached buffer by the caller (bsend.c) */
};

/* One send or receive as it was asked for: the object that travels. Arguments are checked by the
 * caller. rank may be MPI_PROC_NULL (both) or MPI_ANY_SOURCE, tag MPI_ANY_TAG (receives). */
struct ipcr_msg {
    void *buf; /* sends do not write to it */
    size_t count;
    struct ipcr_type *type;
    struct ipcr_comm *comm;
    int rank, tag;
    uint32_t ctx; /* comm->ctx, or comm->ctx + 1 for collectives */
    uint8_t mode; /* enum ipcr_send_mode */
};

int ipcr_p2p_send(const struct ipcr_msg *m);
/* status may be MPI_STATUS_IGNORE. A truncated message is received up to the buffer's size and
 * reported as MPI_ERR_TRUNCATE. */
int ipcr_p2p_recv(const struct ipcr_msg *m, MPI_Status *status);

/* Nonblocking: *req (request.h) is never NULL on success; it keeps type and comm alive. */
int ipcr_p2p_isend(const struct ipcr_msg *m, struct ipcr_req **req);
int ipcr_p2p_irecv(const struct ipcr_msg *m, struct ipcr_req **req);

/* Starts a request made before by request.c from a message (persistent operations). */
void ipcr_p2p_start_send(struct ipcr_req *req);
void ipcr_p2p_start_recv(struct ipcr_req *req);

/* Both at once; the blocking exchange that collectives are made of. */
int ipcr_p2p_sendrecv(const struct ipcr_msg *out, const struct ipcr_msg *in, MPI_Status *status);

/* Probe: fills status if a message is there (*flag), without receiving it. With `take` non-NULL the
 * message is removed from matching and *take names it (MPI_Mprobe). `wait`: block until one is. */
struct ipcr_unexpected;
int ipcr_p2p_probe(const struct ipcr_msg *m, bool wait, bool *flag, struct ipcr_unexpected **take,
                   MPI_Status *status);
/* Receives a message taken by a matched probe. m->rank and m->tag are ignored. */
int ipcr_p2p_mrecv(const struct ipcr_msg *m, struct ipcr_unexpected *msg, struct ipcr_req **req);

/* Cancels a receive that has not matched yet: it is complete then. */
void ipcr_p2p_cancel_recv(struct ipcr_req *req);
/* Asks the receiver to give a message back that no receive has matched. The send completes either
 * way, cancelled or not, once the receiver makes progress. */
void ipcr_p2p_cancel_send(struct ipcr_req *req);

/* The rest of ipcr_p2p_arrive() (transport.h) for a fragment that decide.h has held back. */
struct ipcr_wire;
void ipcr_p2p_deliver(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                      size_t len);

int ipcr_p2p_init(void);
/* Waits until everything this rank has sent has left it. */
void ipcr_p2p_drain(void);
void ipcr_p2p_finish(void);

#endif
