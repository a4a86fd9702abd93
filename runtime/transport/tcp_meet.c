/* One connection that comes about, dialled or accepted: it goes through the handshake of auth.h and
 * is handed to conn.c when the lower rank commits to it, or is closed.
 *
 * Anybody can connect to the listener. Who is no rank of this job gets no further than the
 * handshake: nothing but its fixed few bytes is read, nothing is allocated for it but this record.
 * Accepted connections have no time limit, because a rank that dialled may compute for hours before
 * it goes on with the handshake; their number has one. When there are too many the oldest goes, and
 * if it was one of ours, it dials again. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "allowed.h"
#include "auth.h"
#include "err.h"
#include "log.h"
#include "tcp.h"

/* Accepted connections without a proof, beyond one for each rank: so many, but no more than this
 * part of the descriptors that the process may have. The rest is for the program, and for
 * connections of ours. */
#define STRANGERS      256
#define STRANGERS_PART 4
#define ACCEPTS        64 /* taken from the listener at once */

struct ipcr_tcp_attempt {
    struct ipcr_source source;
    struct ipcr_tcp_attempt *next, **at; /* in the list of accepted ones, or of closed ones */
    struct ipcr_tcp_dial *dial;          /* NULL: accepted */
    int rank, place;                     /* dialled: of whom, and index of the address */
    int fd;                              /* -1: closed, or handed on */
    bool answered;
    struct ipcr_auth auth;
};

static struct {
    const struct ipcr_job *job;
    struct ipcr_source listener;
    int listen_fd;
    struct ipcr_tcp_attempt *accepted, **accepted_end; /* the oldest first */
    int strangers, most_strangers;
    struct ipcr_tcp_attempt *closed;
} meet;

/* No delay: a message is worth a packet. Keepalive finds a host that is gone while nothing is
 * sent. The user timeout is for the handshake only: on an open connection it would also hit a
 * receiver that is alive, but computes with its window full (tcp.c looks for itself). */
static void tune(int fd)
{
    static const struct {
        int level, name, value;
    } options[] = {{IPPROTO_TCP, TCP_NODELAY, 1},  {SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, 5}, {IPPROTO_TCP, TCP_KEEPINTVL, 3},
                   {IPPROTO_TCP, TCP_KEEPCNT, 3},  {IPPROTO_TCP, TCP_USER_TIMEOUT, 15000}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(int));
}

/* ---- the end of an attempt ---- */

static void leave_accepted(struct ipcr_tcp_attempt *a)
{
    *a->at = a->next;
    if (a->next)
        a->next->at = a->at;
    else
        meet.accepted_end = a->at;
    meet.strangers--;
}

void ipcr_tcp_meet_drop(struct ipcr_tcp_attempt *a)
{
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
    if (!a->dial)
        leave_accepted(a);
    a->next = meet.closed;
    meet.closed = a;
}

void ipcr_tcp_meet_sweep(void)
{
    for (struct ipcr_tcp_attempt *a = meet.closed, *next; a; a = next) {
        next = a->next;
        free(a);
    }
    meet.closed = NULL;
}

static void fail(struct ipcr_tcp_attempt *a, const char *why, int error)
{
    IPCR_TRACE("tcp: a connection with rank %d failed: %s", a->rank, why ? why : strerror(error));
    ipcr_tcp_meet_drop(a);
    if (a->dial)
        ipcr_tcp_dial_failed(a->dial, a->place, why, error);
}

/* ---- handshake ---- */

static int hand_on(struct ipcr_tcp_attempt *a)
{
    int fd = a->fd, rank = a->auth.peer;
    a->fd = -1;
    if (!a->dial)
        ipcr_tcp_meet_drop(a);
    ipcr_tcp_dial_stop(rank); /* drops all that were dialled */
    ipcr_tcp_adopt(rank, fd);
    return 1;
}

static int settle(struct ipcr_tcp_attempt *a, enum ipcr_auth_result r)
{
    if (r == IPCR_AUTH_WAIT)
        return 0;
    if (r != IPCR_AUTH_BAD && !ipcr_tcp_vacant(a->auth.peer)) {
        fail(a, "has a connection already", 0);
        return 0;
    }
    if (r == IPCR_AUTH_CHOOSE)
        r = ipcr_auth_commit(&a->auth, a->fd);
    if (r == IPCR_AUTH_OPEN)
        return hand_on(a);
    fail(a, a->auth.why, a->auth.error);
    return 0;
}

static int attempt_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    struct ipcr_tcp_attempt *a = (struct ipcr_tcp_attempt *)self;
    (void)events, (void)budget;
    if (a->fd < 0) /* closed since this event was fetched */
        return 0;
    if (a->answered)
        return settle(a, ipcr_auth_step(&a->auth, a->fd));
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error) {
        fail(a, NULL, error ? error : errno);
        return 0;
    }
    a->answered = true;
    ipcr_tcp_watch(a->fd, &a->source, EPOLLIN);
    return settle(a, ipcr_auth_dial(&a->auth, meet.job, a->fd, a->rank));
}

