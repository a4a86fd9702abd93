/* Lines: agreeing on a slot, and meeting. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "bell.h"
#include "coll.h"
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
    l->bells = ipcr_seg_bell(0);
    for (unsigned parity = 0; parity < 2; parity++)
        l->row[parity] = ipcr_seg_line(slot, parity, 0);
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
    for (int parity = 0; parity < 2; parity++)
        l->row[parity][l->local[comm->rank]].seq = 0;
    if (ipcr_coll_barrier(comm) != MPI_SUCCESS) /* nobody meets before all lines are clean */
        ipcr_err_fatal("a communicator could not prepare its short collectives");
    comm->coll_cache = l;
    return l;
}

/* Has everybody come? Remembers how far it got. The acquire pairs with the release in
 * ipcr_lines_meet(): what a line shows is read after its number. */
static bool all_here(void *lines)
{
    struct ipcr_lines *l = lines;
    for (; l->first < l->comm->size; l->first++) {
        const struct ipcr_line *line = &l->row[l->seq & 1][l->local[l->first]];
        if (atomic_load_explicit(&line->seq, memory_order_acquire) != l->seq)
            return false;
    }
    return true;
}

/* Out of line: a request only to tell the status board whom this rank waits for. */
static __attribute__((noinline)) void wait_for_all(struct ipcr_lines *l)
{
    struct ipcr_req on = {.msg = {.comm = l->comm, .ctx = l->comm->ctx + 1}};
    struct ipcr_idle idle = {.on = &on, .ready = all_here, .ready_arg = l};
    do {
        on.msg.rank = l->first;
        ipcr_progress_step(&idle);
    } while (!all_here(l));
}

void ipcr_lines_meet(struct ipcr_lines *l, const void *mine, size_t bytes)
{
    const struct ipcr_comm *comm = l->comm;
    l->seq++;
    l->first = 0;
    struct ipcr_line *line = &l->row[l->seq & 1][l->local[comm->rank]];
    if (bytes)
        memcpy(line->bytes, mine, bytes);
    atomic_store_explicit(&line->seq, l->seq, memory_order_release);
    for (int r = 0; r < comm->size; r++)
        if (r != comm->rank)
            ipcr_bell_ring(&l->bells[l->local[r]], l->local[r]);
    for (int spins = comm->crowded ? 0 : SPINS; spins && !all_here(l); spins--)
        ipcr_cpu_relax();
    if (!all_here(l))
        wait_for_all(l);
}
