/* The agent of a host: starts its ranks, watches them, ends them, and leaves nothing behind. */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpus.h"
#include "detour.h"
#include "jobdir.h"
#include "board.h"
#include "seg.h"
#include "tty.h"

enum {
    AGENT_LOST_MS = 1000,  /* grace of the ranks when head or guard is gone */
    AGENT_HASTE_MS = 1000, /* wait for a reader of the output of an interrupted job */
};

static struct ipcr_agent *the_agent; /* signals arrive without an owner */

static _Noreturn void agent_exit(void)
{
    ipcr_reap_all();
    if (the_agent->dir)
        ipcr_jobdir_remove(the_agent->dir);
    _exit(0);
}

static void signal_ranks(struct ipcr_agent *a, int sig, bool spare)
{
    for (int i = 0; i < a->nranks; i++) {
        struct ipcr_rank *r = &a->ranks[i];
        if (r->pid == 0 || (spare && ipcr_stuck_phase(r) >= IPCR_PHASE_FINALIZING))
            continue;
        kill(-r->pid, sig); /* a rank leads a process group of its own */
        if (sig == SIGTERM || sig == SIGINT || sig == SIGHUP || sig == SIGQUIT)
            kill(-r->pid, SIGCONT); /* a stopped process would not notice */
    }
}

static void grace_over(struct ipcr_timer *t)
{
    struct ipcr_agent *a = t->owner;
    ipcr_reap_signal(SIGKILL);
    if (!a->head.open)
        agent_exit();
}

static void end_ranks(struct ipcr_agent *a, int sig, int64_t grace_ms, int flags)
{
    bool spare = flags & IPCR_END_SPARE;
    a->ending = true;
    a->haste |= (flags & IPCR_END_HASTE) != 0;
    if (sig == SIGKILL)
        ipcr_reap_signal(SIGKILL);
    else
        signal_ranks(a, sig, spare);
    if (!spare && (!a->kill_timer.armed || a->kill_timer.due_ms > ipcr_now_ms() + grace_ms))
        ipcr_loop_timer(&a->kill_timer, grace_ms);
}

static void head_is_gone(struct ipcr_chan *c, const char *why)
{
    struct ipcr_agent *a = c->owner;
    (void)why;
    if (a->alive == 0)
        agent_exit();
    end_ranks(a, SIGTERM, AGENT_LOST_MS, 0);
}

static void guard_is_gone(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    struct ipcr_agent *a = w->owner;
    ipcr_loop_watch(w, 0);
    ipcr_chan_close(&a->head); /* the head sees a lost host and ends the job elsewhere */
    head_is_gone(&a->head, NULL);
}

static void now_drained(struct ipcr_agent *a)
{
    ipcr_loop_cancel(&a->haste_timer);
    a->drained = true;
    ipcr_chan_send(&a->head, IPCR_MSG_DRAINED);
}

static void haste_over(struct ipcr_timer *t)
{
    now_drained(t->owner);
}

void ipcr_agent_check_drained(struct ipcr_agent *a)
{
    if (!a->started || a->alive > 0 || a->drained)
        return;
    if (ipcr_relay_drained(a))
        now_drained(a);
    else if (a->haste && !a->haste_timer.armed)
        ipcr_loop_timer(&a->haste_timer, AGENT_HASTE_MS);
}

static void head_is_silent(struct ipcr_timer *t)
{
    struct ipcr_agent *a = t->owner;
    ipcr_chan_close(&a->head);
    head_is_gone(&a->head, NULL);
}

static void tell_counts(struct ipcr_rank *r)
{
    struct ipcr_board *row = ipcr_seg_board(r->agent->board, r->local);
    struct ipcr_buf *b = ipcr_chan_begin(&r->agent->head, IPCR_MSG_COUNTS);
    ipcr_put_u32(b, (uint32_t)r->rank);
    ipcr_put_u32(b, IPCR_BOARD_TRANSPORTS);
    for (int i = 0; i < IPCR_BOARD_TRANSPORTS; i++) {
        char name[sizeof row->sent[i].name + 1] = "";
        memcpy(name, row->sent[i].name, sizeof row->sent[i].name);
        ipcr_put_text(b, name);
        ipcr_put_u64(b, ipcr_board_read(&row->sent[i].messages));
        ipcr_put_u64(b, ipcr_board_read(&row->sent[i].bytes));
    }
    ipcr_chan_end(&r->agent->head);
}

