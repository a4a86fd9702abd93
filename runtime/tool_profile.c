/* The tool behind --stats and --trace. Everything goes to this rank's profile in the node segment
 * (profile.h), which the agent reads when the rank is gone, however it went.
 *
 * Waiting is charged to what ended it: a rank that finds nothing to do lets time go by until
 * something happens, and what happens then is what it has waited for. Only the first look in vain
 * and what ends the stretch look at the clock: who reads it in between notices later what comes. So
 * MPI_Waitall is told whether messages were late or receivers, without a guess about which request
 * was the one. Time in MPI that is not waiting is moving: copying, matching, system calls.
 *
 * Each thread of the program has a call of its own; the sums are common, under the library lock. */
#include <stdio.h>
#include <time.h>

#include "job.h"
#include "match.h"
#include "observe.h"
#include "p2p.h"
#include "peer.h"
#include "profile.h"
#include "request.h"
#include "seg.h"
#include "tick.h"

enum {
    SLOTS = 512,          /* of the hash table: twice the number of rows */
    SHORT_WAIT_NS = 5000, /* a trace shows no wait below this */
    FULL_SLEEP_NS = 200000
};

static struct {
    struct ipcr_tally *tally;
    struct ipcr_trace_ring *ring; /* NULL: no trace is wanted */
    struct {
        const char *name; /* the constant that the call gives */
        uint32_t row;
    } slots[SLOTS];
    uint8_t threads;
} profile;

/* The call that this thread is in. */
struct call {
    uint32_t row;
    uint64_t since_ns, wait_ns;
    /* Waiting that nothing has ended yet: when it began, and in it what went by without anything
     * to do, of which a part may still go on. 0: none. */
    uint64_t stretch_since_ns, stretch_ns, idle_since_ns;
    bool open, collective;
    uint8_t thread; /* number + 1; 0: not seen before */
};
static _Thread_local struct call now __attribute__((tls_model("initial-exec")));

/* ---- the trace ---- */

/* The agent empties the ring every few milliseconds. It needs nothing of this process, so waiting
 * for it with the lock held ends. */
static void wait_for_room(struct ipcr_trace_ring *ring, uint64_t put)
{
    const struct timespec pause = {0, FULL_SLEEP_NS};
    while (put - atomic_load_explicit(&ring->taken, memory_order_acquire) >= IPCR_TRACE_EVENTS)
        nanosleep(&pause, NULL);
}

static void trace(const struct ipcr_trace_event *e);

static __attribute__((noinline)) void trace_late(const struct ipcr_trace_event *e, uint64_t put)
{
    uint64_t since = ipcr_tick_ns();
    wait_for_room(profile.ring, put);
    trace(e);
    trace(&(struct ipcr_trace_event){
        .at_ns = since, .amount = ipcr_tick_ns() - since, .kind = IPCR_TRACE_FULL});
}

static void trace(const struct ipcr_trace_event *e)
{
    struct ipcr_trace_ring *ring = profile.ring;
    uint64_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&ring->taken, memory_order_acquire) >= IPCR_TRACE_EVENTS) {
        trace_late(e, put);
        return;
    }
    struct ipcr_trace_event *to = &ring->events[put % IPCR_TRACE_EVENTS];
    *to = *e;
    to->thread = now.thread;
    /* pairs with the agent's acquire: an event that is counted is whole */
    atomic_store_explicit(&ring->put, put + 1, memory_order_release);
}

/* For the case that the rank never leaves it. */
static void trace_open(const struct call *c)
{
    struct ipcr_trace_ring *ring = profile.ring;
    ring->open_since_ns = c->since_ns;
    ring->open_thread = c->thread;
    atomic_store_explicit(&ring->open_call, c->row + 1, memory_order_release);
}

static void trace_call(const struct call *c, uint64_t end_ns)
{
    trace(&(struct ipcr_trace_event){.at_ns = c->since_ns,
                                     .amount = end_ns - c->since_ns,
                                     .what = (uint16_t)c->row,
                                     .kind = IPCR_TRACE_CALL});
    atomic_store_explicit(&profile.ring->open_call, 0, memory_order_release);
}

