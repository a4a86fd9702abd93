/* mqueue: POSIX message queues, kernel-bounded mailboxes. A rank has one queue, from which it reads
 * what all others of its node send: one queue for each pair would meet the limits at once, of which
 * a user has 800 KiB and a machine 256 queues.
 *
 * Others find it through its owner's /proc/PID/fd (mqueue_make.c), so it vanishes with its owner,
 * whatever kills it. A full queue is back-pressure: its descriptor tells when there is room.
 */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "err.h"
#include "gather.h"
#include "links.h"
#include "mqueue.h"
#include "peer.h"

extern const struct ipcr_transport ipcr_transport_mqueue;

/* Where a rank's queue is: what open() publishes, and what stands before the bytes of each message,
 * so that whoever gets one can answer. The queue is in nobody's hands but the job's (mode 0600, no
 * name), so what it says is true. */
struct home {
    int32_t rank, pid, fd;
};

struct mqueue_link {
    struct ipcr_link link;   /* first */
    struct ipcr_source room; /* in its queue */
    int fd;                  /* its queue; -1: not linked */
    size_t most;             /* bytes of a message there, without the head */
};

static ssize_t mqueue_write(struct ipcr_stream *s, const struct iovec *part, size_t parts);
static int attach(struct ipcr_link *l);
static void detach(struct ipcr_link *l);
static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms);

static struct ipcr_links links = {.via = &ipcr_transport_mqueue,
                                  .bytes = sizeof(struct mqueue_link),
                                  .write = mqueue_write,
                                  .attach = attach,
                                  .detach = detach,
                                  .tick = tick};

static struct {
    struct ipcr_source source; /* my queue */
    int fd;
    struct home home;
    size_t size; /* of its messages */
    char *in;    /* [size] */
    char *out;   /* [largest size of another queue so far] */
    size_t out_size;
} mq;

/* ---- out ---- */

static int room(struct ipcr_source *self, uint32_t events, int budget)
{
    (void)self, (void)events, (void)budget;
    return 1; /* links.c tries all streams that are full */
}

/* 1; 0: its queue is full; -1 with errno. */
static int post(struct mqueue_link *m, size_t len)
{
    int rc;
    do
        rc = mq_send(m->fd, mq.out, sizeof mq.home + len, 0);
    while (rc < 0 && errno == EINTR);
    if (rc == 0)
        return 1;
    if (errno != EAGAIN)
        return -1;
    ipcr_hub_watch(&links.hub, m->fd, &m->room, EPOLLOUT | EPOLLONESHOT);
    return 0;
}

static ssize_t mqueue_write(struct ipcr_stream *s, const struct iovec *part, size_t parts)
{
    struct mqueue_link *m = (struct mqueue_link *)s;
    size_t written = 0, n;
    if (m->fd < 0) {
        errno = ESRCH;
        return -1;
    }
    memcpy(mq.out, &mq.home, sizeof mq.home);
    while ((n = ipcr_gather(mq.out + sizeof mq.home, m->most, part, parts, written)) > 0) {
        int rc = post(m, n);
        if (rc <= 0)
            return rc < 0 && !written ? -1 : (ssize_t)written;
        written += n;
    }
    return (ssize_t)written;
}

/* ---- whose queue is where ---- */

/* Another queue may be larger or smaller: it was made at another moment. */
static int learn_size(struct mqueue_link *m)
{
    struct mq_attr a;
    if (mq_getattr(m->fd, &a) < 0)
        return -errno;
    size_t size = (size_t)a.mq_msgsize;
    m->most = size - sizeof(struct home);
    if (size <= mq.out_size)
        return 0;
    char *out = realloc(mq.out, size);
    if (!out)
        return -ENOMEM;
    mq.out = out;
    mq.out_size = size;
    return 0;
}

static int find(struct mqueue_link *m, const struct home *at)
{
    char path[48];
    if (m->fd >= 0)
        return 0;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", at->pid, at->fd);
    m->fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return m->fd < 0 ? -errno : learn_size(m);
}

