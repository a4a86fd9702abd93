/* Bytes in order over datagrams that may be lost, doubled or overtake each other: one object for
 * each of the two ends. Knows neither sockets nor clocks: its owner transmits, hands in what has
 * come, and says what time it is (microseconds of any clock that does not go back).
 *
 * Every segment has a number. The receiver answers with the first number that it misses and a map
 * of those beyond that it has (a selective acknowledgement, as RFC 2018 has it), with the segment
 * that it sends next or one that carries nothing else.
 *
 *   lost        what three later segments have overtaken, a round trip after it was sent; and what
 *               has no answer after `rto` (RFC 6298; doubled each time, up to
 * IPCR_RELIABLE_RTO_MAX) round trip  each segment carries its sender's clock, and each answer gives
 * one back: right for segments that were sent twice as well window      at most
 * IPCR_RELIABLE_WINDOW segments are under way, which is what the receiver can keep out of order;
 * and at most `allowed` of them, which begins small, grows with each answer, and is halved by a
 * loss (RFC 5681): a full socket buffer of a receiver that many send to is nothing else than a
 * network that is too slow.
 *
 * The receiver never refuses a segment inside the window: what is in order goes up at once, and
 * whoever is above has flow control of its own (p2p). */
#ifndef IPCR_RELIABLE_H
#define IPCR_RELIABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define IPCR_RELIABLE_WINDOW  64
#define IPCR_RELIABLE_RTO_MIN 10000u /* a rank of a crowded node may wait so long for a core */
#define IPCR_RELIABLE_RTO_MAX 1000000u

struct ipcr_segment {
    uint64_t seq;         /* its number, if it has a payload */
    uint64_t ack;         /* all before this number have come */
    uint64_t sack;        /* bit i: number ack + 1 + i has come */
    uint32_t stamp, echo; /* sender's clock; receiver's clock as last heard, 0: not yet */
    uint32_t len;         /* bytes of payload */
    uint32_t ask;         /* answer this, although it carries nothing */
};

struct ipcr_reliable_slot {
    uint64_t sent; /* when it was transmitted last */
    uint32_t len;
    bool taken, lost; /* acknowledged; or to be sent again */
};

struct ipcr_reliable {
    /* The owner's: transmit() may lose what it is given, deliver() gets the bytes in order. */
    void (*transmit)(struct ipcr_reliable *r, const struct ipcr_segment *s, const void *payload);
    void (*deliver)(struct ipcr_reliable *r, const void *bytes, size_t len);
    size_t most; /* bytes of one payload, at both ends */

    /* out: segments una .. next - 1 are in slot[seq % WINDOW] */
    struct ipcr_reliable_slot slot[IPCR_RELIABLE_WINDOW];
    unsigned char *out; /* [WINDOW][most] */
    uint64_t una, next;
    uint64_t recover;                   /* a loss below this number is of a known crisis */
    uint32_t flight, lost;              /* under way; waiting to be sent again */
    uint32_t allowed, threshold, grown; /* congestion window, slow start's end, progress */
    uint32_t srtt, rttvar, rto;         /* microseconds; srtt 0: not measured yet */

    /* in */
    unsigned char *in; /* [WINDOW][most] */
    uint32_t in_len[IPCR_RELIABLE_WINDOW];
    uint64_t expect, have; /* have: as `sack` */
    uint32_t heard;        /* stamp of what came last */
    uint32_t unanswered;   /* segments that came since the last answer */
    bool urgent;           /* the other side should hear soon what is missing */
};

/* transmit, deliver and most are set before. 0 or -ENOMEM. */
int ipcr_reliable_open(struct ipcr_reliable *r);
void ipcr_reliable_close(struct ipcr_reliable *r);

/* Sends as many of these bytes as the windows allow: how many. */
size_t ipcr_reliable_write(struct ipcr_reliable *r, const struct iovec *part, size_t parts,
                           uint64_t now);
/* Something has come from the other end. False if it cannot come from there: ignore it. */
bool ipcr_reliable_arrive(struct ipcr_reliable *r, const struct ipcr_segment *s,
                          const void *payload, uint64_t now);
/* Answers what has come, if the other side should hear it now, or (`all`) if there is anything to
 * answer. An answer that rides on a segment of ours costs nothing, so wait for one for a moment. */
void ipcr_reliable_answer(struct ipcr_reliable *r, bool all, uint64_t now);
/* Sends an empty segment that asks for an answer. */
void ipcr_reliable_ask(struct ipcr_reliable *r, uint64_t now);

/* When tick() has something to do; UINT64_MAX: never. */
uint64_t ipcr_reliable_due(const struct ipcr_reliable *r);
/* Sends again what has had no answer for too long. */
void ipcr_reliable_tick(struct ipcr_reliable *r, uint64_t now);
/* All that was written has been acknowledged. */
bool ipcr_reliable_settled(const struct ipcr_reliable *r);

#endif
