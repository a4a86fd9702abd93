/* fifo: ranks of one node, over named pipes in the job's directory.
 *
 * At start each rank makes the pipes that lead to it, one for each other rank of its node, and
 * opens their reading ends. Who wants to send opens the writing end on first use and removes the
 * name: it has served. When the first bytes come in, the receiver opens its pipe in the other
 * direction, so that a pair is always connected both ways and each side says farewell to the other.
 * Names that nobody needed go when their rank closes, or with the directory.
 *
 * Beyond that it is `pipe`: for ranks that are not started by one process, which could hand pipes
 * down to them. One descriptor for each rank of the node, two where a pair talks. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "nodestream.h"
#include "peer.h"

extern const struct ipcr_transport ipcr_transport_fifo;

struct inlet { /* a pipe that leads here, until its pair is connected */
    struct ipcr_source source;
    int fd, rank; /* fd -1: the pair has it */
};

static struct {
    const struct ipcr_job *job;
    int dir;
    struct inlet *inlet; /* [size] */
} fifo;

#define NAME_ROOM 48

static void name_of(char name[NAME_ROOM], int from, int to)
{
    snprintf(name, NAME_ROOM, "fifo.%d.%d", from, to);
}

static bool is_mine(int rank)
{
    return fifo.job->node_of[rank] == fifo.job->node && rank != fifo.job->rank;
}

/* The writing end of the pipe that leads to a rank, or a negative errno. -ENXIO, -ENOENT: nobody
 * reads there any more. */
static int open_outlet(int rank)
{
    char name[NAME_ROOM];
    name_of(name, fifo.job->rank, rank);
    int out = openat(fifo.dir, name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (out < 0)
        return -errno;
    unlinkat(fifo.dir, name, 0);
    return out;
}

/* The pair gets both directions. */
static int connect_pair(int rank, int out)
{
    int in = fifo.inlet[rank].fd;
    fifo.inlet[rank].fd = -1;
    return ipcr_nodestream_adopt(rank, in, out < 0 ? -1 : out);
}

static int first_bytes(struct ipcr_source *self, uint32_t events, int budget)
{
    struct inlet *i = (struct inlet *)self;
    (void)events, (void)budget;
    if (i->fd < 0) /* connected since this event was fetched */
        return 0;
    int out = open_outlet(i->rank);
    /* A rank that has left already can be read to its end, but not answered. */
    int rc = out < 0 && out != -ENXIO && out != -ENOENT ? out : connect_pair(i->rank, out);
    if (rc < 0)
        ipcr_err_fatal("rank %d on %s cannot open the named pipe to rank %d: %s", fifo.job->rank,
                       fifo.job->host, i->rank, strerror(-rc));
    return 1;
}

static int make_inlet(int rank)
{
    struct inlet *i = &fifo.inlet[rank];
    char name[NAME_ROOM];
    name_of(name, rank, fifo.job->rank);
    if (mkfifoat(fifo.dir, name, 0600) < 0)
        return -errno;
    i->fd = openat(fifo.dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (i->fd < 0)
        return -errno;
    i->rank = rank;
    i->source.ready = first_bytes;
    ipcr_nodestream_watch(i->fd, &i->source);
    return 0;
}

static int fifo_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    fifo.job = job;
    fifo.inlet = calloc((size_t)job->size, sizeof *fifo.inlet);
    fifo.dir = open(job->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (!fifo.inlet || fifo.dir < 0)
        return fifo.inlet ? -errno : -ENOMEM;
    int rc = ipcr_nodestream_open(job, &ipcr_transport_fifo);
    for (int r = 0; r < job->size; r++) {
        fifo.inlet[r].fd = -1;
        if (rc == 0 && is_mine(r))
            rc = make_inlet(r);
    }
    /* An address says nothing here, but its exchange ends when all pipes are there. */
    mine->len = 1;
    return rc;
}

static void fifo_close(void)
{
    char name[NAME_ROOM];
    ipcr_nodestream_close();
    for (int r = 0; r < fifo.job->size; r++) {
        if (!is_mine(r))
            continue;
        name_of(name, r, fifo.job->rank);
        unlinkat(fifo.dir, name, 0);
        if (fifo.inlet[r].fd >= 0)
            close(fifo.inlet[r].fd);
    }
    close(fifo.dir);
    free(fifo.inlet);
}

static int fifo_link(struct ipcr_peer *peer, const void *addr, size_t len)
{
    if (ipcr_nodestream_vacant(peer->rank)) { /* else the other side was first */
        int out = open_outlet(peer->rank);
        int rc = out < 0 ? out : connect_pair(peer->rank, out);
        if (rc < 0)
            return rc;
    }
    return ipcr_nodestream_link(peer, addr, len);
}

const struct ipcr_transport ipcr_transport_fifo = {
    .name = "fifo",
    .eager_max = 32 * 1024,
    .frag_max = 64 * 1024, /* as pipe */
    .reach = IPCR_REACH_NODE,
    .needs_dir = true,
    .open = fifo_open,
    .close = fifo_close,
    .link = fifo_link,
    .unlink = ipcr_nodestream_unlink,
    .send = ipcr_nodestream_send,
    .unsent = ipcr_nodestream_unsent,
    .poll = ipcr_nodestream_poll,
    .wait_fd = ipcr_nodestream_wait_fd,
};
