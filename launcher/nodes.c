/* Agents: starting them, hearing from them for the first time, and losing them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "head.h"
#include "jobdir.h"
#include "sshwords.h"

enum {
    NODES_AT_ONCE = 16,        /* ssh connections that are being made at a time */
    NODES_OWN_FDS = 64,        /* descriptors beside those for hosts */
    NODES_LAST_WORDS_MS = 500, /* a dying ssh says why on another descriptor */
    NODES_ERR_MAX = 16 * 1024,
    NODES_AGAIN_MS = 250, /* before the second try; twice as long before each further one */
    NODES_AGAIN_MOST_MS = 4000,
    NODES_QUIET_MS = 2000, /* what works after so long is not worth a line */
    NODES_SSH_FAILED = 255,
};

static int next_node; /* first that was not started yet */

static int connecting(void)
{
    int n = 0;
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        const struct ipcr_node *node = &ipcr_head.nodes[i];
        n += node->started && !node->ready && !node->lost;
    }
    return n;
}

/* ---- trouble ---- */

/* The last line of what ssh or the remote shell said, without its end of line. */
static char *last_words(struct ipcr_node *n)
{
    bool (*is_echo)(const char *) = n->remote.way->is_echo;
    char *text = (char *)n->err_text.data, *line;
    size_t len = n->err_text.len;
    do {
        while (len && strchr("\r\n ", text[len - 1]))
            len--;
        if (!len)
            return NULL;
        text[len] = 0; /* there was at least one more byte, or room is kept for this one */
        line = strrchr(text, '\n');
        line = line ? line + 1 : text;
        len = (size_t)(line - text);
    } while (is_echo && len && is_echo(line));
    return line;
}

/* ---- trying again ---- */

static void start_remote(struct ipcr_node *n);

static void close_err(struct ipcr_node *n)
{
    if (n->err.fd < 0)
        return;
    ipcr_loop_watch(&n->err, 0);
    close(n->err.fd);
    n->err.fd = -1;
}

static void start_again(struct ipcr_timer *t)
{
    struct ipcr_node *n = t->owner;
    if (connecting() >= NODES_AT_ONCE) {
        ipcr_loop_timer(t, NODES_AGAIN_MS);
        return;
    }
    free(n->chan.rx.data);
    n->chan = (struct ipcr_chan){0};
    close_err(n);
    n->err_text.len = 0;
    n->lost = false;
    start_remote(n);
}

/* Hosts that fail together should not come back together: the waits differ a little. */
static int64_t wait_of(const struct ipcr_node *n)
{
    int64_t ms = n->tries < 4 ? NODES_AGAIN_MS << n->tries : NODES_AGAIN_MOST_MS;
    return ms + ms * (n->index % 8) / 8;
}

/* For what reason that may pass has ssh failed? IPCR_SSH_FINAL: for none. */
static enum ipcr_sshwords reason(const struct ipcr_node *n, const char *words)
{
    bool failed =
        !n->pid && WIFEXITED(n->wait_status) && WEXITSTATUS(n->wait_status) == NODES_SSH_FAILED;
    return failed && words ? ipcr_sshwords_judge(words) : IPCR_SSH_FINAL;
}

/* True if the host gets another try. */
static bool try_again(struct ipcr_node *n, const char *words)
{
    enum ipcr_sshwords why = reason(n, words);
    int64_t spent = ipcr_now_ms() - n->began_ms, left = ipcr_head.wait_hosts_ms - spent;
    int64_t wait = wait_of(n) < left ? wait_of(n) : left; /* the last try is when patience ends */
    if ((why != IPCR_SSH_NOT_YET && why != IPCR_SSH_BUSY) || ipcr_head.ending || left <= 0)
        return false;
    if (why == IPCR_SSH_NOT_YET && !n->said && spent > NODES_QUIET_MS) {
        n->said = true;
        ipcr_say("host %s: %s; trying again for %ld s (--wait-hosts)", n->host, words,
                 (long)left / 1000);
    }
    n->started = false;
    n->tries++;
    n->timer.fn = start_again;
    ipcr_loop_timer(&n->timer, wait);
    return true;
}

/* An agent that cannot hear the head leaves like this. */
static bool is_deaf(const struct ipcr_node *n)
{
    int code = !n->pid && WIFEXITED(n->wait_status) ? WEXITSTATUS(n->wait_status) : -1;
    return n->remote.command && (code == 0 || code == IPCR_EXIT_LOST);
}

