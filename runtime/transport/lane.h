/* The short way between two ranks of a node: their rings in the node segment as point-to-point uses
 * them, without asking the transport. A message that fits goes straight from the arguments of a
 * send into the ring, and out of it into the arguments of a receive that is there already, with no
 * fragment or request in between. Whatever is not plain (no room, something waits, a layout with
 * gaps) is for the transport, shm.c, whose lanes these are. */
#ifndef IPCR_LANE_H
#define IPCR_LANE_H

#include "bell.h"
#include "ring_frag.h"

struct ipcr_lane_out { /* to one peer */
    struct ipcr_ring_sender to;
    struct ipcr_bell *bell; /* the receiver's */
    int local;              /* its local rank */
};

struct ipcr_lane_in { /* from one peer */
    struct ipcr_ring_in in;
    struct ipcr_bell *bell; /* the sender's: rung when it waits for room */
    int local;              /* its local rank */
};

/* Puts a message of at most IPCR_RING_INLINE bytes into the ring, if it has room; the bell is still
 * to be rung. */
static inline bool ipcr_lane_put(struct ipcr_lane_out *l, const struct ipcr_wire *hdr,
                                 const void *bytes, size_t len)
{
    return !__builtin_expect(l->to.wants_room, 0) &&
           ipcr_ring_put_short(&l->to.out, hdr, bytes, len);
}

/* The same for a longer one. */
static inline bool ipcr_lane_put_longer(struct ipcr_lane_out *l, const struct ipcr_wire *hdr,
                                        const void *bytes, size_t len)
{
    void *place = l->to.wants_room ? NULL : ipcr_ring_reserve(&l->to.out, len);
    if (!place)
        return false;
    __builtin_memcpy(place, bytes, len);
    ipcr_ring_publish(&l->to.out, hdr, len);
    return true;
}

static inline void ipcr_lane_ring(struct ipcr_lane_out *l)
{
    ipcr_bell_ring_registered(l->bell, l->local);
}

/* The sender that wants room has made its hint visible with the heavy fence of its going to sleep
 * (bell.h). */
static inline void ipcr_lane_offer_room(struct ipcr_lane_in *l)
{
    if (__builtin_expect(ipcr_ring_room_wanted(&l->in), 0))
        ipcr_bell_ring(l->bell, l->local);
}

#endif