static void trace_wait(uint64_t since, uint64_t ns, enum ipcr_wait_kind kind)
{
    if (ns >= SHORT_WAIT_NS)
        trace(&(struct ipcr_trace_event){
            .at_ns = since, .amount = ns, .what = (uint16_t)kind, .kind = IPCR_TRACE_WAIT});
}

/* ---- calls ---- */

static uint32_t new_row(const char *name)
{
    struct ipcr_tally *t = profile.tally;
    uint32_t n = atomic_load_explicit(&t->ncalls, memory_order_relaxed);
    if (n == IPCR_PROFILE_CALLS)
        return n - 1;
    snprintf(t->calls[n].name, IPCR_PROFILE_NAME, "%s",
             n == IPCR_PROFILE_CALLS - 1 ? "other calls" : name);
    atomic_store_explicit(&t->ncalls, n + 1, memory_order_release);
    return n;
}

/* By the address of the constant: each public function has its own. */
static uint32_t row_of(const char *name)
{
    size_t i = ((uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15)) >> 55;
    for (int tries = 0; tries < SLOTS; tries++, i++) {
        size_t at = i % SLOTS;
        if (profile.slots[at].name == name)
            return profile.slots[at].row;
        if (!profile.slots[at].name) {
            profile.slots[at].name = name;
            return profile.slots[at].row = new_row(name);
        }
    }
    return IPCR_PROFILE_CALLS - 1;
}

/* A stretch of waiting ended at `end`. */
static void charge_until(enum ipcr_wait_kind kind, uint64_t end)
{
    struct call *c = &now;
    uint64_t since = c->stretch_since_ns;
    if (!since)
        return;
    uint64_t ns = c->stretch_ns + (c->idle_since_ns ? end - c->idle_since_ns : 0);
    profile.tally->wait_ns[kind] += ns;
    c->wait_ns += ns;
    c->stretch_since_ns = c->stretch_ns = c->idle_since_ns = 0;
    if (profile.ring)
        trace_wait(since, end - since, kind);
}

static void charge(enum ipcr_wait_kind kind)
{
    if (now.stretch_since_ns)
        charge_until(kind, ipcr_tick_ns());
}

static void enter(const char *name, const void *caller)
{
    (void)caller;
    struct call *c = &now;
    if (!c->thread)
        c->thread = ++profile.threads;
    c->row = row_of(name);
    c->since_ns = ipcr_tick_ns();
    c->wait_ns = 0; /* of a stretch nothing is left: the last call's end has charged it */
    c->open = true;
    c->collective = false;
    if (profile.ring)
        trace_open(c);
}

static void end_call(enum ipcr_wait_kind rest, unsigned calls)
{
    struct call *c = &now;
    if (!c->open)
        return;
    uint64_t end = ipcr_tick_ns();
    charge_until(rest, end);
    struct ipcr_profile_call *row = &profile.tally->calls[c->row];
    row->calls += calls;
    row->ns += end - c->since_ns;
    row->wait_ns += c->wait_ns;
    profile.tally->mpi_ns += end - c->since_ns;
    if (profile.ring)
        trace_call(c, end);
    c->open = false;
}

/* A collective on one node may be made of no messages at all, so its waiting is ended by nothing
 * but its own end. */
static void leave(void)
{
    end_call(now.collective ? IPCR_WAIT_COLLECTIVE : IPCR_WAIT_OTHER, 1);
}

static void idle(void)
{
    struct call *c = &now;
    if (!c->open || c->idle_since_ns)
        return;
    c->idle_since_ns = ipcr_tick_ns();
    if (!c->stretch_since_ns)
        c->stretch_since_ns = c->idle_since_ns;
}

static void busy(void)
{
    struct call *c = &now;
    if (!c->idle_since_ns)
        return;
    c->stretch_ns += ipcr_tick_ns() - c->idle_since_ns;
    c->idle_since_ns = 0;
}

static void collective(const struct ipcr_coll *c)
{
    (void)c;
    now.collective = true;
}

