/* mmap: rings in files of the job's directory that both ranks map. For ranks of one machine that
 * see a common directory but nothing else of each other: other containers, other users' namespaces.
 * (Between machines a shared file is no shared memory; that is refused with a sentence.)
 *
 * Each rank makes an inbox and a doorbell (mmap_box.h), which go when it closes or with the
 * directory. No descriptor is kept but those of doorbells.
 *
 * Sleeping is Dekker's pattern, as in bell.h, with a plain full fence on either side: a rank that
 * is about to block says so in its inbox and then looks once more; who has published something for
 * it, or made room that it wants, fences and then looks whether it sleeps. The doorbell is emptied
 * only by the rank that is about to block again, so no other thread takes a wake-up from it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "job.h"
#include "mmap_box.h"
#include "peer.h"
#include "ring_frag.h"

struct mate {                   /* what I have of another rank */
    struct ipcr_box *box;       /* the head of its inbox; NULL: not met */
    struct ipcr_ring_sender to; /* out.ring NULL: not linked */
    uint32_t taken, freed;      /* how far its reader was when the ring refused */
    struct ipcr_ring_in from;   /* ring NULL: it has not linked to me */
    int bell;
};

static struct {
    const struct ipcr_job *job;
    struct ipcr_boxes boxes;
    struct ipcr_box *box; /* mine */
    int bell;
    struct mate *mate; /* [size] */
    int *source;       /* ranks that have linked to me */
    int sources;
    uint64_t *seen; /* copy of box->senders: who is in source[] */
} my;

/* What ranks tell each other: which kernel they run on. */
struct address {
    char boot_id[40];
};

/* ---- waking ---- */

static void knock(int bell)
{
    int rc = ipcr_box_knock(bell);
    if (rc < 0)
        ipcr_err_fatal("rank %d on %s cannot ring a doorbell: %s", my.job->rank, my.job->host,
                       strerror(-rc));
}

/* After something was published for the rank. */
static void wake(struct mate *m)
{
    if (!m->box)
        return; /* it had left before we met it */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&m->box->sleeping, memory_order_relaxed) &&
        atomic_exchange(&m->box->sleeping, 0))
        knock(m->bell);
}

static bool has_room(const struct mate *m)
{
    return atomic_load(&m->to.out.ring->taken) != m->taken ||
           atomic_load(&m->to.out.ring->freed) != m->freed;
}

static bool has_work(void)
{
    for (size_t w = 0; w < ipcr_box_words(&my.boxes); w++)
        if (atomic_load_explicit(&my.box->senders[w], memory_order_acquire) != my.seen[w])
            return true;
    for (int i = 0; i < my.sources; i++)
        if (ipcr_ring_peek(&my.mate[my.source[i]].from))
            return true;
    for (int r = 0; r < my.job->size; r++)
        if (my.mate[r].to.wants_room && has_room(&my.mate[r]))
            return true;
    return false;
}

