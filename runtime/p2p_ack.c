/* Point-to-point, the answers to short messages whose senders wait for their receives (EAGER with
 * SYNC). A program that receives many of them in a row can be faster than its sender takes answers
 * in: those that find no room travel together, as many as fit into a ring entry. */
#include "protocol.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "progress.h"

enum { MORE = 4 }; /* names in the body, beside the header's */

struct ipcr_acks { /* parked; peer->acks while there is room in it */
    struct ipcr_backlog item;
    uint64_t name[1 + MORE];
    int n;
};

static enum ipcr_result transmit(struct ipcr_peer *peer, const uint64_t *name, int n)
{
    struct ipcr_frag f = {.hdr = {.kind = IPCR_ACK, .cookie = name[0]},
                          .buf = name + 1,
                          .len = (size_t)(n - 1) * sizeof *name};
    return ipcr_peer_transmit(peer, &f);
}

static enum ipcr_result resume(struct ipcr_peer *peer, struct ipcr_backlog *self)
{
    struct ipcr_acks *a = (struct ipcr_acks *)self;
    enum ipcr_result r = transmit(peer, a->name, a->n);
    if (r == IPCR_AGAIN)
        return r;
    if (peer->acks == a)
        peer->acks = NULL;
    free(a);
    return r;
}

static void park(struct ipcr_peer *peer, uint64_t cookie)
{
    struct ipcr_acks *a = malloc(sizeof *a);
    if (!a)
        ipcr_err_fatal("no memory for an answer to rank %d", peer->rank);
    a->item.resume = resume;
    a->name[0] = cookie;
    a->n = 1;
    peer->acks = a;
    ipcr_peer_park(peer, &a->item);
}

static void join(struct ipcr_peer *peer, uint64_t cookie)
{
    struct ipcr_acks *a = peer->acks;
    a->name[a->n++] = cookie;
    if (a->n <= MORE)
        return;
    peer->acks = NULL;
    ipcr_progress_poll(); /* there may be room meanwhile */
}

void ipcr_ack(struct ipcr_peer *peer, uint64_t cookie)
{
    if (peer->acks)
        join(peer, cookie);
    else if (peer->head || transmit(ipcr_peer_ready(peer), &cookie, 1) == IPCR_AGAIN)
        park(ipcr_peer_ready(peer), cookie);
}