static void rank_ended(struct ipcr_rank *r, int status)
{
    struct ipcr_agent *a = r->agent;
    ipcr_chan_poll(&r->boot); /* what it said before it ended comes first */
    struct ipcr_exit e = {.rank = (uint32_t)r->rank,
                          .pid = r->pid,
                          .status = status,
                          .phase = (uint8_t)ipcr_stuck_phase(r),
                          .joined = r->joined,
                          .ended = a->ending};
    r->pid = 0;
    r->exited = true;
    a->alive--;
    if (a->plan.stats) {
        tell_counts(r);
        ipcr_agent_profile_tell(r);
    }
    if (a->plan.trace)
        ipcr_agent_trace_end(r);
    struct ipcr_buf frame = {0};
    ipcr_put_exit(&frame, &e);
    ipcr_chan_send_raw(&a->head, frame.data, frame.len);
    free(frame.data);
    ipcr_relay_last_words(r);
    ipcr_tty_close(r);
}

static void reap(struct ipcr_agent *a)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < a->nranks; i++)
            if (a->ranks[i].pid == pid)
                rank_ended(&a->ranks[i], status);
    if (a->alive == 0 && !a->head.open)
        agent_exit();
    ipcr_agent_check_drained(a);
}

static void on_signal(int sig, int32_t pid)
{
    (void)pid;
    struct ipcr_agent *a = the_agent;
    if (sig == SIGCHLD)
        reap(a);
    else if (a->alive == 0)
        agent_exit();
    else
        end_ranks(a, SIGTERM, AGENT_LOST_MS, 0);
}

static void launch(struct ipcr_agent *a, struct ipcr_reader *r)
{
    if (a->started || !ipcr_plan_get(r, &a->plan, &a->node)) {
        ipcr_chan_close(&a->head);
        head_is_gone(&a->head, NULL);
        return;
    }
    a->host = a->plan.hosts.at[0];
    a->started = ipcr_start_ranks(a);
    if (a->started && a->plan.trace)
        ipcr_agent_trace_watch(a);
    if (a->started)
        ipcr_stuck_watch(a);
    else
        end_ranks(a, SIGKILL, 0, 0);
}

/* Any frame is a sign of life: a ping may be queued behind a lot of data. */
static void head_is_alive(struct ipcr_agent *a)
{
    if (a->silence_timer.armed)
        ipcr_loop_timer(&a->silence_timer, IPCR_PATIENCE_MS);
}

/* Has no ranks of its own, so nothing waits for the loop meanwhile. */
static void sweep(struct ipcr_agent *a, struct ipcr_reader *r)
{
    const char *id = ipcr_get_text(r), *dir = ipcr_get_text(r);
    pid_t agent = ipcr_get_i32(r);
    if (a->started || r->bad || !*id)
        return;
    ipcr_reap_job(id, agent);
    a->dir = ipcr_copy(dir);
    agent_exit();
}

