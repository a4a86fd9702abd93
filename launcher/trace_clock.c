/* What time it is on other hosts: asked for at the start and then every now and then, so that the
 * last answers are from the end. A local agent has our clock. */
#include <stdlib.h>

#include "clock.h"
#include "head.h"
#include "trace.h"

enum {
    ANSWERS = 8, /* one after the other: the quickest of them counts */
    EVERY_MS = 200
};
static const uint64_t early_ns = 2000000000; /* the first look may be bettered so long, */
static const uint64_t stale_ns = 1000000000; /* and the last one is held on to against worse ones */

void ipcr_clock_take(struct ipcr_clock_look *look, uint64_t asked_ns, uint64_t there_ns,
                     uint64_t came_ns)
{
    uint64_t trip = came_ns - asked_ns;
    if (look->answers++ && trip >= look->trip_ns)
        return;
    look->at_ns = asked_ns + trip / 2;
    look->trip_ns = trip;
    look->ahead_ns = (int64_t)(there_ns - look->at_ns);
}

/* What two looks differ by may be no more than what they are unsure of: a line through them would
 * be steep for nothing. */
static bool drifts(const struct ipcr_clock *c)
{
    int64_t more = c->last.ahead_ns - c->first.ahead_ns;
    uint64_t unsure = (c->first.trip_ns + c->last.trip_ns) / 2;
    return c->last.answers && c->last.at_ns > c->first.at_ns && (uint64_t)llabs(more) > unsure;
}

uint64_t ipcr_clock_ours(const struct ipcr_clock *c, uint64_t there_ns)
{
    const struct ipcr_clock_look *first = &c->first, *last = &c->last;
    if (!drifts(c)) {
        bool later = last->answers && last->trip_ns < first->trip_ns;
        return there_ns - (uint64_t)(later ? last : first)->ahead_ns;
    }
    double gain = (double)(last->ahead_ns - first->ahead_ns) / (double)(last->at_ns - first->at_ns);
    uint64_t ours = there_ns - (uint64_t)first->ahead_ns;
    double since = (double)(int64_t)(ours - first->at_ns) / (1 + gain);
    return first->at_ns + (uint64_t)(int64_t)since;
}

static void ask(struct ipcr_node *n)
{
    struct ipcr_buf *b = ipcr_chan_begin(&n->chan, IPCR_MSG_CLOCK);
    ipcr_put_u64(b, ipcr_clock_ns());
    ipcr_chan_end(&n->chan);
}

static void ask_all(struct ipcr_timer *t)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        struct ipcr_clock *c = &ipcr_head.trace.clocks[i];
        if (n->local || !n->ready || !n->chan.open || c->asked)
            continue;
        c->now = (struct ipcr_clock_look){0};
        c->asked = true;
        ask(n);
    }
    ipcr_loop_timer(t, EVERY_MS);
}

void ipcr_trace_clock_watch(void)
{
    static struct ipcr_timer timer = {.fn = ask_all};
    ipcr_loop_timer(&timer, 1);
}

/* A short job may end before there are enough answers, and a busy host answer late for a while. */
static void keep(struct ipcr_clock *c)
{
    const struct ipcr_clock_look *now = &c->now;
    if (!c->first.answers ||
        (now->trip_ns < c->first.trip_ns && now->at_ns < ipcr_head.trace.start_ns + early_ns))
        c->first = *now;
    if (now->answers == ANSWERS && (!c->last.answers || now->trip_ns <= 2 * c->last.trip_ns ||
                                    now->at_ns > c->last.at_ns + stale_ns))
        c->last = *now;
}

void ipcr_trace_clock_answer(const struct ipcr_node *n, struct ipcr_reader *r)
{
    struct ipcr_clock *c = &ipcr_head.trace.clocks[n->index];
    uint64_t asked = ipcr_get_u64(r), there = ipcr_get_u64(r), came = ipcr_clock_ns();
    if (r->bad || asked > came || !c->asked)
        return;
    ipcr_clock_take(&c->now, asked, there, came);
    keep(c);
    c->asked = c->now.answers < ANSWERS;
    if (c->asked)
        ask(&ipcr_head.nodes[n->index]);
}
