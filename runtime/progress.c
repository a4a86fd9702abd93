/* Progress and waiting. The strategy, and why:
 *
 * - A free core (no more ranks on the node than cores the job may use): spin. A message between two
 *   running ranks takes a fraction of a microsecond, a wake-up from the kernel 3 (same core) to 30
 *   (idle core of a virtual machine). For some tens of microseconds; then one asks after each look
 *   whether anybody else wants the core, which costs little if nobody does. "Free" is what the
 *   node knows of itself: several virtual hosts may share a machine.
 * - A crowded node: the peer can only run when this rank stops, so hand the core on at once.
 *   sched_yield costs about a microsecond and keeps the rank runnable; a futex would cost two
 *   system calls on either side.
 * - A crowded node whose ranks sleep, but for as many as there are cores: the few that are awake
 * spin as on free cores, for some microseconds. Then one hands its core on, and learns by the time
 * that took whether somebody else was waiting for it: two of them may be on one core, and while
 * they are each can only run when the other stops. The kernel is slow to move one that always runs,
 * but looks for a free core whenever one wakes up; so one that has met the other so many times
 * goes to sleep.
 * - Nothing for hundreds of microseconds: whoever we wait for is computing or waiting itself.
 * Sleep, so that an idle job uses no CPU and the ranks that do work do not meet us in the run
 * queue. */
#include "progress.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "bell.h"
#include "board.h"
#include "clock.h"
#include "comm.h"
#include "decide.h"
#include "env.h"
#include "err.h"
#include "follow.h"
#include "job.h"
#include "lock.h"
#include "observe.h"
#include "peer.h"
#include "request.h"
#include "seg.h"
#include "several.h"

/* Patience is many times the wake-ups of all ranks of a crowded node (30 us each at worst), or one
 * late rank would send all others to sleep, round after round. And it is counted in fruitless
 * hand-overs, too: after a foreign process had the core for milliseconds, wall time alone says
 * nothing about this job. */
enum {
    BUDGET = 64,             /* arrivals taken from one channel before looking at the next */
    SPIN_ROUNDS = 2000,      /* polls before the clock is first looked at, with a free core */
    SPIN_CALLS = 40,         /* the same where polls are system calls, of some 0.4 us */
    CALM_ROUNDS = 200,       /* the same on a crowded node of which most ranks sleep */
    SHARED_NS = 1500,        /* a hand-over that takes so long has let somebody else run */
    MOVE_AFTER = 32,         /* so many of these in a row, and one sleeps in order to be moved, */
    MOVE_MOST = 4096,        /* the next time after twice as many, up to this */
    LONG_SLEEP_NS = 2000000, /* whoever has slept for so long on a crowded node is less patient */
    LESS_US = 250,           /* the next time: the wake-up weighed little */
    FREE_US = 500,           /* polling and yielding before sleep, with a free core */
    CROWDED_US = 1000,       /* the same on a crowded node */
    HAND_OVERS = 24,         /* at least so many of them */
    CLOCK_EVERY = 8,         /* rounds from one look at the clock to the next */
    MAX_CHANNELS = 16
};

static struct {
    int (*poll[MAX_CHANNELS])(int); /* of the open transports */
    int polls;
    int (*wait_fd[MAX_CHANNELS])(void);
    int wait_fds;
    bool crowded;
    uint32_t shared;      /* the last hand-overs of a calm node that others have used, in a row */
    uint32_t move_after;  /* so many of them are enough */
    bool slept_long;      /* the last time it slept */
    uint64_t patience_ns; /* from the first idle moment to sleep */
    uint64_t less_patience_ns;
    bool polling; /* an arrival may send, a send may poll: never inside itself */
    struct ipcr_deferred *deferred, **last_deferred; /* a FIFO */
    struct ipcr_deferred *retries;                   /* of the next poll */
    int retried;                                     /* by this one, in vain */
    bool deferring;                 /* deferred work may poll, too: it is not run inside itself */
    const struct ipcr_idle *leader; /* the wait of the thread that blocks on the bell for all */
} loop;

