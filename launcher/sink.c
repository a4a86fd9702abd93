/* Writing the job's output. */
#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loop.h"
#include "outjson.h"
#include "pattern.h"
#include "proto.h"
#include "util.h"

enum { SINK_LOW = 256 * 1024 };

/* The descriptor is shared with whoever started us, so O_NONBLOCK must not be set on it. */
enum sink_way {
    SINK_FILE,    /* regular file: write() does not wait for anybody */
    SINK_OWN,     /* opened a second time for ourselves, non-blocking */
    SINK_SOCKET,  /* send() can be told not to wait */
    SINK_CAREFUL, /* neither: ask poll() before each PIPE_BUF bytes */
};

struct sink {
    struct ipcr_watch watch;
    enum sink_way way;
    struct ipcr_buf data;
    size_t at;
    int stream;
    bool broken;
    bool mid_line; /* the last byte was no newline, */
    int last;      /* and it came from here: 2 * rank + (stream is 2) */
};

static struct sink sinks[2];
static struct sink *sink_of[3]; /* by stream; both point to one if 1 and 2 are the same file */
static int tags;                /* enum ipcr_sink_tag */
static const char *pattern;
static const struct ipcr_plan *ranks; /* that the pattern speaks of */
static void (*room_fn)(void);
static void (*broken_fn)(int stream, int error);

static ssize_t sink_write(struct sink *s)
{
    const void *from = s->data.data + s->at;
    size_t n = s->data.len - s->at;
    if (s->way == SINK_SOCKET)
        return send(s->watch.fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (s->way == SINK_CAREFUL) {
        struct pollfd p = {.fd = s->watch.fd, .events = POLLOUT};
        if (poll(&p, 1, 0) == 0) {
            errno = EAGAIN;
            return -1;
        }
        n = n < PIPE_BUF ? n : PIPE_BUF;
    }
    return write(s->watch.fd, from, n);
}

static void sink_drop(struct sink *s)
{
    s->data.len = s->at = 0;
    ipcr_loop_watch(&s->watch, 0);
}

static void sink_flush(struct sink *s)
{
    while (s->at < s->data.len) {
        ssize_t n = sink_write(s);
        if (n >= 0) {
            s->at += (size_t)n;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN) {
            ipcr_loop_watch(&s->watch, EPOLLOUT);
            return;
        }
        int error = errno;
        s->broken = true;
        sink_drop(s);
        broken_fn(s->stream, error);
        return;
    }
    sink_drop(s);
}

static void sink_ready(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    sink_flush(w->owner);
    if (ipcr_sink_has_room())
        room_fn();
}

static void sink_choose_way(struct sink *s, int fd, mode_t mode)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    s->watch.fd = fd;
    s->way = SINK_CAREFUL;
    if (S_ISREG(mode)) {
        s->way = SINK_FILE;
    } else if (S_ISSOCK(mode)) {
        s->way = SINK_SOCKET;
    } else if (S_ISFIFO(mode) || S_ISCHR(mode)) {
        int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (own >= 0) {
            s->way = SINK_OWN;
            s->watch.fd = own;
        }
    }
}

static void sink_init(struct sink *s, int stream, mode_t mode)
{
    *s = (struct sink){.stream = stream, .watch = {.fn = sink_ready, .owner = s}};
    sink_choose_way(s, stream, mode);
}

void ipcr_sink_pattern(const char *words, const struct ipcr_plan *plan)
{
    pattern = words;
    ranks = plan;
}

void ipcr_sink_open(int with, void (*on_room)(void), void (*on_broken)(int stream, int error))
{
    struct stat out = {0}, err = {0};
    fstat(1, &out);
    fstat(2, &err);
    tags = with;
    room_fn = on_room;
    broken_fn = on_broken;
    sink_init(&sinks[0], 1, out.st_mode);
    sink_of[1] = sink_of[2] = &sinks[0];
    if ((tags & IPCR_SINK_JSON) || (out.st_dev == err.st_dev && out.st_ino == err.st_ino))
        return;
    sink_init(&sinks[1], 2, err.st_mode);
    sink_of[2] = &sinks[1];
}

/* When the line began to arrive here, in local time. */
static void put_time(struct sink *s)
{
    char text[64];
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &tm);
    size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    n += (size_t)snprintf(text + n, sizeof text - n, ".%03ld ", now.tv_nsec / 1000000);
    ipcr_put_raw(&s->data, text, n);
}

static void put_tags(struct sink *s, int from)
{
    char tag[32];
    if (tags & IPCR_SINK_TIME)
        put_time(s);
    if (tags & IPCR_SINK_PATTERN)
        ipcr_pattern_put(&s->data, pattern, ranks, from / 2);
    if (tags & IPCR_SINK_RANK)
        ipcr_put_raw(&s->data, tag, (size_t)snprintf(tag, sizeof tag, "[%d] ", from / 2));
}

/* One line, or the rest or beginning of one. A line that another rank left unfinished is ended
 * first: a tag in the middle of a line would be a lie. */
static void put_tagged(struct sink *s, int from, const char *line, size_t n)
{
    if (s->mid_line && s->last != from)
        ipcr_put_u8(&s->data, '\n');
    if (!s->mid_line || s->last != from)
        put_tags(s, from);
    ipcr_put_raw(&s->data, line, n);
    s->mid_line = line[n - 1] != '\n';
    s->last = from;
}

void ipcr_sink_put(int stream, int rank, const void *bytes, size_t n)
{
    struct sink *s = sink_of[stream];
    const char *p = bytes;
    if (s->broken || n == 0)
        return;
    bool idle = s->at == s->data.len;
    if (s->at > SINK_LOW) { /* what is written need not be kept while more piles up behind it */
        memmove(s->data.data, s->data.data + s->at, s->data.len - s->at);
        s->data.len -= s->at;
        s->at = 0;
    }
    if (!tags)
        ipcr_put_raw(&s->data, p, n);
    while (tags && n) {
        const char *newline = memchr(p, '\n', n);
        size_t len = newline ? (size_t)(newline - p) + 1 : n;
        if (tags & IPCR_SINK_JSON)
            ipcr_outjson_put(&s->data, stream, rank, p, len);
        else
            put_tagged(s, 2 * rank + (stream == 2), p, len);
        p += len;
        n -= len;
    }
    if (idle)
        sink_flush(s);
}

bool ipcr_sink_has_room(void)
{
    return sinks[0].data.len - sinks[0].at + sinks[1].data.len - sinks[1].at < SINK_LOW;
}

bool ipcr_sink_is_empty(void)
{
    return sinks[0].data.len == sinks[0].at && sinks[1].data.len == sinks[1].at;
}
