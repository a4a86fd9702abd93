/* Buffers and framing of a channel. */
#include "chan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CHAN_READ = 4 * 1024,       /* read() is offered at least this */
    CHAN_KEEP = 1024 * 1024,    /* a buffer that grew larger is given back when empty */
    CHAN_JUNK_MAX = 256 * 1024, /* greeting text accepted in front of the hello */
};

void ipcr_hello_make(uint8_t hello[IPCR_HELLO_BYTES])
{
    memcpy(hello, IPCR_PROTO_MAGIC, IPCR_MAGIC_BYTES);
    for (int i = 0; i < 4; i++)
        hello[IPCR_MAGIC_BYTES + i] = (uint8_t)(IPCR_PROTO_VERSION >> (8 * i));
}

static void buf_reset(struct ipcr_buf *b)
{
    b->len = 0;
    if (b->cap > CHAN_KEEP) {
        free(b->data);
        *b = (struct ipcr_buf){0};
    }
}

static void chan_fail(struct ipcr_chan *c, const char *why)
{
    ipcr_chan_close(c);
    if (c->on_close)
        c->on_close(c, why);
}

static uint32_t in_events(const struct ipcr_chan *c)
{
    bool both = c->in.fd == c->out.fd;
    return EPOLLIN | (both && ipcr_chan_pending(c) && !c->tx_dead ? EPOLLOUT : 0u);
}

static void chan_watch(struct ipcr_chan *c)
{
    ipcr_loop_watch(&c->in, in_events(c));
    if (c->in.fd != c->out.fd)
        ipcr_loop_watch(&c->out, ipcr_chan_pending(c) && !c->tx_dead ? EPOLLOUT : 0u);
}

/* Writes what it can. A broken pipe is noticed by the reading side, which learns why. */
static void chan_flush(struct ipcr_chan *c)
{
    while (c->open && !c->tx_dead && ipcr_chan_pending(c)) {
        ssize_t n = write(c->out.fd, c->tx.data + c->tx_at, ipcr_chan_pending(c));
        if (n > 0)
            c->tx_at += (size_t)n;
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            c->tx_dead = true;
    }
    if (!ipcr_chan_pending(c) || c->tx_dead) {
        buf_reset(&c->tx);
        c->tx_at = 0;
        if (c->open && c->finishing)
            shutdown(c->out.fd, SHUT_WR);
    }
    if (c->open)
        chan_watch(c);
}

/* 1: the stream stands behind the hello. 0: more is needed. -1: failed. */
static int chan_skip_to_hello(struct ipcr_chan *c)
{
    const uint8_t *magic = memmem(c->rx.data, c->rx.len, IPCR_PROTO_MAGIC, IPCR_MAGIC_BYTES);
    if (!magic) {
        if (c->rx.len < CHAN_JUNK_MAX)
            return 0;
        chan_fail(c, "it does not answer like an ipcrun agent");
        return -1;
    }
    size_t at = (size_t)(magic - c->rx.data);
    if (c->rx.len - at < IPCR_HELLO_BYTES)
        return 0;
    struct ipcr_reader r = {magic + IPCR_MAGIC_BYTES, 4, false};
    uint32_t version = ipcr_get_u32(&r);
    c->rx_at = at + IPCR_HELLO_BYTES;
    c->await_hello = false;
    if (version == IPCR_PROTO_VERSION)
        return 1;
    char why[160];
    snprintf(why, sizeof why,
             "the ipcrun there speaks version %u of the control protocol, this one version %u: "
             "install the same ipcrun on all hosts",
             version, IPCR_PROTO_VERSION);
    chan_fail(c, why);
    return -1;
}

static void chan_deliver(struct ipcr_chan *c)
{
    if (c->await_hello && chan_skip_to_hello(c) <= 0)
        return;
    while (c->open) {
        uint16_t type;
        struct ipcr_reader body;
        size_t taken;
        int got =
            ipcr_frame_next(c->rx.data + c->rx_at, c->rx.len - c->rx_at, &type, &body, &taken);
        if (got < 0) {
            chan_fail(c, "the control stream is garbled");
            return;
        }
        if (got == 0)
            break;
        c->rx_at += taken;
        c->on_frame(c, type, &body);
    }
    if (!c->open)
        return;
    size_t left = c->rx.len - c->rx_at;
    if (left && c->rx_at)
        memmove(c->rx.data, c->rx.data + c->rx_at, left);
    c->rx_at = 0;
    c->rx.len = left;
    if (!left)
        buf_reset(&c->rx);
}

static void drop_fd(struct ipcr_chan *c)
{
    int fd = ipcr_chan_take_fd(c);
    if (fd >= 0)
        close(fd);
}

/* A read ends behind the bytes that a descriptor came with, so the frame they belong to is the last
 * one of what was read. */
