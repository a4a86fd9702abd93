/* Streams between the ranks of a node (nodestream.h). */
#include "nodestream.h"

#include <errno.h>
#include <sys/epoll.h>

#include "err.h"
#include "peer.h"

#define FLUSH_MS 3000u /* for what is still under way at close */

static struct ipcr_hub hub;
static struct ipcr_conns conns;

static unsigned tick(uint64_t now, uint32_t elapsed_ms)
{
    (void)elapsed_ms;
    return ipcr_conns_tick(&conns, now) ? IPCR_HUB_SOON_MS : 0;
}

int ipcr_nodestream_open(const struct ipcr_job *job, const struct ipcr_transport *via)
{
    int rc = ipcr_hub_open(&hub, job);
    hub.tick = tick;
    return rc < 0 ? rc : ipcr_conns_open(&conns, &hub, via);
}

int ipcr_nodestream_inherit(const struct ipcr_job *job, const struct ipcr_transport *via)
{
    if (!job->channels)
        return -EBADF;
    int rc = ipcr_nodestream_open(job, via);
    for (int r = 0; r < job->size && rc == 0; r++)
        if (job->node_of[r] == job->node && r != job->rank) {
            const struct ipcr_channel *c = &job->channels[job->local_of[r]];
            rc = ipcr_nodestream_adopt(r, c->in, c->out);
        }
    return rc;
}

void ipcr_nodestream_close(void)
{
    ipcr_hub_stop_clock(&hub);
    ipcr_conns_close(&conns, FLUSH_MS);
    ipcr_hub_close(&hub);
}

bool ipcr_nodestream_vacant(int rank)
{
    return ipcr_conn_vacant(&conns, rank);
}

int ipcr_nodestream_adopt(int rank, int in, int out)
{
    struct ipcr_conn *p = ipcr_conn_of(&conns, rank);
    if (!p)
        return -ENOMEM;
    ipcr_conn_name(p, hub.job->host);
    ipcr_conn_adopt(p, in, out);
    return 0;
}

void ipcr_nodestream_watch(int fd, struct ipcr_source *source)
{
    ipcr_hub_watch(&hub, fd, source, EPOLLIN);
}

int ipcr_nodestream_link(struct ipcr_peer *peer, const void *addr, size_t len)
{
    (void)addr, (void)len;
    peer->link = ipcr_conn_of(&conns, peer->rank);
    return peer->link ? 0 : -ENOMEM;
}

void ipcr_nodestream_unlink(struct ipcr_peer *peer)
{
    peer->link = NULL;
}

enum ipcr_result ipcr_nodestream_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    return ipcr_conn_send(peer->link, f);
}

bool ipcr_nodestream_unsent(struct ipcr_peer *peer)
{
    return ipcr_conn_unsent(peer->link);
}

int ipcr_nodestream_poll(int budget)
{
    return ipcr_hub_poll(&hub, budget);
}

int ipcr_nodestream_wait_fd(void)
{
    return hub.epoll;
}
