/* Joint copies: taking pieces, and waiting for those of the helper. */
#include "joint.h"

#include <errno.h>
#include <sched.h>

#include "progress.h"

/* Measured: 64 KiB in halves 6 us, in quarters 9; 4 MiB in pieces of 256 KiB 240. */
enum { PIECE_SMALL = 128 * 1024, PIECE_LARGE = 256 * 1024, ALONE = 512 * 1024, SPINS = 2000 };

struct claim {
    uint32_t gen;
    uint16_t front, back;
};

static uint64_t packed(struct claim c)
{
    return (uint64_t)c.gen << 32 | (uint32_t)c.front << 16 | c.back;
}

static struct claim unpacked(uint64_t v)
{
    return (struct claim){(uint32_t)(v >> 32), (uint16_t)(v >> 16), (uint16_t)v};
}

static struct claim look(struct ipcr_joint *j)
{
    return unpacked(atomic_load_explicit(&j->claim, memory_order_acquire));
}

static bool swap(struct ipcr_joint *j, struct claim from, struct claim to)
{
    uint64_t expected = packed(from);
    return atomic_compare_exchange_strong_explicit(&j->claim, &expected, packed(to),
                                                   memory_order_acq_rel, memory_order_acquire);
}

struct run { /* of pieces; none: count 0 */
    unsigned first, count;
};

static unsigned larger(unsigned a, unsigned b)
{
    return a > b ? a : b;
}

/* Half of what is left, and `least` if there are so many. */
static unsigned share(struct claim c, unsigned least)
{
    unsigned left = (unsigned)c.back - c.front, many = larger(left / 2, least);
    return many < left ? many : left;
}

static struct run take_front(struct ipcr_joint *j, unsigned least)
{
    for (;;) {
        struct claim c = look(j), next = c;
        if (c.front >= c.back)
            return (struct run){0};
        unsigned count = share(c, least);
        next.front = (uint16_t)(c.front + count);
        if (swap(j, c, next))
            return (struct run){c.front, count};
    }
}

static struct run take_back(struct ipcr_joint *j, int me)
{
    for (;;) {
        struct claim c = look(j), next = c;
        if (c.front >= c.back ||
            atomic_load_explicit(&j->helper, memory_order_relaxed) != (uint32_t)me)
            return (struct run){0};
        unsigned count = share(c, 1);
        next.back = (uint16_t)(c.back - count);
        if (swap(j, c, next))
            return (struct run){next.back, count};
    }
}

struct work {
    struct ipcr_pull part[IPCR_JOINT_MOST];
    int parts;
    size_t len, piece;
};

/* Of several messages the first halves come before all second halves. Each side stays in its half
 * of each message then, also where programs (and benchmarks) have one buffer for all: there two
 * cores that write to it at the same time would take the lines from each other. */
static void line_up(struct work *w, const struct ipcr_pull *message, int n)
{
    w->parts = n == 1 ? 1 : 2 * n;
    w->part[0] = message[0];
    for (int i = 0; n > 1 && i < n; i++) {
        struct ipcr_pull m = message[i];
        size_t half = m.len / 2;
        w->part[i] = (struct ipcr_pull){m.remote, m.local, half};
        w->part[n + i] =
            (struct ipcr_pull){m.remote + half, (void *)((uintptr_t)m.local + half), m.len - half};
    }
}

/* Bytes `at` to `end` of all parts as parts of their own: how many. */
static int cut(const struct work *w, size_t at, size_t end, struct ipcr_pull *out)
{
    int n = 0;
    size_t start = 0; /* of part i */
    for (int i = 0; i < w->parts && start < end; start += w->part[i++].len) {
        const struct ipcr_pull *p = &w->part[i];
        size_t from = at > start ? at - start : 0;
        size_t to = end - start < p->len ? end - start : p->len;
        if (from < to)
            out[n++] = (struct ipcr_pull){p->remote + from, (void *)((uintptr_t)p->local + from),
                                          to - from};
    }
    return n;
}

static int copy_bytes(const struct work *w, size_t at, size_t end, const struct ipcr_joint_way *way)
{
    struct ipcr_pull part[IPCR_JOINT_MOST];
    int n = cut(w, at, end, part);
    return way->copy(way->arg, part, n);
}

static int copy_run(const struct work *w, struct run r, const struct ipcr_joint_way *way)
{
    size_t at = r.first * w->piece, end = at + r.count * w->piece;
    return copy_bytes(w, at, end < w->len ? end : w->len, way);
}

/* Only for who has a piece: then nothing of it changes. */
static void read_work(struct ipcr_joint *j, struct work *w)
{
    struct ipcr_pull message[IPCR_PULLS];
    int n = (int)atomic_load_explicit(&j->parts, memory_order_relaxed);
    for (int i = 0; i < n; i++) {
        struct ipcr_joint_part *p = &j->part[i];
        void *from = (void *)(uintptr_t)atomic_load_explicit(&p->from, memory_order_relaxed);
        message[i] = (struct ipcr_pull){atomic_load_explicit(&p->to, memory_order_relaxed), from,
                                        atomic_load_explicit(&p->len, memory_order_relaxed)};
    }
    line_up(w, message, n);
    w->len = atomic_load_explicit(&j->len, memory_order_relaxed);
    w->piece = atomic_load_explicit(&j->piece, memory_order_relaxed);
}

