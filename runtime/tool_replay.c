/* --record and --replay: see tool_replay.h. */
#include "tool_replay.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "err.h"
#include "job.h"
#include "lock.h"
#include "request.h"

static const int32_t nobody = INT32_MIN; /* a source that no message comes from */

static struct {
    bool recording, playing;
    bool over; /* it has been on, and was closed */
    bool free; /* playing: past the end of a record that broke off */
    struct ipcr_tape tape;
    uint64_t receives;  /* with wildcards, posted so far */
    uint64_t matched;   /* of these */
    uint64_t answers;   /* tests, probes and the like so far */
    uint32_t denied;    /* playing: how much of a NO has been used */
    const char *thread; /* who takes decisions */
} replay;

/* The order in which threads come is in no record. */
static void check_thread(void)
{
    static _Thread_local char self;
    if (!(ipcr_lock_gate() & IPCR_GATE_THREADS))
        return;
    if (!replay.thread)
        replay.thread = &self;
    if (replay.thread != &self)
        ipcr_err_fatal(
            "--%s: two threads of rank %d use wildcards, probes or tests, and their order "
            "is in no record",
            replay.recording ? "record" : "replay", ipcr_job.rank);
}

/* ---- recording --------------------------------------------------------------------------------
 */

static void write_event(const struct ipcr_tape_event *e)
{
    int rc = ipcr_tape_add(&replay.tape, e);
    if (rc < 0)
        ipcr_err_fatal("the record %s.%d cannot grow: %s", ipcr_env.record, ipcr_job.rank,
                       strerror(-rc));
}

/* A loop that tests until something happens is one event however long it takes. */
static bool count_up(const struct ipcr_tape_event *e)
{
    struct ipcr_tape_event *last = ipcr_tape_last(&replay.tape);
    if (e->kind != IPCR_TAPE_NO || !last || last->kind != IPCR_TAPE_NO ||
        last->number == UINT32_MAX)
        return false;
    last->number++;
    return true;
}

void ipcr_replay_note(const struct ipcr_tape_event *e)
{
    if (!replay.recording)
        return;
    check_thread();
    if (!count_up(e))
        write_event(e);
}

static void match(const struct ipcr_req *req, const struct ipcr_peer *peer,
                  const struct ipcr_unexpected *u)
{
    (void)peer;
    if (req->wildcard)
        replay.matched++;
    if (replay.recording && req->wildcard)
        write_event(&(struct ipcr_tape_event){IPCR_TAPE_MATCH, req->wildcard, u->src, u->tag});
}

/* ---- playing ----------------------------------------------------------------------------------
 */

