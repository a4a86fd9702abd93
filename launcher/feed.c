/* stdin of a rank on another host, or of all ranks. No more is read from our stdin than the slowest
 * reader has asked for (and a window on top): what is not read stays with whoever is next at that
 * descriptor. */
#include <errno.h>
#include <unistd.h>

#include "head.h"

enum { FEED_WINDOW = 256 * 1024, FEED_READ = 64 * 1024, FEED_RETRY_MS = 1000 };

static struct {
    struct ipcr_watch watch;
    bool active;   /* begun, and not finished */
    bool awaiting; /* nodes that are not ready yet */
    struct ipcr_timer retry;
    bool always_ready; /* a file: epoll does not watch those */
} feed;

/* Bytes under way to the node that is most behind. */
static size_t under_way(void)
{
    size_t most = 0;
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        const struct ipcr_node *n = &ipcr_head.nodes[i];
        most = n->fed && n->feeding > most ? n->feeding : most;
    }
    return most;
}

static void send_piece(const uint8_t *bytes, size_t len)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (!n->fed || !n->chan.open)
            continue;
        ipcr_put_blob(ipcr_chan_begin(&n->chan, IPCR_MSG_STDIN), bytes, len);
        ipcr_chan_end(&n->chan);
        n->feeding += len;
    }
}

/* Reads once; true if there may be more at once. */
static bool feed_read(void)
{
    static uint8_t bytes[FEED_READ];
    if (!feed.active || under_way() >= FEED_WINDOW) {
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
    send_piece(bytes, (size_t)n);
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
    if (feed.active)
        feed_more();
}

static void begin(void)
{
    feed.active = true;
    feed.retry.fn = feed_again;
    feed.watch = (struct ipcr_watch){.fn = feed_ready, .fd = 0};
    feed.always_ready = ipcr_loop_watch(&feed.watch, EPOLLIN) == -EPERM;
    if (feed.always_ready)
        feed_more();
}

void ipcr_feed_start(struct ipcr_node *to)
{
    to->fed = true;
    begin();
}

void ipcr_feed_all(void)
{
    feed.awaiting = true;
    ipcr_feed_all_ready();
}

void ipcr_feed_all_ready(void)
{
    if (!feed.awaiting || ipcr_head.ending)
        return;
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        if (!ipcr_head.nodes[i].ready)
            return;
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        ipcr_head.nodes[i].fed = true;
    feed.awaiting = false;
    begin();
}

void ipcr_feed_taken(struct ipcr_node *n, uint32_t bytes)
{
    n->feeding -= bytes < n->feeding ? bytes : n->feeding;
    if (feed.active && under_way() < FEED_WINDOW / 2)
        feed_more();
}

void ipcr_feed_shut(struct ipcr_node *n)
{
    bool any = false;
    n->fed = false;
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        any |= ipcr_head.nodes[i].fed;
    if (!any)
        ipcr_feed_stop();
    else
        ipcr_feed_taken(n, 0); /* the others need not wait for this one any more */
}

void ipcr_feed_stop(void)
{
    if (!feed.active)
        return;
    ipcr_loop_watch(&feed.watch, 0);
    feed.active = false;
}
