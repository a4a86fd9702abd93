/* What all ranks of a job wait for, in words: ranks in the same state share a line. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hang.h"
#include "util.h"

enum { CIRCLE_SHOWN = 8 }; /* ranks of a circle that are named */

struct words {
    struct ipcr_buf text;
    const struct ipcr_sleeper *all; /* [n] */
    int n;
    const char *prefix; /* of each line */
};

__attribute__((format(printf, 2, 3))) static void say(struct words *w, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    ipcr_put_raw(&w->text, text, strlen(text));
}

/* Whom a rank waits for inside a collective is the algorithm's affair. */
static bool same_state(const struct ipcr_sleeper *a, const struct ipcr_sleeper *b)
{
    return a->state == b->state && strcmp(a->call, b->call) == 0 && strcmp(a->comm, b->comm) == 0 &&
           strcmp(a->where, b->where) == 0 && a->near_source == b->near_source &&
           a->near_tag == b->near_tag && a->kind == b->kind &&
           strcmp(a->several, b->several) == 0 &&
           (ipcr_sleeper_is_collective(a->call) || (a->peer == b->peer && a->tag == b->tag));
}

/* Which ranks a sentence speaks of, seen from rank `of`. */
typedef bool selection(const struct ipcr_sleeper *all, int i, int of);

static bool in_group(const struct ipcr_sleeper *all, int i, int of)
{
    return same_state(&all[of], &all[i]);
}

/* A communicator has four contexts (comm.h). Disjoint ones may have the same four. */
static bool in_collective(const struct ipcr_sleeper *all, int i, int of)
{
    return all[i].state == IPCR_STATE_WAITS && strcmp(all[i].call, all[of].call) == 0 &&
           all[i].ctx / 4 == all[of].ctx / 4 && ipcr_sleeper_is_member(&all[of], (uint32_t)i);
}

static bool is_missing(const struct ipcr_sleeper *all, int i, int of)
{
    return ipcr_sleeper_is_member(&all[of], (uint32_t)i) && !in_collective(all, i, of);
}

static int count(const struct words *w, int of, selection *is)
{
    int selected = 0;
    for (int i = 0; i < w->n; i++)
        selected += is(w->all, i, of);
    return selected;
}

/* "rank 3", "ranks 0-3, 5". How many there are. */
static int say_ranks(struct words *w, int of, selection *is)
{
    int selected = count(w, of, is);
    say(w, selected == 1 ? "rank" : "ranks");
    const char *comma = " ";
    for (int i = 0, end; i < w->n; i = end) {
        end = i + 1;
        if (!is(w->all, i, of))
            continue;
        while (end < w->n && is(w->all, end, of))
            end++;
        if (end - i > 1)
            say(w, "%s%d-%d", comma, i, end - 1);
        else
            say(w, "%s%d", comma, i);
        comma = ", ";
    }
    return selected;
}

/* For calls that may wait for either: MPI_Wait and its kin, MPI_Sendrecv. */
static const char *kind_words(const struct ipcr_sleeper *s)
{
    bool either = strstr(s->call, "Wait") || strstr(s->call, "Sendrecv");
    return !either                      ? ""
           : s->kind == IPCR_BOARD_SEND ? " (a send)"
           : s->kind == IPCR_BOARD_RECV ? " (a receive)"
                                        : "";
}

static void say_wait(struct words *w, const struct ipcr_sleeper *s, bool many)
{
    say(w, " wait%s in %s%s", many ? "" : "s", s->call[0] ? s->call : "MPI", kind_words(s));
    if (s->several[0]) {
        say(w, " for %s", s->several);
        return;
    }
    if (s->tag >= 0)
        say(w, ", tag %d", s->tag);
    if (s->comm[0])
        say(w, " on %s", s->comm);
    if (!ipcr_sleeper_is_collective(s->call) && s->peer >= 0)
        say(w, " for rank %d", s->peer);
    if (!ipcr_sleeper_is_collective(s->call) && s->peer == -1)
        say(w, " for any rank");
}

