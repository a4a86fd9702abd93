/* The head's side of the proof: see hang.h. */
#include "hang.h"

#include <stdio.h>
#include <stdlib.h>

#include "head.h"

enum { HANG_PAUSE_MS = 250 }; /* between the two looks: a rank that was just woken gets its core */

static struct {
    struct ipcr_sleeper *all; /* [plan.size], of the nodes that are quiet */
    uint32_t round;           /* answers to older ones do not count */
    int confirmed;
    struct ipcr_timer timer;
} hang;

static bool all_quiet(void)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        if (!ipcr_head.nodes[i].quiet)
            return false;
    return !ipcr_head.ending && !ipcr_head.finishing;
}

static void ask_again(struct ipcr_timer *t)
{
    (void)t;
    if (!all_quiet())
        return;
    hang.confirmed = 0;
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        if (ipcr_head.nodes[i].chan.open)
            ipcr_chan_send_u32(&ipcr_head.nodes[i].chan, IPCR_MSG_CONFIRM, hang.round);
}

/* How many wait, 0 if something may be under way. */
static int waiting_for_nothing(void)
{
    uint64_t sent = 0, arrived = 0;
    int waiting = 0;
    for (int i = 0; i < ipcr_head.plan.size; i++) {
        sent += hang.all[i].sent;
        arrived += hang.all[i].arrived;
        waiting += hang.all[i].gen != 0;
    }
    return sent == arrived ? waiting : 0;
}

static void end_deadlock(void)
{
    struct ipcr_head *h = &ipcr_head;
    int waiting = waiting_for_nothing();
    if (!waiting || h->verdict.failed)
        return;
    h->verdict.block = ipcr_hang_words(hang.all, h->plan.size, true, "ipcrun: ");
    ipcr_head_fail(IPCR_EXIT_LOST, "deadlock: %d rank%s in MPI calls, and no message is under way",
                   waiting, waiting == 1 ? " waits" : "s wait");
}

static bool take_sleepers(struct ipcr_reader *r, uint32_t n)
{
    while (n--) {
        struct ipcr_sleeper s;
        if (!ipcr_get_sleeper(r, &s) || s.rank >= (uint32_t)ipcr_head.plan.size)
            return false;
        hang.all[s.rank] = s;
    }
    return true;
}

void ipcr_hang_quiet(struct ipcr_node *n, struct ipcr_reader *r)
{
    if (!hang.all)
        hang.all = ipcr_alloc((size_t)ipcr_head.plan.size * sizeof *hang.all);
    uint32_t ranks = ipcr_get_count(r, IPCR_SLEEPER_MIN);
    n->quiet = take_sleepers(r, ranks) && ranks > 0;
    hang.round++;
    hang.timer.fn = ask_again;
    if (all_quiet())
        ipcr_loop_timer(&hang.timer, HANG_PAUSE_MS);
}

void ipcr_hang_confirmed(struct ipcr_node *n, struct ipcr_reader *r)
{
    uint32_t round = ipcr_get_u32(r);
    bool same = ipcr_get_u8(r);
    if (!same)
        n->quiet = false;
    if (r->bad || !same || round != hang.round || !all_quiet())
        return;
    if (++hang.confirmed == ipcr_head.plan.nodes)
        end_deadlock();
}
