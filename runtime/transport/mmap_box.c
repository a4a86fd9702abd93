/* Inboxes and doorbells (mmap_box.h). */
#include "mmap_box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 65536u /* no machine has larger pages by default: what may begin a mapping */

static size_t pages(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

size_t ipcr_box_words(const struct ipcr_boxes *b)
{
    return ((size_t)b->ranks + 63) / 64;
}

static size_t head_bytes(const struct ipcr_boxes *b)
{
    return pages(sizeof(struct ipcr_box) + ipcr_box_words(b) * sizeof(uint64_t));
}

static size_t ring_at(const struct ipcr_boxes *b, int from)
{
    return head_bytes(b) + (size_t)from * pages(ipcr_ring_size(IPCR_BOX_RING));
}

static size_t box_bytes(const struct ipcr_boxes *b)
{
    return ring_at(b, b->ranks);
}

struct ipcr_ring *ipcr_box_ring(const struct ipcr_boxes *b, struct ipcr_box *box, int from)
{
    return (struct ipcr_ring *)((char *)box + ring_at(b, from));
}

struct name {
    char text[32];
};

static struct name name_of(const char *kind, int rank)
{
    struct name n;
    snprintf(n.text, sizeof n.text, "mmap.%s.%d", kind, rank);
    return n;
}

static int open_box(const struct ipcr_boxes *b, int rank, int flags)
{
    return openat(b->dir, name_of("box", rank).text, O_RDWR | O_CLOEXEC | flags, 0600);
}

/* For reading and writing, so that it has neither an end nor a broken pipe. */
static int open_bell(const struct ipcr_boxes *b, int rank)
{
    return openat(b->dir, name_of("bell", rank).text, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static void *map(int fd, size_t at, size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, (off_t)at);
    return p == MAP_FAILED ? NULL : p;
}

/* A page without space on the disk would be a SIGBUS at some later store. */
static void *map_allocated(int fd, size_t at, size_t bytes)
{
    int rc = posix_fallocate(fd, (off_t)at, (off_t)bytes);
    if (rc == 0)
        return map(fd, at, bytes);
    errno = rc;
    return NULL;
}

static struct ipcr_box *make_box(const struct ipcr_boxes *b, int rank)
{
    int fd = open_box(b, rank, O_CREAT | O_EXCL);
    if (fd < 0)
        return NULL;
    struct ipcr_box *box = NULL;
    int rc = ftruncate(fd, (off_t)box_bytes(b)) < 0 ? errno
                                                    : posix_fallocate(fd, 0, (off_t)head_bytes(b));
    if (rc == 0 && !(box = map(fd, 0, box_bytes(b))))
        rc = errno;
    close(fd);
    errno = rc;
    return box;
}

struct ipcr_box *ipcr_box_make(const struct ipcr_boxes *b, int rank, int *bell)
{
    if (mkfifoat(b->dir, name_of("bell", rank).text, 0600) < 0)
        return NULL;
    *bell = open_bell(b, rank);
    return *bell < 0 ? NULL : make_box(b, rank);
}

void ipcr_box_remove(const struct ipcr_boxes *b, int rank, struct ipcr_box *box, int bell)
{
    munmap(box, box_bytes(b));
    close(bell);
    unlinkat(b->dir, name_of("box", rank).text, 0);
    unlinkat(b->dir, name_of("bell", rank).text, 0);
}

struct ipcr_box *ipcr_box_meet(const struct ipcr_boxes *b, int rank, int *bell)
{
    int fd = open_box(b, rank, 0);
    if (fd < 0)
        return NULL;
    *bell = open_bell(b, rank);
    struct ipcr_box *box = *bell < 0 ? NULL : map_allocated(fd, 0, head_bytes(b));
    int error = errno;
    close(fd);
    if (!box && *bell >= 0)
        close(*bell);
    errno = error;
    return box;
}

struct ipcr_ring *ipcr_box_map_ring(const struct ipcr_boxes *b, int rank, int from)
{
    int fd = open_box(b, rank, 0);
    if (fd < 0)
        return NULL;
    struct ipcr_ring *ring = map_allocated(fd, ring_at(b, from), ipcr_ring_size(IPCR_BOX_RING));
    int error = errno;
    close(fd);
    errno = error;
    return ring;
}

void ipcr_box_leave(const struct ipcr_boxes *b, struct ipcr_box *box, int bell)
{
    if (!box)
        return;
    munmap(box, head_bytes(b));
    close(bell);
}

void ipcr_box_unmap_ring(struct ipcr_ring *ring)
{
    if (ring)
        munmap(ring, ipcr_ring_size(IPCR_BOX_RING));
}

int ipcr_box_knock(int bell)
{
    /* A full pipe has rung already. */
    return write(bell, "", 1) < 0 && errno != EAGAIN ? -errno : 0;
}
