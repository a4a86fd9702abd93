/* The connection of this rank with another one.
 *
 * A rank that leaves says farewell on each connection. When a connection ends without, its peer is
 * lost: its process died, its host did, or the network. The launcher mostly knows better which, and
 * ends this job within moments; so the loss is only noted, and becomes an error of its own when
 * this process is still there GRACE_MS later.
 *
 * A host that has vanished without a word is noticed by keepalive on a connection where nothing is
 * under way, and else here: TCP_USER_TIMEOUT cannot tell it from a receiver that is well but
 * computes while its window is full (it counts the time without progress, not without answer), so
 * the age of the last acknowledgement is looked up every few seconds. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#include "err.h"
#include "peer.h"
#include "stream.h"
#include "tcp.h"

#define GRACE_MS  2000u
#define SILENT_MS 12000u /* without acknowledgement of what is sent again and again */

extern const struct ipcr_transport ipcr_transport_tcp;

enum pair_state {
    VACANT, /* no connection yet; perhaps it is looked for */
    OPEN,
    LEFT, /* the other rank has said farewell and closed */
    LOST
};

enum { TALKING, FAREWELL_PUT, PARTED }; /* steps of close */

struct ipcr_tcp_pair {
    struct ipcr_tcp_source source;
    struct ipcr_tcp_pair *next;
    struct ipcr_stream stream;
    int rank;
    uint8_t state; /* enum pair_state */
    uint8_t parting;
    bool writing; /* EPOLLOUT is armed */
    int error;    /* LOST: why, negative */
    uint64_t lost_ms;
    char host[64]; /* for messages; where it has not said its name, the address */
};

static struct {
    const struct ipcr_job *job;
    struct ipcr_tcp_pair **of; /* [job->size], NULL where there was nothing yet */
    struct ipcr_tcp_pair *list;
} pairs;

static int pair_ready(struct ipcr_tcp_source *self, uint32_t events, int budget);

struct ipcr_tcp_pair *ipcr_tcp_pair_of(int rank)
{
    struct ipcr_tcp_pair *p = pairs.of[rank];
    if (p || !(p = calloc(1, sizeof *p)))
        return p;
    p->source.ready = pair_ready;
    p->rank = rank;
    p->stream.fd = -1;
    p->next = pairs.list;
    pairs.list = p;
    pairs.of[rank] = p;
    return p;
}

void ipcr_tcp_pair_name(struct ipcr_tcp_pair *p, const char *host)
{
    snprintf(p->host, sizeof p->host, "%s", host);
}

bool ipcr_tcp_pair_vacant(int rank)
{
    return !pairs.of[rank] || pairs.of[rank]->state == VACANT;
}

static void name_by_address(struct ipcr_tcp_pair *p, int fd)
{
    struct sockaddr_storage remote;
    socklen_t len = sizeof remote;
    char text[IPCR_TCP_TEXT] = "another host";
    if (getpeername(fd, (struct sockaddr *)&remote, &len) == 0)
        ipcr_tcp_addr_text(&remote, text);
    ipcr_tcp_pair_name(p, text);
}

void ipcr_tcp_pair_adopt(int rank, int fd)
{
    struct ipcr_tcp_pair *p = ipcr_tcp_pair_of(rank);
    if (!p || ipcr_stream_open(&p->stream, fd, &ipcr_peers[rank], &ipcr_transport_tcp) < 0)
        ipcr_err_fatal("rank %d on %s has no memory for a connection with rank %d", pairs.job->rank,
                       pairs.job->host, rank);
    int off = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &off, sizeof off);
    if (!p->host[0])
        name_by_address(p, fd);
    p->state = OPEN;
    ipcr_tcp_watch(fd, &p->source, EPOLLIN);
    ipcr_tcp_hurry();
}

/* The connection has ended. What happened to the fragments in it does not matter any more. */
static void end(struct ipcr_tcp_pair *p, int error)
{
    bool orderly = p->stream.farewell && error != -EPROTO;
    ipcr_stream_close(&p->stream);
    p->state = orderly ? LEFT : LOST;
    p->error = error;
    p->lost_ms = ipcr_tcp_now();
    if (!orderly)
        ipcr_tcp_hurry();
}

static const char *reason(int error)
{
    switch (error) {
    case -ENODATA:
        return "it was closed by the other side, whose process has probably ended";
    case -EPROTO:
        return "bytes arrived that no rank of this job sends";
    case -ETIMEDOUT:
        return "the other host does not answer any more";
    default:
        return strerror(-error);
    }
}

static void report_loss(const struct ipcr_tcp_pair *p)
{
    ipcr_err_fatal("the connection of rank %d on %s with rank %d on %s is lost: %s",
                   pairs.job->rank, pairs.job->host, p->rank, p->host, reason(p->error));
}

