/* Links of ranks without a connection (links.h). */
#include "links.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "err.h"
#include "peer.h"
#include "seg.h"

#define EVENTS 32
#define GRACE  2000000u /* microseconds */
#define PART   3000000u /* for what is still under way at close */

uint64_t ipcr_links_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- events and time ---- */

void ipcr_links_watch(struct ipcr_links *set, int fd, struct ipcr_source *source, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = source};
    if (epoll_ctl(set->epoll, EPOLL_CTL_MOD, fd, &e) == 0)
        return;
    if (errno != ENOENT || epoll_ctl(set->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        ipcr_err_fatal("rank %d on %s cannot watch a channel of transport %s: %s", set->job->rank,
                       set->job->host, set->via->name, strerror(errno));
}

/* An alarm that turns out to be too early is cheaper than a system call for each change of mind, so
 * it is only ever brought forward. */
void ipcr_links_alarm(struct ipcr_links *set, uint64_t when)
{
    if (when == UINT64_MAX || (set->alarm && set->alarm <= when))
        return;
    struct itimerspec t = {
        .it_value = {(time_t)(when / 1000000), (long)(when % 1000000) * 1000 + 1}};
    timerfd_settime(set->timer, TFD_TIMER_ABSTIME, &t, NULL);
    set->alarm = when;
}

static void look_at_loss(struct ipcr_link *p, uint64_t now)
{
    const struct ipcr_job *job = p->set->job;
    if (p->state != IPCR_LINK_LOST || p->set->closing)
        return;
    if (now - p->lost_us >= GRACE)
        ipcr_err_fatal("rank %d on %s has lost rank %d (transport %s): %s", job->rank, job->host,
                       p->rank, p->set->via->name, p->why);
    ipcr_links_alarm(p->set, p->lost_us + GRACE);
}

static int ring(struct ipcr_source *self, uint32_t events, int budget)
{
    struct ipcr_links *set =
        (struct ipcr_links *)((char *)self - offsetof(struct ipcr_links, clock));
    uint64_t times, now = ipcr_links_now();
    (void)events, (void)budget;
    if (read(set->timer, &times, sizeof times) < 0)
        return 0; /* set anew since it went off */
    set->alarm = 0;
    for (struct ipcr_link *p = set->list; p; p = p->next)
        look_at_loss(p, now);
    if (set->tick)
        set->tick(now);
    return 0;
}

/* What found no room before. A stream that is full again says so at the price of one attempt. */
static int flush(struct ipcr_links *set)
{
    int n = 0;
    for (struct ipcr_link *p = set->list; p; p = p->next)
        n += p->stream.full && p->state == IPCR_LINK_OPEN &&
             ipcr_stream_flush(&p->stream) == IPCR_OK;
    return n;
}

int ipcr_links_poll(struct ipcr_links *set, int budget)
{
    struct epoll_event event[EVENTS];
    int n = epoll_wait(set->epoll, event, EVENTS, 0), happened = 0;
    for (int i = 0; i < n; i++) {
        struct ipcr_source *s = event[i].data.ptr;
        happened += s->ready(s, event[i].events, budget);
    }
    return happened + flush(set);
}

/* ---- links ---- */

static int process_ended(struct ipcr_source *self, uint32_t events, int budget)
{
    struct ipcr_link *p = (struct ipcr_link *)((char *)self - offsetof(struct ipcr_link, end));
    (void)events, (void)budget;
    close(p->pidfd);
    p->pidfd = -1;
    p->dead = true;
    ipcr_link_lose(p, "its process has ended");
    return 1;
}

pid_t ipcr_links_pid(const struct ipcr_links *set, int rank)
{
    if (set->job->node_of[rank] != set->job->node)
        return 0;
    struct ipcr_board *b = ipcr_seg_board(ipcr_seg.base, set->job->local_of[rank]);
    return (pid_t)atomic_load_explicit(&b->pid, memory_order_relaxed);
}

/* Notices the end of its process, if that is one of this node. */
static void mourn(struct ipcr_link *p)
{
    p->pid = ipcr_links_pid(p->set, p->rank);
    p->end.ready = process_ended;
    p->pidfd = p->pid ? (int)syscall(SYS_pidfd_open, p->pid, 0) : -1;
    if (p->pidfd >= 0) {
        ipcr_links_watch(p->set, p->pidfd, &p->end, EPOLLIN);
    } else if (p->pid && errno == ESRCH) {
        p->dead = true;
        ipcr_link_lose(p, "its process has ended");
    }
}

void ipcr_link_lose(struct ipcr_link *p, const char *why)
{
    if (p->state != IPCR_LINK_OPEN)
        return;
    p->state = IPCR_LINK_LOST;
    p->why = why;
    p->lost_us = ipcr_links_now();
    ipcr_links_alarm(p->set, p->lost_us + GRACE);
}

static void free_link(struct ipcr_link *p)
{
    if (p->set->detach)
        p->set->detach(p);
    if (p->pidfd >= 0)
        close(p->pidfd);
    ipcr_stream_close(&p->stream);
    free(p);
}

struct ipcr_link *ipcr_links_of(struct ipcr_links *set, int rank)
{
    struct ipcr_link *p = set->of[rank];
    if (p || !(p = calloc(1, set->bytes)))
        return p;
    p->set = set;
    p->rank = rank;
    mourn(p);
    int rc = ipcr_stream_open(&p->stream, -1, &ipcr_peers[rank], set->via);
    p->stream.write = set->write;
    if (rc == 0 && set->attach)
        rc = set->attach(p);
    if (rc < 0) {
        free_link(p);
        errno = -rc;
        return NULL;
    }
    p->next = set->list;
    set->list = p;
    return set->of[rank] = p;
}

int ipcr_link_feed(struct ipcr_link *p, const void *bytes, size_t len)
{
    const struct ipcr_job *job = p->set->job;
    if (p->set->closing)
        return 0;
    int n = ipcr_stream_feed(&p->stream, bytes, len);
    if (n < 0)
        ipcr_err_fatal("rank %d on %s got bytes over transport %s that rank %d cannot have sent: "
                       "its memory is damaged, or somebody else writes to our channel",
                       job->rank, job->host, p->set->via->name, p->rank);
    if (p->stream.farewell)
        p->state = IPCR_LINK_LEFT;
    else if (p->state == IPCR_LINK_LOST && !p->dead)
        p->state = IPCR_LINK_OPEN;
    return n + 1;
}

/* ---- sending ---- */

/* To a rank that has left MPI_Finalize: it needs no answers any more, and can take no messages. */
static enum ipcr_result send_after_farewell(const struct ipcr_link *p, const struct ipcr_wire *hdr)
{
    const struct ipcr_job *job = p->set->job;
    if (hdr->kind == IPCR_EAGER || hdr->kind == IPCR_RTS || hdr->kind == IPCR_DATA)
        ipcr_err_fatal("rank %d on %s has a message (tag %d) for rank %d, which has finished "
                       "MPI_Finalize already",
                       job->rank, job->host, hdr->tag, p->rank);
    return IPCR_OK;
}

enum ipcr_result ipcr_link_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    struct ipcr_link *p = peer->link;
    if (p->state != IPCR_LINK_OPEN)
        return p->state == IPCR_LINK_LEFT ? send_after_farewell(p, &f->hdr) : IPCR_AGAIN;
    enum ipcr_result r = ipcr_stream_put(&p->stream, f);
    if (r != IPCR_FAIL)
        return r;
    if (errno == ENOMEM)
        ipcr_err_fatal("rank %d on %s has no memory to send to rank %d", p->set->job->rank,
                       p->set->job->host, p->rank);
    ipcr_link_lose(p, strerror(errno));
    return IPCR_AGAIN;
}

