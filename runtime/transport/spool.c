/* Spools of records in files (spool.h). */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gather.h"

struct head {
    uint32_t len;
    uint32_t sum; /* of the bytes, and of len: zeros are no record */
};

/* ---- names ---- */

static int open_segment(const char *dir, int to, int from, uint32_t segment, int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%d/%d.%u", dir, to, from, segment);
    return open(path, flags | O_CLOEXEC, 0600);
}

static int open_ack(const char *dir, int from, int to, int flags)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%d/%d.ack", dir, from, to);
    return open(path, flags | O_CLOEXEC, 0600);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- checksum ---- */

/* Against holes and halves, not against an enemy: eight bytes at a time. */
static uint64_t add_bytes(uint64_t sum, const unsigned char *bytes, size_t len)
{
    for (uint64_t word = 0; len; word = 0) {
        size_t n = len < sizeof word ? len : sizeof word;
        memcpy(&word, bytes, n);
        sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        sum ^= sum >> 29;
        bytes += n;
        len -= n;
    }
    return sum;
}

static uint32_t sum_of(const unsigned char *bytes, size_t len)
{
    uint64_t sum = add_bytes(UINT64_C(0x243f6a8885a308d3) + len, bytes, len);
    return (uint32_t)(sum >> 32) ^ (uint32_t)sum;
}

/* ---- writing ---- */

int ipcr_spool_out_open(struct ipcr_spool_out *s, const char *dir, int from, int to)
{
    *s = (struct ipcr_spool_out){.dir = dir, .from = from, .to = to, .fd = -1, .ack_fd = -1};
    s->buf = malloc(IPCR_SPOOL_RECORD);
    return s->buf ? 0 : -ENOMEM;
}

void ipcr_spool_out_close(struct ipcr_spool_out *s)
{
    close_fd(&s->fd);
    close_fd(&s->ack_fd);
    free(s->buf);
    s->buf = NULL;
}

/* The reader's count is looked up when the window seems to be full. */
static bool has_room(struct ipcr_spool_out *s)
{
    uint64_t acked;
    if (s->written - s->acked < IPCR_SPOOL_WINDOW)
        return true;
    if (s->ack_fd < 0)
        s->ack_fd = open_ack(s->dir, s->from, s->to, O_RDONLY);
    if (s->ack_fd >= 0 && pread(s->ack_fd, &acked, sizeof acked, 0) == sizeof acked &&
        acked > s->acked && acked <= s->written)
        s->acked = acked;
    return s->written - s->acked < IPCR_SPOOL_WINDOW;
}

static bool is_space(int error)
{
    return error == ENOSPC || error == EDQUOT;
}

/* One record in one call. What is cut off by a full file system is written again, at its place.
 * 0: no space now. */
static ssize_t append(struct ipcr_spool_out *s, size_t len)
{
    struct head head = {(uint32_t)len, sum_of(s->buf, len)};
    struct iovec part[2] = {{&head, sizeof head}, {s->buf, len}};
    if (s->fd < 0)
        s->fd = open_segment(s->dir, s->to, s->from, s->segment, O_WRONLY | O_CREAT);
    if (s->fd < 0)
        return is_space(errno) ? 0 : -1;
    ssize_t n = pwritev(s->fd, part, 2, s->at);
    if (n < (ssize_t)(sizeof head + len))
        return n >= 0 || is_space(errno) || errno == EINTR ? 0 : -1;
    s->at += (uint32_t)n;
    s->written += (uint64_t)n;
    if (s->at >= IPCR_SPOOL_SEGMENT) {
        close_fd(&s->fd);
        s->segment++;
        s->at = 0;
    }
    return n;
}

ssize_t ipcr_spool_write(struct ipcr_spool_out *s, const struct iovec *part, size_t parts)
{
    size_t written = 0, n;
    while (has_room(s) && (n = ipcr_gather(s->buf, IPCR_SPOOL_RECORD, part, parts, written)) > 0) {
        ssize_t rc = append(s, n);
        s->no_space = rc == 0;
        if (rc <= 0)
            return rc < 0 && !written ? -1 : (ssize_t)written;
        written += n;
    }
    return (ssize_t)written;
}

/* ---- reading ---- */

int ipcr_spool_in_open(struct ipcr_spool_in *s, const char *dir, int from, int to)
{
    *s = (struct ipcr_spool_in){.dir = dir, .from = from, .to = to, .fd = -1, .ack_fd = -1};
    s->buf = malloc(sizeof(struct head) + IPCR_SPOOL_RECORD);
    return s->buf ? 0 : -ENOMEM;
}

void ipcr_spool_in_close(struct ipcr_spool_in *s)
{
    close_fd(&s->fd);
    close_fd(&s->ack_fd);
    free(s->buf);
    s->buf = NULL;
}

void ipcr_spool_rest(struct ipcr_spool_in *s)
{
    close_fd(&s->fd);
}

/* Four times a window: the writer should not have to stop. */
static int report(struct ipcr_spool_in *s)
{
    if (s->taken - s->reported < IPCR_SPOOL_WINDOW / 4)
        return 0;
    if (s->ack_fd < 0)
        s->ack_fd = open_ack(s->dir, s->from, s->to, O_WRONLY | O_CREAT);
    if (s->ack_fd < 0)
        return errno == ENOENT ? 0 : -errno; /* the writer has left */
    if (pwrite(s->ack_fd, &s->taken, sizeof s->taken, 0) == sizeof s->taken)
        s->reported = s->taken;
    return 0;
}

static void next_segment(struct ipcr_spool_in *s)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%d/%d.%u", s->dir, s->to, s->from, s->segment);
    unlink(path);
    close_fd(&s->fd);
    s->segment++;
    s->at = 0;
    s->buf_at = s->buf_end = 0;
}

/* A whole record lies in the buffer: its length. 0: not yet. */
static size_t whole(const struct ipcr_spool_in *s)
{
    struct head head;
    size_t got = s->buf_end - s->buf_at;
    if (got < sizeof head)
        return 0;
    memcpy(&head, s->buf + s->buf_at, sizeof head);
    if (!head.len || head.len > IPCR_SPOOL_RECORD || got - sizeof head < head.len ||
        head.sum != sum_of(s->buf + s->buf_at + sizeof head, head.len))
        return 0;
    return head.len;
}

/* What the buffer holds is read again: it may have been half a record, or a hole. */
static int fill(struct ipcr_spool_in *s)
{
    if (s->fd < 0)
        s->fd = open_segment(s->dir, s->to, s->from, s->segment, O_RDONLY);
    if (s->fd < 0)
        return errno == ENOENT ? 0 : -errno;
    ssize_t got;
    do
        got = pread(s->fd, s->buf, sizeof(struct head) + IPCR_SPOOL_RECORD, s->at);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    s->buf_at = 0;
    s->buf_end = (size_t)got;
    return 0;
}

ssize_t ipcr_spool_read(struct ipcr_spool_in *s, const void **bytes)
{
    if (s->at >= IPCR_SPOOL_SEGMENT)
        next_segment(s);
    int rc = report(s);
    size_t len = whole(s);
    if (rc == 0 && !len) {
        rc = fill(s);
        len = whole(s);
    }
    if (rc < 0 || !len)
        return rc;
    size_t record = sizeof(struct head) + len;
    *bytes = s->buf + s->buf_at + sizeof(struct head);
    s->at += (uint32_t)record;
    s->buf_at += record;
    s->taken += record;
    return (ssize_t)len;
}