static const char *state_words(int state, bool many)
{
    switch (state) {
    case IPCR_STATE_BEFORE:
        return many ? "have not called MPI_Init" : "has not called MPI_Init";
    case IPCR_STATE_RUNS:
        return many ? "run" : "runs";
    case IPCR_STATE_SLEEPS:
        return many ? "sleep outside of MPI" : "sleeps outside of MPI";
    case IPCR_STATE_STOPPED:
        return many ? "are stopped" : "is stopped";
    case IPCR_STATE_PAST:
        return many ? "are past MPI_Finalize" : "is past MPI_Finalize";
    case IPCR_STATE_ENDED:
        return many ? "have ended" : "has ended";
    default:
        return many ? "have not been started" : "has not been started";
    }
}

static void say_nearest(struct words *w, int of)
{
    const struct ipcr_sleeper *s = &w->all[of];
    if (s->state != IPCR_STATE_WAITS || s->near_source < 0)
        return;
    say(w, "%sthe nearest unmatched message at ", w->prefix);
    say_ranks(w, of, in_group);
    say(w, " is from rank %d with tag %d", s->near_source, s->near_tag);
    if (s->near_comm[0])
        say(w, " on %s", s->near_comm);
    say(w, "\n");
}

static void say_group(struct words *w, int of)
{
    uint32_t longest = 0;
    for (int i = of; i < w->n; i++)
        if (in_group(w->all, i, of) && w->all[i].ms > longest)
            longest = w->all[i].ms;
    say(w, "%s", w->prefix);
    bool many = say_ranks(w, of, in_group) > 1;
    if (w->all[of].state == IPCR_STATE_WAITS) {
        say_wait(w, &w->all[of], many);
        say(w, ", since %.1f s", longest / 1000.0);
        if (w->all[of].where[0])
            say(w, ", called from %s", w->all[of].where);
        say(w, "\n");
    } else {
        say(w, " %s\n", state_words(w->all[of].state, many));
    }
}

/* Once for each collective, after the line of its first rank: whom most members of the communicator
 * wait for. Where few are in it, they are the ones who are wrong. */
static void say_missing(struct words *w, int of)
{
    const struct ipcr_sleeper *s = &w->all[of];
    if (s->state != IPCR_STATE_WAITS || !s->nruns || !ipcr_sleeper_is_collective(s->call))
        return;
    for (int i = 0; i < of; i++)
        if (in_collective(w->all, i, of))
            return;
    int missing = count(w, of, is_missing);
    if (!missing || missing > count(w, of, in_collective))
        return;
    say(w, "%snot in %s with the others", w->prefix, s->call);
    if (strcmp(s->comm, "MPI_COMM_WORLD") != 0)
        say(w, " of %s", s->comm[0] ? s->comm : "its communicator");
    say(w, ": ");
    say_ranks(w, of, is_missing);
    say(w, "\n");
}

static int next_of(const struct ipcr_sleeper *all, int n, int i)
{
    return all[i].gen && all[i].peer >= 0 && all[i].peer < n ? all[i].peer : -1;
}

/* After n steps along "waits for" one is on a circle, if there is a way of that length. */
static int on_circle(const struct ipcr_sleeper *all, int n, int from)
{
    for (int step = 0; step < n && from >= 0; step++)
        from = next_of(all, n, from);
    return from;
}

static void say_circle(struct words *w)
{
    int start = -1, length = 0;
    for (int i = 0; i < w->n && start < 0; i++)
        start = on_circle(w->all, w->n, i);
    if (start < 0)
        return;
    int at = start;
    say(w, "%sa circle: rank %d", w->prefix, start);
    do {
        at = next_of(w->all, w->n, at);
        if (++length <= CIRCLE_SHOWN)
            say(w, " waits for rank %d%s", at, at == start ? "" : ", which");
    } while (at != start);
    if (length > CIRCLE_SHOWN)
        say(w, " waits ..., %d ranks in all", length);
    say(w, "\n");
}

char *ipcr_hang_words(const struct ipcr_sleeper *all, int n, bool proved, const char *prefix)
{
    struct words w = {.all = all, .n = n, .prefix = prefix};
    for (int i = 0; i < n; i++) {
        int first = 0;
        while (!in_group(all, first, i))
            first++;
        if (first == i) {
            say_group(&w, i);
            say_nearest(&w, i);
        }
        say_missing(&w, i);
    }
    if (proved)
        say_circle(&w);
    ipcr_put_u8(&w.text, 0);
    return w.text.bad ? NULL : (char *)w.text.data;
}
