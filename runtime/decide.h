/* Where the library is free to choose, and what the program sees depends on timing: which message a
 * wildcard takes, whether a test or a probe says yes, which of several complete requests are
 * reported. --record writes down what was chosen, --replay chooses the same again (tool_replay.h),
 * --chaos chooses otherwise than usual (tool_chaos.h).
 *
 * A sibling of observe.h: observers are told, this one is asked. While none of the three is on,
 * each place pays one predicted branch. All with the library lock held. */
#ifndef IPCR_DECIDE_H
#define IPCR_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hidden.h"
#include "mpi.h"

struct ipcr_peer;
struct ipcr_req;
struct ipcr_unexpected;
struct ipcr_wire;

/* Who is on. Choices are a matter of both, arrivals one of chaos alone. */
enum { IPCR_DECIDE_TAPE = 1, IPCR_DECIDE_CHAOS = 2 };
extern IPCR_HIDDEN unsigned ipcr_decided;

#define IPCR_DECIDED()        __builtin_expect(ipcr_decided != 0, 0)
#define IPCR_HOLDS_ARRIVALS() __builtin_expect(ipcr_decided &IPCR_DECIDE_CHAOS, 0)

/* What a receive or a probe looks for in its context. */
struct ipcr_wanted {
    int32_t src, tag; /* with wildcards */
};

/* ---- messages: if IPCR_DECIDED() ---------------------------------------------------------------
 */

/* A receive is posted: it may be narrowed down to one source and tag. */
void ipcr_decide_receive(struct ipcr_req *req, struct ipcr_wanted *w);
/* Of the waiting messages that w may take, the one it takes; u is the oldest (NULL: none waits). Of
 * each source only the oldest is eligible: MPI 5.0 section 3.5. */
struct ipcr_unexpected *ipcr_decide_message(const struct ipcr_wanted *w, struct ipcr_unexpected *u);
/* A probe begins; it may be narrowed down, and made to wait. False: it finds nothing. */
bool ipcr_decide_probe(struct ipcr_wanted *w, bool *wait);
/* It has found u (NULL: nothing): what it answers. */
struct ipcr_unexpected *ipcr_decide_probed(struct ipcr_unexpected *u, bool waited);

/* ---- requests: if IPCR_DECIDED() ---------------------------------------------------------------
 */

struct ipcr_asked { /* what a call wants to know about requests */
    const MPI_Request *requests;
    int count;
    int most;   /* so many are reported at once */
    bool waits; /* until there is one */
    bool looks; /* MPI_Request_get_status and its kin: nothing is handed back */
};

/* Whether all are complete. */
bool ipcr_decide_all(const struct ipcr_asked *a);
/* Which are reported, into indices[0..most): their number, or MPI_UNDEFINED if none is active. */
int ipcr_decide_some(const struct ipcr_asked *a, int *indices);
/* A question about something else (MPI_Parrived) would be answered so: how it is. Who is told yes
 * may have to wait until that is true. */
bool ipcr_decide_flag(bool yes);
/* A receive is about to be cancelled: waits for its message if it is not to succeed. */
void ipcr_decide_cancel(struct ipcr_req *req);

/* ---- arrivals: if IPCR_HOLDS_ARRIVALS() --------------------------------------------------------
 */

/* A fragment has come in. True: it was copied, and ipcr_p2p_deliver() gets it later; the order of
 * fragments from one peer stays. */
bool ipcr_decide_hold(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                      size_t len);
/* At the end of a poll: delivers what has been held for long enough. How many things happened;
 * never 0 while anything is held. */
int ipcr_decide_release(void);

#endif