void ipcr_joint_help(struct ipcr_joint *j, int me, const struct ipcr_joint_way *write)
{
    struct work w;
    for (struct run r; (r = take_back(j, me)).count;) {
        read_work(j, &w);
        if (copy_run(&w, r, write) < 0)
            atomic_store_explicit(&j->failed, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&j->done, r.count, memory_order_release);
    }
}

/* Of whole pages, and no more than 16 bits can count. */
static size_t piece_for(size_t len)
{
    size_t piece = len / 4 < PIECE_LARGE ? len / 4 : PIECE_LARGE;
    if (piece < PIECE_SMALL)
        piece = len / 2 < PIECE_SMALL ? len / 2 : PIECE_SMALL;
    while (len / piece >= UINT16_MAX)
        piece *= 2;
    return (piece + 4095) / 4096 * 4096;
}

static void describe(struct ipcr_joint *j, const struct ipcr_joint_task *t, const struct work *w)
{
    for (int i = 0; i < t->parts; i++) {
        const struct ipcr_pull *p = &t->part[i];
        uint64_t to = (uint64_t)(uintptr_t)p->local;
        atomic_store_explicit(&j->part[i].from, p->remote, memory_order_relaxed);
        atomic_store_explicit(&j->part[i].to, to, memory_order_relaxed);
        atomic_store_explicit(&j->part[i].len, p->len, memory_order_relaxed);
    }
    atomic_store_explicit(&j->helper, (uint32_t)t->sender, memory_order_relaxed);
    atomic_store_explicit(&j->parts, (uint32_t)t->parts, memory_order_relaxed);
    atomic_store_explicit(&j->piece, w->piece, memory_order_relaxed);
    atomic_store_explicit(&j->len, w->len, memory_order_relaxed);
}

static int publish(struct ipcr_joint *j, const struct ipcr_joint_task *t, struct work *w)
{
    line_up(w, t->part, t->parts);
    w->len = 0;
    for (int i = 0; i < t->parts; i++)
        w->len += t->part[i].len;
    w->piece = piece_for(w->len);
    int pieces = (int)((w->len + w->piece - 1) / w->piece);
    struct claim c = {look(j).gen + 1, 0, (uint16_t)pieces};
    atomic_store_explicit(&j->done, 0, memory_order_relaxed);
    atomic_store_explicit(&j->failed, 0, memory_order_relaxed);
    describe(j, t, w);
    atomic_store_explicit(&j->claim, packed(c), memory_order_release);
    return pieces;
}

/* Nobody can take a piece any more: returns where the helper's begin. */
static int close_claim(struct ipcr_joint *j)
{
    for (;;) {
        struct claim c = look(j), shut = {c.gen, c.back, c.back};
        if (swap(j, c, shut))
            return c.back;
    }
}

/* The acquire pairs with the release of the helper: its bytes are here. It copies a piece and does
 * nothing else meanwhile, so this is short unless somebody has taken its core away. */
static void await_helper(struct ipcr_joint *j, uint32_t pieces)
{
    for (int spins = 0; atomic_load_explicit(&j->done, memory_order_acquire) != pieces; spins++) {
        if (spins < SPINS)
            ipcr_cpu_relax();
        else
            sched_yield();
    }
}

/* How many pieces it is as well to take at once. */
static unsigned least_for(const struct ipcr_joint_task *t, const struct work *w)
{
    bool copies = atomic_load_explicit(&t->at->busy, memory_order_relaxed);
    size_t most = copies ? w->len : ALONE, bytes = t->theirs < most ? t->theirs : most;
    return larger((unsigned)(bytes / w->piece), 1);
}

static int copy_front(struct ipcr_joint *j, const struct ipcr_joint_task *t, const struct work *w,
                      const struct ipcr_joint_way *read)
{
    for (struct run r; (r = take_front(j, least_for(t, w))).count;) {
        int rc = copy_run(w, r, read);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int pull(struct ipcr_joint *mine, const struct ipcr_joint_task *t,
                const struct ipcr_joint_way *read, void (*call)(int sender))
{
    struct work w;
    int pieces = publish(mine, t, &w);
    call(t->sender);
    int rc = copy_front(mine, t, &w, read);
    int back = close_claim(mine);
    await_helper(mine, (uint32_t)(pieces - back));
    if (rc < 0 || !atomic_load_explicit(&mine->failed, memory_order_relaxed))
        return rc;
    return copy_bytes(&w, (size_t)back * w.piece, w.len, read); /* what the helper could not do */
}

int ipcr_joint_pull(struct ipcr_joint *mine, const struct ipcr_joint_task *t,
                    const struct ipcr_joint_way *read, void (*call)(int sender))
{
    atomic_store_explicit(&mine->busy, 1, memory_order_relaxed);
    int rc = pull(mine, t, read, call);
    atomic_store_explicit(&mine->busy, 0, memory_order_relaxed);
    return rc;
}
