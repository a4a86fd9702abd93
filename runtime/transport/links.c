/* Links of ranks without a connection (links.h). */
#include "links.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "board.h"
#include "err.h"
#include "peer.h"
#include "seg.h"

#define BUDGET 64
#define GRACE  2000000u /* microseconds */
#define PART   3000000u /* for what is still under way at close */

/* ---- time ---- */

static void look_at_loss(struct ipcr_link *p, uint64_t now)
{
    const struct ipcr_job *job = p->set->job;
    if (p->state != IPCR_LINK_LOST || p->set->closing)
        return;
    if (now - p->lost_us >= GRACE)
        ipcr_err_fatal("rank %d on %s has lost rank %d (transport %s): %s", job->rank, job->host,
                       p->rank, p->set->via->name, p->why);
    ipcr_hub_alarm(&p->set->hub, p->lost_us + GRACE);
}

void ipcr_links_tick(struct ipcr_links *set)
{
    uint64_t now = ipcr_hub_now_us();
    for (struct ipcr_link *p = set->list; p; p = p->next)
        look_at_loss(p, now);
}

/* What found no room before. A stream that is full again says so at the price of one attempt; one
 * without a tail has nothing to write, and whether there is room will be seen when it is used. */
static int flush(struct ipcr_links *set)
{
    int n = 0;
    for (struct ipcr_link *p = set->list; p; p = p->next) {
        bool tail = p->stream.tail_at < p->stream.tail_end;
        if (p->stream.full && p->state == IPCR_LINK_OPEN &&
            ipcr_stream_flush(&p->stream) == IPCR_OK)
            n += tail;
    }
    return n;
}

int ipcr_links_poll(struct ipcr_links *set, int budget)
{
    int happened = ipcr_hub_poll(&set->hub, budget);
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
        ipcr_hub_watch(&p->set->hub, p->pidfd, &p->end, EPOLLIN);
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
    p->lost_us = ipcr_hub_now_us();
    ipcr_hub_alarm(&p->set->hub, p->lost_us + GRACE);
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
    set->closing = false;
    set->of = calloc((size_t)job->size, sizeof(struct ipcr_link *));
    int rc = ipcr_hub_open(&set->hub, job);
    set->hub.tick = set->tick;
    return set->of ? rc : -ENOMEM;
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
    for (uint64_t begin = ipcr_hub_now_us(); part_all(set) && ipcr_hub_now_us() - begin < PART;) {
        ipcr_hub_wait(&set->hub, 10);
        set->via->poll(BUDGET);
    }
    free_links(set);
    ipcr_hub_close(&set->hub);
}