static void on_frame(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *r)
{
    struct ipcr_agent *a = c->owner;
    head_is_alive(a);
    if (type == IPCR_MSG_LAUNCH) {
        launch(a, r);
    } else if (type == IPCR_MSG_SWEEP) {
        sweep(a, r);
    } else if (type == IPCR_MSG_STDIN) {
        size_t n;
        const void *bytes = ipcr_get_blob(r, &n);
        if (!r->bad)
            ipcr_feed(a, bytes, n);
    } else if (type == IPCR_MSG_CREDIT) {
        ipcr_relay_credit(a, ipcr_get_u32(r));
    } else if (type == IPCR_MSG_TABLE) {
        ipcr_meet_table(a, r->at, r->left);
    } else if (type == IPCR_MSG_SIGNAL) {
        int sig = ipcr_get_i32(r);
        if (sig == SIGSTOP) /* the head stops, too, and will be silent */
            ipcr_loop_cancel(&a->silence_timer);
        signal_ranks(a, sig, false);
    } else if (type == IPCR_MSG_END) {
        int sig = ipcr_get_i32(r);
        int64_t grace = ipcr_get_u32(r);
        end_ranks(a, sig, grace, ipcr_get_u8(r));
    } else if (type == IPCR_MSG_LEAVING) {
        ipcr_stuck_leaving(a, r);
    } else if (type == IPCR_MSG_CONFIRM) {
        ipcr_quiet_confirm(a, ipcr_get_u32(r));
    } else if (type == IPCR_MSG_TYPED) {
        ipcr_tty_typed(a, r);
    } else if (type == IPCR_MSG_SHOW) {
        ipcr_quiet_show(a);
    } else if (type == IPCR_MSG_CLOCK) {
        ipcr_agent_trace_clock(a, r);
    } else if (type == IPCR_MSG_DETOUR) {
        ipcr_detour_frame(a, r);
    } else if (type == IPCR_MSG_PING) {
        ipcr_loop_timer(&a->silence_timer, IPCR_PATIENCE_MS);
        ipcr_chan_send(c, IPCR_MSG_PONG);
    }
}

static void say_ready(struct ipcr_agent *a)
{
    uint8_t hello[IPCR_HELLO_BYTES];
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    ipcr_hello_make(hello);
    ipcr_chan_send_raw(&a->head, hello, sizeof hello);
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_READY);
    ipcr_put_text(b, host);
    ipcr_put_i32(b, a->cores);
    ipcr_put_i32(b, getpid());
    ipcr_chan_end(&a->head);
}

/* An agent runs 3 descriptors a rank; the ranks get the limit that the user had. */
static void raise_limit(struct ipcr_agent *a)
{
    struct rlimit files = a->files;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

_Noreturn void ipcr_agent_main(const struct ipcr_agent_setup *setup)
{
    struct ipcr_agent *a = the_agent = ipcr_alloc(sizeof *a);
    const int not_guards[] = {setup->in_fd, setup->out_fd, setup->stdin_fd};
    int guard = ipcr_guard_split(not_guards, 3);
    if (guard < 0)
        _exit(IPCR_EXIT_LOST);
    *a = (struct ipcr_agent){.local = setup->local,
                             .stdin_fd = setup->stdin_fd,
                             .seg_fd = -1,
                             .files = *setup->files,
                             .signals = *setup->signals,
                             .sigpipe_default = setup->sigpipe_default,
                             .window = IPCR_WINDOW};
    raise_limit(a);
    a->cores = ipcr_cpus_usable();
    a->kill_timer = (struct ipcr_timer){.fn = grace_over, .owner = a};
    a->haste_timer = (struct ipcr_timer){.fn = haste_over, .owner = a};
    a->silence_timer = (struct ipcr_timer){.fn = head_is_silent, .owner = a};
    a->guard = (struct ipcr_watch){.fn = guard_is_gone, .owner = a, .fd = guard};
    a->head.on_frame = on_frame;
    a->head.on_close = head_is_gone;
    a->head.owner = a;
    sigset_t set;
    sigemptyset(&set);
    const int ours[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigaddset(&set, ours[i]);
    signal(SIGPIPE, SIG_IGN);
    if (ipcr_loop_open() < 0 || ipcr_loop_signals(&set, on_signal) < 0 ||
        ipcr_chan_open(&a->head, setup->in_fd, setup->out_fd) < 0)
        _exit(IPCR_EXIT_LOST);
    ipcr_loop_watch(&a->guard, EPOLLIN);
    if (!a->local)
        ipcr_loop_timer(&a->silence_timer, IPCR_PATIENCE_MS);
    say_ready(a);
    ipcr_loop_run();
    agent_exit();
}
