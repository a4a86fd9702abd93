/* Memory shared on the node: blocks of my area, and views of others'. */
#include "mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board.h"
#include "job.h"
#include "seg.h"

#define PAGE 4096u
/* Smaller blocks hold only messages that go through the ring at once. */
#define SHARED_MIN (8u * 1024)
/* No process has more addresses; and a sanitizer's malloc ends the program that asks for more. */
#define MEMORY_MAX (UINT64_C(1) << 47)
/* Room for 128 ranks' areas in half of the address space of a process. */
#define AREA_MAX (UINT64_C(64) << 30)

static struct {
    char *base;
    size_t bytes;
    int fd;
    bool tried;
} area;

/* What was given out, by address. */
static struct block {
    char *at;
    size_t bytes;
} * blocks;
static size_t block_count, block_room;

static struct view { /* of another rank's area */
    const char *base;
    size_t bytes;
    bool tried;
} * views; /* [local_size], NULL before the first */

static struct ipcr_board *row(int local)
{
    return ipcr_seg_board(ipcr_seg.base, local);
}

/* ---- my area ---- */

static size_t area_bytes(void)
{
    uint64_t bytes = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    struct rlimit limit;
    if (bytes > AREA_MAX)
        bytes = AREA_MAX;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && bytes > limit.rlim_cur)
        bytes = limit.rlim_cur; /* beyond, the kernel sends SIGXFSZ */
    return bytes / PAGE * PAGE;
}

/* The descriptor comes last: with it a peer finds the rest. */
static void announce(uint64_t inode)
{
    struct ipcr_board_memory *m = &row(ipcr_job.local_rank)->memory;
    m->base = (uint64_t)(uintptr_t)area.base;
    m->bytes = area.bytes;
    m->inode = inode;
    atomic_store_explicit(&m->fd, (uint32_t)area.fd, memory_order_release);
}

static bool open_area(void)
{
    struct stat s;
    size_t bytes = area_bytes();
    int fd = memfd_create("ipcrun-alloc", MFD_CLOEXEC);
    if (fd <= 0 || ftruncate(fd, (off_t)bytes) < 0 || fstat(fd, &s) < 0)
        goto close_fd;
    char *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED)
        goto close_fd;
    madvise(base, bytes, MADV_DONTDUMP); /* core files would be as long as the area */
    area.base = base;
    area.bytes = bytes;
    area.fd = fd;
    announce(s.st_ino);
    return true;
close_fd:
    if (fd >= 0)
        close(fd);
    return false;
}

/* Nobody else is there to look at it: then private memory serves as well. */
static bool have_area(void)
{
    if (!area.tried && ipcr_job.local_size > 1)
        open_area();
    area.tried = true;
    return area.base != NULL;
}

static bool in_area(const char *at)
{
    return area.base && at >= area.base && at < area.base + area.bytes;
}

/* ---- blocks ---- */

