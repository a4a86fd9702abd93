/* shm: ranks of one node, over rings in the node segment. The default there.
 *
 * A rank polls only the rings of ranks that have linked to it (a bit each in its bell area), so
 * ranks that do not talk to it cost it nothing. Large messages may be copied by the receiver
 * straight out of the sender's memory: it is shared (mem.h) if it comes from MPI_Alloc_mem, and
 * else read by process_vm_readv where the kernel lets us; the first refusal turns that off for
 * good, silently: containers forbid it legitimately. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "bell.h"
#include "board.h"
#include "clock.h"
#include "env.h"
#include "err.h"
#include "job.h"
#include "joint.h"
#include "lane.h"
#include "mem.h"
#include "peer.h"
#include "seg.h"
#include "transport.h"
#include "vmcopy.h"

enum { CROWDED_EAGER = 16 * 1024, CROWDED_EXCHANGE = 32 * 1024 };

struct shm_source { /* a rank whose ring I poll */
    struct ipcr_lane_in lane;
    struct ipcr_peer *peer;
};

static struct {
    const struct ipcr_job *job;
    struct ipcr_bell *bell;    /* mine */
    int *world_of;             /* [local_size] world rank */
    uint64_t *seen;            /* copy of the bell's senders: what is in source[] */
    struct shm_source *source; /* [sources] */
    int sources;
    bool no_pull, no_push; /* the kernel does not let us read, write */
    bool crowded;
} shm;

static int shm_open_end(const struct ipcr_job *job, struct ipcr_addr *mine)
{
    if (job->local_size > IPCR_LOCAL_MAX)
        return -E2BIG;
    shm.job = job;
    shm.bell = ipcr_seg_bell(job->local_rank);
    shm.no_pull = shm.no_push = false;
    shm.crowded = job->local_size > job->cores;
    shm.sources = 0;
    shm.world_of = calloc((size_t)job->local_size, sizeof *shm.world_of);
    shm.source = calloc((size_t)job->local_size, sizeof *shm.source);
    shm.seen = calloc(IPCR_LOCAL_MAX / 64, sizeof *shm.seen);
    if (!shm.world_of || !shm.source || !shm.seen)
        return -ENOMEM;
    for (int r = 0; r < job->size; r++)
        if (job->node_of[r] == job->node)
            shm.world_of[job->local_of[r]] = r;
    /* Yama lets only ancestors read a process unless it names a reader: any rank may be one. */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    mine->len = 0;
    return 0;
}

