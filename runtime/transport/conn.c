/* Fragments in and out of a connection, until farewell or loss (conn.h). */
#include "conn.h"

#include <errno.h>
#include <stddef.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "burst.h"
#include "err.h"
#include "peer.h"

#define GRACE_MS 2000u

enum conn_state {
    VACANT, /* no connection yet; perhaps it is looked for */
    OPEN,
    LEFT, /* the other rank has said farewell and closed */
    LOST
};

enum { TALKING, FAREWELL_PUT, PARTED }; /* steps of close */

struct ipcr_conn {
    struct ipcr_source source;
    struct ipcr_stream stream; /* its fd is what we read */
    int out;                   /* what we write; the same for a socket; -1: closed */
    struct ipcr_conns *all;
    struct ipcr_conn *next, *next_sent;
    struct ipcr_burst burst;
    int rank;
    uint8_t state; /* enum conn_state */
    uint8_t parting;
    bool writing; /* EPOLLOUT is armed */
    bool listed;  /* in all->sent */
    int error;    /* LOST: why, negative */
    uint64_t lost_ms;
    char host[64]; /* for messages */
};

static int conn_ready(struct ipcr_source *self, uint32_t events, int budget);

struct ipcr_conn *ipcr_conn_of(struct ipcr_conns *all, int rank)
{
    struct ipcr_conn *p = all->of[rank];
    if (p || !(p = calloc(1, sizeof *p)))
        return p;
    p->source = (struct ipcr_source){.ready = conn_ready, .steady = true};
    p->all = all;
    p->rank = rank;
    p->stream.fd = p->out = -1;
    p->next = all->list;
    all->list = p;
    all->of[rank] = p;
    return p;
}

void ipcr_conn_name(struct ipcr_conn *p, const char *host)
{
    snprintf(p->host, sizeof p->host, "%s", host);
}

bool ipcr_conn_has_name(const struct ipcr_conn *p)
{
    return p->host[0];
}

bool ipcr_conn_vacant(const struct ipcr_conns *all, int rank)
{
    return !all->of[rank] || all->of[rank]->state == VACANT;
}

static bool is_socket(const struct ipcr_conn *p)
{
    return p->out == p->stream.fd;
}

/* A pipe has no MSG_NOSIGNAL. The signal of a write that fails goes to the thread that wrote, so it
 * is held back in this thread and taken away before it can act: whatever the program does about
 * SIGPIPE is not disturbed. */
