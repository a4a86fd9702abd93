/* A peer is another process of the job as this one sees it: which transport reaches it, what could
 * not be sent yet, and how much eager data it may still be sent. */
#ifndef IPCR_PEER_H
#define IPCR_PEER_H

#include "footprint.h"
#include "hidden.h"
#include "transport.h"
#include "transport/pace.h"

/* Something that waits for room towards one peer. resume() is called in order, the head first;
 * it returns OK (and the item is unlinked), AGAIN (stays the head) or FAIL (unlinked). */
struct ipcr_backlog {
    struct ipcr_backlog *next;
    enum ipcr_result (*resume)(struct ipcr_peer *peer, struct ipcr_backlog *self);
};

struct ipcr_lane_out;
struct ipcr_lane_in;

struct ipcr_peer {
    const struct ipcr_transport *via; /* NULL until the first use */
    void *link;                       /* private to the transport */
    /* The short way of small messages (lane.h), set by the transport that has it; NULL: there is
     * none, or not yet. */
    struct ipcr_lane_out *lane_out;
    struct ipcr_lane_in *lane_in;
    struct ipcr_board_count *count;   /* my board's counters for that transport */
    struct ipcr_backlog *head, *tail; /* waiting for room, in order */
    struct ipcr_acks *acks;           /* in the backlog, with room for more of them (p2p_ack.c) */
    struct ipcr_peer *next_stuck;     /* list of peers with a backlog (peer.c) */
    int rank;                         /* world rank */
    int local;                        /* its local rank if it is on my node, else -1 */
    size_t eager;                     /* largest message sent without asking first */
    size_t frag;                      /* largest fragment of what was announced */
    size_t exchange;                  /* the same while as much comes back (IPCR_EXCHANGE) */
    uint64_t owed;                    /* eager bytes sent and not yet reported as consumed */
    uint64_t consumed;                /* eager bytes of this peer consumed, not yet reported */
    uint64_t announced;               /* bytes announced to it and not yet answered */
    struct ipcr_pace pace;            /* set by a transport that lowers its limits for a while */
};

/* Whether small messages may go the short way: not while anybody looks on (observe.h, log.h). It
 * is known before the first link, and stays. */
extern bool ipcr_peer_lanes;

extern IPCR_HIDDEN struct ipcr_peer *ipcr_peers; /* [job.size], indexed by world rank */

/* Opens the transports this job needs and publishes addresses. 0 or negative errno (noted). */
int ipcr_peer_init(void);
void ipcr_peer_finish(void);

/* Whether what this rank would use for world rank r is the node segment. Links nothing. */
bool ipcr_peer_shares_memory(int r);
/* Whether this rank talks to any rank of the job over t: only such a transport is opened. */
bool ipcr_peer_uses(const struct ipcr_transport *t);

/* Chooses the transport of a peer on first use and links it; ends the job if none reaches it. */
void ipcr_peer_connect(struct ipcr_peer *peer);

/* Hands one fragment to the peer's transport, unless something already waits for that peer: order
 * is kept, so the caller gets AGAIN until the backlog is gone. Never blocks. */
enum ipcr_result ipcr_peer_send(struct ipcr_peer *peer, const struct ipcr_frag *f);

/* The same without regard to the backlog: only for resume() functions. Counts on the board. */
enum ipcr_result ipcr_peer_transmit(struct ipcr_peer *peer, const struct ipcr_frag *f);

/* Puts an item at the end of the peer's backlog. The item is the caller's and must stay valid until
 * its resume() returned OK or FAIL. */
void ipcr_peer_park(struct ipcr_peer *peer, struct ipcr_backlog *item);

/* Sends a control message with up to 32 bytes of body; when there is no room, keeps a copy. */
void ipcr_peer_control(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *body,
                       size_t len);

/* Tries all backlogs once; returns how many items went out. */
int ipcr_peer_retry(void);
/* True while anything waits for room. */
bool ipcr_peer_stuck(void);

#endif
