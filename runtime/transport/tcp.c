/* tcp: ranks of different nodes. The default there; one connection per pair, made when the pair
 * first talks (tcp.h).
 *
 * All sockets, the listener and a timer are in one epoll instance, which is also what a sleeping
 * rank waits for. The timer runs fast while a connection is looked for or a lost one is to be
 * reported, slowly while there are connections, and not at all before. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "err.h"
#include "conn.h"
#include "peer.h"
#include "tcp.h"

#define SLOW_MS   2000u
#define FLUSH_MS  3000u  /* for what is still under way at close */
#define SILENT_MS 12000u /* without acknowledgement of what is sent again and again */

extern const struct ipcr_transport ipcr_transport_tcp;

static struct {
    const struct ipcr_job *job;
    struct ipcr_tcp_addr mine;
    struct ipcr_hub hub;
    struct ipcr_conns conns;
} tcp;

void ipcr_tcp_watch(int fd, struct ipcr_source *source, uint32_t events)
{
    ipcr_hub_watch(&tcp.hub, fd, source, events);
}

static unsigned tick(uint64_t now, uint32_t elapsed_ms)
{
    unsigned dials = ipcr_tcp_dial_tick(elapsed_ms);
    unsigned conns = ipcr_conns_tick(&tcp.conns, now) ? IPCR_HUB_SOON_MS : SLOW_MS;
    return dials && dials < conns ? dials : conns;
}

/* ---- connections ---- */

bool ipcr_tcp_vacant(int rank)
{
    return ipcr_conn_vacant(&tcp.conns, rank);
}

/* Where the other rank has not said its name, the address stands for it. */
static void name_by_address(struct ipcr_conn *p, int fd)
{
    struct sockaddr_storage remote;
    socklen_t len = sizeof remote;
    char text[IPCR_TCP_TEXT] = "another host";
    if (getpeername(fd, (struct sockaddr *)&remote, &len) == 0)
        ipcr_tcp_addr_text(&remote, text);
    ipcr_conn_name(p, text);
}

void ipcr_tcp_adopt(int rank, int fd)
{
    struct ipcr_conn *p = ipcr_conn_of(&tcp.conns, rank);
    if (!p)
        ipcr_err_fatal("rank %d on %s has no memory for a connection with rank %d", tcp.job->rank,
                       tcp.job->host, rank);
    int off = 0;
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &off, sizeof off);
    if (!ipcr_conn_has_name(p))
        name_by_address(p, fd);
    ipcr_conn_adopt(p, fd, fd);
    ipcr_hub_hurry(&tcp.hub, IPCR_HUB_SOON_MS);
}

/* Does the other host's kernel still acknowledge? It does for a rank that reads nothing, too.
 *
 * A host that has vanished without a word is noticed by keepalive on a connection where nothing is
 * under way, and else here: TCP_USER_TIMEOUT cannot tell it from a receiver that is well but
 * computes while its window is full (it counts the time without progress, not without answer), so
 * the age of the last acknowledgement is looked up every few seconds. */
static bool unanswered(int fd)
{
    struct tcp_info i = {0};
    socklen_t len = sizeof i;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len) < 0)
        return false;
    return i.tcpi_last_ack_recv >= SILENT_MS &&
           ((i.tcpi_unacked && i.tcpi_retransmits >= 3) || i.tcpi_probes >= 3);
}

static bool under_way(int fd)
{
    int bytes = 0;
    ioctl(fd, SIOCOUTQ, &bytes);
    return bytes > 0;
}

/* ---- the transport ---- */

static int tcp_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&tcp, 0, sizeof tcp);
    tcp.job = job;
    int rc = ipcr_hub_open(&tcp.hub, job);
    tcp.hub.tick = tick;
    if (rc == 0)
        rc = ipcr_conns_open(&tcp.conns, &tcp.hub, &ipcr_transport_tcp);
    tcp.conns.unanswered = unanswered;
    tcp.conns.under_way = under_way;
    tcp.conns.gathers = true;
    if (rc == 0)
        rc = ipcr_tcp_addr_mine(&tcp.mine, job);
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
    struct ipcr_conn *p = ipcr_conn_of(&tcp.conns, peer->rank);
    if (!p)
        return -ENOMEM;
    ipcr_conn_name(p, theirs.host);
    peer->link = p;
    if (!ipcr_tcp_vacant(peer->rank)) /* the other side was first */
        return 0;
    ipcr_tcp_addr_sort(&theirs, &tcp.mine);
    ipcr_hub_hurry(&tcp.hub, IPCR_TCP_NEXT_MS);
    return ipcr_tcp_dial_start(tcp.job, peer->rank, &theirs);
}

static void tcp_unlink(struct ipcr_peer *peer)
{
    ipcr_tcp_dial_stop(peer->rank);
    peer->link = NULL;
}

static enum ipcr_result tcp_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    return ipcr_conn_send(peer->link, f);
}

static bool tcp_unsent(struct ipcr_peer *peer)
{
    return ipcr_conn_unsent(peer->link);
}

static int tcp_poll(int budget)
{
    ipcr_conns_look(&tcp.conns);
    int happened = ipcr_hub_poll(&tcp.hub, budget);
    ipcr_tcp_meet_sweep();
    return happened;
}

static int tcp_wait_fd(void)
{
    return tcp.hub.epoll;
}

static void tcp_close(void)
{
    ipcr_tcp_dial_stop_all();
    ipcr_tcp_meet_close();
    ipcr_hub_stop_clock(&tcp.hub);
    ipcr_conns_close(&tcp.conns, FLUSH_MS);
    ipcr_hub_close(&tcp.hub);
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