static ssize_t write_pipe(struct ipcr_stream *s, const struct iovec *part, size_t parts)
{
    struct ipcr_conn *p = (struct ipcr_conn *)((char *)s - offsetof(struct ipcr_conn, stream));
    static const struct timespec at_once;
    sigset_t sigpipe, before;
    ssize_t n;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
    do
        n = writev(p->out, part, (int)parts);
    while (n < 0 && errno == EINTR);
    int error = errno;
    if (n < 0 && error == EPIPE)
        sigtimedwait(&sigpipe, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return n < 0 && error == EAGAIN ? 0 : n;
}

void ipcr_conn_adopt(struct ipcr_conn *p, int in, int out)
{
    struct ipcr_conns *all = p->all;
    const struct ipcr_job *job = all->hub->job;
    if (ipcr_stream_open(&p->stream, in, &ipcr_peers[p->rank], all->via) < 0)
        ipcr_err_fatal("rank %d on %s has no memory for a connection with rank %d", job->rank,
                       job->host, p->rank);
    p->out = out;
    p->state = OPEN;
    ipcr_hub_watch(all->hub, in, &p->source, EPOLLIN);
    if (is_socket(p))
        return;
    p->stream.write = write_pipe;
    if (out >= 0) /* an error is news without being asked for */
        ipcr_hub_watch(all->hub, out, &p->source, 0);
}

static void close_out(struct ipcr_conn *p)
{
    if (p->out >= 0 && !is_socket(p))
        close(p->out);
    p->out = -1;
}

static void close_both(struct ipcr_conn *p)
{
    close_out(p);
    ipcr_stream_close(&p->stream);
}

/* The connection has ended. What happened to the fragments in it does not matter any more. */
static void end(struct ipcr_conn *p, int error)
{
    bool orderly = p->stream.farewell && error != -EPROTO;
    close_both(p);
    p->state = orderly ? LEFT : LOST;
    p->error = error;
    p->lost_ms = ipcr_hub_now();
    if (!orderly)
        ipcr_hub_hurry(p->all->hub, IPCR_HUB_SOON_MS);
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

static void report_loss(const struct ipcr_conn *p)
{
    const struct ipcr_job *job = p->all->hub->job;
    ipcr_err_fatal("the connection of rank %d on %s with rank %d on %s is lost: %s", job->rank,
                   job->host, p->rank, p->host, reason(p->error));
}

static void write_when_possible(struct ipcr_conn *p, bool wanted)
{
    if (p->writing == wanted || p->out < 0)
        return;
    p->writing = wanted;
    uint32_t in = is_socket(p) ? EPOLLIN : 0;
    ipcr_hub_watch(p->all->hub, p->out, &p->source, wanted ? in | EPOLLOUT : in);
}

/* Nobody reads our pipe any more. What the other side wrote before it closed that, its farewell
 * perhaps, lies in the other pipe, and says what this means. */
static int reader_is_gone(struct ipcr_conn *p, int budget)
{
    int rc;
    close_out(p);
    p->stream.full = true;
    do
        rc = ipcr_stream_get(&p->stream, budget);
    while (rc > 0);
    end(p, rc < 0 ? rc : -ENODATA);
    return 1;
}

static int conn_ready(struct ipcr_source *self, uint32_t events, int budget)
{
    struct ipcr_conn *p = (struct ipcr_conn *)self;
    int n = 0, rc;
    if (p->state != OPEN)
        return 0;
    if ((events & EPOLLERR) && !is_socket(p))
        return reader_is_gone(p, budget);
    if ((events & EPOLLOUT) && ipcr_stream_flush(&p->stream) == IPCR_OK) {
        write_when_possible(p, false);
        p->burst.prompt = false;
        n++;
    }
    if (!(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
        return n;
    rc = ipcr_stream_get(&p->stream, budget);
    if (rc < 0)
        end(p, rc);
    else if (p->stream.awaited && rc > 0)
        ipcr_burst_heard(&p->burst, p->out);
    return rc < 0 ? n + 1 : n + rc;
}

/* True while it wants to be looked at again soon. */
static bool look_at(struct ipcr_conn *p, uint64_t now)
{
    if (p->state == OPEN && p->all->unanswered && p->all->unanswered(p->stream.fd))
        end(p, -ETIMEDOUT);
    if (p->state == LOST && now - p->lost_ms >= GRACE_MS)
        report_loss(p);
    return p->state == LOST;
}

bool ipcr_conns_tick(struct ipcr_conns *all, uint64_t now)
{
    bool soon = false;
    for (struct ipcr_conn *p = all->list; p; p = p->next)
        soon |= look_at(p, now);
    return soon;
}

/* ---- sending ---- */

/* To a rank that has left MPI_Finalize: it needs no answers any more, and can take no messages. */
static enum ipcr_result send_after_farewell(const struct ipcr_conn *p, const struct ipcr_wire *hdr)
{
    const struct ipcr_job *job = p->all->hub->job;
    if (hdr->kind == IPCR_EAGER || hdr->kind == IPCR_RTS || hdr->kind == IPCR_DATA)
        ipcr_err_fatal("rank %d on %s has a message (tag %d) for rank %d on %s, which has finished "
                       "MPI_Finalize already",
                       job->rank, job->host, hdr->tag, p->rank, p->host);
    return IPCR_OK;
}

static void note_burst(struct ipcr_conn *p, size_t len)
{
    struct ipcr_conns *all = p->all;
    if (!p->listed) {
        p->listed = true;
        p->next_sent = all->sent;
        all->sent = p;
    }
    p->stream.awaits = ipcr_burst_next(&p->burst, p->out, len);
}

void ipcr_conns_look(struct ipcr_conns *all)
{
    for (struct ipcr_conn *p = all->sent; p; p = p->next_sent) {
        ipcr_burst_end(&p->burst, p->out);
        p->listed = false;
    }
    all->sent = NULL;
}

enum ipcr_result ipcr_conn_send(struct ipcr_conn *p, const struct ipcr_frag *f)
{
    if (p->state != OPEN)
        return p->state == LEFT ? send_after_farewell(p, &f->hdr) : IPCR_AGAIN;
    if (p->all->gathers)
        note_burst(p, f->len);
    enum ipcr_result r = ipcr_stream_put(&p->stream, f);
    if (r == IPCR_FAIL && errno == ENOMEM)
        ipcr_err_fatal("rank %d on %s has no memory to send to rank %d", p->all->hub->job->rank,
                       p->all->hub->job->host, p->rank);
    /* A write that fails says only that the connection has ended. What the peer sent before, its
     * farewell perhaps, is still to be read, so reading decides what this means (end). */
    if (r == IPCR_FAIL)
        p->stream.full = true;
    else if (p->stream.full)
        write_when_possible(p, true);
    return r == IPCR_FAIL ? IPCR_AGAIN : r;
}

bool ipcr_conn_unsent(const struct ipcr_conn *p)
{
    return p->stream.tail_at < p->stream.tail_end;
}

/* ---- parting ---- */

/* Nothing more will be written. */
static void shut(struct ipcr_conn *p)
{
    if (is_socket(p))
        shutdown(p->out, SHUT_WR);
    else
        close_out(p);
    p->parting = PARTED;
}

/* Goes on with the farewell as far as there is room for it. True while there is something to wait
 * for: that the other host has it all, or that the other rank parts as well. Until then a socket
 * must not be closed: closing one with unread bytes resets the connection, and what we sent last
 * would be lost. */
static bool part(struct ipcr_conn *p)
{
    char unread[4096];
    ssize_t n;
    if (p->parting == TALKING && ipcr_stream_flush(&p->stream) == IPCR_OK &&
        ipcr_stream_part(&p->stream) == IPCR_OK)
        p->parting = FAREWELL_PUT;
    if (p->parting == FAREWELL_PUT && ipcr_stream_flush(&p->stream) == IPCR_OK)
        shut(p);
    do
        n = read(p->stream.fd, unread, sizeof unread);
    while (n > 0 || (n < 0 && errno == EINTR));
    if (n == 0 || errno != EAGAIN)
        return false;
    write_when_possible(p, p->stream.full);
    return p->parting != PARTED || (p->all->under_way && p->all->under_way(p->stream.fd));
}

static bool part_all(struct ipcr_conns *all)
{
    bool waiting = false;
    for (struct ipcr_conn *p = all->list; p; p = p->next) {
        if (p->state != OPEN)
            continue;
        if (part(p)) {
            waiting = true;
        } else {
            close_both(p);
            p->state = LEFT;
        }
    }
    return waiting;
}

int ipcr_conns_open(struct ipcr_conns *all, struct ipcr_hub *hub, const struct ipcr_transport *via)
{
    *all = (struct ipcr_conns){.hub = hub, .via = via};
    all->of = calloc((size_t)hub->job->size, sizeof(struct ipcr_conn *));
    return all->of ? 0 : -ENOMEM;
}

void ipcr_conns_close(struct ipcr_conns *all, uint64_t ms)
{
    for (uint64_t begin = ipcr_hub_now(); part_all(all) && ipcr_hub_now() - begin < ms;)
        ipcr_hub_wait(all->hub, 10);
    for (struct ipcr_conn *p = all->list, *next; p; p = next) {
        next = p->next;
        close_both(p);
        free(p);
    }
    free(all->of);
    all->hub->last = all->hub->warm = NULL;
    *all = (struct ipcr_conns){0};
}
