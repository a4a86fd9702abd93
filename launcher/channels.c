/* Making and handing down the channels between the ranks of a node. A rank must inherit its own
 * ends and no others, or the death of a peer would not close what it had: so all are close-on-exec,
 * and each child clears that flag on its own. */
#include "channels.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

unsigned long ipcr_channels_cost(enum ipcr_inherit kind, int n)
{
    unsigned long pairs = (unsigned long)n * (unsigned long)(n - 1);
    return kind == IPCR_INHERIT_NOTHING ? 0 : kind == IPCR_INHERIT_SOCKETS ? pairs : 2 * pairs;
}

/* Gives it the least free number from `least` on. */
static int lift(int fd, int least)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, least);
    close(fd);
    return high;
}

static int make_sockets(struct ipcr_channels *c, int a, int b, int least)
{
    int fd[2];
    if (b < a)
        return 0; /* made as (b, a) */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd) < 0)
        return -errno;
    int here = lift(fd[0], least), there = lift(fd[1], least);
    c->in[a * c->n + b] = c->out[a * c->n + b] = here;
    c->in[b * c->n + a] = c->out[b * c->n + a] = there;
    return here < 0 || there < 0 ? -errno : 0;
}

static int make_pipe(struct ipcr_channels *c, int from, int to, int least)
{
    int fd[2];
    if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    int in = lift(fd[0], least), out = lift(fd[1], least);
    c->in[to * c->n + from] = in;
    c->out[from * c->n + to] = out;
    return in < 0 || out < 0 ? -errno : 0;
}

int ipcr_channels_make(struct ipcr_channels *c, enum ipcr_inherit kind, int n, int least)
{
    size_t places = (size_t)n * (size_t)n;
    *c = (struct ipcr_channels){.n = n};
    c->in = ipcr_alloc(places * sizeof(int));
    c->out = ipcr_alloc(places * sizeof(int));
    for (size_t i = 0; i < places; i++)
        c->in[i] = c->out[i] = -1;
    int rc = 0;
    for (int a = 0; a < n; a++)
        for (int b = 0; b < n && rc == 0; b++)
            if (a != b)
                rc = kind == IPCR_INHERIT_PIPES ? make_pipe(c, a, b, least)
                                                : make_sockets(c, a, b, least);
    return rc;
}

void ipcr_channels_keep(const struct ipcr_channels *c, int r)
{
    for (int i = r * c->n; i < (r + 1) * c->n; i++) {
        fcntl(c->in[i], F_SETFD, 0);
        fcntl(c->out[i], F_SETFD, 0);
    }
}

void ipcr_channels_close(struct ipcr_channels *c, int r)
{
    for (int i = r * c->n; i < (r + 1) * c->n; i++) {
        if (c->in[i] >= 0)
            close(c->in[i]);
        if (c->out[i] >= 0 && c->out[i] != c->in[i])
            close(c->out[i]);
        c->in[i] = c->out[i] = -1;
    }
}

void ipcr_channels_free(struct ipcr_channels *c)
{
    for (int r = 0; r < c->n; r++)
        ipcr_channels_close(c, r);
    free(c->in);
    free(c->out);
    *c = (struct ipcr_channels){0};
}
