/* mmap: rings in files of the job's directory that both ranks map. For ranks of one machine that
 * see a common directory but nothing else of each other: other containers, other users' namespaces.
 * (Between machines a shared file is no shared memory; that is refused with a sentence.)
 *
 * Each rank makes two files, which go when it closes or with the directory: its inbox, with a ring
 * for every rank that may send to it (sparse: a ring takes disk or memory when its sender links),
 * and a named pipe, its doorbell. No descriptor is kept but those of doorbells.
 *
 * Sleeping is Dekker's pattern, as in bell.h, with a plain full fence on either side: a rank that
 * is about to block says so in its inbox and then looks once more; who has published something for
 * it, or made room that it wants, fences and then looks whether it sleeps. The doorbell is read
 * only by the rank that is about to block again, so no other thread takes a ring from it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "job.h"
#include "peer.h"
#include "ring_frag.h"

#define PAGE 65536u /* no machine has larger pages by default: what may begin a mapping */

struct inbox {
    _Atomic uint32_t sleeping; /* 1: ring. Set by the owner, taken back by who rings */
    char pad[60];
    _Atomic uint64_t senders[]; /* bit i: rank i has linked a ring here; set once */
};

struct mate {                   /* what I have of another rank */
    struct inbox *box;          /* its inbox, up to the rings; NULL: nothing yet */
    struct ipcr_ring_sender to; /* out.ring NULL: not linked */
    uint32_t taken, freed;      /* how far its reader was when the ring refused */
    struct ipcr_ring_in from;   /* ring NULL: it has not linked to me */
    int bell;
};

static struct {
    const struct ipcr_job *job;
    int dir, bell;
    char *mine;        /* my inbox with all its rings */
    struct mate *mate; /* [size] */
    int *source;       /* ranks that have linked to me */
    int sources;
    uint64_t *seen; /* copy of senders: who is in source[] */
} box;

/* What ranks tell each other: which kernel they run on. */
struct address {
    char boot_id[40];
};

static size_t pages(size_t bytes)
{
    return (bytes + PAGE - 1) / PAGE * PAGE;
}

static size_t words(void)
{
    return ((size_t)box.job->size + 63) / 64;
}

static size_t head_bytes(void)
{
    return pages(sizeof(struct inbox) + words() * sizeof(uint64_t));
}

static off_t ring_at(int from)
{
    return (off_t)(head_bytes() + (size_t)from * pages(sizeof(struct ipcr_ring)));
}

static int open_file(const char *kind, int rank, int flags)
{
    char name[48];
    snprintf(name, sizeof name, "mmap.%s.%d", kind, rank);
    return openat(box.dir, name, flags | O_CLOEXEC, 0600);
}

/* A whole piece of a file in memory, with room on the disk: a page without would be a SIGBUS at
 * some later store. NULL with errno. */
static void *map_piece(int fd, off_t at, size_t bytes)
{
    int rc = posix_fallocate(fd, at, (off_t)bytes);
    if (rc) {
        errno = rc;
        return NULL;
    }
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
    return p == MAP_FAILED ? NULL : p;
}

/* ---- waking ---- */

static void ring_bell(int fd)
{
    /* A full pipe has rung already. */
    if (write(fd, "", 1) < 0 && errno != EAGAIN)
        ipcr_err_fatal("rank %d on %s cannot ring a doorbell: %s", box.job->rank, box.job->host,
                       strerror(errno));
}

/* After something was published for the rank. */
static void wake(struct mate *m)
{
    if (!m->box)
        return; /* it had left before we met it */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&m->box->sleeping, memory_order_relaxed) &&
        atomic_exchange(&m->box->sleeping, 0))
        ring_bell(m->bell);
}

static struct inbox *my_box(void)
{
    return (struct inbox *)box.mine;
}

static bool has_work(void)
{
    for (size_t w = 0; w < words(); w++)
        if (atomic_load_explicit(&my_box()->senders[w], memory_order_acquire) != box.seen[w])
            return true;
    for (int i = 0; i < box.sources; i++)
        if (ipcr_ring_peek(&box.mate[box.source[i]].from))
            return true;
    for (int r = 0; r < box.job->size; r++) {
        struct mate *m = &box.mate[r];
        if (m->to.wants_room && (atomic_load(&m->to.out.ring->taken) != m->taken ||
                                 atomic_load(&m->to.out.ring->freed) != m->freed))
            return true;
    }
    return false;
}