static int mmap_wait_fd(void)
{
    char rung[64];
    while (read(my.bell, rung, sizeof rung) == sizeof rung)
        ;
    atomic_store_explicit(&my.box->sleeping, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (has_work())
        knock(my.bell);
    return my.bell;
}

/* ---- life ---- */

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
    memset(&my, 0, sizeof my);
    my.job = job;
    my.boxes.ranks = job->size;
    my.boxes.dir = open(job->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (my.boxes.dir < 0)
        return -errno;
    my.mate = calloc((size_t)job->size, sizeof *my.mate);
    my.source = calloc((size_t)job->size, sizeof *my.source);
    my.seen = calloc(ipcr_box_words(&my.boxes), sizeof *my.seen);
    if (!my.mate || !my.source || !my.seen)
        return -ENOMEM;
    my.box = ipcr_box_make(&my.boxes, job->rank, &my.bell);
    return my.box ? read_boot_id(mine) : -errno;
}

static void mmap_close(void)
{
    for (int r = 0; r < my.job->size; r++) {
        ipcr_box_unmap_ring(my.mate[r].to.out.ring);
        ipcr_box_leave(&my.boxes, my.mate[r].box, my.mate[r].bell);
    }
    ipcr_box_remove(&my.boxes, my.job->rank, my.box, my.bell);
    close(my.boxes.dir);
    free(my.mate);
    free(my.source);
    free(my.seen);
}

/* ---- links ---- */

/* Enough to wake it. 0 or a negative errno. */
static int meet(int rank)
{
    struct mate *m = &my.mate[rank];
    if (!m->box)
        m->box = ipcr_box_meet(&my.boxes, rank, &m->bell);
    return m->box ? 0 : -errno;
}

static int link_ring(int rank)
{
    struct mate *m = &my.mate[rank];
    int me = my.job->rank;
    m->to.out = (struct ipcr_ring_out){.ring = ipcr_box_map_ring(&my.boxes, rank, me),
                                       .shape = IPCR_BOX_RING};
    if (!m->to.out.ring)
        return -errno;
    /* The bit must be visible before the first entry: it is how the receiver learns of the ring. */
    atomic_fetch_or(&m->box->senders[me / 64], UINT64_C(1) << (me % 64));
    return 0;
}

static int mmap_link(struct ipcr_peer *peer, const void *addr, size_t len)
{
    struct ipcr_addr mine;
    int rc = read_boot_id(&mine);
    if (rc == 0 && (len != mine.len || memcmp(addr, mine.bytes, len) != 0))
        ipcr_err_fatal("rank %d on %s and rank %d run on different machines, or in virtual ones: a "
                       "mapped file is not shared between these; use another transport "
                       "(remote=tcp)",
                       my.job->rank, my.job->host, peer->rank);
    if (rc == 0)
        rc = meet(peer->rank);
    if (rc == -ENOENT)
        ipcr_err_fatal("rank %d on %s finds no file of rank %d in %s: do all hosts see the same "
                       "directory there?",
                       my.job->rank, my.job->host, peer->rank, my.job->dir);
    if (rc == 0)
        rc = link_ring(peer->rank);
    peer->link = &my.mate[peer->rank];
    return rc;
}

static void mmap_unlink(struct ipcr_peer *peer)
{
    peer->link = NULL;
}

/* How far the reader is goes into the record between two refusals: what it frees after the second
 * one makes a difference that has_room() sees. */
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
    for (uint64_t fresh = now & ~my.seen[word]; fresh; fresh &= fresh - 1) {
        int rank = (int)word * 64 + __builtin_ctzll(fresh);
        int rc = rank < my.job->size ? meet(rank) : -EPROTO;
        if (rc < 0 && rc != -ENOENT) /* no name any more: it has left, and its ring is here */
            ipcr_err_fatal("rank %d on %s cannot map the inbox of rank %d in %s: %s", my.job->rank,
                           my.job->host, rank, my.job->dir, strerror(-rc));
        my.mate[rank].from = (struct ipcr_ring_in){.ring = ipcr_box_ring(&my.boxes, my.box, rank),
                                                   .shape = IPCR_BOX_RING};
        my.source[my.sources++] = rank;
    }
    my.seen[word] = now;
}

static int poll_source(int rank, int budget)
{
    struct mate *m = &my.mate[rank];
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
    for (size_t w = 0; w < ipcr_box_words(&my.boxes); w++) {
        uint64_t now = atomic_load_explicit(&my.box->senders[w], memory_order_acquire);
        if (now != my.seen[w])
            adopt(w, now);
    }
    for (int i = 0; i < my.sources; i++)
        n += poll_source(my.source[i], budget);
    return n;
}

const struct ipcr_transport ipcr_transport_mmap = {
    .name = "mmap",
    .eager_max = 16 * 1024, /* more than shm: nobody can pull from the sender's memory */
    .frag_max = IPCR_RING_MOST_FRAG,
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
