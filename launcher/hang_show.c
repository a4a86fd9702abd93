/* What all ranks do at the moment, for people: on SIGQUIT, and when one has waited for long. */
#include <stdio.h>
#include <stdlib.h>

#include "hang.h"
#include "head.h"
#include "visit.h"

enum { SHOW_TICK_MS = 1000 };

static struct {
    struct ipcr_sleeper *all; /* [plan.size] */
    uint32_t *reported;       /* [plan.size] gen of the wait that was reported */
    int pending;              /* hosts that have not answered yet */
    bool asked;               /* by the user, so it is printed in any case */
    void (*then)(void);       /* to be called once it was printed; NULL: nothing */
    long hang_ms;             /* 0: only the user asks */
    struct ipcr_timer timer;
} show;

static void print_all(void)
{
    char *text = ipcr_hang_words(show.all, ipcr_head.plan.size, false, "ipcrun: ");
    if (text)
        fputs(text, stderr);
    free(text);
}

/* Has a rank waited for too long in a call that was not reported yet? */
static bool has_news(void)
{
    bool news = false;
    for (int i = 0; show.hang_ms && i < ipcr_head.plan.size; i++) {
        const struct ipcr_sleeper *s = &show.all[i];
        if (s->state != IPCR_STATE_WAITS || s->ms < show.hang_ms || s->gen == show.reported[i])
            continue;
        show.reported[i] = s->gen;
        news = true;
    }
    return news;
}

static void all_have_answered(void)
{
    ipcr_visit_answer(show.all);
    if (ipcr_head.ending || ipcr_head.finishing)
        return;
    bool news = has_news();
    if (show.asked) {
        ipcr_say("what the ranks do:");
        print_all();
    } else if (news) {
        ipcr_say("waiting for %g s or longer (--hang-report):", (double)show.hang_ms / 1000);
        print_all();
    }
    show.asked = false;
    void (*then)(void) = show.then;
    show.then = NULL;
    if (then)
        then();
}

void ipcr_show_ask(void)
{
    if (show.pending)
        return;
    if (!show.all) {
        show.all = ipcr_alloc((size_t)ipcr_head.plan.size * sizeof *show.all);
        show.reported = ipcr_alloc((size_t)ipcr_head.plan.size * sizeof *show.reported);
    }
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (!n->ready || !n->chan.open)
            continue;
        ipcr_chan_send(&n->chan, IPCR_MSG_SHOW);
        show.pending++;
    }
    if (!show.pending)
        all_have_answered();
}

void ipcr_show_all(void (*then)(void))
{
    show.asked = true;
    show.then = then ? then : show.then;
    ipcr_show_ask();
}

void ipcr_show_states(struct ipcr_reader *r)
{
    uint32_t n = ipcr_get_count(r, IPCR_SLEEPER_MIN);
    struct ipcr_sleeper s;
    if (!show.pending)
        return;
    while (n-- && ipcr_get_sleeper(r, &s))
        if (s.rank < (uint32_t)ipcr_head.plan.size)
            show.all[s.rank] = s;
    if (--show.pending == 0)
        all_have_answered();
}

static void tick(struct ipcr_timer *t)
{
    if (ipcr_head.ending || ipcr_head.finishing)
        return;
    ipcr_show_ask();
    ipcr_loop_timer(t, SHOW_TICK_MS);
}

void ipcr_show_watch(long hang_ms)
{
    show.hang_ms = hang_ms;
    show.timer.fn = tick;
    if (hang_ms)
        ipcr_loop_timer(&show.timer, SHOW_TICK_MS);
}