static void shm_close_end(void)
{
    free(shm.world_of);
    free(shm.source);
    free(shm.seen);
    shm.world_of = NULL;
    shm.source = NULL;
    shm.seen = NULL;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What may go into a ring of this payload at once: both ranks copy, and several messages are under
 * way. On a crowded node one core does both, so that more is announced, and copied once: with eight
 * ranks on two cores gather of 64 KiB would take 270 us instead of 80. */
static void fit(struct ipcr_peer *peer, uint32_t payload)
{
    peer->eager = least(peer->eager, shm.crowded ? CROWDED_EAGER : payload / 8);
    peer->exchange = least(peer->exchange, shm.crowded ? CROWDED_EXCHANGE : payload / 4);
    peer->frag = least(peer->frag, IPCR_RING_FRAG(payload));
}

static int shm_link_peer(struct ipcr_peer *peer, const void *addr, size_t len)
{
    (void)addr, (void)len;
    struct ipcr_lane_out *l = calloc(1, sizeof *l);
    if (!l)
        return -ENOMEM;
    l->local = peer->local;
    l->bell = ipcr_seg_bell(peer->local);
    l->to.out = ipcr_seg_ring_out(peer->local, shm.job->local_rank);
    fit(peer, l->to.out.shape.payload);
    peer->link = l;
    peer->lane_out = ipcr_peer_lanes && !ipcr_bell_fenced ? l : NULL;
    /* The bit must be visible before the first entry: it is how the receiver learns of the ring. */
    int me = shm.job->local_rank;
    atomic_fetch_or(&l->bell->word[me / 64].senders, UINT64_C(1) << (me % 64));
    return 0;
}

static void shm_unlink_peer(struct ipcr_peer *peer)
{
    free(peer->link);
    peer->link = peer->lane_out = NULL;
}

static void announce_for_a_while(struct ipcr_peer *peer)
{
    peer->pace.eager = peer->eager;
    peer->pace.exchange = peer->exchange;
    peer->eager = least(peer->eager, IPCR_PACE_LONG);
    peer->exchange = least(peer->exchange, 2 * IPCR_PACE_LONG);
}

/* Not in the first lap, which meets pages that nobody has touched, nor where nothing better than
 * the ring is left, nor while the limits are low and a fragment of something else comes by. */
static bool is_timed(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    const struct ipcr_ring_out *o = &((struct ipcr_lane_out *)peer->link)->to.out;
    return !f->type && !peer->pace.rest && !shm.no_pull && ipcr_env.pull != 0 &&
           o->pos >= o->shape.payload && ipcr_pace_looks(&peer->pace);
}

static __attribute__((noinline)) bool put_long(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    struct ipcr_lane_out *l = peer->link;
    if (!is_timed(peer, f))
        return ipcr_ring_send(&l->to, f);
    uint64_t start = ipcr_clock_ns();
    if (!ipcr_ring_send(&l->to, f))
        return false;
    if (ipcr_pace_is_dear(&peer->pace, f->len, ipcr_clock_ns() - start))
        announce_for_a_while(peer);
    return true;
}

static enum ipcr_result shm_send(struct ipcr_peer *peer, const struct ipcr_frag *f)
{
    struct ipcr_lane_out *l = peer->link;
    bool is_long = f->len > IPCR_PACE_LONG;
    if (__builtin_expect(!(is_long ? put_long(peer, f) : ipcr_ring_send(&l->to, f)), 0))
        return IPCR_AGAIN;
    ipcr_bell_ring(l->bell, l->local);
    return IPCR_OK;
}

/* Rings that were linked since the last look become sources. */
static void shm_adopt(int word, uint64_t now)
{
    for (uint64_t fresh = now & ~shm.seen[word]; fresh; fresh &= fresh - 1) {
        int local = word * 64 + __builtin_ctzll(fresh);
        struct shm_source *s = &shm.source[shm.sources++];
        s->lane.in = ipcr_seg_ring_in(shm.job->local_rank, local);
        s->lane.bell = ipcr_seg_bell(local);
        s->lane.local = local;
        s->peer = &ipcr_peers[shm.world_of[local]];
        s->peer->lane_in = ipcr_peer_lanes ? &s->lane : NULL;
    }
    shm.seen[word] = now;
}

static int shm_poll_source(struct shm_source *s, int budget)
{
    int n = ipcr_ring_deliver(&s->lane.in, s->peer, budget);
    if (n)
        ipcr_lane_offer_room(&s->lane);
    return n;
}

static pid_t pid_of(int local)
{
    return (pid_t)atomic_load(&ipcr_seg_board(ipcr_seg.base, local)->pid);
}

static int read_from(void *pid, const struct ipcr_pull *part, int n)
{
    return ipcr_vmcopy_read(*(pid_t *)pid, part, n);
}

static int write_to(void *pid, const struct ipcr_pull *part, int n)
{
    int rc = ipcr_vmcopy_write(*(pid_t *)pid, part, n);
    shm.no_push = rc < 0;
    return rc;
}

static const void *view(const int *local, const struct ipcr_pull *p)
{
    return ipcr_mem_view(*local, p->remote, p->len);
}

/* The sender's memory is mapped here. */
static int copy_from_view(void *local, const struct ipcr_pull *part, int n)
{
    for (int i = 0; i < n; i++)
        memcpy(part[i].local, view(local, &part[i]), part[i].len);
    return 0;
}

/* Receivers copy what this rank sends: each gets what help it still wants. */
static int shm_help(int w)
{
    int n = 0;
    uint64_t calls = atomic_exchange_explicit(&shm.bell->word[w].calls, 0, memory_order_acquire);
    for (; calls && !shm.no_push; calls &= calls - 1, n++) {
        int local = w * 64 + __builtin_ctzll(calls);
        pid_t pid = pid_of(local);
        struct ipcr_joint_way write = {write_to, &pid};
        ipcr_joint_help(ipcr_seg_joint(local), shm.job->local_rank, &write);
    }
    return n;
}

static int shm_poll(int budget)
{
    int n = 0;
    for (int w = 0; w * 64 < shm.job->local_size; w++) {
        struct ipcr_bell_word *word = &shm.bell->word[w];
        uint64_t now = atomic_load_explicit(&word->senders, memory_order_acquire);
        if (__builtin_expect(now != shm.seen[w], 0))
            shm_adopt(w, now);
        if (__builtin_expect(atomic_load_explicit(&word->calls, memory_order_relaxed) != 0, 0))
            n += shm_help(w);
    }
    for (int i = 0; i < shm.sources; i++)
        n += shm_poll_source(&shm.source[i], budget);
    return n;
}

/* Nobody is woken for this: a sender that sleeps has waited for long and is slower than the copy.
 */
static void call_sender(int local)
{
    int me = shm.job->local_rank;
    atomic_fetch_or_explicit(&ipcr_seg_bell(local)->word[me / 64].calls, UINT64_C(1) << (me % 64),
                             memory_order_release);
}

static int pull(struct ipcr_peer *peer, const struct ipcr_pull *part, int n,
                const struct ipcr_joint_way *read)
{
    size_t len = 0;
    for (int i = 0; i < n; i++)
        len += part[i].len;
    if (shm.crowded || len < IPCR_JOINT_MIN)
        return read->copy(read->arg, part, n);
    /* What was announced to the sender it has to copy itself. */
    struct ipcr_joint_task t = {peer->local, part, n, peer->announced, ipcr_seg_joint(peer->local)};
    return ipcr_joint_pull(ipcr_seg_joint(shm.job->local_rank), &t, read, call_sender);
}

static bool all_in_view(int local, const struct ipcr_pull *part, int n)
{
    int i = 0;
    while (i < n && view(&local, &part[i]))
        i++;
    return i == n;
}

static int shm_pull(struct ipcr_peer *peer, const struct ipcr_pull *part, int n)
{
    int local = peer->local;
    if (all_in_view(local, part, n))
        return pull(peer, part, n, &(struct ipcr_joint_way){copy_from_view, &local});
    if (shm.no_pull)
        return -EPERM;
    pid_t pid = pid_of(local);
    int rc = pull(peer, part, n, &(struct ipcr_joint_way){read_from, &pid});
    shm.no_pull = rc < 0;
    return rc;
}

/* Through the ring both ranks copy at once with memcpy(), from cache to cache: on near cores 1 MiB
 * takes 46 us so, and 70 where both copy it by system call. What is longer than the ring leaves
 * the caches and gains little; then the sender would also have to wait for a receiver that turns to
 * something else. What is mapped over there (mem.h) is copied once. */
static bool shm_streams(struct ipcr_peer *peer, const void *bytes, size_t len)
{
    const struct ipcr_lane_out *l = peer->link;
    return !shm.crowded && !peer->pace.rest && ipcr_env.pull < 0 &&
           len <= l->to.out.shape.payload && !ipcr_mem_is_shown(bytes, len);
}

const struct ipcr_transport ipcr_transport_shm = {
    .name = "shm",
    /* Through the ring both ranks copy at once, and nobody waits for anybody: measured, 64 KiB take
     * 4 us, where to announce and to copy once, in halves by both ranks, takes 7. 256 KiB both ways
     * take a fifth longer so than by system call, and on far cores twice as long. */
    .eager_max = 128 * 1024,
    .exchange_max = 128 * 1024,
    .frag_max = IPCR_RING_MOST_FRAG,
    .reach = IPCR_REACH_NODE,
    .segment = true,
    .open = shm_open_end,
    .close = shm_close_end,
    .link = shm_link_peer,
    .unlink = shm_unlink_peer,
    .send = shm_send,
    .poll = shm_poll,
    .pull = shm_pull,
    .streams = shm_streams,
};