/* The number of blocks that begin before `at`: where one that begins there stands or belongs. */
static size_t place_of(const char *at)
{
    size_t low = 0, high = block_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (blocks[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool make_room(void)
{
    if (block_count < block_room)
        return true;
    size_t room = block_room ? 2 * block_room : 16;
    struct block *more = realloc(blocks, room * sizeof *more);
    if (!more)
        return false;
    blocks = more;
    block_room = room;
    return true;
}

static void insert(char *at, size_t bytes)
{
    size_t i = place_of(at);
    memmove(&blocks[i + 1], &blocks[i], (block_count - i) * sizeof *blocks);
    blocks[i] = (struct block){at, bytes};
    block_count++;
}

/* The first gap between blocks of the area that is long enough; NULL: none. */
static char *find_gap(size_t bytes)
{
    char *at = area.base;
    for (size_t i = place_of(area.base); i < block_count && in_area(blocks[i].at); i++) {
        if ((size_t)(blocks[i].at - at) >= bytes)
            return at;
        at = blocks[i].at + blocks[i].bytes;
    }
    return (size_t)(area.base + area.bytes - at) >= bytes ? at : NULL;
}

static char *alloc_shared(size_t bytes)
{
    char *at = find_gap(bytes);
    if (!at)
        return NULL;
    madvise(at, bytes, MADV_DODUMP);
    insert(at, bytes);
    return at;
}

static char *alloc_private(size_t bytes, size_t align)
{
    void *at;
    if (posix_memalign(&at, align < sizeof(void *) ? sizeof(void *) : align, bytes) != 0)
        return NULL;
    insert(at, bytes);
    return at;
}

void *ipcr_mem_alloc(size_t bytes, size_t align)
{
    char *at = NULL;
    if (bytes == 0)
        bytes = 1;
    if (bytes > MEMORY_MAX || !make_room())
        return NULL;
    if (bytes >= SHARED_MIN && bytes <= AREA_MAX && align <= PAGE && have_area())
        at = alloc_shared((bytes + PAGE - 1) / PAGE * PAGE);
    return at ? at : alloc_private(bytes, align);
}

static void release(const struct block *b)
{
    if (!in_area(b->at)) {
        free(b->at);
        return;
    }
    madvise(b->at, b->bytes, MADV_REMOVE);
    madvise(b->at, b->bytes, MADV_DONTDUMP);
}

bool ipcr_mem_free(void *base)
{
    size_t i = place_of(base);
    if (i == block_count || blocks[i].at != base)
        return false;
    release(&blocks[i]);
    block_count--;
    memmove(&blocks[i], &blocks[i + 1], (block_count - i) * sizeof *blocks);
    return true;
}

/* ---- views ---- */

/* The number in the inode says that the descriptor is still what the board names, and that the
 * process is the one that wrote it. */
static void *map_area(pid_t pid, const struct ipcr_board_memory *m, uint32_t number)
{
    char path[64];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%ld/fd/%u", (long)pid, number);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    void *base = MAP_FAILED;
    if (fstat(fd, &s) == 0 && s.st_ino == m->inode && (uint64_t)s.st_size >= m->bytes)
        base = mmap(NULL, m->bytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, fd, 0);
    close(fd);
    if (base == MAP_FAILED)
        return NULL;
    madvise(base, m->bytes, MADV_DONTDUMP);
    return base;
}

static const struct view *view_of(int local, uint32_t fd)
{
    if (!views && !(views = calloc((size_t)ipcr_job.local_size, sizeof *views)))
        return NULL;
    struct view *v = &views[local];
    if (!v->tried) {
        const struct ipcr_board *b = row(local);
        v->tried = true;
        v->bytes = b->memory.bytes;
        v->base = map_area((pid_t)atomic_load(&b->pid), &b->memory, fd);
    }
    return v->base ? v : NULL;
}

bool ipcr_mem_is_shown(const void *at, size_t len)
{
    uintptr_t from = (uintptr_t)at - (uintptr_t)area.base;
    return area.base && (uintptr_t)at >= (uintptr_t)area.base && len <= area.bytes &&
           from <= area.bytes - len;
}

const void *ipcr_mem_view(int local, uint64_t remote, size_t len)
{
    const struct ipcr_board_memory *m = &row(local)->memory;
    uint32_t fd = atomic_load_explicit(&m->fd, memory_order_acquire);
    if (!fd || remote < m->base || len > m->bytes || remote - m->base > m->bytes - len)
        return NULL;
    const struct view *v = view_of(local, fd);
    return v ? v->base + (remote - m->base) : NULL;
}

void ipcr_mem_finish(void)
{
    for (size_t i = 0; i < block_count; i++)
        release(&blocks[i]);
    free(blocks);
    blocks = NULL;
    block_count = block_room = 0;
    if (area.base) {
        munmap(area.base, area.bytes);
        close(area.fd);
    }
    memset(&area, 0, sizeof area);
    for (int i = 0; views && i < ipcr_job.local_size; i++)
        if (views[i].base)
            munmap((void *)(uintptr_t)views[i].base, views[i].bytes);
    free(views);
    views = NULL;
}