static const volatile bool never;
const volatile bool *ipcr_progress_goal = &never;

int ipcr_progress_init(void)
{
    bool rung = false; /* by other ranks */
    memset(&loop, 0, sizeof loop);
    loop.last_deferred = &loop.deferred;
    loop.move_after = MOVE_AFTER;
    for (int i = 0; ipcr_transports[i]; i++) {
        const struct ipcr_transport *t = ipcr_transports[i];
        if (!ipcr_peer_uses(t))
            continue;
        loop.poll[loop.polls++] = t->poll;
        if (t->wait_fd)
            loop.wait_fd[loop.wait_fds++] = t->wait_fd;
        rung |= t->segment;
    }
    loop.crowded = ipcr_job.local_size > ipcr_job.cores;
    int64_t us = ipcr_env.spin >= 0 ? ipcr_env.spin : loop.crowded ? CROWDED_US : FREE_US;
    loop.patience_ns = loop.less_patience_ns = (uint64_t)us * 1000;
    if (loop.crowded && ipcr_env.spin < 0)
        loop.less_patience_ns = LESS_US * 1000;
    int rc = ipcr_bell_open(!loop.wait_fds ? IPCR_BELL_FUTEX
                            : rung         ? IPCR_BELL_SOCKET
                                           : IPCR_BELL_EVENT);
    if (rc < 0)
        ipcr_err_note(MPI_ERR_OTHER, "this rank's wake-up bell does not open: %s", strerror(-rc));
    return rc;
}

void ipcr_progress_finish(void)
{
    ipcr_bell_close();
    loop.polls = loop.wait_fds = 0;
}

void ipcr_progress_defer(struct ipcr_deferred *work)
{
    work->next = NULL;
    *loop.last_deferred = work;
    loop.last_deferred = &work->next;
}

void ipcr_progress_retry(struct ipcr_deferred *work)
{
    work->next = loop.retries;
    loop.retries = work;
    loop.retried++;
}

static void run_retries(void)
{
    struct ipcr_deferred *work = loop.retries;
    for (loop.retries = NULL; work;) {
        struct ipcr_deferred *next = work->next;
        work->run(work);
        work = next;
    }
}

/* Work that only asked for another try was no work. */
static int run_deferred(void)
{
    int n = 0;
    if (loop.deferring)
        return 0;
    loop.deferring = true;
    loop.retried = 0;
    run_retries();
    for (struct ipcr_deferred *work; (work = loop.deferred); n++) {
        loop.deferred = work->next;
        if (!loop.deferred)
            loop.last_deferred = &loop.deferred;
        work->run(work);
    }
    loop.deferring = false;
    return n > loop.retried ? n - loop.retried : 0;
}

int ipcr_progress_poll(void)
{
    int n = 0;
    if (__builtin_expect(loop.polling, 0))
        return 0;
    loop.polling = true;
    for (int i = 0; i < loop.polls; i++)
        n += loop.poll[i](BUDGET);
    if (__builtin_expect(ipcr_peer_stuck(), 0))
        n += ipcr_peer_retry();
    if (IPCR_HOLDS_ARRIVALS())
        n += ipcr_decide_release();
    loop.polling = false;
    if (__builtin_expect(loop.deferred || loop.retries, 0))
        n += run_deferred();
    if (n)
        ipcr_follow_wake_seekers();
    return n;
}

/* Of the ranks of the node, no more are awake than there are cores. */
static bool node_is_calm(void)
{
    return ipcr_bell_asleep() + (unsigned)ipcr_job.cores >= (unsigned)ipcr_job.local_size;
}

bool ipcr_progress_may_spin(void)
{
    return !loop.crowded || (!loop.shared && node_is_calm());
}

static void copy_text(char *to, const char *from, size_t room)
{
    size_t len = strnlen(from, room - 1);
    memcpy(to, from, len);
    to[len] = 0;
}

static void set_asleep(uint32_t asleep)
{
    struct ipcr_board *b = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    atomic_store_explicit(&b->asleep, asleep, memory_order_relaxed);
}

