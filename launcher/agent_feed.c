/* Standard input of the ranks that the head sends: that of a reader on another host, or of all.
 *
 * What has come is kept until every reader has it in its pipe, and the head is told how much that
 * is: it sends no more than a window ahead of the slowest. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "agent.h"

static void shut(struct ipcr_rank *r)
{
    ipcr_loop_watch(&r->feed, 0);
    close(r->feed.fd);
    r->feed.fd = -1;
}

static bool somebody_reads(const struct ipcr_agent *a)
{
    for (int i = 0; i < a->nranks; i++)
        if (a->ranks[i].feed.fd >= 0)
            return true;
    return false;
}

/* Drops what all have, and tells the head. */
static void settle(struct ipcr_agent *a)
{
    size_t done = a->feed_data.len;
    for (int i = 0; i < a->nranks; i++)
        if (a->ranks[i].feed.fd >= 0 && a->ranks[i].feed_at < done)
            done = a->ranks[i].feed_at;
    if (done)
        ipcr_chan_send_u32(&a->head, IPCR_MSG_TAKEN, (uint32_t)done);
    if (!a->feed_eof && !somebody_reads(a)) {
        ipcr_chan_send(&a->head, IPCR_MSG_STDIN_SHUT);
        a->feed_eof = true;
    }
    a->feed_data.len -= done;
    if (done) /* else there may be no memory yet */
        memmove(a->feed_data.data, a->feed_data.data + done, a->feed_data.len);
    for (int i = 0; i < a->nranks; i++)
        a->ranks[i].feed_at -= a->ranks[i].feed.fd >= 0 ? done : a->ranks[i].feed_at;
}

/* Writes what the pipe takes. A rank that has gone, or closed its input, is a reader no more. */
static void pump(struct ipcr_rank *r)
{
    const struct ipcr_buf *data = &r->agent->feed_data;
    while (r->feed_at < data->len) {
        ssize_t n = write(r->feed.fd, data->data + r->feed_at, data->len - r->feed_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            ipcr_loop_watch(&r->feed, EPOLLOUT);
            return;
        }
        if (n < 0) {
            shut(r);
            return;
        }
        r->feed_at += (size_t)n;
    }
    ipcr_loop_watch(&r->feed, 0);
    if (r->agent->feed_eof)
        shut(r);
}

static void ready(struct ipcr_watch *w, uint32_t what)
{
    struct ipcr_rank *r = w->owner;
    (void)what;
    pump(r);
    settle(r->agent);
}

void ipcr_feed_open(struct ipcr_rank *r, int fd)
{
    fcntl(fd, F_SETFL, O_NONBLOCK);
    r->feed = (struct ipcr_watch){.fn = ready, .owner = r, .fd = fd};
}

void ipcr_feed(struct ipcr_agent *a, const void *bytes, size_t n)
{
    if (a->feed_eof)
        return;
    ipcr_put_raw(&a->feed_data, bytes, n);
    a->feed_eof = n == 0;
    for (int i = 0; i < a->nranks; i++)
        if (a->ranks[i].feed.fd >= 0)
            pump(&a->ranks[i]);
    settle(a);
}