/* ---- dialling ---- */

bool ipcr_tcp_meet_answered(const struct ipcr_tcp_attempt *a)
{
    return a->answered;
}

struct ipcr_tcp_attempt *ipcr_tcp_meet_take(struct ipcr_tcp_dial *dial, int rank, int place, int fd)
{
    struct ipcr_tcp_attempt *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    *a = (struct ipcr_tcp_attempt){
        .source.ready = attempt_ready, .dial = dial, .rank = rank, .place = place, .fd = fd};
    ipcr_tcp_watch(fd, &a->source, EPOLLOUT);
    return a;
}

struct ipcr_tcp_attempt *ipcr_tcp_meet_dial(struct ipcr_tcp_dial *dial, int rank, int place,
                                            const struct sockaddr_storage *to, socklen_t len,
                                            int *error)
{
    int fd = socket(to->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        goto no_socket;
    tune(fd);
    if (connect(fd, (const struct sockaddr *)to, len) < 0 && errno != EINPROGRESS)
        goto close_socket;
    struct ipcr_tcp_attempt *a = ipcr_tcp_meet_take(dial, rank, place, fd);
    if (!a)
        goto close_socket;
    return a;
close_socket:
    *error = errno;
    close(fd);
    return NULL;
no_socket:
    *error = errno;
    return NULL;
}

/* ---- accepting ---- */

static void accept_one(int fd)
{
    struct ipcr_tcp_attempt *a = calloc(1, sizeof *a);
    if (!a) {
        close(fd);
        return;
    }
    tune(fd);
    *a = (struct ipcr_tcp_attempt){
        .source.ready = attempt_ready, .at = meet.accepted_end, .rank = -1, .fd = fd};
    a->answered = true;
    *a->at = a;
    meet.accepted_end = &a->next;
    meet.strangers++;
    ipcr_auth_accept(&a->auth, meet.job);
    ipcr_tcp_watch(fd, &a->source, EPOLLIN);
    if (meet.strangers > meet.most_strangers)
        fail(meet.accepted, "is the oldest of too many strangers", 0);
}

static int listener_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    (void)self, (void)events, (void)budget;
    for (int i = 0; i < ACCEPTS; i++) {
        int fd = accept4(meet.listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            accept_one(fd);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            break;
        else if (errno != EMFILE && errno != ENFILE)
            continue; /* that one connection failed before we came to it */
        else if (meet.accepted)
            fail(meet.accepted, "makes room for another stranger", 0);
        else
            ipcr_err_fatal("rank %d on %s cannot accept a connection: %s; raise the limit (ulimit "
                           "-n) above the number of ranks",
                           meet.job->rank, meet.job->host, strerror(errno));
    }
    return 0;
}

static int listen_on(sa_family_t family, uint16_t *port)
{
    struct sockaddr_storage any;
    struct ipcr_tcp_place nowhere = {.v6 = family == AF_INET6};
    socklen_t len = ipcr_tcp_place_sockaddr(&nowhere, *port, &any);
    int no = 0, yes = 1, fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (*port) /* the last job's connections may linger there */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (family == AF_INET6) /* IPv4 as well */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(fd, (struct sockaddr *)&any, len) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&any, &len) < 0) {
        int err = errno;
        close(fd);
        return -err;
    }
    *port = ntohs(family == AF_INET6 ? ((struct sockaddr_in6 *)&any)->sin6_port
                                     : ((struct sockaddr_in *)&any)->sin_port);
    return fd;
}

static int listen_at(void *ctx, uint16_t allowed)
{
    uint16_t *port = ctx;
    *port = allowed;
    meet.listen_fd = listen_on(AF_INET6, port);
    if (meet.listen_fd < 0 && meet.listen_fd != -EADDRINUSE) /* a kernel without IPv6 */
        meet.listen_fd = listen_on(AF_INET, port);
    return meet.listen_fd < 0 ? meet.listen_fd : 0;
}

static int bearable(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur / STRANGERS_PART > STRANGERS)
        return STRANGERS;
    return (int)(limit.rlim_cur / STRANGERS_PART);
}

int ipcr_tcp_meet_open(const struct ipcr_job *job, uint16_t *port)
{
    memset(&meet, 0, sizeof meet);
    meet.job = job;
    meet.listener.ready = listener_ready;
    meet.accepted_end = &meet.accepted;
    meet.most_strangers = bearable() + job->size;
    int rc = ipcr_allowed_port(job, listen_at, port);
    if (rc < 0)
        return rc;
    ipcr_tcp_watch(meet.listen_fd, &meet.listener, EPOLLIN);
    return 0;
}

void ipcr_tcp_meet_close(void)
{
    while (meet.accepted)
        ipcr_tcp_meet_drop(meet.accepted);
    ipcr_tcp_meet_sweep();
    close(meet.listen_fd);
}