/* What a receive really waits for: a replay may have narrowed it down (decide.h). */
static struct ipcr_wanted wanted(const struct ipcr_req *r)
{
    if (r->kind == IPCR_REQ_RECV && ipcr_match_waits(&r->posted))
        return (struct ipcr_wanted){r->posted.filed.src, r->posted.filed.tag};
    return (struct ipcr_wanted){r->msg.rank, r->msg.tag};
}

/* The message that a waiting receive has not been matched with, but nearly: a wrong tag, source or
 * communicator. It may be gone when somebody asks, but not while this rank sleeps. */
static void report_nearest(struct ipcr_board *b, const struct ipcr_req *r)
{
    const struct ipcr_msg *m = &r->msg;
    const struct ipcr_unexpected *u = NULL;
    struct ipcr_wanted w = wanted(r);
    if (r->kind == IPCR_REQ_RECV && ipcr_match_is_program(m->ctx))
        u = ipcr_match_nearest(m->ctx, w.src, w.tag);
    const struct ipcr_comm *comm = !u                 ? NULL
                                   : u->ctx == m->ctx ? m->comm
                                                      : ipcr_comm_by_ctx(u->ctx);
    if (!comm || u->src < 0 || u->src >= comm->remote->size)
        return;
    b->near_source = comm->remote->world[u->src];
    b->near_tag = u->tag;
    copy_text(b->near_comm, comm == m->comm ? "" : comm->name, sizeof b->near_comm);
}

static uint32_t kind_of(const struct ipcr_req *r)
{
    if (!ipcr_match_is_program(r->msg.ctx))
        return IPCR_BOARD_OTHER;
    return r->kind == IPCR_REQ_SEND   ? IPCR_BOARD_SEND
           : r->kind == IPCR_REQ_RECV ? IPCR_BOARD_RECV
                                      : IPCR_BOARD_OTHER;
}

/* A rank that waits on a communicator of a session waits for nobody in particular: its peer may
 * come back even after its last session has ended. */
static void report_request(struct ipcr_board *b, const struct ipcr_req *r)
{
    const struct ipcr_comm *comm = r->msg.comm;
    struct ipcr_wanted w = wanted(r);
    if (!comm->of_session)
        b->peer = w.src >= 0 ? comm->remote->world[w.src] : -1;
    b->kind = kind_of(r);
    b->tag = w.tag;
    b->ctx = r->msg.ctx;
    b->members = (uintptr_t)comm->group->world;
    b->size = (uint32_t)comm->group->size;
    copy_text(b->comm, comm->name, sizeof b->comm);
    report_nearest(b, r);
}

/* Tells the status board what this rank waits for. Readers tolerate a record that changes under
 * them (wait_gen), so plain stores do. */
static void report_wait(const struct ipcr_idle *idle)
{
    struct ipcr_board *b = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    atomic_fetch_add_explicit(&b->wait_gen, 1, memory_order_acq_rel);
    b->peer = -2;
    b->tag = 0;
    b->ctx = 0;
    b->size = 0;
    b->kind = IPCR_BOARD_OTHER;
    b->near_source = -1;
    b->comm[0] = 0;
    b->several[0] = 0;
    if (idle->on && idle->on->msg.comm)
        report_request(b, idle->on);
    if (idle->any)
        ipcr_several_words(idle->any, b->several, sizeof b->several);
    b->caller = (uintptr_t)ipcr_door.caller;
    copy_text(b->call, ipcr_door.call ? ipcr_door.call : "", sizeof b->call);
    atomic_store_explicit(&b->since_ns, ipcr_clock_ns(), memory_order_relaxed);
    set_asleep(1);
    atomic_fetch_add_explicit(&b->wait_gen, 1, memory_order_acq_rel);
}

/* The last that this rank writes before it blocks. What the last look has sent counts, so this is
 * no part of report_wait(). */
