/* Joint copies: taking pieces, and waiting for those of the helper. */
#include "joint.h"

#include <errno.h>
#include <sched.h>

#include "progress.h"

/* Halves need the fewest system calls; where they are long, the one who is done first takes a piece
 * of the other's. Measured: 64 KiB in halves 6 us, in quarters 9; 4 MiB in halves 290, in pieces of
 * 256 KiB 240. */
enum { PIECE_SMALL = 128 * 1024, PIECE_LARGE = 256 * 1024, SPINS = 2000 };

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

/* The next piece from the front, or -1. */
static int take_front(struct ipcr_joint *j)
{
    for (;;) {
        struct claim c = look(j), next = {c.gen, (uint16_t)(c.front + 1), c.back};
        if (c.front >= c.back)
            return -1;
        if (swap(j, c, next))
            return c.front;
    }
}

struct work {
    uint64_t from, to, len;
    size_t piece;
};

static struct work work_of(struct ipcr_joint *j)
{
    return (struct work){.from = atomic_load_explicit(&j->from, memory_order_relaxed),
                         .to = atomic_load_explicit(&j->to, memory_order_relaxed),
                         .len = atomic_load_explicit(&j->len, memory_order_relaxed),
                         .piece = atomic_load_explicit(&j->piece, memory_order_relaxed)};
}

static size_t bytes_of(const struct work *w, int piece)
{
    size_t at = (size_t)piece * w->piece;
    return w->len - at < w->piece ? w->len - at : w->piece;
}

/* The last piece, or -1; *w says what it belongs to. */
static int take_back(struct ipcr_joint *j, int me, struct work *w)
{
    for (;;) {
        struct claim c = look(j), next = {c.gen, c.front, (uint16_t)(c.back - 1)};
        if (c.front >= c.back)
            return -1;
        bool for_me = atomic_load_explicit(&j->helper, memory_order_relaxed) == (uint32_t)me;
        *w = work_of(j);
        if (!for_me)
            return -1;
        if (swap(j, c, next))
            return c.back - 1;
    }
}

void ipcr_joint_help(struct ipcr_joint *j, int me, const struct ipcr_joint_way *write)
{
    struct work w;
    for (int i; (i = take_back(j, me, &w)) >= 0;) {
        uint64_t at = (uint64_t)i * w.piece;
        void *mine = (void *)(uintptr_t)(w.from + at);
        if (write->copy(write->arg, w.to + at, mine, bytes_of(&w, i)) < 0)
            atomic_store_explicit(&j->failed, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&j->done, 1, memory_order_release);
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

static int publish(struct ipcr_joint *j, int sender, const struct work *w)
{
    int pieces = (int)((w->len + w->piece - 1) / w->piece);
    struct claim c = {look(j).gen + 1, 0, (uint16_t)pieces};
    atomic_store_explicit(&j->done, 0, memory_order_relaxed);
    atomic_store_explicit(&j->failed, 0, memory_order_relaxed);
    atomic_store_explicit(&j->helper, (uint32_t)sender, memory_order_relaxed);
    atomic_store_explicit(&j->piece, (uint32_t)w->piece, memory_order_relaxed);
    atomic_store_explicit(&j->from, w->from, memory_order_relaxed);
    atomic_store_explicit(&j->to, w->to, memory_order_relaxed);
    atomic_store_explicit(&j->len, w->len, memory_order_relaxed);
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

static int copy_front(struct ipcr_joint *j, const struct work *w, const struct ipcr_joint_way *read)
{
    for (int i; (i = take_front(j)) >= 0;) {
        uint64_t at = (uint64_t)i * w->piece;
        int rc =
            read->copy(read->arg, w->from + at, (void *)(uintptr_t)(w->to + at), bytes_of(w, i));
        if (rc < 0)
            return rc;
    }
    return 0;
}

int ipcr_joint_pull(struct ipcr_joint *mine, int sender, uint64_t from, void *to, size_t len,
                    const struct ipcr_joint_way *read, void (*call)(int sender))
{
    struct work w = {from, (uint64_t)(uintptr_t)to, len, piece_for(len)};
    int pieces = publish(mine, sender, &w);
    call(sender);
    int rc = copy_front(mine, &w, read);
    int back = close_claim(mine);
    await_helper(mine, (uint32_t)(pieces - back));
    if (rc < 0 || !atomic_load_explicit(&mine->failed, memory_order_relaxed))
        return rc;
    uint64_t at = (uint64_t)back * w.piece; /* what the helper could not do */
    return read->copy(read->arg, from + at, (void *)(uintptr_t)(w.to + at), len - at);
}