static const char *advice(const struct ipcr_node *n, const char *words)
{
    if (words && ipcr_sshwords_judge(words) == IPCR_SSH_UNKNOWN_KEY)
        return " (its key is not among the known ones, or has changed: log in there once by hand)";
    return is_deaf(n) ? " (does what takes the place of ssh pass its standard input on?)" : "";
}

static void cannot_start(struct ipcr_node *n)
{
    const char *words = last_words(n);
    ipcr_loop_cancel(&n->timer);
    if (try_again(n, words))
        return;
    n->drained = true;
    int code = WIFEXITED(n->wait_status) ? WEXITSTATUS(n->wait_status) : -1;
    if (code == IPCR_EXIT_NOTFOUND || code == IPCR_EXIT_NOEXEC)
        ipcr_head_fail(IPCR_EXIT_USAGE,
                       "host %s: cannot run %s there%s%s: install ipcrun at the "
                       "same path on every host",
                       n->host, n->remote.exe, words ? ": " : "", words ? words : "");
    else
        ipcr_head_fail(IPCR_EXIT_USAGE, "host %s: cannot start the agent %s: %s%s", n->host,
                       n->local ? "here" : n->remote.exe,
                       words ? words : "the connection was closed without a word",
                       advice(n, words));
}

static void patience_over(struct ipcr_timer *t)
{
    struct ipcr_node *n = t->owner;
    if (n->lost) {
        cannot_start(n);
        return;
    }
    n->drained = true;
    char *command = ipcr_spawn_text(&n->remote);
    const char *words = last_words(n);
    ipcr_head_fail(IPCR_EXIT_USAGE,
                   "host %s: no answer from the agent %s within %d s%s%s (started by: %s)", n->host,
                   n->remote.exe, n->remote.way->patience_ms / 1000, words ? ": " : "",
                   words ? words : "", command);
    free(command);
}

/* ---- what is left where nobody is ---- */

/* Without a guard's own exit status, which comes through ssh: it was killed, or the line to it is
 * cut. A host that had been silent before is out of reach. */
static bool needs_sweep(const struct ipcr_node *n)
{
    int status = n->wait_status;
    bool in_order = WIFEXITED(status) && WEXITSTATUS(status) <= 128;
    return n->ready && n->lost && !n->pid && !n->swept && !in_order &&
           (n->local || ipcr_now_ms() - n->heard_ms < IPCR_PATIENCE_MS / 2);
}

/* In a process of its own, so that output of other hosts goes on meanwhile. */
static void sweep_here(struct ipcr_node *n)
{
    n->pid = fork();
    if (n->pid != 0) {
        n->pid = n->pid < 0 ? 0 : n->pid;
        return;
    }
    prctl(PR_SET_NAME, "ipcr-sweep");
    ipcr_reap_job(ipcr_head.plan.id, n->agent);
    _exit(0);
}

/* If agent and guard of a host were killed both, what its ranks had started lives on. A second
 * agent there, started as the first one was, looks for it. */
static void sweep(struct ipcr_node *n)
{
    if (!needs_sweep(n))
        return;
    n->swept = true;
    if (n->local) {
        sweep_here(n);
    } else {
        n->timer.fn = start_again; /* not from within the channel that has just closed */
        ipcr_loop_timer(&n->timer, 0);
    }
}

static void say_unswept(struct ipcr_node *n)
{
    const char *words = last_words(n);
    if (n->swept && !n->local && WIFEXITED(n->wait_status) && WEXITSTATUS(n->wait_status) != 0)
        ipcr_say("host %s: cannot look for what ranks may have left there: %s", n->host,
                 words ? words : "no agent can be started");
}

static void node_lost(struct ipcr_chan *c, const char *why)
{
    struct ipcr_node *n = c->owner;
    n->lost = true;
    sweep(n);
    if (n->drained || ipcr_head.finishing) {
        ipcr_head_check();
        return;
    }
    if (n->ready) {
        n->drained = true;
        ipcr_head_fail(IPCR_EXIT_LOST, "host %s: lost the agent: %s", n->host, why);
    } else if (c->await_hello && n->pid) {
        ipcr_loop_timer(&n->timer, NODES_LAST_WORDS_MS);
    } else if (c->await_hello) {
        cannot_start(n);
    } else {
        n->drained = true;
        ipcr_head_fail(IPCR_EXIT_USAGE, "host %s: %s", n->host, why);
    }
    ipcr_head_check();
}