static void report_rest(int followers)
{
    struct ipcr_board *b = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    uint32_t waiters = (uint32_t)followers + (loop.leader != NULL);
    bool threads = ipcr_lock_gate() & IPCR_GATE_THREADS;
    atomic_store_explicit(&b->frags_sent, ipcr_footprint_all_sent(b), memory_order_relaxed);
    atomic_store_explicit(&b->frags_arrived, ipcr_traffic.arrived, memory_order_relaxed);
    atomic_store_explicit(&b->parked, ipcr_peer_stuck(), memory_order_relaxed);
    atomic_store_explicit(&b->waiters, threads ? waiters : 0, memory_order_relaxed);
}

/* The wake-up has cost a hundred times as much as this. */
static void count_sleep(void)
{
    struct ipcr_board *b = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    uint64_t ns = ipcr_clock_ns() - atomic_load_explicit(&b->since_ns, memory_order_relaxed);
    loop.slept_long = ns >= LONG_SLEEP_NS;
    ns += atomic_load_explicit(&b->slept_ns, memory_order_relaxed);
    atomic_store_explicit(&b->slept_ns, ns, memory_order_relaxed);
}

/* Blocks on all descriptors that can bring work, the bell's among them. */
static void block_on_fds(void)
{
    struct pollfd fds[MAX_CHANNELS + 1] = {{.fd = ipcr_bell_fd(), .events = POLLIN}};
    nfds_t n = 1;
    for (int i = 0; i < loop.wait_fds; i++) {
        int fd = loop.wait_fd[i]();
        if (fd >= 0)
            fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    unsigned held = ipcr_lock_pause();
    poll(fds, n, -1);
    ipcr_lock_resume(held);
    ipcr_bell_drain();
}

static void block_on_futex(uint32_t count)
{
    unsigned held = ipcr_lock_pause();
    ipcr_bell_block(count);
    ipcr_lock_resume(held);
}

static void block(uint32_t count)
{
    report_rest(ipcr_followers);
    if (loop.wait_fds)
        block_on_fds();
    else
        block_on_futex(count);
    count_sleep();
}

/* The request that completes when the wait is over; NULL: there is none. */
static const struct ipcr_req *awaited(const struct ipcr_idle *idle)
{
    return idle->completes ? idle->on : NULL;
}

static bool is_ready(const struct ipcr_idle *idle)
{
    return idle->ready && idle->ready(idle->ready_arg);
}

/* How many threads sleep has changed, and with it what the board says of the process: whoever has
 * read it must not rely on that any more. */
static void report_followers(int followers)
{
    struct ipcr_board *b = ipcr_seg_board(ipcr_seg.base, ipcr_job.local_rank);
    report_rest(followers);
    atomic_fetch_add_explicit(&b->wait_gen, 2, memory_order_acq_rel);
}

/* What is ready without a transport those who are awake do not see, only the leader is told: and
 * what was so before it announced that it sleeps this wait has to see itself. */
static void follow(const struct ipcr_idle *idle)
{
    if (is_ready(idle))
        return;
    report_followers(ipcr_followers + 1);
    ipcr_follow(awaited(idle));
    report_followers(ipcr_followers);
}

static void lead(const struct ipcr_idle *idle)
{
    loop.leader = idle;
    report_wait(idle);
    uint32_t count = ipcr_bell_announce();
    if (ipcr_progress_poll() > 0 || loop.retries || is_ready(idle))
        ; /* found on the last look: no need to block */
    else
        block(count);
    ipcr_bell_revoke();
    set_asleep(0);
    loop.leader = NULL;
    ipcr_follow_wake_seekers();
}

/* Whether what is done leaves this wait as it was. */
static bool waits_for_another(const struct ipcr_idle *idle, const struct ipcr_req *done)
{
    return done && awaited(idle) && awaited(idle) != done;
}

void ipcr_progress_notify(const struct ipcr_req *done)
{
    ipcr_follow_wake_for(done);
    ipcr_follow_wake_seekers();
    if (__builtin_expect(loop.leader && !waits_for_another(loop.leader, done), 0))
        ipcr_bell_wake(ipcr_job.local_rank);
}

/* Lets threads of this process in that wait for the lock. The pause between two looks is no
 * courtesy: without it the polled cache line is fetched back while the sender still writes it, and
 * a message takes 0.18 us instead of 0.15 (measured between two cores of a virtual machine). */
static void spin(void)
{
    if (ipcr_lock_gate() & IPCR_GATE_THREADS)
        ipcr_lock_let_in();
    else
        ipcr_cpu_relax();
}

static uint64_t timed_yield(void)
{
    uint64_t since = ipcr_clock_ns();
    sched_yield();
    return ipcr_clock_ns() - since;
}

static void learn_from_yield(uint64_t took_ns)
{
    if (took_ns >= SHARED_NS) {
        loop.shared++;
    } else {
        loop.shared = 0;
        loop.move_after = MOVE_AFTER;
    }
}

static bool wants_to_move(void)
{
    if (loop.shared < loop.move_after)
        return false;
    loop.shared = 0;
    loop.move_after = loop.move_after < MOVE_MOST ? 2 * loop.move_after : MOVE_MOST;
    return true;
}

/* What it learns it notes when it has the lock again. On a free core that is for ranks of virtual
 * hosts, two of which may be on one core while another is free. */
static void hand_core_on(void)
{
    bool learns = loop.crowded ? node_is_calm() : loop.wait_fds > 0;
    uint64_t took_ns = 0;
    unsigned held = ipcr_lock_pause();
    if (learns)
        took_ns = timed_yield();
    else
        sched_yield();
    ipcr_lock_resume(held);
    if (learns)
        learn_from_yield(took_ns);
}

/* Polls until this wait hands its core on. */
static uint32_t rounds_at_once(void)
{
    if (!loop.crowded)
        return loop.wait_fds ? SPIN_CALLS : SPIN_ROUNDS;
    return ipcr_progress_may_spin() ? CALM_ROUNDS : 0;
}

/* Whether the wait has gone on for long enough to sleep. Reading the clock costs a twentieth of a
 * hand-over, so only every CLOCK_EVERYth round does. */
static bool out_of_patience(struct ipcr_idle *idle, uint32_t hand_overs)
{
    if (hand_overs % CLOCK_EVERY)
        return false;
    uint64_t now = ipcr_clock_ns();
    if (!idle->since_ns)
        idle->since_ns = now;
    uint64_t patience = loop.slept_long ? loop.less_patience_ns : loop.patience_ns;
    return hand_overs > HAND_OVERS && now - idle->since_ns >= patience;
}

static void idle_a_little(struct ipcr_idle *idle)
{
    if (idle->rounds < rounds_at_once()) {
        idle->rounds++;
        spin();
    } else if (!out_of_patience(idle, ++idle->hand_overs) && !wants_to_move()) {
        hand_core_on();
        if (loop.crowded)
            idle->rounds = 0;
    } else if (loop.leader || (ipcr_follow_others_awake() && !idle->ready)) {
        follow(idle);
    } else {
        lead(idle);
    }
}

/* While it spins, the first round tells the tools for all of them: each is as long as a cache miss.
 */
static void idle_once(struct ipcr_idle *idle)
{
    if (idle->rounds == 0 || idle->rounds > SPIN_ROUNDS)
        IPCR_OBSERVE(idle);
    idle_a_little(idle);
}

/* The goal is only this poll's: the request may be gone, or another thread's, at the next one. */
int ipcr_progress_poll_for(const struct ipcr_req *goal)
{
    ipcr_progress_goal = goal ? &goal->complete : &never;
    int n = ipcr_progress_poll();
    ipcr_progress_goal = &never;
    return n;
}

void ipcr_progress_step(struct ipcr_idle *idle)
{
    if (__builtin_expect(ipcr_lock_gate() & IPCR_GATE_THREADS, 0) && !idle->counted) {
        idle->counted = true;
        ipcr_follow_enter();
    }
    if (ipcr_progress_poll_for(idle->until ? idle->until : idle->on) > 0) {
        idle->rounds = idle->hand_overs = 0;
        idle->since_ns = 0;
        IPCR_OBSERVE(busy);
    } else {
        idle_once(idle);
    }
}
