/* tcp: ranks of different nodes. The default there; one connection per pair, made when the pair
 * first talks (tcp.h).
 *
 * All sockets, the listener and a timer are in one epoll instance, which is also what a sleeping
 * rank waits for. The timer runs fast while a connection is looked for or a lost one is to be
 * reported, slowly while there are connections, and not at all before. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "peer.h"
#include "stream.h"
#include "tcp.h"

#define EVENTS   64
#define SLOW_MS  2000u
#define FLUSH_MS 3000u /* for what is still under way at close */

static struct {
    const struct ipcr_job *job;
    struct ipcr_tcp_addr mine;
    int epoll, timer;
    struct ipcr_tcp_source clock;
    unsigned pace_ms; /* of the timer; 0: stopped */
    uint64_t ticked;
} tcp;

void ipcr_tcp_watch(int fd, struct ipcr_tcp_source *source, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = source};
    if (epoll_ctl(tcp.epoll, EPOLL_CTL_MOD, fd, &e) == 0)
        return;
    if (errno != ENOENT || epoll_ctl(tcp.epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        ipcr_err_fatal("rank %d on %s cannot watch a connection: %s", tcp.job->rank, tcp.job->host,
                       strerror(errno));
}

/* ---- time ---- */

uint64_t ipcr_tcp_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void set_pace(unsigned ms)
{
    if (ms == tcp.pace_ms)
        return;
    if (!tcp.pace_ms)
        tcp.ticked = ipcr_tcp_now();
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    timerfd_settime(tcp.timer, 0, &(struct itimerspec){t, t}, NULL);
    tcp.pace_ms = ms;
}

void ipcr_tcp_hurry(void)
{
    set_pace(IPCR_TCP_TICK_MS);
}

static int tick(struct ipcr_tcp_source *self, uint32_t events, int budget)
{
    (void)self, (void)events, (void)budget;
    uint64_t times, now = ipcr_tcp_now();
    if (read(tcp.timer, &times, sizeof times) < 0)
        return 0; /* set anew since it went off */
    bool soon = ipcr_tcp_dial_tick((uint32_t)(now - tcp.ticked));
    tcp.ticked = now;
    soon |= ipcr_tcp_pair_tick(now);
    set_pace(soon ? IPCR_TCP_TICK_MS : SLOW_MS);
    return 0;
}

/* ---- the transport ---- */

static int tcp_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&tcp, 0, sizeof tcp);
    tcp.job = job;
    tcp.clock.ready = tick;
    tcp.epoll = epoll_create1(EPOLL_CLOEXEC);
    tcp.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (tcp.epoll < 0 || tcp.timer < 0)
        return -errno;
    ipcr_tcp_watch(tcp.timer, &tcp.clock, EPOLLIN);
    int rc = ipcr_tcp_pair_open(job);
    if (rc == 0)
        rc = ipcr_tcp_addr_mine(&tcp.mine);
    if (rc == 0)
        rc = ipcr_tcp_meet_open(job, &tcp.mine.port);
    if (rc < 0)
        return rc;
    snprintf(tcp.mine.host, sizeof tcp.mine.host, "%.*s", (int)sizeof tcp.mine.host - 1, job->host);
    ipcr_tcp_addr_pack(&tcp.mine, mine);
    return 0;
}

static int tcp_link(struct ipcr_peer *peer, const void *addr, size_t len)
{
    struct ipcr_tcp_addr theirs;
    int rc = ipcr_tcp_addr_unpack(&theirs, addr, len);
    if (rc < 0)
        return rc;
    struct ipcr_tcp_pair *p = ipcr_tcp_pair_of(peer->rank);
    if (!p)
        return -ENOMEM;
    ipcr_tcp_pair_name(p, theirs.host);
    peer->link = p;
    if (!ipcr_tcp_pair_vacant(peer->rank)) /* the other side was first */
        return 0;
    ipcr_tcp_addr_sort(&theirs, &tcp.mine);
    ipcr_tcp_hurry();
    return ipcr_tcp_dial_start(tcp.job, peer->rank, &theirs);
}

static void tcp_unlink(struct ipcr_peer *peer)
{
    ipcr_tcp_dial_stop(peer->rank);
    peer->link = NULL;
}

static enum ipcr_result tcp_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    return ipcr_tcp_pair_send(peer->link, f);
}

static bool tcp_unsent(struct ipcr_peer *peer)
{
    return ipcr_tcp_pair_unsent(peer->link);
}

static int tcp_poll(int budget)
{
    struct epoll_event event[EVENTS];
    int n = epoll_wait(tcp.epoll, event, EVENTS, 0), happened = 0;
    bool ticked = false;
    for (int i = 0; i < n; i++) {
        struct ipcr_tcp_source *s = event[i].data.ptr;
        if (s == &tcp.clock)
            ticked = true;
        else
            happened += s->ready(s, event[i].events, budget);
    }
    if (ticked) /* last: answers that are there already are no timeouts */
        happened += tick(&tcp.clock, EPOLLIN, budget);
    if (n > 0)
        ipcr_tcp_meet_sweep();
    return happened;
}

static int tcp_wait_fd(void)
{
    return tcp.epoll;
}

static void wait_a_moment(void)
{
    struct epoll_event event;
    epoll_wait(tcp.epoll, &event, 1, 10);
}

static void tcp_close(void)
{
    ipcr_tcp_dial_stop_all();
    ipcr_tcp_meet_close();
    set_pace(0);
    ipcr_tcp_pair_close(FLUSH_MS, wait_a_moment);
    close(tcp.timer);
    close(tcp.epoll);
}

/* frag_max: smaller fragments cost calls, larger ones copies and memory, since the tail of the one
 * that fills the socket is kept. Over the loopback of a busy machine with two cores, messages of
 * 16 MB were a third slower in pieces of 64 KiB than of 256 KiB (in four runs of four); 1 MiB could
 * not be told from 256 KiB, and keeps four times the memory per connection. */
const struct ipcr_transport ipcr_transport_tcp = {
    .name = "tcp",
    .eager_max = IPCR_STREAM_EAGER,
    .frag_max = 256 * 1024,
    .reach = IPCR_REACH_ANY,
    .open = tcp_open,
    .close = tcp_close,
    .link = tcp_link,
    .unlink = tcp_unlink,
    .send = tcp_send,
    .unsent = tcp_unsent,
    .poll = tcp_poll,
    .wait_fd = tcp_wait_fd,
};