static void write_when_possible(struct ipcr_tcp_pair *p, bool wanted)
{
    if (p->writing == wanted)
        return;
    p->writing = wanted;
    ipcr_tcp_watch(p->stream.fd, &p->source, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int pair_ready(struct ipcr_tcp_source *self, uint32_t events, int budget)
{
    struct ipcr_tcp_pair *p = (struct ipcr_tcp_pair *)self;
    int n = 0, rc;
    if (p->state != OPEN)
        return 0;
    if ((events & EPOLLOUT) && ipcr_stream_flush(&p->stream) == IPCR_OK) {
        write_when_possible(p, false);
        n++;
    }
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return n;
    rc = ipcr_stream_get(&p->stream, budget);
    if (rc < 0)
        end(p, rc);
    return rc < 0 ? n + 1 : n + rc;
}

/* Does the other host's kernel still acknowledge? It does for a rank that reads nothing, too. */
static bool unanswered(const struct ipcr_tcp_pair *p)
{
    struct tcp_info i = {0};
    socklen_t len = sizeof i;
    if (getsockopt(p->stream.fd, IPPROTO_TCP, TCP_INFO, &i, &len) < 0)
        return false;
    return i.tcpi_last_ack_recv >= SILENT_MS &&
           ((i.tcpi_unacked && i.tcpi_retransmits >= 3) || i.tcpi_probes >= 3);
}

/* True while it wants to be looked at again soon. */
static bool look_at(struct ipcr_tcp_pair *p, uint64_t now)
{
    if (p->state == OPEN && unanswered(p))
        end(p, -ETIMEDOUT);
    if (p->state == LOST && now - p->lost_ms >= GRACE_MS)
        report_loss(p);
    return p->state == LOST;
}

bool ipcr_tcp_pair_tick(uint64_t now)
{
    bool soon = false;
    for (struct ipcr_tcp_pair *p = pairs.list; p; p = p->next)
        soon |= look_at(p, now);
    return soon;
}

/* ---- sending ---- */

/* To a rank that has left MPI_Finalize: it needs no answers any more, and can take no messages. */
static enum ipcr_result send_after_farewell(const struct ipcr_tcp_pair *p,
                                            const struct ipcr_wire *hdr)
{
    if (hdr->kind == IPCR_EAGER || hdr->kind == IPCR_RTS || hdr->kind == IPCR_DATA)
        ipcr_err_fatal("rank %d on %s has a message (tag %d) for rank %d on %s, which has finished "
                       "MPI_Finalize already",
                       pairs.job->rank, pairs.job->host, hdr->tag, p->rank, p->host);
    return IPCR_OK;
}

enum ipcr_result ipcr_tcp_pair_send(struct ipcr_tcp_pair *p, const struct ipcr_frag *f)
{
    if (p->state != OPEN)
        return p->state == LEFT ? send_after_farewell(p, &f->hdr) : IPCR_AGAIN;
    enum ipcr_result r = ipcr_stream_put(&p->stream, f);
    if (r == IPCR_FAIL && errno == ENOMEM)
        ipcr_err_fatal("rank %d on %s has no memory to send to rank %d", pairs.job->rank,
                       pairs.job->host, p->rank);
    /* A write that fails says only that the connection has ended. What the peer sent before, its
     * farewell perhaps, is still to be read, so reading decides what this means (end). */
    if (r == IPCR_FAIL)
        p->stream.full = true;
    else if (p->stream.full)
        write_when_possible(p, true);
    return r == IPCR_FAIL ? IPCR_AGAIN : r;
}

bool ipcr_tcp_pair_unsent(const struct ipcr_tcp_pair *p)
{
    return p->stream.tail_at < p->stream.tail_end;
}

/* ---- parting ---- */

/* Goes on with the farewell as far as the socket allows. True while there is something to wait
 * for: that the other host has it all, or that the other rank parts as well. Until then the socket
 * must not be closed: closing one with unread bytes resets the connection, and what we sent last
 * would be lost. */
static bool part(struct ipcr_tcp_pair *p)
{
    char unread[4096];
    ssize_t n;
    int under_way = 0;
    if (p->parting == TALKING && ipcr_stream_flush(&p->stream) == IPCR_OK &&
        ipcr_stream_part(&p->stream) == IPCR_OK)
        p->parting = FAREWELL_PUT;
    if (p->parting == FAREWELL_PUT && ipcr_stream_flush(&p->stream) == IPCR_OK) {
        shutdown(p->stream.fd, SHUT_WR);
        p->parting = PARTED;
    }
    do
        n = recv(p->stream.fd, unread, sizeof unread, MSG_DONTWAIT);
    while (n > 0 || (n < 0 && errno == EINTR));
    if (n == 0 || errno != EAGAIN)
        return false;
    write_when_possible(p, p->stream.full);
    ioctl(p->stream.fd, SIOCOUTQ, &under_way);
    return p->parting != PARTED || under_way > 0;
}

static bool part_all(void)
{
    bool waiting = false;
    for (struct ipcr_tcp_pair *p = pairs.list; p; p = p->next) {
        if (p->state != OPEN)
            continue;
        if (part(p)) {
            waiting = true;
        } else {
            ipcr_stream_close(&p->stream);
            p->state = LEFT;
        }
    }
    return waiting;
}

int ipcr_tcp_pair_open(const struct ipcr_job *job)
{
    memset(&pairs, 0, sizeof pairs);
    pairs.job = job;
    pairs.of = calloc((size_t)job->size, sizeof(struct ipcr_tcp_pair *));
    return pairs.of ? 0 : -ENOMEM;
}

void ipcr_tcp_pair_close(uint64_t ms, void (*wait)(void))
{
    for (uint64_t begin = ipcr_tcp_now(); part_all() && ipcr_tcp_now() - begin < ms;)
        wait();
    for (struct ipcr_tcp_pair *p = pairs.list, *next; p; p = next) {
        next = p->next;
        ipcr_stream_close(&p->stream);
        free(p);
    }
    free(pairs.of);
    memset(&pairs, 0, sizeof pairs);
}