bool ipcr_link_unsent(struct ipcr_peer *peer)
{
    struct ipcr_link *p = peer->link;
    return p->state == IPCR_LINK_OPEN && p->stream.tail_at < p->stream.tail_end;
}

void ipcr_link_unlink(struct ipcr_peer *peer)
{
    peer->link = NULL;
}

/* ---- life ---- */

int ipcr_links_open(struct ipcr_links *set, const struct ipcr_job *job)
{
    set->job = job;
    set->list = NULL;
    set->alarm = 0;
    set->closing = false;
    set->clock.ready = ring;
    set->of = calloc((size_t)job->size, sizeof(struct ipcr_link *));
    set->epoll = epoll_create1(EPOLL_CLOEXEC);
    set->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (!set->of)
        return -ENOMEM;
    if (set->epoll < 0 || set->timer < 0)
        return -errno;
    ipcr_links_watch(set, set->timer, &set->clock, EPOLLIN);
    return 0;
}

/* Goes on with the farewell. True while there is something to wait for. Who has said farewell
 * itself needs nothing more from here. */
static bool part(struct ipcr_link *p)
{
    enum ipcr_result r = IPCR_OK;
    if (p->state != IPCR_LINK_OPEN)
        return false;
    if (!p->parted && (r = ipcr_stream_flush(&p->stream)) == IPCR_OK) {
        r = ipcr_stream_part(&p->stream);
        p->parted = r == IPCR_OK;
    }
    if (p->parted)
        r = ipcr_stream_flush(&p->stream);
    if (r != IPCR_OK)
        return r == IPCR_AGAIN;
    return p->set->settled && !p->set->settled(p);
}

static bool part_all(struct ipcr_links *set)
{
    bool waiting = false;
    for (struct ipcr_link *p = set->list; p; p = p->next)
        waiting |= part(p);
    return waiting;
}

static void wait_a_moment(struct ipcr_links *set)
{
    struct epoll_event event;
    epoll_wait(set->epoll, &event, 1, 10);
    set->via->poll(EVENTS);
}

static void free_links(struct ipcr_links *set)
{
    for (struct ipcr_link *p = set->list, *next; p; p = next) {
        next = p->next;
        free_link(p);
    }
    free(set->of);
    set->list = NULL;
    set->of = NULL;
}

void ipcr_links_close(struct ipcr_links *set)
{
    set->closing = true;
    for (uint64_t begin = ipcr_links_now(); part_all(set) && ipcr_links_now() - begin < PART;)
        wait_a_moment(set);
    free_links(set);
    if (set->timer >= 0)
        close(set->timer);
    if (set->epoll >= 0)
        close(set->epoll);
}
