/* The job as the user sees it: from the first agent to the exit status. */
#include "head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"
#include "console.h"
#include "detour.h"
#include "exits.h"
#include "hang.h"
#include "jobdir.h"
#include "outfile.h"
#include "sink.h"
#include "visit.h"

enum {
    HEAD_FAILED_MS = 1000,  /* grace of the other ranks after a failure */
    HEAD_SIGNAL_MS = 5000,  /* after a signal of the user: they may want to save their work */
    HEAD_LOOK_MS = 500,     /* for agents to say what their ranks do */
    HEAD_GIVE_UP_MS = 4000, /* agents that do not go away by themselves */
    HEAD_OUTPUT_MS = 1000,  /* an interrupted job waits for a stopped reader no longer */
    HEAD_BROKEN_PIPE = 128 + SIGPIPE,
};

struct ipcr_head ipcr_head;

/* ---- ending ---- */

static void send_end(int sig, unsigned grace_ms, uint8_t flags)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (!n->chan.open)
            continue;
        struct ipcr_buf *b = ipcr_chan_begin(&n->chan, IPCR_MSG_END);
        ipcr_put_i32(b, sig);
        ipcr_put_u32(b, grace_ms);
        ipcr_put_u8(b, flags);
        ipcr_chan_end(&n->chan);
    }
}

void ipcr_head_end(int sig, unsigned grace_ms)
{
    ipcr_head.ending = true;
    ipcr_head.spared = false;
    ipcr_loop_cancel(&ipcr_head.timeout);
    ipcr_feed_stop();
    send_end(sig, grace_ms, ipcr_head.user_signal ? IPCR_END_HASTE : 0);
    ipcr_nodes_abandon();
    ipcr_head_check();
}

/* Failed after MPI_Finalize: whoever is on its ordinary way out may go it, the others would wait
 * for a rank that is gone. */
static void end_unfinished(void)
{
    if (ipcr_head.ending)
        return;
    ipcr_head.ending = ipcr_head.spared = true;
    send_end(SIGTERM, HEAD_FAILED_MS, IPCR_END_SPARE);
}

/* After what ends the job if it is the first failure; with --keep-going there were others, and this
 * is one that nobody survives. */
static void end_after(bool first)
{
    if (first || (ipcr_head.keep_going && !ipcr_head.ending))
        ipcr_head_end(SIGTERM, HEAD_FAILED_MS);
}

void ipcr_head_fail(int status, const char *fmt, ...)
{
    char line[6000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    bool first = ipcr_verdict_fail(&ipcr_head.verdict, status, line);
    if (!first && ipcr_head.keep_going && !ipcr_head.ending)
        ipcr_say("%s", line);
    end_after(first);
}

/* ---- the last steps: agents are let go, then everything is awaited ---- */

static bool all_gone(void)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        const struct ipcr_node *n = &ipcr_head.nodes[i];
        if (n->chan.open || n->pid || n->timer.armed)
            return false;
    }
    return ipcr_sink_is_empty();
}

static void give_up(struct ipcr_timer *t)
{
    (void)t;
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        if (ipcr_head.nodes[i].pid && !ipcr_head.nodes[i].local)
            kill(ipcr_head.nodes[i].pid, SIGKILL);
    ipcr_loop_stop();
}

static void finish(void)
{
    ipcr_head.finishing = true;
    ipcr_loop_cancel(&ipcr_head.timeout);
    ipcr_feed_stop();
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        ipcr_chan_finish(&ipcr_head.nodes[i].chan);
}

void ipcr_head_check(void)
{
    struct ipcr_head *h = &ipcr_head;
    for (int i = 0; i < h->plan.nodes; i++)
        if (!h->nodes[i].drained)
            return;
    if (!h->finishing)
        finish();
    if (all_gone())
        ipcr_loop_stop();
    else if (!h->give_up.armed && (ipcr_sink_is_empty() || h->user_signal))
        ipcr_loop_timer(&h->give_up, h->user_signal ? HEAD_OUTPUT_MS : HEAD_GIVE_UP_MS);
}

/* ---- output ---- */

static void give_credit(void)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (n->owed && n->chan.open)
            ipcr_chan_send_u32(&n->chan, IPCR_MSG_CREDIT, n->owed);
        n->owed = 0;
    }
}

static void output_has_room(void)
{
    give_credit();
    if (ipcr_sink_is_empty())
        ipcr_head_check();
}

