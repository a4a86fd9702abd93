/* Output of the ranks on its way to the head: whole lines at a time, bounded. (The other direction:
 * agent_feed.c.)
 *
 * A stream keeps at most one unfinished line. The agent may have IPCR_WINDOW bytes under way that
 * the head has not written yet; beyond that it stops reading, the pipes fill, and the ranks wait in
 * write(): a slow reader slows the job down and costs no memory. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    RELAY_READ = 64 * 1024,            /* what a pipe holds */
    RELAY_LINE_MAX = 16 * 1024 * 1024, /* a longer line is sent in pieces */
    RELAY_HOLD_MS = 200,               /* an unfinished line (a prompt) is shown after this */
};

static void stream_send(struct ipcr_stream *s, size_t n)
{
    struct ipcr_agent *a = s->rank->agent;
    if (n == 0)
        return;
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_OUTPUT);
    ipcr_put_u32(b, (uint32_t)s->rank->rank);
    ipcr_put_u8(b, s->number);
    ipcr_put_blob(b, s->line.data, n);
    ipcr_chan_end(&a->head);
    a->window -= (int64_t)n;
    s->line.len -= n;
    memmove(s->line.data, s->line.data + n, s->line.len);
    if (s->line.len)
        return;
    s->flush_ms = 0;
    if (s->line.cap > 4 * RELAY_READ) { /* one long line must not cost its length for ever */
        free(s->line.data);
        s->line = (struct ipcr_buf){0};
    }
}

static void stream_hold_rest(struct ipcr_stream *s)
{
    struct ipcr_agent *a = s->rank->agent;
    s->flush_ms = ipcr_now_ms() + RELAY_HOLD_MS;
    if (!a->flush_timer.armed)
        ipcr_loop_timer(&a->flush_timer, RELAY_HOLD_MS);
}

/* An unfinished line whose rest lies in the pipe already, unread because the head is behind or this
 * process is, is no prompt. */
static void flush_stream(struct ipcr_stream *s)
{
    int unread = 0;
    if (ioctl(s->watch.fd, FIONREAD, &unread) == 0 && unread > 0)
        stream_hold_rest(s);
    else
        stream_send(s, s->line.len);
}

static void flush_unfinished(struct ipcr_timer *t)
{
    struct ipcr_agent *a = t->owner;
    int64_t now = ipcr_now_ms(), next = 0;
    for (int i = 0; i < 2 * a->nranks; i++) {
        struct ipcr_stream *s = &a->ranks[i / 2].out[i % 2];
        if (s->flush_ms && s->flush_ms <= now)
            flush_stream(s);
        if (s->flush_ms && (!next || s->flush_ms < next))
            next = s->flush_ms;
    }
    if (next)
        ipcr_loop_timer(t, next - now);
}

/* Sends what ends with a newline; `fresh` bytes at the end have not been looked at yet. */
static void stream_lines(struct ipcr_stream *s, size_t fresh)
{
    uint8_t *from = s->line.data + s->line.len - fresh;
    uint8_t *newline = memrchr(from, '\n', fresh);
    if (newline)
        stream_send(s, (size_t)(newline - s->line.data) + 1);
    else if (s->line.len >= RELAY_LINE_MAX)
        stream_send(s, s->line.len);
    if (s->direct)
        stream_send(s, s->line.len);
    if (s->line.len)
        stream_hold_rest(s);
}

void ipcr_relay_close(struct ipcr_stream *s)
{
    if (s->watch.fd < 0)
        return;
    ipcr_loop_watch(&s->watch, 0);
    close(s->watch.fd);
    s->watch.fd = -1;
    free(s->line.data);
    s->line = (struct ipcr_buf){0};
    s->flush_ms = 0;
}

static void stream_ends(struct ipcr_stream *s)
{
    stream_send(s, s->line.len);
    ipcr_relay_close(s);
    ipcr_agent_check_drained(s->rank->agent);
}

static void stream_goes_quiet(struct ipcr_stream *s)
{
    stream_send(s, s->line.len);
    s->quiet = true;
    ipcr_agent_check_drained(s->rank->agent);
}

/* Reads once. True while there may be more. */
static bool stream_pump(struct ipcr_stream *s)
{
    struct ipcr_agent *a = s->rank->agent;
    if (s->watch.fd < 0)
        return false;
    if (a->window <= 0) {
        s->held = true;
        ipcr_loop_watch(&s->watch, 0);
        return false;
    }
    uint8_t *to = ipcr_buf_room(&s->line, RELAY_READ);
    ssize_t n = to ? read(s->watch.fd, to, RELAY_READ) : 0;
    if (n > 0) {
        s->line.len += (size_t)n;
        stream_lines(s, (size_t)n);
        return true;
    }
    if (n < 0 && errno == EINTR)
        return true;
    if (n < 0 && errno == EAGAIN) {
        if (s->rank->exited && !s->quiet)
            stream_goes_quiet(s);
        return false;
    }
    stream_ends(s);
    return false;
}

static void stream_ready(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    stream_pump(w->owner);
}

void ipcr_relay_open(struct ipcr_stream *s, struct ipcr_rank *r, int number, int fd)
{
    s->rank = r;
    s->number = (uint8_t)number;
    s->watch = (struct ipcr_watch){.fn = stream_ready, .owner = s, .fd = fd};
    fcntl(fd, F_SETFL, O_NONBLOCK);
    ipcr_loop_watch(&s->watch, EPOLLIN);
    r->agent->flush_timer.fn = flush_unfinished;
    r->agent->flush_timer.owner = r->agent;
}

void ipcr_relay_last_words(struct ipcr_rank *r)
{
    for (int i = 0; i < 2; i++)
        while (stream_pump(&r->out[i]))
            ;
}

void ipcr_relay_credit(struct ipcr_agent *a, uint32_t bytes)
{
    a->window += bytes;
    for (int i = 0; i < 2 * a->nranks && a->window > 0; i++) {
        struct ipcr_stream *s = &a->ranks[i / 2].out[i % 2];
        if (!s->held)
            continue;
        s->held = false;
        ipcr_loop_watch(&s->watch, EPOLLIN);
        while (s->rank->exited && stream_pump(s))
            ;
    }
}

bool ipcr_relay_drained(const struct ipcr_agent *a)
{
    for (int i = 0; i < 2 * a->nranks; i++) {
        const struct ipcr_stream *s = &a->ranks[i / 2].out[i % 2];
        if (s->watch.fd >= 0 && !s->quiet)
            return false;
    }
    return true;
}
