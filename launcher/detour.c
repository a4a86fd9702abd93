/* The head's part of streams between hosts that have no way to each other (detour.h): it passes
 * their frames on, and tells the user. */
#include "detour.h"

#include <stdio.h>

enum {
    DETOUR_WARN_MS = 1000, /* other pairs find out at about the same time */
    DETOUR_NAMED = 6,      /* pairs of hosts in the line */
};

static struct {
    struct ipcr_timer timer;
    int a[DETOUR_NAMED], b[DETOUR_NAMED]; /* nodes, a < b */
    int n;
    bool more, said;
} pairs;

void ipcr_detour_warn(void)
{
    if (pairs.n == 0 || pairs.said)
        return;
    char who[600] = "";
    for (int i = 0; i < pairs.n; i++) {
        size_t used = strlen(who);
        snprintf(who + used, sizeof who - used, "%s%.40s and %.40s", i ? ", " : "",
                 ipcr_head.plan.hosts.at[pairs.a[i]], ipcr_head.plan.hosts.at[pairs.b[i]]);
    }
    pairs.said = true;
    ipcr_say("hosts %s%s cannot reach each other: their data goes through ipcrun's own connections "
             "(ssh), which is slow; open the ports between them, or some (--ports A-B)",
             who, pairs.more ? " and others" : "");
}

static void warn_now(struct ipcr_timer *t)
{
    (void)t;
    ipcr_detour_warn();
}

static void note_pair(int from, int to)
{
    int a = from < to ? from : to, b = from < to ? to : from;
    for (int i = 0; i < pairs.n; i++)
        if (pairs.a[i] == a && pairs.b[i] == b)
            return;
    pairs.more |= pairs.n == DETOUR_NAMED;
    if (pairs.more || pairs.said)
        return;
    pairs.a[pairs.n] = a;
    pairs.b[pairs.n++] = b;
    pairs.timer.fn = warn_now;
    if (!pairs.timer.armed)
        ipcr_loop_timer(&pairs.timer, DETOUR_WARN_MS);
}

void ipcr_detour_route(const struct ipcr_node *from, struct ipcr_reader *r)
{
    const struct ipcr_plan *plan = &ipcr_head.plan;
    struct ipcr_reader whole = *r;
    uint32_t caller = ipcr_get_u32(r), callee = ipcr_get_u32(r);
    ipcr_get_u32(r);
    uint8_t step = ipcr_get_u8(r);
    if (r->bad || caller >= (uint32_t)plan->size || callee >= (uint32_t)plan->size)
        return;
    int to = plan->node_of[caller] == from->index ? plan->node_of[callee] : plan->node_of[caller];
    if (step == IPCR_DETOUR_CALL)
        note_pair(from->index, to);
    struct ipcr_chan *c = &ipcr_head.nodes[to].chan;
    if (!c->open)
        return; /* that host is lost: the job is about to end */
    ipcr_put_raw(ipcr_chan_begin(c, IPCR_MSG_DETOUR), whole.at, whole.left);
    ipcr_chan_end(c);
}
