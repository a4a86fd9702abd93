/* The node segment: arithmetic of its layout, mapping and unmapping. */
#include "seg.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bell.h"
#include "board.h"
#include "profile.h"
#include "transport/joint.h"

#define PAGE 4096u

struct ipcr_seg ipcr_seg;

static size_t pages(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

/* Page 0 is the header. */
size_t ipcr_seg_board_bytes(int n)
{
    return PAGE + pages((size_t)n * sizeof(struct ipcr_board));
}

static size_t bells_end(int n)
{
    return ipcr_seg_board_bytes(n) + pages((size_t)n * sizeof(struct ipcr_bell));
}

static size_t joints_end(int n)
{
    return bells_end(n) + pages((size_t)n * sizeof(struct ipcr_joint));
}

static size_t lines_end(int n)
{
    return joints_end(n) +
           pages(IPCR_SEG_SLOTS * IPCR_SEG_SETS * (size_t)n * sizeof(struct ipcr_line));
}

static size_t long_lines_end(int n)
{
    return lines_end(n) + pages(IPCR_SEG_SLOTS * IPCR_SEG_SETS * ipcr_seg_long_bytes(n));
}

/* Each begins in the middle of a page: to copy to a place a few bytes further into its page than
 * the source is slow (transport/vmcopy.c), within a process, too, and large buffers of programs
 * begin with a page or 16 bytes after it. 16 KiB to eight ranks: 35 -> 5 us. */
static size_t sheets_begin(int n)
{
    return long_lines_end(n) + PAGE / 2;
}

static size_t sheets_end(int n)
{
    return long_lines_end(n) + PAGE +
           (size_t)IPCR_SHEET_SLOTS * IPCR_SHEET_SETS * (size_t)n * IPCR_SHEET_BYTES;
}

/* Small ones share pages, or each would take a whole one. */
static size_t ring_bytes(struct ipcr_ring_shape s)
{
    size_t bytes = ipcr_ring_size(s);
    return bytes < PAGE ? bytes : pages(bytes);
}

/* Where a lap of a ring is longer than the caches of one core, its lines have left those by the
 * time they are written anew, for the cache that all cores share, and the writer need not take them
 * away from the reader's: with two ranks, messages of 16 KiB go at 14 GB/s through 128 KiB of
 * payload, at 17 through 512 and at 27 through 1024. So rings are long as long as all those of a
 * node together are a part of such a cache. (Laps that end early while the reader keeps up, so that
 * a core's own caches have all of it, were tried: 30 % slower at 4 KiB.) */
static struct ipcr_ring_shape cached_shape(int n)
{
    enum { CACHE = 8 * 1024 * 1024, LEAST_PAYLOAD = 128 * 1024 };
    struct ipcr_ring_shape s = IPCR_RING_LARGEST;
    while (s.payload > LEAST_PAYLOAD && (size_t)n * (size_t)(n - 1) * ring_bytes(s) > CACHE)
        s.payload /= 2;
    return s;
}

/* The payload shrinks first: most messages are short. */
struct ipcr_ring_shape ipcr_seg_ring_shape(int n)
{
    enum { LEAST_PAYLOAD = 2048, LEAST_ENTRIES = 16 };
    size_t each = IPCR_SEG_RINGS / ((size_t)n * (size_t)n);
    struct ipcr_ring_shape s = cached_shape(n);
    while (s.payload > LEAST_PAYLOAD && ring_bytes(s) > each) {
        s.payload /= 2;
        if (s.entries > LEAST_ENTRIES && s.payload < s.entries * 256)
            s.entries /= 2;
    }
    return s;
}

static size_t rings_end(int n)
{
    return sheets_end(n) + pages((size_t)n * (size_t)n * ring_bytes(ipcr_seg_ring_shape(n)));
}

size_t ipcr_seg_profile_offset(int n, int i)
{
    return rings_end(n) + (size_t)i * pages(sizeof(struct ipcr_profile));
}

size_t ipcr_seg_bytes(int n)
{
    return ipcr_seg_profile_offset(n, n);
}

int ipcr_seg_open(int fd, int n)
{
    size_t bytes = ipcr_seg_bytes(n);
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED)
        return -errno;
    ipcr_seg = (struct ipcr_seg){.base = base, .bytes = bytes, .n = n};
    if (fd >= 0)
        close(fd);
    return 0;
}

void ipcr_seg_close(void)
{
    if (ipcr_seg.base)
        munmap(ipcr_seg.base, ipcr_seg.bytes);
    ipcr_seg = (struct ipcr_seg){0};
}

struct ipcr_board *ipcr_seg_board(void *base, int i)
{
    return (struct ipcr_board *)((char *)base + PAGE) + i;
}

struct ipcr_bell *ipcr_seg_bell(int i)
{
    return (struct ipcr_bell *)(ipcr_seg.base + ipcr_seg_board_bytes(ipcr_seg.n)) + i;
}

struct ipcr_joint *ipcr_seg_joint(int i)
{
    return (struct ipcr_joint *)(ipcr_seg.base + bells_end(ipcr_seg.n)) + i;
}

struct ipcr_line *ipcr_seg_lines(int slot)
{
    size_t index = (size_t)slot * IPCR_SEG_SETS * (size_t)ipcr_seg.n;
    return (struct ipcr_line *)(ipcr_seg.base + joints_end(ipcr_seg.n)) + index;
}

char *ipcr_seg_long_lines(int slot)
{
    size_t set = (size_t)slot * IPCR_SEG_SETS;
    return ipcr_seg.base + lines_end(ipcr_seg.n) + set * ipcr_seg_long_bytes(ipcr_seg.n);
}

char *ipcr_seg_sheets(int slot)
{
    size_t index = (size_t)slot * IPCR_SHEET_SETS * (size_t)ipcr_seg.n;
    return slot < IPCR_SHEET_SLOTS
               ? ipcr_seg.base + sheets_begin(ipcr_seg.n) + index * IPCR_SHEET_BYTES
               : NULL;
}

static struct ipcr_ring *ring_at(int to, int from)
{
    size_t index = (size_t)to * (size_t)ipcr_seg.n + (size_t)from;
    return (struct ipcr_ring *)(ipcr_seg.base + sheets_end(ipcr_seg.n) +
                                index * ring_bytes(ipcr_seg_ring_shape(ipcr_seg.n)));
}

struct ipcr_ring_out ipcr_seg_ring_out(int to, int from)
{
    return (struct ipcr_ring_out){.ring = ring_at(to, from),
                                  .shape = ipcr_seg_ring_shape(ipcr_seg.n)};
}

struct ipcr_ring_in ipcr_seg_ring_in(int to, int from)
{
    return (struct ipcr_ring_in){.ring = ring_at(to, from),
                                 .shape = ipcr_seg_ring_shape(ipcr_seg.n)};
}

struct ipcr_profile *ipcr_seg_profile(int i)
{
    return (struct ipcr_profile *)(ipcr_seg.base + ipcr_seg_profile_offset(ipcr_seg.n, i));
}
