/* What the files of the TCP transport share. Three steps lead to a connection of two ranks:
 *
 *   tcp_dial.c  which address to try when, and when to give up
 *   tcp_meet.c  one connection that comes about, dialled or accepted, to the end of its handshake
 *   conn.c      the connection of a pair: fragments in and out, until farewell or loss
 *
 * and tcp.c is what holds them together. */
#ifndef IPCR_TCP_H
#define IPCR_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "hub.h"
#include "job.h"
#include "tcp_addr.h"
#include "transport.h"

/* ---- tcp.c ---- */

/* As the functions of hub.h, of the one hub of this transport. */
void ipcr_tcp_watch(int fd, struct ipcr_source *source, uint32_t events);

/* True while no connection with this rank has been chosen, so one may still be. */
bool ipcr_tcp_vacant(int rank);
/* Takes over fd: it is the connection with this rank. */
void ipcr_tcp_adopt(int rank, int fd);

/* ---- tcp_dial.c ---- */

/* Begins to look for a connection to a rank; 0 or -errno. Ends with ipcr_tcp_dial_stop(), or ends
 * the job when nothing answers. */
int ipcr_tcp_dial_start(const struct ipcr_job *job, int rank, const struct ipcr_tcp_addr *to);
void ipcr_tcp_dial_stop(int rank);
void ipcr_tcp_dial_stop_all(void);
/* From one address of a host to the next. Over a network of one's own the first address answers
 * before that, so there is one connection, and one that leads nowhere costs no time to speak of. */
#define IPCR_TCP_NEXT_MS 25u
/* Lets time pass; the milliseconds after which it wants to be called again, 0: it does not. */
unsigned ipcr_tcp_dial_tick(uint32_t elapsed_ms);

/* An attempt of this dial, at the place with this index, came to nothing: `why` is a sentence
 * without a subject, or NULL: see `error`, an errno. */
struct ipcr_tcp_dial;
void ipcr_tcp_dial_failed(struct ipcr_tcp_dial *dial, int place, const char *why, int error);

/* ---- tcp_meet.c ---- */

struct ipcr_tcp_attempt;

/* Listens on a free port of all addresses, of those that are allowed. 0 or -errno. */
int ipcr_tcp_meet_open(const struct ipcr_job *job, uint16_t *port);
void ipcr_tcp_meet_close(void);

/* Connects to one place for a dial. NULL: failed on the spot, and *error is an errno. */
struct ipcr_tcp_attempt *ipcr_tcp_meet_dial(struct ipcr_tcp_dial *dial, int rank, int place,
                                            const struct sockaddr_storage *to, socklen_t len,
                                            int *error);
/* Takes over a socket that is, or is being, connected for a dial. NULL: no memory. */
struct ipcr_tcp_attempt *ipcr_tcp_meet_take(struct ipcr_tcp_dial *dial, int rank, int place,
                                            int fd);
/* Did the other host's kernel answer? */
bool ipcr_tcp_meet_answered(const struct ipcr_tcp_attempt *a);
/* Closes it; nobody is told. */
void ipcr_tcp_meet_drop(struct ipcr_tcp_attempt *a);
/* Frees what was dropped; never while events that may still name it are being handled. */
void ipcr_tcp_meet_sweep(void);

#endif