void ipcr_nodes_child(pid_t pid, int wait_status)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (n->pid != pid)
            continue;
        n->pid = 0;
        n->wait_status = wait_status;
        if (n->err.fd >= 0)
            n->err.fn(&n->err, EPOLLIN); /* what it said last */
        if (n->lost && !n->drained && !n->ready)
            cannot_start(n);
        say_unswept(n);
        sweep(n);
    }
    ipcr_head_check();
}

void ipcr_nodes_abandon(void)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (n->ready || n->local)
            continue;
        ipcr_loop_cancel(&n->timer);
        ipcr_chan_close(&n->chan);
        n->lost = n->drained = true;
        if (n->pid)
            kill(n->pid, SIGTERM);
    }
}

/* ---- signs of life ---- */

static struct ipcr_timer ping_timer;

static void silent(struct ipcr_node *n)
{
    n->drained = n->swept = true;
    ipcr_chan_close(&n->chan);
    n->lost = true;
    if (n->pid)
        kill(n->pid, SIGKILL); /* it may wait for the network for minutes */
    ipcr_head_fail(IPCR_EXIT_LOST, "host %s: lost: no sign of life for %d s", n->host,
                   IPCR_PATIENCE_MS / 1000);
}

static void ping(struct ipcr_timer *t)
{
    int64_t now = ipcr_now_ms();
    bool slept = now > t->due_ms + IPCR_PING_MS; /* we were stopped: nobody else is to blame */
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        if (n->local || !n->ready || !n->chan.open)
            continue;
        if (slept)
            n->heard_ms = now;
        if (now - n->heard_ms > IPCR_PATIENCE_MS)
            silent(n);
        else
            ipcr_chan_send(&n->chan, IPCR_MSG_PING);
    }
    ipcr_loop_timer(t, IPCR_PING_MS);
}

/* ---- what ssh says ---- */

static void err_lines(struct ipcr_node *n)
{
    char *line = (char *)n->err_text.data, *end = line + n->err_text.len, *newline;
    while ((newline = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        *newline = 0;
        if (*line && strcmp(line, "\r") != 0)
            ipcr_say("host %s: %s", n->host, line);
        line = newline + 1;
    }
    n->err_text.len = (size_t)(end - line);
    memmove(n->err_text.data, line, n->err_text.len);
}

static void err_ready(struct ipcr_watch *w, uint32_t ready)
{
    (void)ready;
    struct ipcr_node *n = w->owner;
    if (n->err_text.len > NODES_ERR_MAX)
        n->err_text.len = 0;
    uint8_t *to = ipcr_buf_room(&n->err_text, 4096);
    ssize_t got = to ? read(w->fd, to, 4095) : 0; /* one is kept for last_words() */
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        ipcr_loop_watch(w, 0);
        close(w->fd);
        w->fd = -1;
        return;
    }
    n->err_text.len += (size_t)got;
    if (n->ready)
        err_lines(n);
}

/* ---- starting ---- */

static void ask_to_sweep(struct ipcr_node *n)
{
    char *dir = ipcr_jobdir_path(&ipcr_head.plan);
    struct ipcr_buf *b = ipcr_chan_begin(&n->chan, IPCR_MSG_SWEEP);
    ipcr_put_text(b, ipcr_head.plan.id);
    ipcr_put_text(b, dir);
    ipcr_put_i32(b, n->agent);
    free(dir);
}

static void open_channel(struct ipcr_node *n, int fd)
{
    n->chan.on_frame = ipcr_head_frame;
    n->chan.on_close = node_lost;
    n->chan.owner = n;
    n->chan.await_hello = true;
    ipcr_chan_open(&n->chan, fd, fd);
    /* sent without waiting for the hello: the agent finds it when it looks */
    if (n->swept)
        ask_to_sweep(n);
    else
        ipcr_plan_put(ipcr_chan_begin(&n->chan, IPCR_MSG_LAUNCH), &ipcr_head.plan, n->index);
    ipcr_chan_end(&n->chan);
}

static void start_remote(struct ipcr_node *n)
{
    struct ipcr_spawned s;
    n->started = true;
    if (!n->tries)
        n->began_ms = ipcr_now_ms();
    if (ipcr_head.verbose && !n->tries) {
        char *command = ipcr_spawn_text(&n->remote);
        ipcr_say("host %s: %s", n->host, command);
        free(command);
    }
    int rc = ipcr_spawn_remote(&n->remote, &s);
    if (rc < 0) {
        n->drained = n->lost = true;
        ipcr_head_fail(IPCR_EXIT_LOST, "host %s: cannot start %s: %s", n->host,
                       n->remote.way->program, strerror(-rc));
        return;
    }
    n->pid = s.pid;
    n->err = (struct ipcr_watch){.fn = err_ready, .owner = n, .fd = s.err_fd};
    fcntl(s.err_fd, F_SETFL, O_NONBLOCK);
    ipcr_loop_watch(&n->err, EPOLLIN);
    n->timer = (struct ipcr_timer){.fn = patience_over, .owner = n};
    ipcr_loop_timer(&n->timer, n->remote.way->patience_ms);
    open_channel(n, s.fd);
}

