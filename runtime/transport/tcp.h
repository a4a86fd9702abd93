/* What the files of the TCP transport share. Three steps lead to a connection of two ranks:
 *
 *   tcp_dial.c  which address to try when, and when to give up
 *   tcp_meet.c  one connection that comes about, dialled or accepted, up to the end of its
 * handshake tcp_pair.c  the connection of a pair: fragments in and out, until farewell or loss
 *
 * and tcp.c is what holds them together: one epoll instance in which everything that can happen is
 * a source, a clock, and the members of struct ipcr_transport. */
#ifndef IPCR_TCP_H
#define IPCR_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include "job.h"
#include "tcp_addr.h"
#include "transport.h"

/* ---- tcp.c ---- */

/* The first member of what it belongs to. ready() hands at most about `budget` fragments up and
 * returns how many things happened. */
struct ipcr_tcp_source {
    int (*ready)(struct ipcr_tcp_source *self, uint32_t events, int budget);
};

/* Watches fd for events (EPOLLIN, EPOLLOUT), for the first time or from now on. */
void ipcr_tcp_watch(int fd, struct ipcr_tcp_source *source, uint32_t events);
/* The clock is to tick soon: there is something new that time may change. */
void ipcr_tcp_hurry(void);

/* ---- tcp_pair.c ---- */

struct ipcr_tcp_pair;

int ipcr_tcp_pair_open(const struct ipcr_job *job);
/* Says farewell to all and closes, as far as that goes within `ms` milliseconds; wait() passes a
 * moment in which sockets may become ready. */
void ipcr_tcp_pair_close(uint64_t ms, void (*wait)(void));

/* The record of a rank, made on first use; NULL: no memory. Lives until close. */
struct ipcr_tcp_pair *ipcr_tcp_pair_of(int rank);
/* The name of its host, for messages. */
void ipcr_tcp_pair_name(struct ipcr_tcp_pair *p, const char *host);
/* True while no connection with this rank has been chosen, so one may still be. */
bool ipcr_tcp_pair_vacant(int rank);
/* Takes over fd: it is the connection with this rank. */
void ipcr_tcp_pair_adopt(int rank, int fd);
enum ipcr_result ipcr_tcp_pair_send(struct ipcr_tcp_pair *p, const struct ipcr_frag *f);
bool ipcr_tcp_pair_unsent(const struct ipcr_tcp_pair *p);
/* Looks for hosts that have vanished, and reports losses that have lasted. True while it wants to
 * be called again soon. `now`: ipcr_tcp_now(). */
bool ipcr_tcp_pair_tick(uint64_t now);
/* Milliseconds of the monotonic clock. */
uint64_t ipcr_tcp_now(void);

/* ---- tcp_dial.c ---- */

#define IPCR_TCP_TICK_MS 250

/* Begins to look for a connection to a rank; 0 or -errno. Ends with ipcr_tcp_dial_stop(), or ends
 * the job when nothing answers. */
int ipcr_tcp_dial_start(const struct ipcr_job *job, int rank, const struct ipcr_tcp_addr *to);
void ipcr_tcp_dial_stop(int rank);
void ipcr_tcp_dial_stop_all(void);
/* Lets time pass; true while it wants to be called again after IPCR_TCP_TICK_MS. */
bool ipcr_tcp_dial_tick(uint32_t elapsed_ms);

/* An attempt of this dial, at the place with this index, came to nothing: `why` is a sentence
 * without a subject, or NULL: see `error`, an errno. */
struct ipcr_tcp_dial;
void ipcr_tcp_dial_failed(struct ipcr_tcp_dial *dial, int place, const char *why, int error);

/* ---- tcp_meet.c ---- */

struct ipcr_tcp_attempt;

/* Listens on a free port of all addresses. 0 or -errno. */
int ipcr_tcp_meet_open(const struct ipcr_job *job, uint16_t *port);
void ipcr_tcp_meet_close(void);

/* Connects to one place for a dial. NULL: failed on the spot, and *error is an errno. */
struct ipcr_tcp_attempt *ipcr_tcp_meet_dial(struct ipcr_tcp_dial *dial, int rank, int place,
                                            const struct sockaddr_storage *to, socklen_t len,
                                            int *error);
/* Did the other host's kernel answer? */
bool ipcr_tcp_meet_answered(const struct ipcr_tcp_attempt *a);
/* Closes it; nobody is told. */
void ipcr_tcp_meet_drop(struct ipcr_tcp_attempt *a);
/* Frees what was dropped; never while events that may still name it are being handled. */
void ipcr_tcp_meet_sweep(void);

#endif
