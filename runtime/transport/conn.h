/* The connections of this rank with others over byte streams, however they came about: over a
 * socket, or over two pipes. From the moment when descriptors are there to the farewell or the
 * loss; finding a connection is the transport's.
 *
 * A rank that leaves says farewell on each connection. When a connection ends without, its peer is
 * lost: its process died, its host did, or the network. The launcher mostly knows better which, and
 * ends this job within moments; so the loss is only noted, and becomes an error of its own when
 * this process is still there a while later. */
#ifndef IPCR_CONN_H
#define IPCR_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "hub.h"
#include "stream.h"

struct ipcr_conn;

/* All connections of one transport. */
struct ipcr_conns {
    struct ipcr_hub *hub;
    const struct ipcr_transport *via;
    struct ipcr_conn **of; /* [job->size], NULL where there was nothing yet */
    struct ipcr_conn *list;
    struct ipcr_conn *sent; /* those written to since the last look; only if `gathers` */
    bool gathers; /* over TCP: short messages that follow each other go together (burst.h) */
    /* Optional, for connections between hosts. Has the other host vanished without a word? Does its
     * kernel lack some of what was written? */
    bool (*unanswered)(int fd);
    bool (*under_way)(int fd);
};

/* The rest of *p is the caller's to set. 0 or a negative errno. */
int ipcr_conns_open(struct ipcr_conns *p, struct ipcr_hub *hub, const struct ipcr_transport *via);
/* Says farewell to all and closes, as far as that goes within `ms` milliseconds. */
void ipcr_conns_close(struct ipcr_conns *p, uint64_t ms);
/* Reports losses that have lasted, and looks for hosts that have vanished. True while it wants to
 * be called again soon. */
bool ipcr_conns_tick(struct ipcr_conns *p, uint64_t now);

/* Before each look at what has arrived: ends bursts. Only needed if `gathers`. */
void ipcr_conns_look(struct ipcr_conns *p);

/* The record of a rank, made on first use; NULL: no memory. Lives until close. */
struct ipcr_conn *ipcr_conn_of(struct ipcr_conns *p, int rank);
/* The name of its host, for messages. */
void ipcr_conn_name(struct ipcr_conn *c, const char *host);
bool ipcr_conn_has_name(const struct ipcr_conn *c);
/* True while no connection with this rank has been chosen, so one may still be. */
bool ipcr_conn_vacant(const struct ipcr_conns *p, int rank);
/* Takes over the descriptors: they are the connection with this rank. A socket is both; `out` is -1
 * when the other rank reads no more. */
void ipcr_conn_adopt(struct ipcr_conn *c, int in, int out);

/* As the members of struct ipcr_transport. */
enum ipcr_result ipcr_conn_send(struct ipcr_conn *c, const struct ipcr_frag *f);
bool ipcr_conn_unsent(const struct ipcr_conn *c);

#endif
