/* Framing over a stream socket (stream.h). */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* Kind 0 is no kind of wire.h: frames of it are the stream's own. */
enum { FAREWELL = 0 };

/* Control messages have small bodies (peer.h). */
#define CONTROL_MAX 32u
/* While a fragment is read straight to its destination, at most this much of what follows is read
 * behind it: the next header, or a few small messages, but little of the next large payload, which
 * would have to be copied. */
#define READ_AHEAD 2048u

/* Not writev: MSG_NOSIGNAL spares the program a SIGPIPE that it did not ask for. */
static ssize_t write_socket(struct ipcr_stream *s, const struct iovec *part, size_t parts)
{
    struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)part, .msg_iovlen = parts};
    ssize_t n;
    do
        n = sendmsg(s->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : n;
}

int ipcr_stream_open(struct ipcr_stream *s, int fd, struct ipcr_peer *peer,
                     const struct ipcr_transport *via)
{
    *s = (struct ipcr_stream){.fd = -1, .peer = peer, .via = via, .write = write_socket};
    s->in = malloc(IPCR_STREAM_BUFFER);
    if (!s->in)
        return -ENOMEM;
    s->fd = fd;
    return 0;
}

void ipcr_stream_close(struct ipcr_stream *s)
{
    if (s->fd >= 0)
        close(s->fd);
    free(s->in);
    free(s->tail);
    *s = (struct ipcr_stream){.fd = -1, .farewell = s->farewell};
}

/* ---- sending ---- */

/* Room for the largest frame: made once, kept, its pages used as far as they are needed. */
static bool make_tail(struct ipcr_stream *s)
{
    if (!s->tail)
        s->tail = malloc(sizeof(struct ipcr_frame) + s->via->frag_max);
    if (!s->tail)
        errno = ENOMEM;
    return s->tail != NULL;
}

enum ipcr_result ipcr_stream_flush(struct ipcr_stream *s)
{
    while (s->tail_at < s->tail_end) {
        struct iovec part = {s->tail + s->tail_at, s->tail_end - s->tail_at};
        ssize_t n = s->write(s, &part, 1);
        if (n < 0)
            return IPCR_FAIL;
        s->full = n < (ssize_t)part.iov_len;
        s->tail_at += (size_t)n;
        if (s->full)
            return IPCR_AGAIN;
    }
    s->full = false;
    return IPCR_OK;
}

static void frame_of(const struct ipcr_stream *s, const struct ipcr_frag *f,
                     struct ipcr_frame *frame)
{
    uint32_t mark = s->awaits ? IPCR_FRAME_AWAITED : IPCR_FRAME_MARK;
    *frame = (struct ipcr_frame){(uint32_t)f->len, mark, f->hdr};
}

/* A layout with gaps is packed into the tail buffer and written from there. */
static enum ipcr_result put_packed(struct ipcr_stream *s, const struct ipcr_frag *f)
{
    struct ipcr_frame frame;
    frame_of(s, f, &frame);
    memcpy(s->tail, &frame, sizeof frame);
    ipcr_frag_copy(f, s->tail + sizeof frame);
    s->tail_at = 0;
    s->tail_end = sizeof frame + f->len;
    return ipcr_stream_flush(s) == IPCR_FAIL ? IPCR_FAIL : IPCR_OK;
}

/* Copies what follows the first `sent` bytes of header and payload to the tail. */
static void keep_tail(struct ipcr_stream *s, const struct iovec part[2], size_t sent)
{
    s->tail_at = s->tail_end = 0;
    for (int i = 0; i < 2; i++) {
        size_t skip = sent < part[i].iov_len ? sent : part[i].iov_len;
        sent -= skip;
        if (skip < part[i].iov_len)
            memcpy(s->tail + s->tail_end, (const char *)part[i].iov_base + skip,
                   part[i].iov_len - skip);
        s->tail_end += part[i].iov_len - skip;
    }
}

enum ipcr_result ipcr_stream_put(struct ipcr_stream *s, const struct ipcr_frag *f)
{
    if (s->full)
        return IPCR_AGAIN;
    if (f->type)
        return make_tail(s) ? put_packed(s, f) : IPCR_FAIL;
    struct ipcr_frame frame;
    frame_of(s, f, &frame);
    struct iovec part[2] = {{&frame, sizeof frame}, {NULL, f->len}};
    if (f->len)
        part[1].iov_base = (void *)(uintptr_t)ipcr_frag_bytes(f);
    ssize_t n = s->write(s, part, 2);
    if (n < 0)
        return IPCR_FAIL;
    s->full = n < (ssize_t)(sizeof frame + f->len);
    if (!s->full)
        return IPCR_OK;
    if (n == 0)
        return IPCR_AGAIN;
    if (!make_tail(s))
        return IPCR_FAIL;
    keep_tail(s, part, (size_t)n);
    return IPCR_OK;
}

enum ipcr_result ipcr_stream_part(struct ipcr_stream *s)
{
    struct ipcr_frag f = {.hdr.kind = FAREWELL};
    return ipcr_stream_put(s, &f);
}

/* ---- receiving ---- */

static size_t unparsed(const struct ipcr_stream *s)
{
    return s->in_end - s->in_at;
}