static ssize_t read_with_fd(struct ipcr_chan *c, void *to, size_t n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {to, n};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t got = recvmsg(c->in.fd, &m, MSG_CMSG_CLOEXEC);
    struct cmsghdr *h = got > 0 ? CMSG_FIRSTHDR(&m) : NULL;
    if (!h || h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
        return got;
    drop_fd(c);
    memcpy(&c->passed_fd, CMSG_DATA(h), sizeof(int));
    return got;
}

int ipcr_chan_take_fd(struct ipcr_chan *c)
{
    int fd = c->passed_fd;
    c->passed_fd = -1;
    return fd;
}

/* Reads once. True while there may be more. The buffer doubles as long as a frame does not fit: an
 * agent has a channel for every rank, and most of them carry a few bytes. */
static bool chan_fill(struct ipcr_chan *c)
{
    uint8_t *to = ipcr_buf_room(&c->rx, CHAN_READ);
    if (!to) {
        chan_fail(c, "out of memory");
        return false;
    }
    size_t room = c->rx.cap - c->rx.len;
    ssize_t n = c->gets_fds ? read_with_fd(c, to, room) : read(c->in.fd, to, room);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return errno == EINTR;
    if (n <= 0) {
        chan_fail(c, n == 0 ? "the connection was closed" : strerror(errno));
        return false;
    }
    c->rx.len += (size_t)n;
    chan_deliver(c);
    return c->open;
}

void ipcr_chan_poll(struct ipcr_chan *c)
{
    while (c->open && chan_fill(c))
        ;
}

void ipcr_chan_finish(struct ipcr_chan *c)
{
    c->finishing = true;
    if (c->open)
        chan_flush(c);
}

static void in_ready(struct ipcr_watch *w, uint32_t ready)
{
    struct ipcr_chan *c = w->owner;
    if (ready & EPOLLOUT)
        chan_flush(c);
    if (c->open && (ready & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        chan_fill(c);
}

static void out_ready(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    chan_flush(w->owner);
}

int ipcr_chan_open(struct ipcr_chan *c, int in_fd, int out_fd)
{
    c->in = (struct ipcr_watch){.fn = in_ready, .owner = c, .fd = in_fd};
    c->out = (struct ipcr_watch){.fn = out_ready, .owner = c, .fd = out_fd};
    c->open = true;
    c->passed_fd = -1;
    fcntl(in_fd, F_SETFL, fcntl(in_fd, F_GETFL) | O_NONBLOCK);
    fcntl(out_fd, F_SETFL, fcntl(out_fd, F_GETFL) | O_NONBLOCK);
    return ipcr_loop_watch(&c->in, EPOLLIN);
}

void ipcr_chan_close(struct ipcr_chan *c)
{
    if (!c->open)
        return;
    c->open = false;
    ipcr_loop_watch(&c->in, 0);
    ipcr_loop_watch(&c->out, 0);
    close(c->in.fd);
    if (c->out.fd != c->in.fd)
        close(c->out.fd);
    drop_fd(c);
    free(c->tx.data);
    c->tx = (struct ipcr_buf){0};
    c->tx_at = 0;
    /* rx stays: a frame in it may be in use further up the stack, and junk may be asked for */
}

struct ipcr_buf *ipcr_chan_begin(struct ipcr_chan *c, uint16_t type)
{
    /* what was written already need not be kept while new frames pile up behind it */
    if (c->tx_at > CHAN_KEEP) {
        memmove(c->tx.data, c->tx.data + c->tx_at, ipcr_chan_pending(c));
        c->tx.len -= c->tx_at;
        c->tx_at = 0;
    }
    c->frame_at = ipcr_frame_begin(&c->tx, type);
    return &c->tx;
}

void ipcr_chan_end(struct ipcr_chan *c)
{
    ipcr_frame_end(&c->tx, c->frame_at);
    if (c->tx.bad)
        c->tx_dead = true; /* out of memory: the stream would have a hole */
    if (!c->in.watched || !(c->in.events & EPOLLOUT))
        chan_flush(c);
}

void ipcr_chan_send(struct ipcr_chan *c, uint16_t type)
{
    ipcr_chan_begin(c, type);
    ipcr_chan_end(c);
}

void ipcr_chan_send_u32(struct ipcr_chan *c, uint16_t type, uint32_t v)
{
    ipcr_put_u32(ipcr_chan_begin(c, type), v);
    ipcr_chan_end(c);
}

void ipcr_chan_send_raw(struct ipcr_chan *c, const void *bytes, size_t n)
{
    ipcr_put_raw(&c->tx, bytes, n);
    chan_flush(c);
}

const char *ipcr_chan_junk(struct ipcr_chan *c)
{
    ipcr_put_u8(&c->rx, 0);
    return c->await_hello && !c->rx.bad && c->rx.len > 1 ? (const char *)c->rx.data : "";
}
