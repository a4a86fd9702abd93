/* The file of a recorded rank: writing and reading. */
#include "tape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_BYTES = 1 << 16, MOST_BYTES_AT_ONCE = 1 << 24, NOBODY = -1 };

static const char magic[8] = "ipcrec1";

static size_t used(const struct ipcr_tape *t)
{
    return sizeof *t->head + t->head->events * sizeof *t->events;
}

static void point(struct ipcr_tape *t, void *base, size_t bytes)
{
    t->head = base;
    t->events = (struct ipcr_tape_event *)(t->head + 1);
    t->bytes = bytes;
}

/* Blocks are reserved, not just promised: a full disk is an error here and no SIGBUS later. */
static int reserve(int fd, size_t from, size_t to)
{
    return -posix_fallocate(fd, (off_t)from, (off_t)(to - from));
}

int ipcr_tape_create(struct ipcr_tape *t, const char *path, int rank, int size)
{
    *t = (struct ipcr_tape){.fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (t->fd < 0)
        return -errno;
    int rc = reserve(t->fd, 0, FIRST_BYTES);
    void *base = MAP_FAILED;
    if (rc == 0)
        base = mmap(NULL, FIRST_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, t->fd, 0);
    if (base == MAP_FAILED) {
        rc = rc ? rc : -errno;
        close(t->fd);
        return rc;
    }
    point(t, base, FIRST_BYTES);
    memcpy(t->head->magic, magic, sizeof magic);
    t->head->rank = (uint32_t)rank;
    t->head->size = (uint32_t)size;
    return 0;
}

static int grow(struct ipcr_tape *t)
{
    size_t more = t->bytes < MOST_BYTES_AT_ONCE ? t->bytes : MOST_BYTES_AT_ONCE;
    int rc = reserve(t->fd, t->bytes, t->bytes + more);
    if (rc < 0)
        return rc;
    void *base = mremap(t->head, t->bytes, t->bytes + more, MREMAP_MAYMOVE);
    if (base == MAP_FAILED)
        return -errno;
    point(t, base, t->bytes + more);
    return 0;
}

int ipcr_tape_add(struct ipcr_tape *t, const struct ipcr_tape_event *e)
{
    if (used(t) + sizeof *e > t->bytes) {
        int rc = grow(t);
        if (rc < 0)
            return rc;
    }
    t->events[t->head->events++] = *e;
    return 0;
}

struct ipcr_tape_event *ipcr_tape_last(struct ipcr_tape *t)
{
    return t->head->events ? &t->events[t->head->events - 1] : NULL;
}

static bool is_whole(const struct ipcr_tape *t)
{
    return t->bytes >= sizeof *t->head && memcmp(t->head->magic, magic, sizeof magic) == 0 &&
           t->head->events <= (t->bytes - sizeof *t->head) / sizeof *t->events;
}

/* A rank that was killed between posting and matching has more receives than matches. */
static int read_matches(struct ipcr_tape *t)
{
    uint64_t receives = t->head->receives;
    if (receives > UINT32_MAX)
        return -EINVAL;
    t->match = malloc((receives + 1) * sizeof *t->match);
    if (!t->match)
        return -ENOMEM;
    for (uint64_t i = 0; i < receives; i++)
        t->match[i].from = NOBODY;
    for (uint64_t i = 0; i < t->head->events; i++) {
        const struct ipcr_tape_event *e = &t->events[i];
        if (e->kind != IPCR_TAPE_MATCH)
            continue;
        if (e->number < 1 || e->number > receives)
            return -EINVAL;
        t->match[e->number - 1] = (struct ipcr_tape_match){e->a, e->b};
        t->matches++;
    }
    return 0;
}

/* Its writer may be alive: a write makes the page with the counts this process's own, so that they
 * stay as they are and events behind them do not count. */
static void keep_head(struct ipcr_tape *t)
{
    volatile char *first = (volatile char *)t->head;
    *first = *first;
}

static int map_whole(struct ipcr_tape *t)
{
    struct stat s;
    if (fstat(t->fd, &s) < 0)
        return -errno;
    if (s.st_size == 0)
        return -EINVAL;
    void *base = mmap(NULL, (size_t)s.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, t->fd, 0);
    if (base == MAP_FAILED)
        return -errno;
    point(t, base, (size_t)s.st_size);
    keep_head(t);
    return 0;
}

int ipcr_tape_open(struct ipcr_tape *t, const char *path)
{
    *t = (struct ipcr_tape){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (t->fd < 0)
        return -errno;
    int rc = map_whole(t);
    close(t->fd);
    t->fd = -1;
    if (rc == 0)
        rc = is_whole(t) ? read_matches(t) : -EINVAL;
    if (rc < 0)
        ipcr_tape_close(t, false);
    return rc;
}

const struct ipcr_tape_event *ipcr_tape_peek(struct ipcr_tape *t)
{
    while (t->at < t->head->events && t->events[t->at].kind == IPCR_TAPE_MATCH)
        t->at++;
    if (t->at == t->head->events)
        return NULL;
    const struct ipcr_tape_event *e = &t->events[t->at];
    if (e->kind == IPCR_TAPE_SOME && t->at + e->number >= t->head->events)
        return NULL; /* the rank was killed while it wrote */
    return e;
}

void ipcr_tape_close(struct ipcr_tape *t, bool ended)
{
    if (t->head && t->fd >= 0) {
        t->head->ended = ended;
        /* What stays reserved behind the events if this fails does no harm. */
        if (ftruncate(t->fd, (off_t)used(t)) < 0)
            errno = 0;
    }
    if (t->head)
        munmap(t->head, t->bytes);
    if (t->fd >= 0)
        close(t->fd);
    free(t->match);
    *t = (struct ipcr_tape){.fd = -1};
}
