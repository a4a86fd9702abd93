/* Fragments in and out of a ring (ring.h): what transports over shared memory do alike, wherever
 * the memory comes from and however they wake a sleeper. */
#ifndef IPCR_RING_FRAG_H
#define IPCR_RING_FRAG_H

#include "progress.h"
#include "ring.h"
#include "transport.h"

struct ipcr_ring_sender {
    struct ipcr_ring_out out;
    bool wants_room; /* what I last wrote to out.ring->wants_room */
};

/* Only the sender writes the hint: it is set from the first refusal until the next success, so it
 * stands before the sender goes to sleep, and a receiver that makes room after that cannot miss
 * it. */
static inline void ipcr_ring_want_room(struct ipcr_ring_sender *s, bool want)
{
    s->wants_room = want;
    atomic_store_explicit(&s->out.ring->wants_room, want, memory_order_relaxed);
}

/* False: there is no room now. */
static inline bool ipcr_ring_send(struct ipcr_ring_sender *s, const struct ipcr_frag *f)
{
    void *dst = ipcr_ring_reserve(&s->out, f->len);
    if (__builtin_expect(!dst != s->wants_room, 0))
        ipcr_ring_want_room(s, !dst);
    if (__builtin_expect(!dst, 0))
        return false;
    if (f->len <= IPCR_RING_INLINE && !f->type)
        ipcr_ring_copy_inline(dst, ipcr_frag_bytes(f), f->len);
    else
        ipcr_frag_copy(f, dst);
    ipcr_ring_publish(&s->out, &f->hdr, f->len);
    return true;
}

/* So many entries ahead a fragment is announced (transport.h), and again; and that many at once are
 * a reason to ask whether it should be. */
enum { IPCR_RING_AHEAD = 12, IPCR_RING_SOON = 6, IPCR_RING_BURST = 16 };

static inline void ipcr_ring_foresee(const struct ipcr_ring_in *in, uint32_t ahead, bool soon)
{
    uint32_t number = in->next + ahead;
    const struct ipcr_ring_entry *e = ipcr_ring_entry(in->ring, number, in->shape);
    if (atomic_load_explicit(&e->seq, memory_order_acquire) == number + 1)
        ipcr_p2p_foresee(&e->hdr, soon);
}

/* Hands up what has come from peer; how many. Stops behind the message that a blocking call waits
 * for: the next ones are probably for the receives that come next, and what waits in the ring until
 * then is not copied twice. (Other rings are emptied all the same, so nobody starves.) */
static inline int ipcr_ring_deliver(struct ipcr_ring_in *in, struct ipcr_peer *peer, int budget)
{
    const volatile bool *goal = ipcr_progress_goal;
    bool reached = *goal;
    struct ipcr_ring_entry *e;
    int n = 0;
    while (n < budget && *goal == reached && (e = ipcr_ring_peek(in))) {
        if (__builtin_expect(in->far, 0)) {
            ipcr_ring_foresee(in, IPCR_RING_AHEAD, false);
            ipcr_ring_foresee(in, IPCR_RING_SOON, true);
        }
        ipcr_p2p_arrive(peer, &e->hdr, ipcr_ring_bytes(in, e), e->len);
        ipcr_ring_consume(in, e);
        n++;
    }
    if (__builtin_expect(in->far || n >= IPCR_RING_BURST, 0))
        in->far = ipcr_p2p_is_far();
    return n;
}

static inline bool ipcr_ring_room_wanted(const struct ipcr_ring_in *in)
{
    return atomic_load_explicit(&in->ring->wants_room, memory_order_relaxed);
}

#endif