/* `| head` closes early: what a program of its own would die of quietly, ends the job quietly. */
static void output_broken(int stream, int error)
{
    if (stream == 2)
        return;
    if (error != EPIPE)
        ipcr_head_fail(IPCR_EXIT_LOST, "cannot write the job's output: %s", strerror(error));
    else if (ipcr_verdict_fail(&ipcr_head.verdict, HEAD_BROKEN_PIPE, NULL))
        ipcr_head_end(SIGTERM, HEAD_FAILED_MS);
}

static void take_output(struct ipcr_node *n, struct ipcr_reader *r)
{
    uint32_t rank = ipcr_get_u32(r);
    uint8_t stream = ipcr_get_u8(r);
    size_t len;
    const void *bytes = ipcr_get_blob(r, &len);
    if (r->bad || stream < 1 || stream > 2 || rank >= (uint32_t)ipcr_head.plan.size)
        return;
    if (ipcr_head.merge)
        stream = 1;
    int error = ipcr_outfile_put(stream, (int)rank, bytes, len);
    if (error)
        ipcr_head_fail(IPCR_EXIT_LOST, "cannot write the output of rank %u to %s: %s", rank,
                       ipcr_outfile_name(stream, (int)rank), strerror(error));
    if (ipcr_outfile_passes(stream) && (!ipcr_head.shown || ipcr_head.shown[rank]))
        ipcr_sink_put(stream, (int)rank, bytes, len);
    n->owed += (uint32_t)len;
    if (ipcr_sink_has_room() && n->owed >= IPCR_WINDOW / 4)
        give_credit();
}

/* ---- ranks ---- */

/* A rank that left without MPI_Init, while others wait in it. */
static void look_for_missing(void)
{
    struct ipcr_head *h = &ipcr_head;
    for (int i = 0; h->joined && i < h->plan.size; i++) {
        struct ipcr_exit *e = &h->exits[i];
        if (e->pid && !e->joined && !e->ended && e->status == 0 && e->phase == IPCR_PHASE_NONE)
            end_after(ipcr_verdict_missed(&h->verdict, e, h->plan.hosts.at[h->plan.node_of[i]]));
    }
}

/* With --keep-going each failure is told at once, and the verdict has only the status to tell. */
static void note_failure(const struct ipcr_exit *e, const char *host)
{
    struct ipcr_verdict own = {0};
    free(ipcr_head.verdict.line);
    ipcr_head.verdict.line = NULL;
    if (ipcr_verdict_exit(&own, e, host))
        ipcr_say("%s", own.line);
    ipcr_verdict_free(&own);
}

static void rank_exited(struct ipcr_node *n, struct ipcr_reader *r)
{
    struct ipcr_head *h = &ipcr_head;
    struct ipcr_exit e;
    if (!ipcr_get_exit(r, &e) || e.rank >= (uint32_t)h->plan.size)
        return;
    h->exits[e.rank] = e;
    ipcr_console_gone((int)e.rank);
    if (e.ended && !h->ending) {
        ipcr_head_fail(IPCR_EXIT_LOST,
                       "host %s: lost: a signal has ended the agent and its ranks (a job that was "
                       "cancelled, a time limit)",
                       n->host);
        look_for_missing();
        return;
    }
    bool first = ipcr_verdict_exit(&h->verdict, &e, n->host);
    if (h->keep_going && !h->ending) {
        note_failure(&e, n->host);
    } else if (first) {
        if (h->verdict.spare)
            end_unfinished();
        else
            ipcr_head_end(SIGTERM, HEAD_FAILED_MS);
    } else if (e.ended && h->spared && e.phase < IPCR_PHASE_FINALIZING) {
        ipcr_head_end(SIGTERM, HEAD_FAILED_MS); /* those in MPI_Finalize wait for this one */
    }
    look_for_missing();
}

static void rank_aborts(struct ipcr_node *n, struct ipcr_reader *r)
{
    struct ipcr_abort a;
    a.rank = ipcr_get_u32(r);
    a.pid = ipcr_get_i32(r);
    a.code = ipcr_get_i32(r);
    a.text = ipcr_get_text(r);
    if (r->bad)
        return;
    bool first = ipcr_verdict_abort(&ipcr_head.verdict, &a, n->host);
    if (!first && ipcr_head.keep_going && !ipcr_head.ending)
        ipcr_say("rank %u on %s (pid %d) ended the job with code %d", a.rank, n->host, a.pid,
                 a.code);
    end_after(first);
}

static void rank_is_stuck(struct ipcr_node *n, struct ipcr_reader *r)
{
    uint32_t rank = ipcr_get_u32(r);
    int32_t pid = ipcr_get_i32(r);
    const char *text = ipcr_get_text(r);
    if (!r->bad)
        ipcr_head_fail(IPCR_EXIT_LOST, "rank %u on %s (pid %d) %s", rank, n->host, pid, text);
}

