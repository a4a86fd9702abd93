/* stdin of a rank 0 on another host. No more is read from our stdin than the rank has asked for
 * (and a window on top): what it does not read stays with whoever is next at that descriptor. */
#include <errno.h>
#include <unistd.h>

#include "head.h"

enum { FEED_WINDOW = 256 * 1024, FEED_READ = 64 * 1024, FEED_RETRY_MS = 1000 };

static struct {
    struct ipcr_watch watch;
    struct ipcr_node *to; /* NULL: finished or never begun */
    struct ipcr_timer retry;
    size_t under_way;
    bool always_ready; /* a file: epoll does not watch those */
} feed;

/* Reads once; true if there may be more at once. */
static bool feed_read(void)
{
    static uint8_t bytes[FEED_READ];
    if (!feed.to || feed.under_way >= FEED_WINDOW) {
        ipcr_loop_watch(&feed.watch, 0);
        return false;
    }
    ssize_t n = read(0, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (n < 0 && errno == EIO && isatty(0)) { /* in the background: the terminal is not ours now */
        ipcr_loop_watch(&feed.watch, 0);
        ipcr_loop_timer(&feed.retry, FEED_RETRY_MS);
        return false;
    }
    n = n < 0 ? 0 : n; /* a stdin that cannot be read is an empty one */
    struct ipcr_buf *b = ipcr_chan_begin(&feed.to->chan, IPCR_MSG_STDIN);
    ipcr_put_blob(b, bytes, (size_t)n);
    ipcr_chan_end(&feed.to->chan);
    feed.under_way += (size_t)n;
    if (n == 0)
        ipcr_feed_stop();
    return n > 0;
}

static void feed_ready(struct ipcr_watch *w, uint32_t ready)
{
    (void)w;
    (void)ready;
    feed_read();
}

static void feed_more(void)
{
    if (feed.always_ready)
        while (feed_read())
            ;
    else
        ipcr_loop_watch(&feed.watch, EPOLLIN);
}

static void feed_again(struct ipcr_timer *t)
{
    (void)t;
    if (feed.to)
        feed_more();
}

void ipcr_feed_start(struct ipcr_node *to)
{
    feed.to = to;
    feed.retry.fn = feed_again;
    feed.watch = (struct ipcr_watch){.fn = feed_ready, .fd = 0};
    feed.always_ready = ipcr_loop_watch(&feed.watch, EPOLLIN) == -EPERM;
    if (feed.always_ready)
        feed_more();
}

void ipcr_feed_taken(uint32_t bytes)
{
    feed.under_way -= bytes < feed.under_way ? bytes : feed.under_way;
    if (feed.to && feed.under_way < FEED_WINDOW / 2)
        feed_more();
}

void ipcr_feed_stop(void)
{
    if (!feed.to)
        return;
    ipcr_loop_watch(&feed.watch, 0);
    feed.to = NULL;
}