static int mmap_wait_fd(void)
{
    char rung[64];
    while (read(box.bell, rung, sizeof rung) == sizeof rung)
        ;
    atomic_store_explicit(&my_box()->sleeping, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (has_work())
        ring_bell(box.bell);
    return box.bell;
}

/* ---- life ---- */

static int make_inbox(void)
{
    int fd = open_file("box", box.job->rank, O_RDWR | O_CREAT | O_EXCL);
    size_t bytes = (size_t)ring_at(box.job->size);
    if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
        return -errno;
    void *head = map_piece(fd, 0, head_bytes());
    box.mine = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
    int rc = !head || box.mine == MAP_FAILED ? -errno : 0;
    if (head)
        munmap(head, head_bytes());
    close(fd);
    return rc;
}

/* Opened for reading and writing, so that it has neither an end nor a broken pipe. */
static int make_bell(void)
{
    char name[48];
    snprintf(name, sizeof name, "mmap.bell.%d", box.job->rank);
    if (mkfifoat(box.dir, name, 0600) < 0)
        return -errno;
    box.bell = open_file("bell", box.job->rank, O_RDWR | O_NONBLOCK);
    return box.bell < 0 ? -errno : 0;
}

static int read_boot_id(struct ipcr_addr *mine)
{
    struct address *a = (struct address *)mine->bytes;
    memset(a, 0, sizeof *a); /* all of it is compared */
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, a->boot_id, sizeof a->boot_id - 1);
    int rc = n < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    mine->len = sizeof *a;
    return rc;
}

static int mmap_open(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    memset(&box, 0, sizeof box);
    box.job = job;
    box.dir = open(job->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (box.dir < 0)
        return -errno;
    box.mate = calloc((size_t)job->size, sizeof *box.mate);
    box.source = calloc((size_t)job->size, sizeof *box.source);
    box.seen = calloc(words(), sizeof *box.seen);
    if (!box.mate || !box.source || !box.seen)
        return -ENOMEM;
    int rc = make_inbox();
    if (rc == 0)
        rc = make_bell();
    return rc < 0 ? rc : read_boot_id(mine);
}

static void forget(struct mate *m)
{
    if (m->to.out.ring)
        munmap(m->to.out.ring, sizeof(struct ipcr_ring));
    if (!m->box)
        return;
    munmap(m->box, head_bytes());
    close(m->bell);
}

static void mmap_close(void)
{
    char name[48];
    for (int r = 0; r < box.job->size; r++)
        forget(&box.mate[r]);
    munmap(box.mine, (size_t)ring_at(box.job->size));
    snprintf(name, sizeof name, "mmap.box.%d", box.job->rank);
    unlinkat(box.dir, name, 0);
    snprintf(name, sizeof name, "mmap.bell.%d", box.job->rank);
    unlinkat(box.dir, name, 0);
    close(box.bell);
    close(box.dir);
    free(box.mate);
    free(box.source);
    free(box.seen);
}

/* ---- pairs ---- */

/* Its inbox as far as the rings, and its doorbell: enough to wake it. 0 or a negative errno. */
static int meet(int rank)
{
    struct mate *m = &box.mate[rank];
    if (m->box)
        return 0;
    int fd = open_file("box", rank, O_RDWR);
    if (fd < 0)
        return -errno;
    m->bell = open_file("bell", rank, O_RDWR | O_NONBLOCK);
    m->box = m->bell < 0 ? NULL : map_piece(fd, 0, head_bytes());
    int rc = m->box ? 0 : -errno;
    close(fd);
    if (rc < 0 && m->bell >= 0)
        close(m->bell);
    return rc;
}

static int link_ring(int rank)
{
    struct mate *m = &box.mate[rank];
    int me = box.job->rank, fd = open_file("box", rank, O_RDWR);
    if (fd < 0)
        return -errno;
    m->to.out.ring = map_piece(fd, ring_at(me), sizeof(struct ipcr_ring));
    int rc = m->to.out.ring ? 0 : -errno;
    close(fd);
    /* The bit must be visible before the first entry: it is how the receiver learns of the ring. */
    if (rc == 0)
        atomic_fetch_or(&m->box->senders[me / 64], UINT64_C(1) << (me % 64));
    return rc;
}

static int mmap_link(struct ipcr_peer *peer, const void *addr, size_t len)
{
    struct ipcr_addr mine;
    int rc = read_boot_id(&mine);
    if (rc == 0 && (len != mine.len || memcmp(addr, mine.bytes, len) != 0))
        ipcr_err_fatal(
            "rank %d on %s and rank %d run on different machines, or in virtual ones: a "
            "mapped file is not shared between these; use another transport (remote=tcp)",
            box.job->rank, box.job->host, peer->rank);
    if (rc == 0)
        rc = meet(peer->rank);
    if (rc == -ENOENT)
        ipcr_err_fatal("rank %d on %s finds no file of rank %d in %s: do all hosts see the same "
                       "directory there?",
                       box.job->rank, box.job->host, peer->rank, box.job->dir);
    if (rc == 0)
        rc = link_ring(peer->rank);
    peer->link = &box.mate[peer->rank];
    return rc;
}

static void mmap_unlink(struct ipcr_peer *peer)
{
    peer->link = NULL;
}

/* How far the reader is goes into the record between two refusals: what it frees after the second
 * one makes a difference that has_work() sees. */
static enum ipcr_result mmap_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    struct mate *m = peer->link;
    if (!ipcr_ring_send(&m->to, f)) {
        m->taken = atomic_load(&m->to.out.ring->taken);
        m->freed = atomic_load(&m->to.out.ring->freed);
        if (!ipcr_ring_send(&m->to, f))
            return IPCR_AGAIN;
    }
    wake(m);
    return IPCR_OK;
}

