/* Tells the head while no rank of this node can do anything but sleep on: each has slept in an MPI
 * call for a while or is past MPI. What the head makes of it is in hang.h. And, when it is asked,
 * what the ranks do at the moment. */
#include "agent.h"

#include <stdio.h>
#include <stdlib.h>

#include "hang.h"
#include "waits.h"
#include "where.h"

enum {
    QUIET_MS = 1000,
    /* Ranks that wait for one that has left are stuck.c's, which knows more of them. */
    QUIET_LEFT_HERE_MS = 2500,
    QUIET_LEFT_FAR_MS = 7000,
};

static int64_t patience(const struct ipcr_agent *a)
{
    return !a->some_leave ? QUIET_MS : a->plan.nodes > 1 ? QUIET_LEFT_FAR_MS : QUIET_LEFT_HERE_MS;
}

/* The program may be a child of what was started (a shell, a debugger): then both must sleep. With
 * several threads that call MPI, every thread of the process must be one that waits in it: another
 * one may read from somewhere and then send. */
static bool kernel_agrees(const struct ipcr_rank *r, const struct ipcr_wait *w)
{
    pid_t self = (pid_t)atomic_load(&ipcr_waits_row(r)->pid);
    int threads = ipcr_waits_sleepers(self);
    return threads > 0 && (w->waiters == 0 || w->waiters == (uint32_t)threads) &&
           (self == r->pid || ipcr_waits_sleepers(r->pid) > 0);
}

static void take_record(struct ipcr_sleeper *s, const struct ipcr_wait *w)
{
    int64_t ms = ipcr_now_ms() - w->since_ms;
    s->state = IPCR_STATE_WAITS;
    s->gen = w->gen;
    s->ms = ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
    s->peer = w->peer;
    s->tag = w->kind != IPCR_BOARD_OTHER ? w->tag : -1;
    s->kind = (uint8_t)w->kind;
    s->sent = w->sent;
    s->arrived = w->arrived;
    s->ctx = w->ctx;
    s->near_source = w->near_source;
    s->near_tag = w->near_tag;
    memcpy(s->call, w->call, sizeof s->call);
    memcpy(s->comm, w->comm, sizeof s->comm);
    memcpy(s->near_comm, w->near_comm, sizeof s->near_comm);
    memcpy(s->several, w->several, sizeof s->several);
}

static void take_members(struct ipcr_sleeper *s, const struct ipcr_rank *r,
                         const struct ipcr_wait *w)
{
    int size = r->agent->plan.size;
    s->runs[0] = (struct ipcr_span){0, 1, (uint32_t)size};
    s->nruns = w->size == (uint32_t)size;
    if (s->nruns || !ipcr_sleeper_is_collective(s->call))
        return;
    int *world = ipcr_waits_members(r, w);
    if (world)
        s->nruns = (uint8_t)ipcr_sleeper_runs(s->runs, IPCR_SLEEPER_RUNS, world, (int)w->size);
    free(world);
}

/* What takes a while to find out: only for a record that is going to be shown. */
static void explain(struct ipcr_sleeper *s, struct ipcr_rank *r)
{
    struct ipcr_wait w;
    if (s->state != IPCR_STATE_WAITS || !ipcr_waits_read(r, &w) || w.gen != s->gen)
        return;
    if (r->caller != w.caller)
        ipcr_where((pid_t)atomic_load(&ipcr_waits_row(r)->pid), w.caller, r->where,
                   sizeof r->where);
    r->caller = w.caller;
    memcpy(s->where, r->where, sizeof s->where);
    take_members(s, r, &w);
}

static void begin(struct ipcr_sleeper *s, const struct ipcr_rank *r)
{
    *s = (struct ipcr_sleeper){.rank = (uint32_t)r->rank, .pid = r->pid, .near_source = -1};
    if (r->exited)
        s->state = IPCR_STATE_ENDED;
    else if (ipcr_stuck_phase(r) == IPCR_PHASE_FINALIZED)
        s->state = IPCR_STATE_PAST;
}

/* Fills s if the rank has come to rest, as far as memory tells: that costs no system call. */
static bool seems_to_rest(const struct ipcr_rank *r, struct ipcr_sleeper *s, struct ipcr_wait *w)
{
    struct ipcr_agent *a = r->agent;
    begin(s, r);
    if (s->state != IPCR_STATE_UNKNOWN)
        return ipcr_now_ms() - a->leaving_since[r->rank] >= patience(a);
    if (!ipcr_waits_read(r, w) || ipcr_now_ms() - w->since_ms < patience(a) || w->parked)
        return false;
    take_record(s, w);
    return true;
}

