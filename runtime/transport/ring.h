/* One-way channel of fragments between two processes in shared memory: one producer, one consumer,
 * no locks, no system calls.
 *
 *   entries  slots of one cache line, used round and round. Entry number i (counted from 0) is
 *            published by storing i + 1 into its `seq` last: the slot's place is fixed, so what an
 *            earlier lap left there can never look like the next entry. A message of up to 32 bytes
 *            lies in the entry itself: the consumer gets it with a single cache-line transfer.
 *   payload  a byte ring for longer ones, allocated in the order of the entries and contiguous.
 *
 * The consumer publishes how far it is (`taken`, `freed`); the producer reads that only when its
 * last knowledge says "full". Who pairs with whom:
 *   seq    release store by the producer / acquire load by the consumer: header and payload.
 *   taken, freed  release store by the consumer after it has copied the bytes out / acquire load by
 *          the producer before it overwrites them.
 *   wants_room  a hint "ring my bell when there is room"; ordering is the bell's (bell.h). */
#ifndef IPCR_RING_H
#define IPCR_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "wire.h"

#define IPCR_RING_INLINE 32u

/* How many entries and bytes of payload: powers of two, the same on both sides. Where memory for
 * many rings has to be found they are smaller (seg.h). */
struct ipcr_ring_shape {
    uint32_t entries, payload;
};
enum { IPCR_RING_MOST_ENTRIES = 256, IPCR_RING_MOST_PAYLOAD = 2048 * 1024 };
#define IPCR_RING_LARGEST ((struct ipcr_ring_shape){IPCR_RING_MOST_ENTRIES, IPCR_RING_MOST_PAYLOAD})

/* The largest fragment of a long message: at most a quarter, so that writer and reader work side by
 * side. No message may have more than half of the payload: with more, the rest of a lap, which is
 * skipped where it is too short, could leave no room for it in an empty ring. */
enum { IPCR_RING_MOST_FRAG = 32 * 1024 };
#define IPCR_RING_FRAG(payload) \
    ((payload) / 4 < IPCR_RING_MOST_FRAG ? (payload) / 4 : IPCR_RING_MOST_FRAG)

struct ipcr_ring_entry {
    _Atomic uint32_t seq;
    uint32_t len; /* payload bytes */
    struct ipcr_wire hdr;
    union {
        unsigned char bytes[IPCR_RING_INLINE]; /* len <= IPCR_RING_INLINE */
        struct {
            uint32_t at;  /* offset of the payload in the byte ring */
            uint32_t end; /* value of `freed` once it has been consumed */
        } out;
    };
};
_Static_assert(sizeof(struct ipcr_ring_entry) == 64, "one cache line");

struct ipcr_ring {
    _Atomic uint32_t taken; /* entries consumed, modulo 2^32 */
    _Atomic uint32_t freed; /* payload bytes consumed, modulo 2^32 */
    char pad1[56];
    _Atomic uint32_t wants_room; /* the producer waits for room; only it writes this */
    char pad2[60];
    struct ipcr_ring_entry entry[]; /* the payload comes behind the last one */
};

static inline size_t ipcr_ring_size(struct ipcr_ring_shape s)
{
    return sizeof(struct ipcr_ring) + s.entries * sizeof(struct ipcr_ring_entry) + s.payload;
}

struct ipcr_ring_out { /* the producer's private view */
    struct ipcr_ring *ring;
    struct ipcr_ring_shape shape;
    uint32_t next;         /* number of the entry to write */
    uint32_t taken, freed; /* what the consumer was last seen to have */
    uint32_t pos;          /* payload bytes allocated, modulo 2^32 */
    uint32_t fresh;        /* offset in the payload from which on its pages were never asked for */
};

struct ipcr_ring_in { /* the consumer's private view */
    struct ipcr_ring *ring;
    struct ipcr_ring_shape shape;
    uint32_t next; /* number of the entry to read */
    bool far;      /* fragments are announced before they are handed up (ring_frag.h) */
};

static inline struct ipcr_ring_entry *ipcr_ring_entry(struct ipcr_ring *r, uint32_t number,
                                                      struct ipcr_ring_shape s)
{
    return &r->entry[number & (s.entries - 1)];
}

static inline unsigned char *ipcr_ring_payload(struct ipcr_ring *r, struct ipcr_ring_shape s)
{
    return (unsigned char *)&r->entry[s.entries];
}

/* Up to 32 bytes without a call: overlapping moves. */
static inline void ipcr_ring_copy_inline(void *dst, const void *src, size_t len)
{
    char *d = dst;
    const char *s = src;
    if (len >= 16) {
        __builtin_memcpy(d, s, 16);
        __builtin_memcpy(d + len - 16, s + len - 16, 16);
    } else if (len >= 8) {
        __builtin_memcpy(d, s, 8);
        __builtin_memcpy(d + len - 8, s + len - 8, 8);
    } else if (len >= 4) {
        __builtin_memcpy(d, s, 4);
        __builtin_memcpy(d + len - 4, s + len - 4, 4);
    } else {
        for (size_t i = 0; i < len; i++)
            d[i] = s[i];
    }
}