static void refused(struct ipcr_node *n, struct ipcr_reader *r)
{
    int status = ipcr_get_i32(r);
    n->drained = true;
    ipcr_head_fail(status, "host %s: %s", n->host, ipcr_get_text(r));
    ipcr_head_check();
}

void ipcr_head_frame(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *r)
{
    struct ipcr_node *n = c->owner;
    n->heard_ms = ipcr_now_ms();
    switch (type) {
    case IPCR_MSG_READY:
        ipcr_nodes_ready(n, r);
        break;
    case IPCR_MSG_REFUSED:
        refused(n, r);
        break;
    case IPCR_MSG_OUTPUT:
        take_output(n, r);
        break;
    case IPCR_MSG_JOINED:
        ipcr_head.joined = true;
        look_for_missing();
        break;
    case IPCR_MSG_BLOBS:
        ipcr_gather_blobs(r);
        break;
    case IPCR_MSG_ABORT:
        rank_aborts(n, r);
        break;
    case IPCR_MSG_EXITED:
        rank_exited(n, r);
        break;
    case IPCR_MSG_STUCK:
        rank_is_stuck(n, r);
        break;
    case IPCR_MSG_TAKEN:
        ipcr_feed_taken(n, ipcr_get_u32(r));
        break;
    case IPCR_MSG_STDIN_SHUT:
        ipcr_feed_shut(n);
        break;
    case IPCR_MSG_COUNTS:
        ipcr_gather_counts(r);
        break;
    case IPCR_MSG_STATS:
        ipcr_stats_take(&ipcr_head.stats, r);
        break;
    case IPCR_MSG_TRACE:
        ipcr_trace_take(&ipcr_head.trace, r);
        break;
    case IPCR_MSG_CLOCKED:
        if (ipcr_head.plan.trace)
            ipcr_trace_clock_answer(n, r);
        break;
    case IPCR_MSG_LEAVING:
        ipcr_gather_leaving(n, r);
        break;
    case IPCR_MSG_QUIET:
        ipcr_hang_quiet(n, r);
        break;
    case IPCR_MSG_CONFIRMED:
        ipcr_hang_confirmed(n, r);
        break;
    case IPCR_MSG_STATES:
        ipcr_show_states(r);
        break;
    case IPCR_MSG_BOUND:
        fputs(ipcr_get_text(r), stderr);
        break;
    case IPCR_MSG_FOUND:
        ipcr_gather_finding(r);
        break;
    case IPCR_MSG_DETOUR:
        ipcr_detour_route(n, r);
        break;
    case IPCR_MSG_DRAINED:
        n->drained = true;
        ipcr_head_check();
        break;
    default:
        break;
    }
}

/* ---- signals ---- */

static void forward(int sig)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        if (ipcr_head.nodes[i].chan.open)
            ipcr_chan_send_u32(&ipcr_head.nodes[i].chan, IPCR_MSG_SIGNAL, (uint32_t)sig);
}

static void reap_children(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        ipcr_nodes_child(pid, status);
}

/* Of ranks that are told to end by the user or by his time limit, and may save their work. */
static unsigned grace(unsigned without_option)
{
    return ipcr_head.grace_ms < 0 ? without_option : (unsigned)ipcr_head.grace_ms;
}

static void end_by_signal(int sig)
{
    struct ipcr_head *h = &ipcr_head;
    bool again = h->user_signal != 0;
    h->user_signal = sig;
    if (++h->user_signals > 2) /* not even SIGKILL helped: a stopped agent, a dead line */
        give_up(NULL);
    char line[64];
    snprintf(line, sizeof line, "ended by %s", ipcr_signal_name(sig));
    ipcr_verdict_fail(&h->verdict, 128 + sig, line);
    ipcr_head_end(again ? SIGKILL : sig, again ? 0 : grace(HEAD_SIGNAL_MS));
}

static void on_signal(int sig, int32_t pid)
{
    (void)pid;
    switch (sig) {
    case SIGCHLD:
        reap_children();
        break;
    case SIGINT:
    case SIGTERM:
    case SIGHUP:
        end_by_signal(sig);
        break;
    case SIGQUIT:
        ipcr_show_all(NULL);
        break;
    case SIGTSTP: /* of ranks without a terminal it would be ignored */
        forward(SIGSTOP);
        raise(SIGSTOP);
        break;
    default:
        forward(sig);
    }
}

