// A ping-pong over TCP with TCP_NODELAY that never sleeps (both sides ask again and again, as a
// spinning MPI does), and a stream: on the loopback, or between two hosts,
//     limits --serve ADDRESS:PORT    on one, and
//     limits --meet ADDRESS:PORT     on the other
#include "limits_net.h"

#include "../launcher/probe.h"
#include "stats.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES = 15, PINGS = 500, STREAM = 64 << 20, PIECE = 1 << 20 };

static const size_t sizes[] = {1, 8, 1024, 65536};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static int fail(const char *what)
{
    fprintf(stderr, "limits: %s: %s\n", what, strerror(errno));
    return -1;
}

// Moves all bytes one way without ever sleeping. 0, or -1 with a word on stderr.
static int move(int fd, char *buf, size_t bytes, int out)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = out ? send(fd, buf + done, bytes - done, MSG_NOSIGNAL)
                        : recv(fd, buf + done, bytes - done, 0);
        if (n == 0 && !out) {
            errno = ECONNRESET;
            return fail("the other side is gone");
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return fail("TCP");
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int make_ready(int fd)
{
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        close(fd);
        return fail("TCP_NODELAY");
    }
    return fd;
}

// The side that answers does as the other one measures, in the same order.
static int answer(int fd, char *buf)
{
    for (int s = 0; s < SIZES; s++)
        for (int i = 0; i < SAMPLES * PINGS; i++)
            if (move(fd, buf, sizes[s], 0) || move(fd, buf, sizes[s], 1))
                return -1;
    for (int b = 0; b < SAMPLES; b++) {
        for (size_t done = 0; done < STREAM; done += PIECE)
            if (move(fd, buf, PIECE, 0))
                return -1;
        if (move(fd, buf, 1, 1))
            return -1;
    }
    return 0;
}

static int measure_pings(int fd, char *buf, const char *name)
{
    double sample[SAMPLES];
    for (int s = 0; s < SIZES; s++) {
        for (int b = 0; b < SAMPLES; b++) {
            double start = ipcr_probe_now();
            for (int i = 0; i < PINGS; i++)
                if (move(fd, buf, sizes[s], 1) || move(fd, buf, sizes[s], 0))
                    return -1;
            sample[b] = (ipcr_probe_now() - start) / PINGS / 2;
        }
        stats_print((struct stats_label){name, 2, sizes[s], "us"},
                    stats_times(stats_of(sample, SAMPLES, PINGS), 1e6));
    }
    return 0;
}

static int measure_stream(int fd, char *buf, const char *name)
{
    double sample[SAMPLES];
    for (int b = 0; b < SAMPLES; b++) {
        double start = ipcr_probe_now();
        for (size_t done = 0; done < STREAM; done += PIECE)
            if (move(fd, buf, PIECE, 1))
                return -1;
        if (move(fd, buf, 1, 0)) // all has been read
            return -1;
        sample[b] = ipcr_probe_now() - start;
    }
    stats_print((struct stats_label){name, 2, PIECE, "MB/s"},
                stats_rate(stats_of(sample, SAMPLES, STREAM / PIECE), 1e-6 * STREAM));
    return 0;
}

// With an accepted or a connected socket, which it closes. fd < 0: there is none.
static int talk(int fd, int answers, const char *ping, const char *stream)
{
    char *buf = calloc(1, PIECE);
    int rc = fd < 0 || !buf ? -1 : 0;
    if (rc == 0)
        rc = answers ? answer(fd, buf)
                     : measure_pings(fd, buf, ping) || measure_stream(fd, buf, stream);
    if (fd >= 0)
        close(fd);
    free(buf);
    return rc;
}

// ADDRESS:PORT, an IPv6 address in brackets. NULL with a word on stderr.
static struct addrinfo *look_up(const char *text)
{
    char host[200];
    const char *colon = strrchr(text, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    if (!colon || colon == text || (size_t)(colon - text) >= sizeof host) {
        fprintf(stderr, "limits: %s: an address has the form ADDRESS:PORT\n", text);
        return NULL;
    }
    snprintf(host, sizeof host, "%.*s", (int)(colon - text), text);
    size_t len = strlen(host), brackets = len > 2 && host[0] == '[' && host[len - 1] == ']';
    host[len - brackets] = 0;
    int bad = getaddrinfo(host + brackets, colon + 1, &hints, &found);
    if (bad)
        fprintf(stderr, "limits: %s: %s\n", text, gai_strerror(bad));
    return bad ? NULL : found;
}

static int listen_at(int fd, const struct addrinfo *at)
{
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(fd, at->ai_addr, at->ai_addrlen) || listen(fd, 1) ? -1 : 0;
}

// A socket that listens there or has connected; -1 with a word on stderr.
static int open_at(const char *text, int listens)
{
    struct addrinfo *at = look_up(text);
    if (!at)
        return -1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), rc = -1;
    if (fd >= 0)
        rc = listens ? listen_at(fd, at) : connect(fd, at->ai_addr, at->ai_addrlen);
    if (rc != 0)
        fail(text);
    freeaddrinfo(at);
    if (rc == 0 || fd < 0)
        return fd;
    close(fd);
    return -1;
}

int limits_serve(const char *address)
{
    int listener = open_at(address, 1), fd = -1;
    if (listener < 0)
        return 1;
    fd = accept(listener, NULL, NULL);
    close(listener);
    if (fd < 0)
        fail("accept");
    return talk(fd < 0 ? fd : make_ready(fd), 1, NULL, NULL) ? 1 : 0;
}

int limits_meet(const char *address)
{
    int fd = open_at(address, 0);
    if (fd < 0)
        return 1;
    stats_print_head();
    return talk(make_ready(fd), 0, "tcp_hosts", "tcp_hosts_stream") ? 1 : 0;
}

// Both ends of a connection over the loopback: a listener's backlog takes it before anybody
// accepts.
static int connect_self(int end[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    end[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    end[1] = -1;
    if (listener >= 0 && end[0] >= 0 && !bind(listener, (struct sockaddr *)&at, sizeof at) &&
        !listen(listener, 1) && !getsockname(listener, (struct sockaddr *)&at, &len) &&
        !connect(end[0], (struct sockaddr *)&at, sizeof at))
        end[1] = accept(listener, NULL, NULL);
    if (listener >= 0)
        close(listener);
    if (end[1] < 0 && end[0] >= 0)
        close(end[0]);
    return end[1] < 0 ? -1 : 0;
}

void limits_tcp(const int core[2])
{
    int end[2];
    if (core[0] == core[1]) {
        printf("# tcp needs two cores: both sides spin\n");
        return;
    }
    if (connect_self(end)) {
        printf("# tcp: %s\n", strerror(errno));
        return;
    }
    pid_t child = ipcr_probe_spawn();
    if (child == 0) {
        close(end[0]); // so that the other one's end is seen
        ipcr_probe_bind(core[1]);
        _exit(talk(make_ready(end[1]), 1, NULL, NULL) ? 1 : 0);
    }
    close(end[1]);
    ipcr_probe_bind(core[0]);
    if (talk(make_ready(end[0]), 0, "tcp", "tcp_stream"))
        printf("# tcp: no figures\n");
    if (child > 0)
        ipcr_probe_reap(child);
}