void ipcr_replay_diverged(const char *fmt, ...)
{
    char what[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    ipcr_err_fatal(
        "--replay: the program has left the record %s.%d at receive %llu, answer %llu: %s",
        ipcr_env.replay, ipcr_job.rank, (unsigned long long)replay.receives,
        (unsigned long long)replay.answers, what);
}

static const char *name_of(uint32_t kind)
{
    return kind == IPCR_TAPE_PROBE  ? "a probe"
           : kind == IPCR_TAPE_ALL  ? "a test of one request or of all"
           : kind == IPCR_TAPE_SOME ? "a call that reports some of several requests"
                                    : "something else";
}

/* Of a job that was killed, each rank has another last event. */
static void play_no_more(void)
{
    if (replay.tape.head->ended)
        ipcr_replay_diverged("it goes on where the record is at its end");
    if (!replay.free)
        fprintf(
            stderr,
            "ipcrun: --replay: rank %d is past the end of its record, which broke off after %llu "
            "answers and %llu receives with wildcards; it runs free from here\n",
            ipcr_job.rank, (unsigned long long)replay.answers,
            (unsigned long long)replay.tape.head->receives);
    replay.free = true;
}

static bool accepts(const struct ipcr_wanted *w, const struct ipcr_tape_match *m)
{
    return (w->src == MPI_ANY_SOURCE || w->src == m->from) &&
           (w->tag == MPI_ANY_TAG || w->tag == m->tag);
}

static void narrow(struct ipcr_wanted *w)
{
    if (replay.receives > replay.tape.head->receives) {
        play_no_more();
        return;
    }
    const struct ipcr_tape_match *m = &replay.tape.match[replay.receives - 1];
    if (m->from < 0 && !replay.tape.head->ended && replay.matched == replay.tape.matches) {
        play_no_more();
        return;
    }
    if (m->from < 0) {
        w->src = nobody;
        return;
    }
    if (!accepts(w, m))
        ipcr_replay_diverged("the receive that is posted takes no message from rank %d with tag %d",
                             m->from, m->tag);
    *w = (struct ipcr_wanted){m->from, m->tag};
}

uint32_t ipcr_replay_receive(struct ipcr_wanted *w)
{
    if (w->src != MPI_ANY_SOURCE && w->tag != MPI_ANY_TAG)
        return 0;
    if (!replay.recording && !replay.playing)
        return 0;
    check_thread();
    if (++replay.receives > UINT32_MAX)
        ipcr_err_fatal("a record holds %u receives with wildcards, and rank %d has posted more",
                       UINT32_MAX, ipcr_job.rank);
    if (replay.recording)
        replay.tape.head->receives = replay.receives;
    else
        narrow(w);
    return (uint32_t)replay.receives;
}

/* Takes one of the answers that were counted up. */
static void use_up(const struct ipcr_tape_event *e)
{
    if (e->kind != IPCR_TAPE_NO || ++replay.denied == e->number) {
        replay.tape.at++;
        replay.denied = 0;
    }
}

bool ipcr_replay_next(enum ipcr_tape_kind kind, struct ipcr_tape_event *e)
{
    if (!replay.playing)
        return false;
    check_thread();
    const struct ipcr_tape_event *next = ipcr_tape_peek(&replay.tape);
    if (!next) {
        play_no_more();
        return false;
    }
    replay.answers++;
    if (next->kind != IPCR_TAPE_NO && next->kind != (uint32_t)kind)
        ipcr_replay_diverged("the record has %s here, and the program makes %s",
                             name_of(next->kind), name_of(kind));
    *e = *next;
    use_up(next);
    return true;
}

/* ---- life -------------------------------------------------------------------------------------
 */

static void start_record(const char *path)
{
    int rc = ipcr_tape_create(&replay.tape, path, ipcr_job.rank, ipcr_job.size);
    if (rc < 0)
        ipcr_err_fatal("--record: %s cannot be written: %s", path, strerror(-rc));
    replay.recording = true;
}

static void start_replay(const char *path)
{
    int rc = ipcr_tape_open(&replay.tape, path);
    if (rc == -EINVAL)
        ipcr_err_fatal("--replay: %s is no record of this version of ipcrun, or is damaged", path);
    if (rc < 0)
        ipcr_err_fatal("--replay: %s cannot be read: %s", path, strerror(-rc));
    const struct ipcr_tape_head *h = replay.tape.head;
    if (h->size != (uint32_t)ipcr_job.size || h->rank != (uint32_t)ipcr_job.rank)
        ipcr_err_fatal("--replay: %s was recorded by rank %u of %u, and this is rank %d of %d",
                       path, h->rank, h->size, ipcr_job.rank, ipcr_job.size);
    replay.playing = true;
}

static bool open_tape(void)
{
    char path[PATH_MAX];
    const char *record = ipcr_env.record, *play = ipcr_env.replay;
    if (!*record && !*play)
        return false;
    if (*record && *play)
        ipcr_err_fatal("IPCRUN_RECORD and IPCRUN_REPLAY are both set; a run is one or the other");
    if (replay.over)
        ipcr_err_fatal(
            "--record and --replay: a program that opens MPI anew after it was closed is "
            "more than a record holds");
    snprintf(path, sizeof path, "%s.%d", *record ? record : play, ipcr_job.rank);
    if (*record)
        start_record(path);
    else
        start_replay(path);
    ipcr_decided |= IPCR_DECIDE_TAPE;
    return true;
}

/* A program that does less than the record has gone another way, too. */
static void check_rest(void)
{
    const struct ipcr_tape_head *h = replay.tape.head;
    if (h->ended && (ipcr_tape_peek(&replay.tape) || replay.receives < h->receives))
        ipcr_replay_diverged("it ends, and the record goes on to %llu receives with wildcards and "
                             "%llu events in all",
                             (unsigned long long)h->receives, (unsigned long long)h->events);
}

static void close_tape(void)
{
    if (replay.playing)
        check_rest();
    ipcr_decided &= ~(unsigned)IPCR_DECIDE_TAPE;
    ipcr_tape_close(&replay.tape, true);
    replay.recording = replay.playing = false;
    replay.over = true;
}

const struct ipcr_observer ipcr_tool_replay = {
    .name = "replay",
    .open = open_tape,
    .close = close_tape,
    .match = match,
};