/* Signals that whoever started us has ignored (nohup, background jobs) stay ignored. */
static void take_signals(void)
{
    static const int ours[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,  SIGTSTP,
                               SIGCONT, SIGUSR1, SIGUSR2, SIGWINCH, SIGALRM};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        struct sigaction old;
        if (sigaction(ours[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaddset(&set, ours[i]);
    }
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTOU, SIG_IGN); /* in the background, output may be written */
    signal(SIGTTIN, SIG_IGN); /* and input is refused: feed.c */
    ipcr_loop_signals(&set, on_signal);
}

static void end_for_timeout(void)
{
    char line[100];
    snprintf(line, sizeof line, "the job did not end within %g s (--timeout)",
             (double)ipcr_head.timeout_ms / 1000);
    if (ipcr_verdict_fail(&ipcr_head.verdict, IPCR_EXIT_TIMEOUT, line))
        ipcr_head_end(SIGTERM, grace(HEAD_FAILED_MS));
}

/* Says first where the ranks are; a host that does not answer holds nothing up. */
static void timeout_over(struct ipcr_timer *t)
{
    static bool asked;
    if (asked || ipcr_head.ending) {
        end_for_timeout();
        return;
    }
    asked = true;
    ipcr_loop_timer(t, HEAD_LOOK_MS);
    ipcr_show_all(end_for_timeout);
}

/* ---- the whole ---- */

static void feed_reader(void)
{
    int reader = ipcr_plan_reader(&ipcr_head.plan);
    struct ipcr_node *n = reader < 0 ? NULL : &ipcr_head.nodes[reader];
    if (!n) {
        ipcr_feed_all();
    } else if (n->local) {
        /* the rank has it: we would keep the pipe open for a writer that nobody reads any more */
        int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(null, 0);
        close(null);
    } else {
        ipcr_feed_start(n);
    }
}

static int say_verdict(void)
{
    struct ipcr_verdict *v = &ipcr_head.verdict;
    if (ipcr_head.exit_codes)
        ipcr_exits_say(ipcr_head.exits, ipcr_head.plan.size);
    if (v->block && write(2, v->block, strlen(v->block)) < 0)
        return v->status;
    if (v->line)
        ipcr_say("%s", v->line);
    return v->status == 0 && ipcr_head.findings ? IPCR_EXIT_FOUND : v->status;
}

/* A trace that came to less than it should is told; the job's status is its own. */
static void write_trace(void)
{
    struct ipcr_trace *t = &ipcr_head.trace;
    if (!ipcr_trace_write(t))
        ipcr_say("--trace: the file could not be written whole: %s", strerror(errno));
    if (t->full_ns)
        ipcr_say("--trace: ranks waited %.3f s in all until there was room for their events",
                 (double)t->full_ns / 1e9);
}

/* Agents and guards have removed the job's directory, unless both of a host were killed at once. */
static void remove_dir(void)
{
    char *path = ipcr_jobdir_path(&ipcr_head.plan);
    ipcr_jobdir_remove(path);
    free(path);
}

int ipcr_head_run(const struct ipcr_head_setup *setup)
{
    struct ipcr_head *h = &ipcr_head;
    size_t size = (size_t)h->plan.size;
    h->exits = ipcr_alloc(sizeof *h->exits * size);
    h->blobs = ipcr_alloc(sizeof *h->blobs * size);
    h->counts = ipcr_alloc(sizeof *h->counts * size);
    ipcr_stats_open(&h->stats, h->plan.size);
    if (h->plan.trace)
        ipcr_trace_plan(&h->trace, &h->plan);
    ipcr_nodes_make(setup);
    ipcr_nodes_start_local(setup);
    prctl(PR_SET_NAME, "ipcrun");
    if (ipcr_loop_open() < 0) {
        ipcr_say("cannot make an event loop: %s", strerror(errno));
        return IPCR_EXIT_LOST;
    }
    take_signals();
    ipcr_sink_open(h->tags, output_has_room, output_broken);
    h->give_up.fn = give_up;
    h->timeout.fn = timeout_over;
    if (h->timeout_ms)
        ipcr_loop_timer(&h->timeout, h->timeout_ms);
    ipcr_show_watch(h->hang_ms);
    ipcr_visit_open();
    ipcr_nodes_start();
    if (h->plan.trace)
        ipcr_trace_clock_watch();
    if (setup->debugged && h->plan.debug.terminal)
        ipcr_console_start(setup->debugged);
    else
        feed_reader();
    ipcr_loop_run();
    ipcr_console_stop();
    ipcr_detour_warn();
    if (h->plan.stats)
        ipcr_gather_show();
    if (h->plan.trace)
        write_trace();
    remove_dir();
    return say_verdict();
}
