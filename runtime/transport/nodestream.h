/* What unix, pipe and fifo have in common: connections of this node over streams whose ends are
 * simply there, without addresses, dialling and proofs of who it is. Ranks of a node talk over one
 * transport only (route.h), so there is one instance of all this, and its functions fit into a
 * struct ipcr_transport as they are. */
#ifndef IPCR_NODESTREAM_H
#define IPCR_NODESTREAM_H

#include "conn.h"

int ipcr_nodestream_open(const struct ipcr_job *job, const struct ipcr_transport *via);
/* The same, and all connections are connected at once, by what the agent has handed down. */
int ipcr_nodestream_inherit(const struct ipcr_job *job, const struct ipcr_transport *via);
void ipcr_nodestream_close(void);

/* Has anything connected this rank with another one yet? */
bool ipcr_nodestream_vacant(int rank);
/* As ipcr_conn_adopt(). 0, or -ENOMEM. */
int ipcr_nodestream_adopt(int rank, int in, int out);
/* Watches a descriptor for input along with the connections. */
void ipcr_nodestream_watch(int fd, struct ipcr_source *source);

int ipcr_nodestream_link(struct ipcr_peer *peer, const void *addr, size_t len);
void ipcr_nodestream_unlink(struct ipcr_peer *peer);
enum ipcr_result ipcr_nodestream_send(struct ipcr_peer *peer, const struct ipcr_frag *f);
bool ipcr_nodestream_unsent(struct ipcr_peer *peer);
int ipcr_nodestream_poll(int budget);
int ipcr_nodestream_wait_fd(void);

#endif
