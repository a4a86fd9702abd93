/* udp: datagrams, made reliable by reliable.c. One socket a rank, however many ranks it talks to:
 * for networks that lose packets, and where connections are counted.
 *
 * Where a rank of another host can be reached is found by asking at each of its addresses until an
 * answer comes; a rank of this host is at the loopback. Datagrams fit one packet of any usual
 * network there, and here are as long as the window's memory allows.
 *
 * A rank that computes does not answer, as its kernel would for TCP. So silence is no sign of death
 * here: it is retried ever more slowly and for ever. A process that has ended is noticed by its
 * port that refuses, a host that has vanished by the launcher. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>

#include "err.h"
#include "links.h"
#include "peer.h"
#include "udp.h"

#define ASK_FIRST 20000u /* microseconds between attempts to find a rank */
#define ASK_LAST  1000000u

extern const struct ipcr_transport ipcr_transport_udp;

struct udp_link {
    struct ipcr_link link; /* first */
    struct ipcr_reliable flow;
    struct ipcr_tcp_addr places; /* where it may be, once it is linked */
    struct ipcr_udp_place place; /* where it is, once that is known */
    uint64_t ask_at, ask_after;  /* when to ask next, and how long to wait then; 0: never */
};

static ssize_t udp_write(struct ipcr_stream *s, const struct iovec *part, size_t parts);
static int attach(struct ipcr_link *l);
static void detach(struct ipcr_link *l);
static bool settled(struct ipcr_link *l);
static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms);

static struct ipcr_links links = {.via = &ipcr_transport_udp,
                                  .bytes = sizeof(struct udp_link),
                                  .write = udp_write,
                                  .attach = attach,
                                  .detach = detach,
                                  .settled = settled,
                                  .tick = tick};
static struct ipcr_tcp_addr mine;
static struct ipcr_source source; /* the socket */

static struct udp_link *udp_of(struct ipcr_link *l)
{
    return (struct udp_link *)l;
}

static struct udp_link *link_of(int rank)
{
    struct ipcr_link *l = ipcr_links_of(&links, rank);
    if (!l)
        ipcr_err_fatal("rank %d on %s has no memory to talk to rank %d: %s", links.job->rank,
                       links.job->host, rank, strerror(errno));
    return udp_of(l);
}

/* ---- bytes ---- */

static struct udp_link *owner(struct ipcr_reliable *r)
{
    return (struct udp_link *)((char *)r - offsetof(struct udp_link, flow));
}

/* To where the rank is, or to everywhere it may be. */
static void transmit(struct ipcr_reliable *r, const struct ipcr_segment *s, const void *payload)
{
    struct udp_link *u = owner(r);
    struct ipcr_udp_place to;
    if (u->place.len) {
        ipcr_udp_send(u->link.rank, s, payload, &u->place);
        return;
    }
    for (int i = 0; i < u->places.n; i++) {
        ipcr_udp_place_of(&u->places.at[i], u->places.port, &to);
        ipcr_udp_send(u->link.rank, s, payload, &to);
    }
}

static ssize_t udp_write(struct ipcr_stream *s, const struct iovec *part, size_t parts)
{
    struct udp_link *u = (struct udp_link *)s;
    if (!u->place.len)
        return 0;
    size_t n = ipcr_reliable_write(&u->flow, part, parts, ipcr_hub_now_us());
    ipcr_hub_alarm(&links.hub, ipcr_reliable_due(&u->flow));
    return (ssize_t)n;
}

static void deliver(struct ipcr_reliable *r, const void *bytes, size_t len)
{
    ipcr_link_feed(&owner(r)->link, bytes, len);
}

static void take(int rank, const struct ipcr_segment *s, const void *payload,
                 const struct ipcr_udp_place *from)
{
    struct udp_link *u = link_of(rank);
    if (!u->place.len) {
        u->place = *from;
        u->ask_after = 0;
    }
    ipcr_reliable_arrive(&u->flow, s, payload, ipcr_hub_now_us());
}

/* Only a rank whose place is known is lost by a refusal: the others are at another place. */
static void take_refusals(void)
{
    struct ipcr_udp_place by;
    while (ipcr_udp_refused(&by))
        for (struct ipcr_link *l = links.list; l; l = l->next)
            if (udp_of(l)->place.len == by.len && !memcmp(&udp_of(l)->place.at, &by.at, by.len))
                ipcr_link_lose(l, "its port is closed, so its process has probably ended");
}

