/* Who is at the other end of this connection? A mutual challenge and response that proves, before
 * anything else is read, that both ends know the job's secret and which ranks they are; and the
 * agreement on one connection per pair. Works over any non-blocking stream socket, never blocks,
 * reads not one byte more than the handshake has.
 *
 *     initiator                             acceptor
 *     HELLO  job, from, to, nonce  ------>
 *                                  <------  CHALLENGE  nonce, MAC by the acceptor
 *     PROOF  MAC by the initiator  ------>
 *                                  <------  GO  MAC: only if the acceptor is the lower rank
 *
 * The MACs cover job, both ranks, both nonces and the role, under the job's secret, so an answer
 * cannot be replayed to another rank, in another connection or back to its author. The messages
 * are plain afterwards: who can rewrite packets between two hosts can do so here, too.
 *
 * One connection per pair, although both sides may dial at once and to several addresses: the
 * lower rank decides, with its last message (PROOF when it dialled, GO when it was dialled). It
 * sends that on one connection only; the other side takes the connection on which it arrives and
 * closes the rest. Nothing is ever sent on a connection that is not the chosen one. */
#ifndef IPCR_AUTH_H
#define IPCR_AUTH_H

#include <stdint.h>

#include "job.h"
#include "siphash.h"

#define IPCR_AUTH_NONCE 16

/* Host order throughout: a peer of other byte order fails on `magic`. */
struct ipcr_auth_hello {
    uint32_t magic, version;
    char job[IPCR_JOBID_BYTES];
    int32_t from, to; /* world ranks */
    uint8_t nonce[IPCR_AUTH_NONCE];
};

struct ipcr_auth_challenge {
    uint8_t nonce[IPCR_AUTH_NONCE];
    uint8_t mac[IPCR_SIPHASH_TAG];
};

enum ipcr_auth_result {
    IPCR_AUTH_WAIT,   /* call again when the socket is readable */
    IPCR_AUTH_CHOOSE, /* proven, and it is mine to decide: ipcr_auth_commit(), or close */
    IPCR_AUTH_OPEN,   /* proven, and the other side has decided for this connection: use it */
    IPCR_AUTH_BAD     /* close it; `why` and `error` say the reason */
};

struct ipcr_auth {
    const struct ipcr_job *job;
    int peer; /* world rank of the other side; -1: not known yet */
    bool dialled;
    uint8_t stage; /* enum in auth.c: which message comes next */
    uint8_t got;   /* bytes of it in `in` */
    uint8_t in[sizeof(struct ipcr_auth_hello)];
    uint8_t first[IPCR_AUTH_NONCE], second[IPCR_AUTH_NONCE]; /* initiator's, acceptor's nonce */
    const char *why; /* BAD: a sentence without a subject; NULL: see `error` */
    int error;       /* BAD: errno of a failed call, or 0 */
};

/* Begins on the side that dialled: sends HELLO on the connected socket. IPCR_AUTH_WAIT or _BAD. */
enum ipcr_auth_result ipcr_auth_dial(struct ipcr_auth *a, const struct ipcr_job *job, int fd,
                                     int peer);
/* Begins on the side that was dialled: nothing is sent before a HELLO made sense. */
void ipcr_auth_accept(struct ipcr_auth *a, const struct ipcr_job *job);

/* Goes on as far as the bytes that are there allow. */
enum ipcr_auth_result ipcr_auth_step(struct ipcr_auth *a, int fd);

/* After CHOOSE: takes this connection. IPCR_AUTH_OPEN or _BAD. */
enum ipcr_auth_result ipcr_auth_commit(struct ipcr_auth *a, int fd);

#endif
