/* Ranks that wait for what can never come, found on the status board.
 *
 * A rank in MPI_Finalize or past it will start no message any more. A rank that sleeps in an MPI
 * call until such a rank sends or receives something waits for ever, as soon as what was under way
 * has arrived; so the wait must have lasted a while without any wake-up, counted from when the
 * other rank left: its last message may be on its way to a rank that has slept for long. Agents
 * look twice a second (reading memory, no system call a rank), and tell each other through the head
 * who is leaving. */
#include "agent.h"

#include <stdio.h>

#include "board.h"
#include "waits.h"
#include "where.h"

enum {
    STUCK_TICK_MS = 500,
    STUCK_HERE_MS = 1000, /* peer on this node: the rings are empty by then */
    STUCK_FAR_MS = 5000, /* peer elsewhere: longer than a lost TCP segment takes to be sent again */
    STUCK_DETOUR_MS = 30000, /* some megabytes may be under way through a slow connection */
};

int ipcr_stuck_phase(const struct ipcr_rank *r)
{
    /* The row knows better than the message: sessions may begin after it. */
    int phase = (int)atomic_load(&ipcr_waits_row(r)->phase);
    if (phase != IPCR_PHASE_NONE)
        return phase;
    return r->finalized ? IPCR_PHASE_FINALIZED : r->joined ? IPCR_PHASE_RUNNING : phase;
}

/* True if that is news. */
static bool note_leaving(struct ipcr_agent *a, int rank, uint8_t level)
{
    if (a->leaving[rank] == level)
        return false;
    a->leaving[rank] = level;
    a->leaving_since[rank] = ipcr_now_ms();
    return true;
}

static int64_t far_ms(const struct ipcr_agent *a)
{
    return a->detoured ? STUCK_DETOUR_MS : STUCK_FAR_MS;
}

/* The rank it waits for in vain, or -1. A rank that is itself in MPI_Finalize still gets what
 * others send from there. */
static int vain_peer(const struct ipcr_rank *r, const struct ipcr_wait *w)
{
    const struct ipcr_agent *a = r->agent;
    uint8_t enough = a->leaving[r->rank] == IPCR_STAYS ? IPCR_LEAVES : IPCR_LEFT;
    bool far = false;
    int peer = -1;
    int64_t since = w->since_ms;
    for (int i = 0; i < a->plan.size; i++) {
        if (i == r->rank || (w->peer >= 0 && i != w->peer))
            continue;
        if (a->leaving[i] < enough)
            return -1;
        far |= a->plan.node_of[i] != a->node;
        peer = i;
        if (a->leaving_since[i] > since)
            since = a->leaving_since[i];
    }
    return ipcr_now_ms() - since >= (far ? far_ms(a) : STUCK_HERE_MS) ? peer : -1;
}

/* What is known of a rank that will send nothing more. */
static const char *how_it_left(const struct ipcr_agent *a, int rank)
{
    if (a->plan.node_of[rank] != a->node)
        return "has ended or is in MPI_Finalize";
    const struct ipcr_rank *r = &a->ranks[a->plan.local_of[rank]];
    return r->exited                       ? "has ended"
           : a->leaving[rank] == IPCR_LEFT ? "has left MPI_Finalize"
                                           : "is in MPI_Finalize";
}

static bool report_if_stuck(struct ipcr_rank *r)
{
    struct ipcr_agent *a = r->agent;
    struct ipcr_wait w;
    if (!ipcr_waits_read(r, &w) || w.peer < -1)
        return false;
    int peer = vain_peer(r, &w);
    if (peer < 0 || !ipcr_waits_sleepers(r->pid) || !ipcr_waits_still(r, &w))
        return false;
    char who[48] = "every other rank", tag[32] = "", where[IPCR_WHERE];
    ipcr_where((pid_t)atomic_load(&ipcr_waits_row(r)->pid), w.caller, where, sizeof where);
    if (w.peer >= 0)
        snprintf(who, sizeof who, "rank %d", peer);
    if (w.tag >= 0 && w.kind != IPCR_BOARD_OTHER)
        snprintf(tag, sizeof tag, ", tag %d", w.tag);
    char text[384];
    snprintf(text, sizeof text, "waits in %s%s%s%s for %s, which %s%s%s",
             w.call[0] ? w.call : "MPI", tag, w.comm[0] ? " on " : "", w.comm, who,
             how_it_left(a, peer), where[0] ? "; called from " : "", where);
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_STUCK);
    ipcr_put_u32(b, (uint32_t)r->rank);
    ipcr_put_i32(b, r->pid);
    ipcr_put_text(b, text);
    ipcr_chan_end(&a->head);
    return true;
}

static void tell_leaving(struct ipcr_agent *a)
{
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_LEAVING);
    ipcr_put_u32(b, (uint32_t)a->nranks);
    for (int i = 0; i < a->nranks; i++) {
        ipcr_put_u32(b, (uint32_t)a->ranks[i].rank);
        ipcr_put_u8(b, a->leaving[a->ranks[i].rank]);
    }
    ipcr_chan_end(&a->head);
}

static uint8_t leaving_now(const struct ipcr_rank *r)
{
    int phase = r->exited ? IPCR_PHASE_FINALIZED : ipcr_stuck_phase(r);
    return phase == IPCR_PHASE_FINALIZED    ? IPCR_LEFT
           : phase == IPCR_PHASE_FINALIZING ? IPCR_LEAVES
                                            : IPCR_STAYS;
}

static void look(struct ipcr_timer *t)
{
    struct ipcr_agent *a = t->owner;
    bool news = false;
    if (a->ending || a->alive == 0)
        return;
    for (int i = 0; i < a->nranks; i++)
        news |= note_leaving(a, a->ranks[i].rank, leaving_now(&a->ranks[i]));
    a->some_leave |= news;
    if (news && a->plan.nodes > 1)
        tell_leaving(a);
    for (int i = 0; a->some_leave && i < a->nranks; i++)
        if (!a->ranks[i].exited && report_if_stuck(&a->ranks[i]))
            return;
    ipcr_quiet_look(a);
    ipcr_loop_timer(t, STUCK_TICK_MS);
}

void ipcr_stuck_leaving(struct ipcr_agent *a, struct ipcr_reader *r)
{
    uint32_t n = ipcr_get_count(r, 5);
    while (n--) {
        uint32_t rank = ipcr_get_u32(r);
        uint8_t level = ipcr_get_u8(r);
        if (rank >= (uint32_t)a->plan.size)
            continue;
        note_leaving(a, (int)rank, level);
        a->some_leave |= level != IPCR_STAYS;
    }
}

void ipcr_stuck_watch(struct ipcr_agent *a)
{
    a->stuck_timer.fn = look;
    a->stuck_timer.owner = a;
    ipcr_loop_timer(&a->stuck_timer, STUCK_TICK_MS);
}