/* Ranks that have linked since the last look become sources. */
static void adopt(size_t word, uint64_t now)
{
    for (uint64_t fresh = now & ~box.seen[word]; fresh; fresh &= fresh - 1) {
        int rank = (int)word * 64 + __builtin_ctzll(fresh);
        int rc = rank < box.job->size ? meet(rank) : -EPROTO;
        if (rc < 0 && rc != -ENOENT) /* no name any more: it has left, and its ring is here */
            ipcr_err_fatal("rank %d on %s cannot map the inbox of rank %d in %s: %s", box.job->rank,
                           box.job->host, rank, box.job->dir, strerror(-rc));
        box.mate[rank].from.ring = (struct ipcr_ring *)(box.mine + ring_at(rank));
        box.source[box.sources++] = rank;
    }
    box.seen[word] = now;
}

static int poll_source(int rank, int budget)
{
    struct mate *m = &box.mate[rank];
    int n = ipcr_ring_deliver(&m->from, &ipcr_peers[rank], budget);
    if (n == 0)
        return 0;
    atomic_thread_fence(memory_order_seq_cst); /* what was consumed, before the look at the hint */
    if (ipcr_ring_room_wanted(&m->from))
        wake(m);
    return n;
}

static int mmap_poll(int budget)
{
    int n = 0;
    for (size_t w = 0; w < words(); w++) {
        uint64_t now = atomic_load_explicit(&my_box()->senders[w], memory_order_acquire);
        if (now != box.seen[w])
            adopt(w, now);
    }
    for (int i = 0; i < box.sources; i++)
        n += poll_source(box.source[i], budget);
    return n;
}

const struct ipcr_transport ipcr_transport_mmap = {
    .name = "mmap",
    .eager_max = 16 * 1024, /* more than shm: nobody can pull from the sender's memory */
    .frag_max = IPCR_RING_FRAG,
    .reach = IPCR_REACH_SHARED,
    .needs_dir = true,
    .open = mmap_open,
    .close = mmap_close,
    .link = mmap_link,
    .unlink = mmap_unlink,
    .send = mmap_send,
    .poll = mmap_poll,
    .wait_fd = mmap_wait_fd,
};
