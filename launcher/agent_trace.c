/* The agent's part in --trace: takes what ranks write down out of their rings and passes it on.
 *
 * While the head does not keep up nothing is taken, so rings fill, and ranks wait: nothing grows
 * without bounds, and a trace has no holes. */
#include "agent.h"

#include "clock.h"
#include "profile.h"

enum {
    TRACE_CHUNK = 8192,       /* events of a message */
    TRACE_PENDING = 1 << 20,  /* bytes that may wait for the head */
    TRACE_BUSY = TRACE_CHUNK, /* who has so many in its ring is looked at again soon, */
    TRACE_SOON_MS = 2,        /* that soon; */
    TRACE_LATE_MS = 50        /* else at most so late */
};

/* Names go before the first event that needs them. */
static void put_names(struct ipcr_buf *b, struct ipcr_rank *r, const struct ipcr_tally *t)
{
    uint32_t n = atomic_load_explicit(&t->ncalls, memory_order_acquire);
    n = n < IPCR_PROFILE_CALLS ? n : IPCR_PROFILE_CALLS;
    n = n > r->names ? n : r->names;
    ipcr_put_u32(b, n - r->names);
    for (; r->names < n; r->names++) {
        char name[IPCR_PROFILE_NAME + 1] = "";
        memcpy(name, t->calls[r->names].name, IPCR_PROFILE_NAME);
        ipcr_put_text(b, name);
    }
}

static void put_events(struct ipcr_buf *b, const struct ipcr_trace_ring *ring, uint64_t from,
                       uint64_t n)
{
    const size_t bytes = sizeof(struct ipcr_trace_event);
    uint64_t at = from % IPCR_TRACE_EVENTS, first = IPCR_TRACE_EVENTS - at;
    first = first < n ? first : n;
    ipcr_put_u32(b, (uint32_t)(n * bytes));
    ipcr_put_raw(b, &ring->events[at], first * bytes);
    ipcr_put_raw(b, ring->events, (n - first) * bytes);
}

/* Passes one message on; how many events there were. What a rank has written into `put` is believed
 * only as far as a ring reaches. */
static uint64_t take_some(struct ipcr_rank *r)
{
    struct ipcr_agent *a = r->agent;
    struct ipcr_profile *p = a->profiles[r->local];
    uint64_t taken = atomic_load_explicit(&p->ring.taken, memory_order_relaxed);
    /* pairs with the rank's release: the events below it are whole, and have names */
    uint64_t there = atomic_load_explicit(&p->ring.put, memory_order_acquire) - taken;
    if (there == 0 || there > IPCR_TRACE_EVENTS)
        return 0;
    uint64_t n = there < TRACE_CHUNK ? there : TRACE_CHUNK;
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_TRACE);
    ipcr_put_u32(b, (uint32_t)r->rank);
    put_names(b, r, &p->tally);
    put_events(b, &p->ring, taken, n);
    ipcr_chan_end(&a->head);
    atomic_store_explicit(&p->ring.taken, taken + n, memory_order_release);
    return there;
}

static void look(struct ipcr_timer *t)
{
    struct ipcr_agent *a = t->owner;
    uint64_t most = 0;
    for (int i = 0; i < a->nranks; i++) {
        if (ipcr_chan_pending(&a->head) > TRACE_PENDING)
            break;
        uint64_t there = a->ranks[i].exited ? 0 : take_some(&a->ranks[i]);
        most = there > most ? there : most;
    }
    a->trace_ms = most >= TRACE_BUSY                ? TRACE_SOON_MS
                  : a->trace_ms < TRACE_LATE_MS / 2 ? a->trace_ms * 2
                                                    : TRACE_LATE_MS;
    if (a->alive > 0)
        ipcr_loop_timer(t, a->trace_ms);
}

void ipcr_agent_trace_watch(struct ipcr_agent *a)
{
    a->trace_ms = TRACE_SOON_MS;
    a->trace_timer = (struct ipcr_timer){.fn = look, .owner = a};
    ipcr_loop_timer(&a->trace_timer, a->trace_ms);
}

/* The call it has died in never came to its end. */
static void put_cut(struct ipcr_rank *r)
{
    struct ipcr_profile *p = r->agent->profiles[r->local];
    uint32_t open = atomic_load(&p->ring.open_call);
    uint64_t now = ipcr_clock_ns(), since = p->ring.open_since_ns;
    if (!open || open > IPCR_PROFILE_CALLS || since > now)
        return;
    struct ipcr_trace_event e = {.at_ns = since,
                                 .amount = now - since,
                                 .what = (uint16_t)(open - 1),
                                 .kind = IPCR_TRACE_CUT,
                                 .thread = (uint8_t)p->ring.open_thread};
    struct ipcr_buf *b = ipcr_chan_begin(&r->agent->head, IPCR_MSG_TRACE);
    ipcr_put_u32(b, (uint32_t)r->rank);
    put_names(b, r, &p->tally);
    ipcr_put_blob(b, &e, sizeof e);
    ipcr_chan_end(&r->agent->head);
}

void ipcr_agent_trace_end(struct ipcr_rank *r)
{
    while (take_some(r))
        ;
    put_cut(r);
}

void ipcr_agent_trace_clock(struct ipcr_agent *a, struct ipcr_reader *r)
{
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_CLOCKED);
    ipcr_put_u64(b, ipcr_get_u64(r));
    ipcr_put_u64(b, ipcr_clock_ns());
    ipcr_chan_end(&a->head);
}