/* ---- in ---- */

/* Whoever sends may be gone when its message is read: then there is nobody to be found. */
static int take(size_t len)
{
    struct home from;
    memcpy(&from, mq.in, sizeof from);
    if (len < sizeof from || from.rank < 0 || from.rank >= links.job->size ||
        from.rank == links.job->rank)
        ipcr_err_fatal("rank %d on %s found a message in its queue that no rank of this job sends",
                       links.job->rank, links.job->host);
    struct ipcr_link *l = ipcr_links_of(&links, from.rank);
    if (!l || find((struct mqueue_link *)l, &from) == -ENOMEM)
        ipcr_err_fatal("rank %d on %s has no memory to talk to rank %d", links.job->rank,
                       links.job->host, from.rank);
    return ipcr_link_feed(l, mq.in + sizeof from, len - sizeof from);
}

static int mqueue_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    int happened = 0;
    (void)self, (void)events;
    while (happened < budget) {
        ssize_t n = mq_receive(mq.fd, mq.in, mq.size, NULL);
        if (n < 0 && errno != EINTR)
            break;
        if (n >= 0)
            happened += take((size_t)n);
    }
    return happened;
}

static unsigned tick(uint64_t now_ms, uint32_t elapsed_ms)
{
    (void)now_ms, (void)elapsed_ms;
    ipcr_links_tick(&links);
    return 0;
}

static int mqueue_poll(int budget)
{
    return ipcr_links_poll(&links, budget);
}

static int mqueue_wait_fd(void)
{
    return links.hub.epoll;
}

/* ---- life ---- */

static int attach(struct ipcr_link *l)
{
    struct mqueue_link *m = (struct mqueue_link *)l;
    m->room.ready = room;
    m->fd = -1;
    return 0;
}

static void detach(struct ipcr_link *l)
{
    struct mqueue_link *m = (struct mqueue_link *)l;
    if (m->fd >= 0)
        mq_close(m->fd);
}

static int mqueue_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&mq, 0, sizeof mq);
    mq.fd = -1;
    mq.source.ready = mqueue_ready;
    int rc = ipcr_links_open(&links, job);
    if (rc == 0)
        mq.fd = ipcr_mqueue_make(job, &mq.size);
    if (rc == 0 && mq.fd < 0)
        rc = mq.fd;
    if (rc == 0 && !(mq.in = malloc(mq.size)))
        rc = -ENOMEM;
    if (rc < 0)
        return rc;
    ipcr_hub_watch(&links.hub, mq.fd, &mq.source, EPOLLIN);
    mq.home = (struct home){job->rank, getpid(), mq.fd};
    memcpy(mine->bytes, &mq.home, sizeof mq.home);
    mine->len = sizeof mq.home;
    return 0;
}

static void mqueue_close(void)
{
    ipcr_links_close(&links);
    if (mq.fd >= 0)
        mq_close(mq.fd);
    free(mq.in);
    free(mq.out);
}

static int mqueue_link_peer(struct ipcr_peer *peer, const void *addr, size_t len)
{
    struct home at;
    if (len != sizeof at)
        return -EINVAL;
    memcpy(&at, addr, sizeof at);
    struct ipcr_link *l = ipcr_links_of(&links, peer->rank);
    if (!l)
        return -errno;
    peer->link = l;
    return find((struct mqueue_link *)l, &at);
}

const struct ipcr_transport ipcr_transport_mqueue = {
    .name = "mqueue",
    .eager_max = 8 * 1024,
    .frag_max = 64 * 1024,
    .reach = IPCR_REACH_NODE,
    .needs_dir = true,
    .open = mqueue_open,
    .close = mqueue_close,
    .link = mqueue_link_peer,
    .unlink = ipcr_link_unlink,
    .send = ipcr_link_send,
    .unsent = ipcr_link_unsent,
    .poll = mqueue_poll,
    .wait_fd = mqueue_wait_fd,
};
