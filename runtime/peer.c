/* Peers: choice of transport, connection on first use, and what waits for room. */
#include "peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "env.h"
#include "err.h"
#include "lane.h"
#include "log.h"
#include "seg.h"

struct ipcr_peer *ipcr_peers;
struct ipcr_traffic ipcr_traffic;
bool ipcr_peer_lanes = true;

static struct ipcr_peer *stuck; /* peers with a backlog, singly linked by next_stuck */

/* What each rank publishes: for each open transport in table order, its address. */
static struct {
    bool open[IPCR_BOARD_TRANSPORTS];
    const void **blob; /* [job.size] published addresses, NULL if none are needed */
    size_t *blob_len;
} addresses;

/* A control message that found no room. */
struct parked_control {
    struct ipcr_backlog item;
    struct ipcr_wire hdr;
    size_t len;
    unsigned char body[32];
};

static struct ipcr_board *my_board(void)
{
    return ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
}

static struct ipcr_route route;

/* The row of the table for rank r; -1: none reaches it. */
static int choose(int r)
{
    if (r == ipcr_job.rank)
        return route.row[IPCR_PAIR_SELF];
    return route.row[ipcr_job.node_of[r] == ipcr_job.node ? IPCR_PAIR_NODE : IPCR_PAIR_REMOTE];
}

/* ipcrun has read the same list before it started this rank; a rank without ipcrun learns of its
 * mistakes here. */
static int read_route(void)
{
    char why[300];
    int rc = ipcr_route_make(&route, ipcr_env.transport, *ipcr_env.dir, why, sizeof why);
    if (rc < 0)
        ipcr_err_note(MPI_ERR_OTHER, "%s", why);
    return rc;
}

bool ipcr_peer_shares_memory(int r)
{
    int i = choose(r);
    return i >= 0 && ipcr_transports[i]->segment;
}

bool ipcr_peer_uses(const struct ipcr_transport *t)
{
    for (int r = 0; r < ipcr_job.size; r++) {
        int i = choose(r);
        if (i >= 0 && ipcr_transports[i] == t)
            return true;
    }
    return false;
}

/* What a rank publishes begins like this in every version; its addresses follow, whose form may
 * differ. */
struct intro {
    uint32_t version;
    char host[60];
};

/* Hosts have libraries of their own; of one host all ranks are taken to have the same. */
static int check_versions(void)
{
    for (int r = 0; r < ipcr_job.size; r++) {
        struct intro theirs = {0};
        size_t len = addresses.blob_len[r];
        memcpy(&theirs, addresses.blob[r], len < sizeof theirs ? len : sizeof theirs);
        if (theirs.version == IPCR_WIRE_VERSION && len >= sizeof theirs)
            continue;
        ipcr_err_note(MPI_ERR_OTHER,
                      "libmpi_abi of rank %d on %.59s speaks version %u of the protocol between "
                      "ranks, that of rank %d on %s version %u: install the same ipcrun on all "
                      "hosts",
                      r, theirs.host, theirs.version, ipcr_job.rank, ipcr_job.host,
                      IPCR_WIRE_VERSION);
        return -EPROTO;
    }
    return 0;
}

static int open_transports(unsigned char *blob, size_t *len)
{
    for (int i = 0; ipcr_transports[i]; i++) {
        const struct ipcr_transport *t = ipcr_transports[i];
        if (!ipcr_peer_uses(t))
            continue;
        struct ipcr_addr addr = {0};
        ipcr_err_forget();
        int rc = t->open(&ipcr_job, &addr);
        if (rc < 0 && ipcr_err_facts(MPI_ERR_OTHER))
            return rc; /* it has said more than its errno does */
        if (rc < 0) {
            ipcr_err_note(MPI_ERR_OTHER, "transport %s does not open: %s", t->name, strerror(-rc));
            return rc;
        }
        addresses.open[i] = true;
        strncpy(my_board()->sent[i].name, t->name, sizeof my_board()->sent[i].name - 1);
        if (!addr.len)
            continue;
        blob[(*len)++] = (unsigned char)i;
        memcpy(blob + *len, &addr.len, sizeof addr.len);
        memcpy(blob + *len + sizeof addr.len, addr.bytes, addr.len);
        *len += sizeof addr.len + addr.len;
    }
    return 0;
}