static int udp_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    (void)self;
    if (events & EPOLLERR)
        take_refusals();
    return ipcr_udp_receive(take, budget);
}

/* ---- time ---- */

static void ask(struct udp_link *u, uint64_t now)
{
    if (u->ask_after && u->ask_at <= now) {
        ipcr_reliable_ask(&u->flow, now);
        u->ask_at = now + u->ask_after;
        u->ask_after = u->ask_after < ASK_LAST / 2 ? u->ask_after * 2 : ASK_LAST;
    }
    if (u->ask_after)
        ipcr_hub_alarm(&links.hub, u->ask_at);
}

static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms)
{
    uint64_t now = ipcr_hub_now_us();
    (void)now_ms, (void)elapsed_ms;
    ipcr_links_tick(&links);
    for (struct ipcr_link *l = links.list; l; l = l->next) {
        ask(udp_of(l), now);
        if (l->state == IPCR_LINK_LEFT)
            continue;
        ipcr_reliable_tick(&udp_of(l)->flow, now);
        ipcr_hub_alarm(&links.hub, ipcr_reliable_due(&udp_of(l)->flow));
    }
    return 0;
}

static void answer(bool all)
{
    for (struct ipcr_link *l = links.list; l; l = l->next) {
        struct ipcr_reliable *r = &udp_of(l)->flow;
        if (r->unanswered || r->urgent)
            ipcr_reliable_answer(r, all, ipcr_hub_now_us());
    }
}

/* What came in the last round and has had no segment to ride on is answered now. */
static int udp_poll(int budget)
{
    answer(true);
    int n = ipcr_links_poll(&links, budget);
    answer(false);
    return n;
}

static int udp_wait_fd(void)
{
    return links.hub.epoll;
}

/* ---- life ---- */

static bool here(int rank)
{
    return links.job->node_of[rank] == links.job->node;
}

static int attach(struct ipcr_link *l)
{
    struct ipcr_reliable *r = &udp_of(l)->flow;
    r->transmit = transmit;
    r->deliver = deliver;
    r->most = here(l->rank) ? IPCR_UDP_HERE : IPCR_UDP_THERE;
    return ipcr_reliable_open(r);
}

static void detach(struct ipcr_link *l)
{
    ipcr_reliable_close(&udp_of(l)->flow);
}

static bool settled(struct ipcr_link *l)
{
    return ipcr_reliable_settled(&udp_of(l)->flow);
}

static int udp_open(const struct ipcr_job *job, struct ipcr_addr *published)
{
    int rc = ipcr_links_open(&links, job);
    if (rc == 0)
        rc = ipcr_udp_open(job, &mine.port);
    if (rc == 0)
        rc = ipcr_tcp_addr_mine(&mine, job);
    if (rc < 0)
        return rc;
    source.ready = udp_ready;
    ipcr_hub_watch(&links.hub, ipcr_udp_fd(), &source, EPOLLIN);
    snprintf(mine.host, sizeof mine.host, "%.*s", (int)sizeof mine.host - 1, job->host);
    ipcr_tcp_addr_pack(&mine, published);
    return 0;
}

static void udp_close(void)
{
    answer(true);
    ipcr_links_close(&links);
    ipcr_udp_close();
}

static int udp_link_peer(struct ipcr_peer *peer, const void *addr, size_t len)
{
    struct udp_link *u = link_of(peer->rank);
    int rc = ipcr_tcp_addr_unpack(&u->places, addr, len);
    if (rc < 0)
        return rc;
    peer->link = u;
    if (here(peer->rank))
        ipcr_udp_loopback(u->places.port, &u->place);
    if (u->place.len)
        return 0;
    ipcr_tcp_addr_sort(&u->places, &mine);
    u->ask_after = ASK_FIRST;
    ask(u, ipcr_hub_now_us());
    return 0;
}

/* frag_max: four datagrams on the loopback; larger ones only cost memory for the tail. */
const struct ipcr_transport ipcr_transport_udp = {
    .name = "udp",
    .eager_max = IPCR_STREAM_EAGER,
    .frag_max = 64 * 1024,
    .open = udp_open,
    .close = udp_close,
    .reach = IPCR_REACH_ANY,
    .link = udp_link_peer,
    .unlink = ipcr_link_unlink,
    .send = ipcr_link_send,
    .unsent = ipcr_link_unsent,
    .poll = udp_poll,
    .wait_fd = udp_wait_fd,
};