static bool rests(const struct ipcr_rank *r, struct ipcr_sleeper *s)
{
    struct ipcr_wait w;
    return seems_to_rest(r, s, &w) &&
           (s->state != IPCR_STATE_WAITS || (kernel_agrees(r, &w) && ipcr_waits_still(r, &w)));
}

static bool still_rest(const struct ipcr_agent *a)
{
    struct ipcr_sleeper s;
    for (int i = 0; i < a->nranks; i++)
        if (!rests(&a->ranks[i], &s) || s.gen != a->quiet[i])
            return false;
    return true;
}

/* What a rank's record does not show, the confirmation will find. */
static bool seem_to_rest(const struct ipcr_agent *a, const uint32_t *gens)
{
    struct ipcr_sleeper s;
    struct ipcr_wait w;
    for (int i = 0; i < a->nranks; i++)
        if (!seems_to_rest(&a->ranks[i], &s, &w) || (gens && s.gen != gens[i]))
            return false;
    return true;
}

static void tell_quiet(struct ipcr_agent *a, const struct ipcr_sleeper *s, int n)
{
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_QUIET);
    ipcr_put_u32(b, (uint32_t)n);
    for (int i = 0; i < n; i++)
        ipcr_put_sleeper(b, &s[i]);
    ipcr_chan_end(&a->head);
    a->quiet_told = n > 0;
}

static void tell_if_quiet(struct ipcr_agent *a)
{
    struct ipcr_sleeper *all = ipcr_alloc((size_t)a->nranks * sizeof *all);
    int n = 0;
    while (n < a->nranks && rests(&a->ranks[n], &all[n]))
        n++;
    if (n == a->nranks) {
        for (int i = 0; i < n; i++) {
            a->quiet[i] = all[i].gen;
            explain(&all[i], &a->ranks[i]);
        }
        tell_quiet(a, all, n);
    }
    free(all);
}

void ipcr_quiet_look(struct ipcr_agent *a)
{
    if (!a->quiet)
        a->quiet = ipcr_alloc((size_t)a->nranks * sizeof *a->quiet);
    bool quiet = seem_to_rest(a, a->quiet_told ? a->quiet : NULL);
    if (quiet && !a->quiet_told)
        tell_if_quiet(a);
    else if (!quiet && a->quiet_told)
        tell_quiet(a, NULL, 0);
}

void ipcr_quiet_confirm(struct ipcr_agent *a, uint32_t round)
{
    bool same = a->quiet_told && !a->ending && still_rest(a);
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_CONFIRMED);
    ipcr_put_u32(b, round);
    ipcr_put_u8(b, same);
    ipcr_chan_end(&a->head);
    a->quiet_told = same;
}

/* ---- on demand: what the ranks do, asleep or not ---- */

static enum ipcr_state state_by_kernel(const struct ipcr_rank *r)
{
    pid_t pid = (pid_t)atomic_load(&ipcr_waits_row(r)->pid), parent;
    char path[32], state;
    snprintf(path, sizeof path, "/proc/%d/stat", pid ? pid : r->pid);
    if (!ipcr_proc_stat(path, &state, &parent))
        return IPCR_STATE_UNKNOWN;
    return state == 'T' || state == 't' ? IPCR_STATE_STOPPED
           : state == 'S'               ? IPCR_STATE_SLEEPS
                                        : IPCR_STATE_RUNS;
}

static void look_at(const struct ipcr_rank *r, struct ipcr_sleeper *s)
{
    struct ipcr_wait w;
    begin(s, r);
    if (s->state != IPCR_STATE_UNKNOWN)
        return;
    s->state = (uint8_t)state_by_kernel(r);
    if (s->state != IPCR_STATE_STOPPED && ipcr_waits_read(r, &w))
        take_record(s, &w);
    else if (s->state != IPCR_STATE_STOPPED && ipcr_stuck_phase(r) == IPCR_PHASE_NONE)
        s->state = IPCR_STATE_BEFORE;
}

void ipcr_quiet_show(struct ipcr_agent *a)
{
    int n = a->started ? a->nranks : 0;
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_STATES);
    ipcr_put_u32(b, (uint32_t)n);
    for (int i = 0; i < n; i++) {
        struct ipcr_sleeper s;
        look_at(&a->ranks[i], &s);
        explain(&s, &a->ranks[i]);
        ipcr_activity(&a->ranks[i], &s);
        ipcr_put_sleeper(b, &s);
    }
    ipcr_chan_end(&a->head);
}