/* ---- messages ---- */

static void count(struct ipcr_profile_flow *flow, uint64_t bytes)
{
    flow->messages++;
    flow->bytes += bytes;
}

static void count_size(uint64_t bytes)
{
    unsigned class = bytes ? 64 - (unsigned)__builtin_clzll(bytes) : 0;
    profile.tally->sizes[class < IPCR_PROFILE_SIZES ? class : IPCR_PROFILE_SIZES - 1]++;
}

static void send(const struct ipcr_msg *m, const struct ipcr_peer *peer, uint64_t bytes,
                 const struct ipcr_req *req)
{
    (void)req;
    struct ipcr_tally *t = profile.tally;
    bool own = ipcr_match_is_program(m->ctx);
    count(&t->sent[!own], bytes);
    count_size(bytes);
    if (peer->rank < IPCR_PROFILE_PEERS)
        count(&t->peers[peer->rank].sent, bytes);
    if (profile.ring)
        trace(&(struct ipcr_trace_event){.at_ns = ipcr_tick_ns(),
                                         .amount = bytes,
                                         .peer = peer->rank,
                                         .ctx = m->ctx,
                                         .tag = m->tag,
                                         .what = !own,
                                         .kind = IPCR_TRACE_SEND});
}

static enum ipcr_wait_kind kind_in(uint32_t ctx, enum ipcr_wait_kind program)
{
    return ipcr_match_is_program(ctx) ? program : IPCR_WAIT_COLLECTIVE;
}

static void match(const struct ipcr_req *req, const struct ipcr_peer *peer,
                  const struct ipcr_unexpected *u)
{
    (void)req;
    struct ipcr_tally *t = profile.tally;
    bool own = ipcr_match_is_program(u->ctx);
    uint64_t at = profile.ring || now.stretch_since_ns ? ipcr_tick_ns() : 0;
    charge_until(kind_in(u->ctx, IPCR_WAIT_MESSAGE), at);
    count(&t->received[!own], u->size);
    if (peer->rank < IPCR_PROFILE_PEERS)
        count(&t->peers[peer->rank].received, u->size);
    if (profile.ring)
        trace(&(struct ipcr_trace_event){.at_ns = at,
                                         .amount = u->size,
                                         .peer = peer->rank,
                                         .ctx = u->ctx,
                                         .tag = u->tag,
                                         .what = !own,
                                         .kind = IPCR_TRACE_RECV});
}

static void complete(const struct ipcr_req *req)
{
    if (req->kind == IPCR_REQ_SEND)
        charge(kind_in(req->msg.ctx, IPCR_WAIT_RECEIVER));
    else if (req->kind == IPCR_REQ_RECV)
        charge(kind_in(req->msg.ctx, IPCR_WAIT_TRANSFER));
}

/* ---- life ---- */

/* A job without an agent of ours has nobody who would read it. */
static bool open_profile(void)
{
    const struct ipcr_seg_head *head = ipcr_seg_head();
    if (!ipcr_job.launched || !head->profile)
        return false;
    ipcr_tick_open();
    struct ipcr_profile *p = ipcr_seg_profile(ipcr_job.local_rank);
    profile.tally = &p->tally;
    profile.ring = head->profile & IPCR_PROFILE_TRACE ? &p->ring : NULL;
    if (!p->tally.opened_ns)
        p->tally.opened_ns = ipcr_tick_ns();
    p->tally.closed_ns = 0;
    return true;
}

/* The call that ends MPI is seen as two, and the second one does not leave. What it has waited for
 * is the other ranks. */
static void close_profile(void)
{
    end_call(IPCR_WAIT_COLLECTIVE, 0);
    profile.tally->closed_ns = ipcr_tick_ns();
}

const struct ipcr_observer ipcr_tool_profile = {.name = "profile",
                                                .open = open_profile,
                                                .close = close_profile,
                                                .enter = enter,
                                                .leave = leave,
                                                .idle = idle,
                                                .busy = busy,
                                                .send = send,
                                                .match = match,
                                                .complete = complete,
                                                .collective = collective};