static inline bool ipcr_ring_has_entry(struct ipcr_ring_out *o)
{
    if (__builtin_expect(o->next - o->taken < o->shape.entries, 1))
        return true;
    o->taken = atomic_load_explicit(&o->ring->taken, memory_order_acquire);
    return o->next - o->taken < o->shape.entries;
}

/* On its first lap a payload has no pages yet. Behind the first 64 KiB, which come one by one, so
 * that a ring that is hardly used stays small, the system is asked for as many at once; that costs
 * a third, and the consumer finds them there. It is only for speed, so it may fail. */
static inline void ipcr_ring_get_pages(struct ipcr_ring_out *o, uint32_t end)
{
    enum { AT_ONCE = 64 * 1024, PAGE = 4096 };
    uint32_t from = o->fresh ? o->fresh : AT_ONCE;
    if (end <= from)
        return;
    end = (end + AT_ONCE - 1) & ~(AT_ONCE - 1u);
    o->fresh = end < o->shape.payload ? end : o->shape.payload;
#ifdef MADV_POPULATE_WRITE
    uintptr_t first = (uintptr_t)ipcr_ring_payload(o->ring, o->shape);
    uintptr_t page = (first + from) & ~(uintptr_t)(PAGE - 1);
    madvise((void *)page, first + o->fresh - page, MADV_POPULATE_WRITE);
#endif
}

/* Contiguous room for len bytes (skipping the rest of a lap when it is too short). */
static inline bool ipcr_ring_has_bytes(struct ipcr_ring_out *o, uint32_t len, uint32_t *at)
{
    uint32_t payload = o->shape.payload;
    uint32_t need = (len + 63u) & ~63u, off = o->pos & (payload - 1);
    uint32_t skip = off + need > payload ? payload - off : 0;
    if (o->pos + skip + need - o->freed > payload) {
        o->freed = atomic_load_explicit(&o->ring->freed, memory_order_acquire);
        if (o->pos + skip + need - o->freed > payload)
            return false;
    }
    *at = skip ? 0 : off;
    o->pos += skip + need;
    if (__builtin_expect(*at + need > o->fresh, 0))
        ipcr_ring_get_pages(o, *at + need);
    return true;
}

/* Where to write len bytes (at most half of the payload) of the next entry's payload; NULL: no room
 * now. The entry is invisible until ipcr_ring_publish(). */
static inline void *ipcr_ring_reserve(struct ipcr_ring_out *o, size_t len)
{
    struct ipcr_ring_entry *e = ipcr_ring_entry(o->ring, o->next, o->shape);
    if (!ipcr_ring_has_entry(o))
        return NULL;
    if (len <= IPCR_RING_INLINE)
        return e->bytes;
    uint32_t at;
    if (!ipcr_ring_has_bytes(o, (uint32_t)len, &at))
        return NULL;
    e->out.at = at;
    e->out.end = o->pos;
    return ipcr_ring_payload(o->ring, o->shape) + at;
}

static inline void ipcr_ring_publish(struct ipcr_ring_out *o, const struct ipcr_wire *hdr,
                                     size_t len)
{
    struct ipcr_ring_entry *e = ipcr_ring_entry(o->ring, o->next, o->shape);
    e->len = (uint32_t)len;
    e->hdr = *hdr;
    atomic_store_explicit(&e->seq, ++o->next, memory_order_release);
}

/* Both at once for at most IPCR_RING_INLINE contiguous bytes; false: no room now. */
static inline bool ipcr_ring_put_short(struct ipcr_ring_out *o, const struct ipcr_wire *hdr,
                                       const void *bytes, size_t len)
{
    uint32_t n = o->next;
    struct ipcr_ring_entry *e = ipcr_ring_entry(o->ring, n, o->shape);
    if (!ipcr_ring_has_entry(o))
        return false;
    e->len = (uint32_t)len;
    e->hdr = *hdr;
    ipcr_ring_copy_inline(e->bytes, bytes, len);
    o->next = n + 1;
    atomic_store_explicit(&e->seq, n + 1, memory_order_release);
    return true;
}

/* The next entry, or NULL. Stays valid until ipcr_ring_consume(). */
static inline struct ipcr_ring_entry *ipcr_ring_peek(const struct ipcr_ring_in *in)
{
    struct ipcr_ring_entry *e = ipcr_ring_entry(in->ring, in->next, in->shape);
    return atomic_load_explicit(&e->seq, memory_order_acquire) == in->next + 1 ? e : NULL;
}

static inline const void *ipcr_ring_bytes(const struct ipcr_ring_in *in,
                                          const struct ipcr_ring_entry *e)
{
    return e->len <= IPCR_RING_INLINE ? e->bytes
                                      : ipcr_ring_payload(in->ring, in->shape) + e->out.at;
}

/* Done with an entry that holds its bytes itself, */
static inline void ipcr_ring_consume_short(struct ipcr_ring_in *in)
{
    atomic_store_explicit(&in->ring->taken, ++in->next, memory_order_release);
}

/* and with any. */
static inline void ipcr_ring_consume(struct ipcr_ring_in *in, const struct ipcr_ring_entry *e)
{
    if (e->len > IPCR_RING_INLINE)
        atomic_store_explicit(&in->ring->freed, e->out.end, memory_order_release);
    atomic_store_explicit(&in->ring->taken, ++in->next, memory_order_release);
}

#endif
