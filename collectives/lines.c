/* Lines: agreeing on a slot, and meeting. */
#include "lines.h"

#include <stdlib.h>

#include "err.h"
#include "lock.h"
#include "progress.h"
#include "request.h"

enum { SPINS = 64 }; /* looks at the lines before the rest of the world is looked at, too */

struct ipcr_lines ipcr_lines_none;

/* Ranks of the node, a bit each. */
struct members {
    uint64_t bits[IPCR_LOCAL_MAX / 64];
};

/* Slots that this rank has given away. A slot whose communicator was freed remembers its members: a
 * slow one may still read the last meeting. It can serve again for a communicator that has all of
 * them: when they agree on it, they have left that meeting. */
static struct {
    bool taken;
    struct members last;
} slots[IPCR_SEG_SLOTS];

static struct members members_of(const struct ipcr_comm *comm)
{
    struct members m = {{0}};
    for (int r = 0; r < comm->size; r++) {
        int local = ipcr_job.local_of[comm->group->world[r]];
        m.bits[local / 64] |= UINT64_C(1) << (local % 64);
    }
    return m;
}

static bool includes(const struct members *all, const struct members *some)
{
    for (int w = 0; w * 64 < ipcr_seg.n; w++)
        if (some->bits[w] & ~all->bits[w])
            return false;
    return true;
}

/* A bit for each slot that this rank could use for comm. */
static uint64_t offer(const struct ipcr_comm *comm)
{
    struct members mine = members_of(comm);
    uint64_t bits = 0;
    for (int i = 0; i < IPCR_SEG_SLOTS; i++)
        if (!slots[i].taken && includes(&mine, &slots[i].last))
            bits |= UINT64_C(1) << i;
    return bits;
}

static void drop(void *cache)
{
    struct ipcr_lines *l = cache;
    if (l == &ipcr_lines_none)
        return;
    slots[l->slot].taken = false;
    slots[l->slot].last = members_of(l->comm);
    free(l);
}

static struct ipcr_lines *make(struct ipcr_comm *comm, int slot)
{
    struct ipcr_lines *l = calloc(1, sizeof *l);
    if (!l)
        ipcr_err_fatal("no memory for the short collectives of a communicator");
    l->comm = comm;
    l->slot = slot;
    l->width = (uint32_t)ipcr_seg.n;
    l->long_bytes = ipcr_seg_long_bytes(ipcr_seg.n);
    l->long_line = ipcr_seg_long_lines(slot);
    l->line = ipcr_seg_lines(slot);
    l->sheet = ipcr_seg_sheets(slot);
    l->bells = ipcr_seg_bell(0);
    for (int r = 0; r < comm->size; r++)
        l->local[r] = ipcr_job.local_of[comm->group->world[r]];
    return l;
}

/* Only what every member knows alike decides whether they agree at all; the rest goes into the
 * offer. */
struct ipcr_lines *ipcr_lines_agree(struct ipcr_comm *comm)
{
    comm->coll_cache = &ipcr_lines_none;
    comm->coll_free = drop;
    if (!ipcr_seg.base || ipcr_comm_is_inter(comm) || !comm->one_node || comm->size < 2 ||
        comm->size > IPCR_LINES_RANKS)
        return &ipcr_lines_none;
    bool able = !(ipcr_lock_gate() & IPCR_GATE_THREADS) && ipcr_comm_shares_memory(comm);
    uint64_t bits = able ? offer(comm) : 0;
    if (ipcr_coll_allreduce(MPI_IN_PLACE, &bits, 1, MPI_UINT64_T, MPI_BAND, comm) != MPI_SUCCESS ||
        !bits)
        return &ipcr_lines_none;
    int slot = __builtin_ctzll(bits);
    slots[slot].taken = true;
    struct ipcr_lines *l = make(comm, slot);
    for (uint32_t set = 0; set < IPCR_SEG_SETS; set++)
        ipcr_lines_line(l, set, comm->rank)->seq = 0;
    if (ipcr_coll_barrier(comm) != MPI_SUCCESS) /* nobody meets before all lines are clean */
        ipcr_err_fatal("a communicator could not prepare its short collectives");
    comm->coll_cache = l;
    return l;
}

static bool next_shows(void *lines)
{
    struct ipcr_lines *l = lines;
    return ipcr_lines_shows(l, l->next);
}

static bool all_show(void *lines)
{
    struct ipcr_lines *l = lines;
    for (; l->next < l->comm->size; l->next++)
        if (!ipcr_lines_shows(l, l->next))
            return false;
    return true;
}

/* How far the present meeting is ahead of the last that member i says it has left; negative where i
 * is ahead of this rank. Numbers wrap around. The acquire pairs with the release in
 * ipcr_lines_report():
 * what i read it has read. */
static int32_t lead_over(const struct ipcr_lines *l, int i)
{
    const struct ipcr_line *line = ipcr_lines_line(l, IPCR_LINES_SETS, i);
    return (int32_t)(l->seq - atomic_load_explicit(&line->seq, memory_order_acquire));
}

/* Have all left the meeting whose lines the present one would write over? */
static bool all_left(void *lines)
{
    struct ipcr_lines *l = lines;
    for (; l->next < l->comm->size; l->next++)
        if (l->next != l->comm->rank && lead_over(l, l->next) > l->depth)
            return false;
    return true;
}

/* Out of line: a request only to tell the status board whom this rank waits for. */
static __attribute__((noinline)) void sleep_until(struct ipcr_lines *l, bool (*ready)(void *))
{
    struct ipcr_req on = {.msg = {.comm = l->comm, .ctx = l->comm->ctx + 1}};
    struct ipcr_idle idle = {.on = &on, .ready = ready, .ready_arg = l};
    do {
        on.msg.rank = l->next;
        ipcr_progress_step(&idle);
    } while (!ready(l));
    ipcr_progress_end(&idle);
}

static inline void wait_until(struct ipcr_lines *l, bool (*ready)(void *), int next)
{
    l->next = next;
    if (__builtin_expect(ready(l), 1))
        return;
    for (int spins = l->comm->crowded ? 0 : SPINS; spins; spins--) {
        ipcr_cpu_relax();
        if (ready(l))
            return;
    }
    sleep_until(l, ready);
}

void ipcr_lines_report(struct ipcr_lines *l)
{
    struct ipcr_line *mine = ipcr_lines_line(l, IPCR_LINES_SETS, l->comm->rank);
    atomic_store_explicit(&mine->seq, l->seq - 1, memory_order_release);
    ipcr_lines_ring_all(l);
}

/* Learns who has left what, and waits until that is enough. */
void ipcr_lines_wait_for_room(struct ipcr_lines *l, int32_t depth)
{
    l->depth = depth;
    wait_until(l, all_left, 0);
    int32_t most = 1; /* this rank itself is at the present one */
    for (int i = 0; i < l->comm->size; i++)
        if (i != l->comm->rank && lead_over(l, i) > most)
            most = lead_over(l, i);
    l->left = l->seq - (uint32_t)most;
}

void ipcr_lines_wait(struct ipcr_lines *l, int i)
{
    wait_until(l, next_shows, i);
}

void ipcr_lines_wait_for_all(struct ipcr_lines *l)
{
    wait_until(l, all_show, 0);
}
