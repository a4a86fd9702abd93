/* Point-to-point, what is fetched: announced messages that the receiver copies out of the sender's
 * memory.
 *
 * A system call that copies between processes costs 2 us before the first byte and 4 us for each
 * 32 KiB, so what a poll brings of one sender is fetched together: windows of messages of 32 KiB in
 * both directions 8.3 -> 14.6 GB/s. */
#include "protocol.h"

#include <string.h>

#include "progress.h"

/* More bytes than these gain nothing, and the first message would wait for the last. */
enum { ENOUGH = 512 * 1024 };

static struct {
    struct ipcr_peer *peer;
    int n;
    uint64_t bytes;
    struct ipcr_req *req[IPCR_PULLS];
    struct ipcr_pull part[IPCR_PULLS];
} gathered; /* from one sender; under the library lock */

static void finish(struct ipcr_req *req, bool here)
{
    if (!here) {
        ipcr_recv_ask(req);
        return;
    }
    ipcr_recv_answer(req->peer, IPCR_FIN, req->remote);
    ipcr_req_complete(req);
}

/* What completes may start receives that gather again, so nothing is left here by then. */
static void fetch(void)
{
    struct ipcr_req *req[IPCR_PULLS];
    int n = gathered.n;
    if (!n)
        return;
    bool here = gathered.peer->via->pull(gathered.peer, gathered.part, n) == 0;
    memcpy(req, gathered.req, (size_t)n * sizeof *req);
    gathered.n = 0;
    gathered.bytes = 0;
    for (int i = 0; i < n; i++)
        finish(req[i], here);
}

static bool soon; /* the end of the poll is to fetch */

static void end_of_poll(struct ipcr_deferred *self)
{
    (void)self;
    soon = false;
    fetch();
}

static struct ipcr_deferred at_end = {.run = end_of_poll};

static void fetch_soon(void)
{
    if (!soon)
        ipcr_progress_defer(&at_end);
    soon = true;
}

static void add(struct ipcr_peer *peer, struct ipcr_req *req, uint64_t remote)
{
    if (gathered.peer != peer)
        fetch();
    gathered.peer = peer;
    gathered.req[gathered.n] = req;
    gathered.part[gathered.n++] =
        (struct ipcr_pull){remote, ipcr_msg_base(&req->msg), req->received};
    gathered.bytes += req->received;
}

bool ipcr_pull_message(struct ipcr_req *req, uint64_t remote, bool gather)
{
    if (!remote || !req->msg.type->dense || req->size < ipcr_protocol.pull_min)
        return false;
    /* The announcement may be the first that this rank has to do with the sender. */
    struct ipcr_peer *peer = ipcr_peer_ready(req->peer);
    if (!peer->via->pull)
        return false;
    add(peer, req, remote);
    /* Behind what a blocking call waits for nothing more is taken from the ring (ring_frag.h), so
     * that has to be complete when it has arrived. */
    bool goal = ipcr_progress_goal == &req->complete;
    if (gather && !goal && gathered.n < IPCR_PULLS && gathered.bytes < ENOUGH)
        fetch_soon();
    else
        fetch();
    return true;
}
