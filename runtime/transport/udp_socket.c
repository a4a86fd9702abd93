/* The socket of the UDP transport.
 *
 * Each datagram carries a keyed MAC over its header, which names both ranks, so a stranger's is
 * dropped after some ten nanoseconds and leaves no trace. The payload is not covered: who can
 * rewrite packets between two hosts can do so with tcp, too. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/errqueue.h>

#include "allowed.h"
#include "siphash.h"
#include "udp.h"
#include "wire.h"

#define MAGIC  0x69706475u
#define BATCH  16        /* datagrams taken with one call */
#define BUFFER (4 << 20) /* of the socket, where the system allows that much */

static struct {
    const struct ipcr_job *job;
    int fd;
    bool v6;                                                             /* and IPv4 through it */
    unsigned char (*in)[sizeof(struct ipcr_udp_header) + IPCR_UDP_HERE]; /* [BATCH] */
} udp;

/* ---- places ---- */

/* A socket for both families takes IPv4 addresses in the clothes of IPv6. */
static void dress(struct ipcr_udp_place *p)
{
    struct sockaddr_in v4;
    if (!udp.v6 || p->at.ss_family != AF_INET)
        return;
    memcpy(&v4, &p->at, sizeof v4);
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = v4.sin_port};
    v6.sin6_addr.s6_addr[10] = v6.sin6_addr.s6_addr[11] = 0xff;
    memcpy(&v6.sin6_addr.s6_addr[12], &v4.sin_addr, 4);
    memcpy(&p->at, &v6, sizeof v6);
    p->len = sizeof v6;
}

void ipcr_udp_place_of(const struct ipcr_tcp_place *from, uint16_t port, struct ipcr_udp_place *to)
{
    to->len = ipcr_tcp_place_sockaddr(from, port, &to->at);
    dress(to);
}

void ipcr_udp_loopback(uint16_t port, struct ipcr_udp_place *to)
{
    struct ipcr_tcp_place lo = {.ip = {127, 0, 0, 1}};
    ipcr_udp_place_of(&lo, port, to);
}

/* ---- who sends ---- */

static void sign(const struct ipcr_udp_header *h, uint8_t mac[8])
{
    struct {
        uint8_t secret[IPCR_SECRET_BYTES - IPCR_SIPHASH_KEY];
        struct ipcr_udp_header h;
    } text = {.h = *h};
    uint8_t tag[IPCR_SIPHASH_TAG];
    memcpy(text.secret, udp.job->secret + IPCR_SIPHASH_KEY, sizeof text.secret);
    memset(text.h.mac, 0, sizeof text.h.mac);
    ipcr_siphash128(udp.job->secret, &text, sizeof text, tag);
    memcpy(mac, tag, 8);
}

/* Is this a datagram of this job for this rank? Compares in constant time. */
static bool genuine(const struct ipcr_udp_header *h, size_t len)
{
    uint8_t right[8];
    unsigned differ = 0;
    if (h->magic != MAGIC || h->version != IPCR_WIRE_VERSION || h->to != udp.job->rank ||
        h->from < 0 || h->from >= udp.job->size || h->from == h->to || len - sizeof *h != h->s.len)
        return false;
    sign(h, right);
    for (size_t i = 0; i < sizeof right; i++)
        differ |= right[i] ^ h->mac[i];
    return differ == 0;
}

/* ---- out ---- */

/* A datagram that the system does not take is one that was lost. But the error may be that of an
 * earlier one, reported late: so twice. */