/* A flat start with a limit. Not a tree of agents: that would need a way in from each host to
 * others, which nobody who has one from here need have, and the loss of a host would cut off those
 * behind it. It would save little: for 256 hosts the head needs 0.13 s of processor time, 5 MB of
 * memory, 4 KB to each host for the start and 8 bytes a ping; the logins are the time. */
static void start_some(void)
{
    while (next_node < ipcr_head.plan.nodes && !ipcr_head.ending && connecting() < NODES_AT_ONCE) {
        struct ipcr_node *n = &ipcr_head.nodes[next_node++];
        if (!n->started)
            start_remote(n);
    }
}

/* Two descriptors a host: its channel, and what its ssh says. Ranks get the limit that the user
 * had, or that of their host. */
static void raise_limit(int hosts, const struct rlimit *files)
{
    struct rlimit more = *files;
    rlim_t need = 2 * (rlim_t)hosts + NODES_OWN_FDS;
    if (more.rlim_cur >= need)
        return;
    more.rlim_cur = need < more.rlim_max ? need : more.rlim_max;
    setrlimit(RLIMIT_NOFILE, &more);
}

void ipcr_nodes_make(const struct ipcr_head_setup *setup)
{
    struct ipcr_head *h = &ipcr_head;
    raise_limit(h->plan.nodes, &setup->files);
    h->nodes = ipcr_alloc(sizeof *h->nodes * (size_t)h->plan.nodes);
    for (int i = 0; i < h->plan.nodes; i++) {
        struct ipcr_node *n = &h->nodes[i];
        n->index = i;
        n->local = setup->local[i];
        n->host = h->plan.hosts.at[i];
        n->remote = (struct ipcr_remote){.way = setup->way,
                                         .command = setup->ssh,
                                         .host = n->host,
                                         .exe = setup->exe,
                                         .signals = &setup->signals};
        n->err.fd = -1;
    }
}

static int local_fd = -1;

void ipcr_nodes_start_local(const struct ipcr_head_setup *setup)
{
    struct ipcr_agent_setup agent = {.stdin_fd = -1,
                                     .signals = &setup->signals,
                                     .files = &setup->files,
                                     .sigpipe_default = setup->sigpipe_default};
    for (int i = 0; i < ipcr_head.plan.nodes; i++) {
        struct ipcr_node *n = &ipcr_head.nodes[i];
        struct ipcr_spawned s;
        if (!n->local)
            continue;
        if (ipcr_plan_reader(&ipcr_head.plan) == i)
            agent.stdin_fd = 0;
        int rc = ipcr_spawn_local(&agent, &s);
        if (rc < 0) {
            ipcr_say("cannot start the agent: %s", strerror(-rc));
            exit(IPCR_EXIT_LOST);
        }
        n->started = true;
        n->pid = s.pid;
        local_fd = s.fd;
    }
}

void ipcr_nodes_start(void)
{
    for (int i = 0; i < ipcr_head.plan.nodes; i++)
        if (ipcr_head.nodes[i].local)
            open_channel(&ipcr_head.nodes[i], local_fd);
    start_some();
    ping_timer.fn = ping;
    if (ipcr_head.plan.nodes > (local_fd >= 0))
        ipcr_loop_timer(&ping_timer, IPCR_PING_MS);
}

void ipcr_nodes_ready(struct ipcr_node *n, struct ipcr_reader *r)
{
    const char *name = ipcr_get_text(r);
    int cores = ipcr_get_i32(r), pid = ipcr_get_i32(r);
    n->ready = true;
    n->agent = pid;
    ipcr_feed_all_ready();
    ipcr_loop_cancel(&n->timer);
    if (ipcr_head.verbose)
        ipcr_say("host %s: agent %d on %s, %d usable cores, %d ranks", n->host, pid, name, cores,
                 ipcr_plan_ranks_on(&ipcr_head.plan, n->index));
    if (n->err_text.len)
        err_lines(n);
    start_some();
}
