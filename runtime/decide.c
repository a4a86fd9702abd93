/* What is chosen where the library is free: by the record that is played, else by chaos, else as
 * usual; and what was chosen goes to the record that is made. */
#include "decide.h"

#include "match.h"
#include "progress.h"
#include "request.h"
#include "tool_chaos.h"
#include "tool_replay.h"

unsigned ipcr_decided;

enum { MOST_SOURCES = 32 };

/* ---- messages ---------------------------------------------------------------------------------
 */

void ipcr_decide_receive(struct ipcr_req *req, struct ipcr_wanted *w)
{
    req->wildcard = ipcr_replay_receive(w);
}

struct ipcr_unexpected *ipcr_decide_message(const struct ipcr_wanted *w, struct ipcr_unexpected *u)
{
    struct ipcr_unexpected *oldest[MOST_SOURCES];
    if (!u || w->src != MPI_ANY_SOURCE)
        return u;
    return oldest[ipcr_chaos_choose((uint32_t)ipcr_match_sources(u, w->tag, oldest, MOST_SOURCES))];
}

bool ipcr_decide_probe(struct ipcr_wanted *w, bool *wait)
{
    struct ipcr_tape_event e;
    if (!ipcr_replay_next(IPCR_TAPE_PROBE, &e))
        return true;
    if (e.kind == IPCR_TAPE_NO) {
        if (*wait)
            ipcr_replay_diverged("the record has a question that was answered no");
        return false;
    }
    if ((w->src != MPI_ANY_SOURCE && w->src != e.a) || (w->tag != MPI_ANY_TAG && w->tag != e.b))
        ipcr_replay_diverged("the probe finds no message from rank %d with tag %d", e.a, e.b);
    *w = (struct ipcr_wanted){e.a, e.b};
    return *wait = true;
}

/* A message that the program has been shown stays there until it is received: section 3.8.1. */
struct ipcr_unexpected *ipcr_decide_probed(struct ipcr_unexpected *u, bool waited)
{
    struct ipcr_tape_event e = {.kind = IPCR_TAPE_NO, .number = 1};
    if (u && !waited && !u->shown && ipcr_chaos_denies())
        u = NULL;
    if (u) {
        u->shown = true;
        e = (struct ipcr_tape_event){IPCR_TAPE_PROBE, 0, u->src, u->tag};
    }
    ipcr_replay_note(&e);
    return u;
}

bool ipcr_decide_hold(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                      size_t len)
{
    return ipcr_chaos_hold(peer, hdr, bytes, len);
}

int ipcr_decide_release(void)
{
    return ipcr_chaos_release();
}

/* ---- requests ---------------------------------------------------------------------------------
 */

static struct ipcr_req *active(const struct ipcr_asked *a, int i)
{
    return ipcr_req_is_active(a->requests[i]) ? ipcr_req_of(a->requests[i]) : NULL;
}

static int count_active(const struct ipcr_asked *a)
{
    int n = 0;
    for (int i = 0; i < a->count; i++)
        n += active(a, i) != NULL;
    return n;
}

/* Whether the program cannot know that a complete request is complete, so that what is chosen may
 * keep it waiting: not if it has asked without taking (section 3.7.6), and only for messages that
 * have to come from or go to somebody. */
static bool is_unknown(const struct ipcr_req *req)
{
    return req->kind != IPCR_REQ_OTHER && req != &ipcr_req_sent && req->msg.rank != MPI_PROC_NULL;
}

static bool may_withhold(const struct ipcr_asked *a)
{
    static bool shown;
    shown |= a->looks;
    for (int i = 0; i < a->count && !shown; i++)
        if (active(a, i) && !is_unknown(active(a, i)))
            return false;
    return !shown;
}

static bool all_complete(const struct ipcr_asked *a)
{
    for (int i = 0; i < a->count; i++)
        if (active(a, i) && !active(a, i)->complete)
            return false;
    return true;
}

static void wait_for_all(const struct ipcr_asked *a)
{
    for (int i = 0; i < a->count; i++)
        if (active(a, i))
            ipcr_req_wait(active(a, i));
}

/* The answer that is recorded; a yes is true as soon as it is given. */
static bool play_all(const struct ipcr_asked *a, const struct ipcr_tape_event *e)
{
    if (e->kind == IPCR_TAPE_NO)
        ipcr_progress_poll();
    else
        wait_for_all(a);
    return e->kind != IPCR_TAPE_NO;
}