/* All ranks of a job open the same transports, so they agree on whether anybody has an address to
 * publish; a job on one node has none, and starts without waiting for anyone. */
static int publish(const unsigned char *blob, size_t len)
{
    if (len == sizeof(struct intro))
        return 0;
    addresses.blob = calloc((size_t)ipcr_job.size, sizeof *addresses.blob);
    addresses.blob_len = calloc((size_t)ipcr_job.size, sizeof *addresses.blob_len);
    if (!addresses.blob || !addresses.blob_len)
        return -ENOMEM;
    int rc = ipcr_boot_exchange(blob, len, addresses.blob, addresses.blob_len);
    if (rc < 0)
        ipcr_err_note(MPI_ERR_OTHER, "the exchange of addresses failed: %s", strerror(-rc));
    return rc < 0 ? rc : check_versions();
}

/* The address of rank r for transport i, NULL if it published none. */
static const void *address_of(int r, int i, size_t *len)
{
    *len = 0;
    if (!addresses.blob)
        return NULL;
    const unsigned char *p = addresses.blob[r], *end = p + addresses.blob_len[r];
    p += sizeof(struct intro);
    while (end - p >= 3) {
        uint16_t n;
        memcpy(&n, p + 1, sizeof n);
        if (end - p - 3 < n)
            return NULL;
        if (p[0] == i) {
            *len = n;
            return p + 3;
        }
        p += 3 + n;
    }
    return NULL;
}

int ipcr_peer_init(void)
{
    unsigned char blob[sizeof(struct intro) + IPCR_BOARD_TRANSPORTS * (IPCR_ADDR_MAX + 3)];
    struct intro mine = {.version = IPCR_WIRE_VERSION};
    size_t len = sizeof mine;
    snprintf(mine.host, sizeof mine.host, "%.59s", ipcr_job.host);
    memcpy(blob, &mine, sizeof mine);
    ipcr_peers = calloc((size_t)ipcr_job.size, sizeof *ipcr_peers);
    if (!ipcr_peers)
        return -ENOMEM;
    for (int r = 0; r < ipcr_job.size; r++) {
        ipcr_peers[r].rank = r;
        ipcr_peers[r].local = ipcr_job.node_of[r] == ipcr_job.node ? ipcr_job.local_of[r] : -1;
    }
    atomic_store(&my_board()->pid, (uint32_t)getpid());
    int rc = read_route();
    if (rc == 0)
        rc = open_transports(blob, &len);
    return rc < 0 ? rc : publish(blob, len);
}

void ipcr_peer_finish(void)
{
    for (int r = 0; r < ipcr_job.size && ipcr_peers; r++)
        if (ipcr_peers[r].via)
            ipcr_peers[r].via->unlink(&ipcr_peers[r]);
    for (int i = 0; ipcr_transports[i]; i++)
        if (addresses.open[i])
            ipcr_transports[i]->close();
    free(addresses.blob);
    free(addresses.blob_len);
    free(ipcr_peers);
    memset(&addresses, 0, sizeof addresses);
    ipcr_peers = NULL;
    stuck = NULL;
}

