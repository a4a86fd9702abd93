/* The other ranks as a transport sees them that has no connections of its own: what they send comes
 * out of one channel (a socket for datagrams, a message queue, signals) or out of files, and is
 * told apart by its sender. Each such rank has a record, with a stream in it (stream.h) for the
 * framing; here is what does not depend on the kind of channel, on top of a hub (hub.h):
 *
 *   - the state of each link: open, left (it has said farewell) or lost
 *   - parting at close: what was sent goes out, and a farewell after it
 *
 * A process of this node that ends without a farewell is noticed by a pidfd. The launcher mostly
 * knows better what happened and ends this job within moments, so a loss is only noted, and becomes
 * an error of its own when this process is still there GRACE later. Whatever the channel still
 * holds of a dead process (its farewell, perhaps) counts until then. */
#ifndef IPCR_LINKS_H
#define IPCR_LINKS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "hub.h"
#include "job.h"
#include "stream.h"
#include "transport.h"

enum ipcr_link_state { IPCR_LINK_OPEN, IPCR_LINK_LEFT, IPCR_LINK_LOST };

struct ipcr_links;

struct ipcr_link { /* first member of the transport's own record, which begins as zeros */
    struct ipcr_stream stream; /* first */
    struct ipcr_source end;    /* of its process: pidfd */
    struct ipcr_links *set;
    struct ipcr_link *next;
    int rank;
    pid_t pid;     /* of its process, where that is one of this node; else 0 */
    int pidfd;     /* the same; -1 where it has ended or cannot be had */
    uint8_t state; /* enum ipcr_link_state */
    bool parted;   /* at close: the farewell is in the stream */
    bool dead;     /* its process has ended */
    uint64_t lost_us;
    const char *why;
};

struct ipcr_links { /* one, static, for each transport */
    /* the transport's */
    const struct ipcr_transport *via;
    size_t bytes; /* of its record of a link */
    ssize_t (*write)(struct ipcr_stream *s, const struct iovec *part, size_t parts);
    int (*attach)(struct ipcr_link *p);   /* optional: makes the rest of a record; 0 or -errno */
    void (*detach)(struct ipcr_link *p);  /* optional: undoes attach, also a half of it */
    bool (*settled)(struct ipcr_link *p); /* optional: at close, nothing depends on this process */
    /* The hub's: calls ipcr_links_tick(), and does whatever else takes time. */
    unsigned (*tick)(uint64_t now, uint32_t elapsed_ms);

    /* its own; constant between open and close, except for the list */
    struct ipcr_hub hub;
    const struct ipcr_job *job;
    struct ipcr_link **of, *list;
    bool closing; /* what comes in is nobody's any more */
};

/* 0 or -errno; close() is right after a failure, too, and parts from all for a few seconds. */
int ipcr_links_open(struct ipcr_links *set, const struct ipcr_job *job);
void ipcr_links_close(struct ipcr_links *set);

/* Reports losses that have lasted. */
void ipcr_links_tick(struct ipcr_links *set);
/* As poll() of a transport. */
int ipcr_links_poll(struct ipcr_links *set, int budget);

/* The process of a rank of this node; 0 for others. */
pid_t ipcr_links_pid(const struct ipcr_links *set, int rank);
/* The record of a rank, made on first use; NULL, and a reason in errno. Lives until close. */
struct ipcr_link *ipcr_links_of(struct ipcr_links *set, int rank);
/* It seems to be lost; `why` is a sentence. Bytes that come from a living process prove the
 * opposite. */
void ipcr_link_lose(struct ipcr_link *p, const char *why);
/* Bytes that have come from it; returns how many things happened. */
int ipcr_link_feed(struct ipcr_link *p, const void *bytes, size_t len);

/* As send() and unsent() of a transport, for peer->link == such a link. */
enum ipcr_result ipcr_link_send(struct ipcr_peer *peer, const struct ipcr_frag *f);
bool ipcr_link_unsent(struct ipcr_peer *peer);
/* As unlink(): the record stays, since there may be something to part with. */
void ipcr_link_unlink(struct ipcr_peer *peer);

#endif