static bool answer_all(const struct ipcr_asked *a)
{
    bool no = may_withhold(a) && ipcr_chaos_denies();
    if (no || !all_complete(a))
        ipcr_progress_poll();
    return !no && all_complete(a);
}

static bool note(bool yes)
{
    struct ipcr_tape_event e = {.kind = yes ? IPCR_TAPE_ALL : IPCR_TAPE_NO, .number = 1};
    ipcr_replay_note(&e);
    return yes;
}

bool ipcr_decide_all(const struct ipcr_asked *a)
{
    struct ipcr_tape_event e;
    if (count_active(a) == 0)
        return true;
    return note(ipcr_replay_next(IPCR_TAPE_ALL, &e) ? play_all(a, &e) : answer_all(a));
}

static void wait_for(const struct ipcr_asked *a, int i)
{
    if (i < 0 || i >= a->count || !active(a, i))
        ipcr_replay_diverged(
            "the record reports request %d as complete, and of %d requests that is "
            "none or not active",
            i, a->count);
    ipcr_req_wait(active(a, i));
}

static int play_some(const struct ipcr_asked *a, struct ipcr_tape_event *e, int *indices)
{
    int n = 0;
    if (e->kind == IPCR_TAPE_NO) {
        if (a->waits)
            ipcr_replay_diverged("the record has a question that was answered no");
        ipcr_progress_poll();
        return 0;
    }
    if (e->number >= (uint32_t)a->most)
        ipcr_replay_diverged("the record reports %u requests at once", e->number + 1);
    for (;;) {
        wait_for(a, e->a);
        indices[n++] = e->a;
        if (e->number == 0 || !ipcr_replay_next(IPCR_TAPE_SOME, e))
            return n;
    }
}

/* Complete ones from number `from` on; if there is none, those before. */
static int collect(const struct ipcr_asked *a, int from, int *indices)
{
    int n = 0;
    for (int i = from; i < a->count && n < a->most; i++)
        if (active(a, i) && active(a, i)->complete)
            indices[n++] = i;
    return n || !from ? n : collect(a, 0, indices);
}

static int answer_some(const struct ipcr_asked *a, int *indices)
{
    struct ipcr_idle idle = {.any = a};
    bool withhold = may_withhold(a);
    if (!a->waits && withhold && ipcr_chaos_denies()) {
        ipcr_progress_poll();
        return 0;
    }
    int from = withhold || a->most == 1 ? (int)ipcr_chaos_choose((uint32_t)a->count) : 0;
    int n = collect(a, from, indices);
    if (n == 0 && !a->waits) {
        ipcr_progress_poll();
        return collect(a, from, indices);
    }
    while (n == 0) {
        ipcr_progress_step(&idle);
        n = collect(a, from, indices);
    }
    ipcr_progress_end(&idle);
    return n;
}

static void note_some(int n, const int *indices)
{
    struct ipcr_tape_event e = {.kind = IPCR_TAPE_NO, .number = 1};
    if (n == 0)
        ipcr_replay_note(&e);
    for (int i = 0; i < n; i++) {
        e = (struct ipcr_tape_event){IPCR_TAPE_SOME, (uint32_t)(n - 1 - i), indices[i], 0};
        ipcr_replay_note(&e);
    }
}

int ipcr_decide_some(const struct ipcr_asked *a, int *indices)
{
    struct ipcr_tape_event e;
    if (count_active(a) == 0)
        return MPI_UNDEFINED;
    int n =
        ipcr_replay_next(IPCR_TAPE_SOME, &e) ? play_some(a, &e, indices) : answer_some(a, indices);
    note_some(n, indices);
    return n;
}

bool ipcr_decide_flag(bool yes)
{
    struct ipcr_tape_event e;
    return note(ipcr_replay_next(IPCR_TAPE_ALL, &e) ? e.kind != IPCR_TAPE_NO : yes);
}

void ipcr_decide_cancel(struct ipcr_req *req)
{
    struct ipcr_idle idle = {.on = req};
    bool open = ipcr_match_waits(&req->posted);
    bool cancelled = ipcr_decide_flag(open);
    if (cancelled && !open)
        ipcr_replay_diverged(
            "the receive that was cancelled has met its message (a record holds only "
            "receives with wildcards back)");
    while (!cancelled && ipcr_match_waits(&req->posted))
        ipcr_progress_step(&idle);
    ipcr_progress_end(&idle);
}