void ipcr_peer_connect(struct ipcr_peer *peer)
{
    int i = choose(peer->rank);
    if (i < 0)
        ipcr_err_fatal("no transport reaches rank %d from rank %d on %s", peer->rank, ipcr_job.rank,
                       ipcr_job.host);
    const struct ipcr_transport *t = ipcr_transports[i];
    size_t len;
    const void *addr = address_of(peer->rank, i, &len);
    peer->eager = t->eager_max;
    peer->exchange = t->exchange_max;
    peer->frag = t->frag_max;
    int rc = t->link(peer, addr, len);
    if (rc < 0)
        ipcr_err_fatal("transport %s cannot link rank %d on %s to rank %d: %s", t->name,
                       ipcr_job.rank, ipcr_job.host, peer->rank, strerror(-rc));
    peer->via = t;
    peer->count = &my_board()->sent[i];
    if (ipcr_env.eager >= 0) {
        size_t asked = (size_t)ipcr_env.eager;
        peer->eager = peer->exchange = asked < peer->eager ? asked : peer->eager;
    }
    if (peer->eager < IPCR_RING_INLINE) /* even a few bytes are to be asked for */
        peer->lane_out = NULL;
    IPCR_TRACE("link to rank %d over %s", peer->rank, t->name);
}

enum ipcr_result ipcr_peer_transmit(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    enum ipcr_result r = peer->via->send(peer, f);
    if (__builtin_expect(r == IPCR_FAIL, 0))
        ipcr_err_fatal("rank %d on %s lost contact with rank %d (transport %s)", ipcr_job.rank,
                       ipcr_job.host, peer->rank, peer->via->name);
    if (__builtin_expect(r == IPCR_AGAIN, 0))
        return r;
    ipcr_footprint_sent(peer->count, f->hdr.kind, f->len);
    return r;
}

enum ipcr_result ipcr_peer_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    if (__builtin_expect(peer->head != NULL, 0))
        return IPCR_AGAIN;
    return ipcr_peer_transmit(peer, f);
}

void ipcr_peer_park(struct ipcr_peer *peer, struct ipcr_backlog *item)
{
    item->next = NULL;
    if (peer->head) {
        peer->tail->next = item;
    } else {
        peer->head = item;
        peer->next_stuck = stuck;
        stuck = peer;
    }
    peer->tail = item;
}

static enum ipcr_result resume_control(struct ipcr_peer *peer, struct ipcr_backlog *self)
{
    struct parked_control *c = (struct parked_control *)self;
    struct ipcr_frag f = {.hdr = c->hdr, .buf = c->body, .len = c->len};
    enum ipcr_result r = ipcr_peer_transmit(peer, &f);
    if (r != IPCR_AGAIN)
        free(c);
    return r;
}

void ipcr_peer_control(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *body,
                       size_t len)
{
    if (!peer->via)
        ipcr_peer_connect(peer);
    struct ipcr_frag f = {.hdr = *hdr, .buf = body, .len = len};
    if (ipcr_peer_send(peer, &f) != IPCR_AGAIN)
        return;
    struct parked_control *c = malloc(sizeof *c);
    if (!c)
        ipcr_err_fatal("no memory for a %zu-byte control message to rank %d", sizeof *c,
                       peer->rank);
    c->item.resume = resume_control;
    c->hdr = *hdr;
    c->len = len;
    if (len)
        memcpy(c->body, body, len);
    ipcr_peer_park(peer, &c->item);
}

/* Sends what a peer's backlog holds until it is full again. resume() may free its item, so the
 * successor is read before; it never parks anything (it only transmits), so the successor is true
 * afterwards as well. */
static int retry_peer(struct ipcr_peer *peer)
{
    int n = 0;
    while (peer->head) {
        struct ipcr_backlog *next = peer->head->next;
        if (peer->head->resume(peer, peer->head) == IPCR_AGAIN)
            break;
        peer->head = next;
        n++;
    }
    return n;
}

int ipcr_peer_retry(void)
{
    int n = 0;
    for (struct ipcr_peer **at = &stuck; *at;) {
        struct ipcr_peer *peer = *at;
        n += retry_peer(peer);
        if (peer->head)
            at = &peer->next_stuck;
        else
            *at = peer->next_stuck;
    }
    return n;
}

bool ipcr_peer_stuck(void)
{
    return stuck != NULL;
}