static bool sane(const struct ipcr_stream *s, const struct ipcr_frame *frame)
{
    if (frame->mark != IPCR_FRAME_MARK && frame->mark != IPCR_FRAME_AWAITED)
        return false;
    if (s->farewell)
        return false;
    switch (frame->hdr.kind) {
    case FAREWELL:
        return frame->len == 0;
    case IPCR_EAGER:
        return frame->len <= s->via->eager_max;
    case IPCR_DATA:
        return frame->len <= s->via->frag_max;
    default:
        return frame->hdr.kind < IPCR_WIRE_KINDS && frame->len <= CONTROL_MAX;
    }
}

/* Hands up what is there of the DATA fragment under way. */
static void take_data(struct ipcr_stream *s)
{
    size_t n = unparsed(s) < s->left ? unparsed(s) : s->left;
    if (s->sink)
        memcpy(s->sink + (s->whole - s->left), s->in + s->in_at, n);
    else if (n)
        ipcr_p2p_arrive(s->peer, &s->hdr, s->in + s->in_at, n);
    s->in_at += n;
    s->left -= n;
    if (s->sink && !s->left)
        ipcr_p2p_arrive(s->peer, &s->hdr, s->sink, s->whole);
}

static void begin_data(struct ipcr_stream *s, const struct ipcr_frame *frame)
{
    s->hdr = frame->hdr;
    s->left = s->whole = frame->len;
    s->sink = ipcr_p2p_sink(s->peer, &s->hdr, frame->len);
    take_data(s);
}

/* One frame, or the beginning of a DATA frame. 1: go on; 0: more bytes are needed; or -EPROTO. */
static int parse_one(struct ipcr_stream *s)
{
    struct ipcr_frame frame;
    if (unparsed(s) < sizeof frame)
        return 0;
    memcpy(&frame, s->in + s->in_at, sizeof frame);
    if (!sane(s, &frame))
        return -EPROTO;
    bool whole = unparsed(s) - sizeof frame >= frame.len;
    if (!whole && frame.hdr.kind != IPCR_DATA)
        return 0;
    s->in_at += sizeof frame;
    s->awaited = frame.mark == IPCR_FRAME_AWAITED;
    if (!whole) {
        begin_data(s, &frame);
        return 1;
    }
    const unsigned char *payload = s->in + s->in_at;
    s->in_at += frame.len;
    if (frame.hdr.kind == FAREWELL)
        s->farewell = true;
    else
        ipcr_p2p_arrive(s->peer, &frame.hdr, payload, frame.len);
    return 1;
}

/* Everything that was read. Returns how many things happened, or -EPROTO. */
static int parse(struct ipcr_stream *s)
{
    int n = 0, rc = 1;
    if (s->left)
        take_data(s);
    while (!s->left && (rc = parse_one(s)) > 0)
        n++;
    if (s->in_at == s->in_end) {
        s->in_at = s->in_end = 0;
    } else if (s->in_at) {
        /* The beginning of a frame that may not fit behind what was parsed. */
        memmove(s->in, s->in + s->in_at, unparsed(s));
        s->in_end -= s->in_at;
        s->in_at = 0;
    }
    return rc < 0 ? rc : n;
}

/* Reads once, first to where the fragment under way goes, then into the buffer. Returns the bytes
 * read, 0 if there are none now, or a negative errno; *drained: the socket is empty. */
static ssize_t fill(struct ipcr_stream *s, bool *drained)
{
    struct iovec part[2];
    int parts = 0;
    size_t direct = s->sink ? s->left : 0, room = IPCR_STREAM_BUFFER - s->in_end;
    if (direct) {
        part[parts++] = (struct iovec){s->sink + (s->whole - direct), direct};
        room = READ_AHEAD;
    }
    part[parts++] = (struct iovec){s->in + s->in_end, room};
    ssize_t n;
    do
        n = readv(s->fd, part, parts);
    while (n < 0 && errno == EINTR);
    *drained = n < (ssize_t)(direct + room);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
    if (n == 0)
        return -ENODATA;
    size_t straight = (size_t)n < direct ? (size_t)n : direct;
    s->left -= straight;
    s->in_end += (size_t)n - straight;
    if (direct && !s->left)
        ipcr_p2p_arrive(s->peer, &s->hdr, s->sink, s->whole);
    return n;
}

int ipcr_stream_get(struct ipcr_stream *s, int budget)
{
    int happened = 0;
    for (bool drained = false; !drained && happened < budget;) {
        ssize_t n = fill(s, &drained);
        if (n < 0)
            return (int)n;
        if (n == 0)
            break;
        int rc = parse(s);
        if (rc < 0)
            return rc;
        happened += 1 + rc;
    }
    return happened;
}

int ipcr_stream_feed(struct ipcr_stream *s, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;
    int happened = 0;
    while (len) {
        size_t room = IPCR_STREAM_BUFFER - s->in_end, n = len < room ? len : room;
        memcpy(s->in + s->in_end, from, n);
        s->in_end += n;
        int rc = parse(s);
        if (rc < 0)
            return rc;
        happened += rc;
        from += n;
        len -= n;
    }
    return happened;
}