void ipcr_udp_send(int rank, const struct ipcr_segment *s, const void *payload,
                   const struct ipcr_udp_place *to)
{
    struct ipcr_udp_header h = {
        .magic = MAGIC, .version = IPCR_WIRE_VERSION, .from = udp.job->rank, .to = rank, .s = *s};
    struct iovec part[2] = {{&h, sizeof h}, {(void *)(uintptr_t)payload, s->len}};
    struct msghdr m = {.msg_name = (void *)(uintptr_t)&to->at,
                       .msg_namelen = to->len,
                       .msg_iov = part,
                       .msg_iovlen = s->len ? 2 : 1};
    sign(&h, h.mac);
    if (sendmsg(udp.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
        sendmsg(udp.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- in ---- */

static int take(ipcr_udp_taker *taker, const unsigned char *bytes, size_t len,
                const struct ipcr_udp_place *from)
{
    struct ipcr_udp_header h;
    if (len < sizeof h)
        return 0;
    memcpy(&h, bytes, sizeof h);
    if (!genuine(&h, len))
        return 0;
    taker(h.from, &h.s, bytes + sizeof h, from);
    return 1;
}

/* *drained: the socket is empty. */
static int receive_batch(ipcr_udp_taker *taker, bool *drained)
{
    struct ipcr_udp_place from[BATCH];
    struct iovec part[BATCH];
    struct mmsghdr m[BATCH] = {0};
    for (int i = 0; i < BATCH; i++) {
        part[i] = (struct iovec){udp.in[i], sizeof udp.in[i]};
        m[i].msg_hdr = (struct msghdr){.msg_name = &from[i].at,
                                       .msg_namelen = sizeof from[i].at,
                                       .msg_iov = &part[i],
                                       .msg_iovlen = 1};
    }
    int n = recvmmsg(udp.fd, m, BATCH, MSG_DONTWAIT, NULL), taken = 0;
    for (int i = 0; i < n; i++) {
        from[i].len = m[i].msg_hdr.msg_namelen;
        taken += take(taker, udp.in[i], m[i].msg_len, &from[i]);
    }
    *drained = n < BATCH;
    return taken;
}

int ipcr_udp_receive(ipcr_udp_taker *taker, int budget)
{
    int taken = 0;
    for (bool drained = false; !drained && taken < budget;)
        taken += receive_batch(taker, &drained);
    return taken;
}

bool ipcr_udp_refused(struct ipcr_udp_place *by)
{
    char control[512];
    for (;;) {
        struct msghdr m = {.msg_name = &by->at,
                           .msg_namelen = sizeof by->at,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
        if (recvmsg(udp.fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
            return false;
        by->len = m.msg_namelen;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        if (c && ((struct sock_extended_err *)CMSG_DATA(c))->ee_errno == ECONNREFUSED)
            return true;
    }
}

/* ---- life ---- */

static int bind_at(void *ctx, uint16_t allowed)
{
    uint16_t *port = ctx;
    struct sockaddr_storage any;
    struct ipcr_tcp_place nowhere = {.v6 = udp.v6};
    socklen_t len = ipcr_tcp_place_sockaddr(&nowhere, allowed, &any);
    if (bind(udp.fd, (struct sockaddr *)&any, len) < 0 ||
        getsockname(udp.fd, (struct sockaddr *)&any, &len) < 0)
        return -errno;
    *port = ntohs(udp.v6 ? ((struct sockaddr_in6 *)&any)->sin6_port
                         : ((struct sockaddr_in *)&any)->sin_port);
    return 0;
}

int ipcr_udp_open(const struct ipcr_job *job, uint16_t *port)
{
    const int type = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int on = 1, off = 0, buffer = BUFFER;
    udp.job = job;
    udp.in = malloc(BATCH * sizeof *udp.in);
    udp.fd = socket(AF_INET6, type, 0);
    udp.v6 = udp.fd >= 0;
    if (udp.v6)
        setsockopt(udp.fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    else
        udp.fd = socket(AF_INET, type, 0);
    if (!udp.in || udp.fd < 0)
        return udp.in ? -errno : -ENOMEM;
    if (setsockopt(udp.fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) < 0)
        setsockopt(udp.fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    /* Refusals are told, with the address (ipcr_udp_refused). */
    setsockopt(udp.fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    if (udp.v6)
        setsockopt(udp.fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    return ipcr_allowed_port(job, bind_at, port);
}

void ipcr_udp_close(void)
{
    if (udp.fd >= 0)
        close(udp.fd);
    free(udp.in);
    udp.in = NULL;
    udp.fd = -1;
}

int ipcr_udp_fd(void)
{
    return udp.fd;
}
