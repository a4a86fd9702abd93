/* Starting the ranks of a node: finds the programs first (find.c), so that a mistake starts
 * nothing; then makes segment, pipes and channels and executes. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "anon.h"
#include "bind.h"
#include "environ.h"
#include "find.h"
#include "jobdir.h"
#include "ranks.h"
#include "talk.h"
#include "tty.h"
#include "seg.h"

/* Inherited descriptors get high numbers: scripts between us and the MPI program use the low ones
 * for themselves (exec 3>file). */
enum { START_FD = 200 };

/* All that the child needs, prepared before vfork(): the child only makes system calls. */
struct start {
    struct ipcr_agent *agent;
    const char *path;
    char **argv, **envp;
    int dir_fd, boot_slot, local;
    int stdio[3], boot_fd;
    bool terminal;         /* stdio is one, and becomes that of its session */
    const cpu_set_t *cpus; /* NULL: as they are */
    pid_t parent;
    const char *failed; /* the child's system call that failed, and its errno */
    int error;
};

bool ipcr_start_refuse(struct ipcr_agent *a, int status, const char *fmt, ...)
{
    char text[PATH_MAX + 512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_REFUSED);
    ipcr_put_i32(b, status);
    ipcr_put_text(b, text);
    ipcr_chan_end(&a->head);
    return false;
}

/* ---- the child ---- */

static void child_fails(struct start *s, const char *what)
{
    s->error = errno;
    s->failed = what;
    _exit(IPCR_EXIT_NOTFOUND);
}

/* A file that the kernel does not know how to run is a script for the shell, as execvp() has it,
 * unless it is a binary (for another kind of machine). */
static bool is_binary(const char *path)
{
    char magic[4] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, magic, sizeof magic);
    if (fd >= 0)
        close(fd);
    return n == sizeof magic && memchr(magic, 0, sizeof magic) == NULL && magic[0] == 0x7f;
}

static void child_execute(struct start *s)
{
    execve(s->path, s->argv, s->envp);
    if (errno == ENOEXEC && !is_binary(s->path)) {
        int n = 0;
        while (s->argv[n])
            n++;
        char *argv[n + 2];
        argv[0] = "/bin/sh";
        argv[1] = (char *)s->path;
        for (int i = 1; i <= n; i++)
            argv[i + 1] = s->argv[i];
        execve(argv[0], argv, s->envp);
        errno = ENOEXEC;
    }
    child_fails(s, "execute");
}

/* Runs on the parent's memory with its own descriptors, signals and directory. */
static void child_main(struct start *s)
{
    struct ipcr_agent *a = s->agent;
    /* A group, so that signals reach what it starts; no session: the scheduler gives each session a
     * share of its own (sched_autogroup), and ranks in different ones would hand their core to
     * strangers with every sched_yield(). Measured, 8 ranks beside two busy loops on 2 cores:
     * barrier 6600 us in sessions, 80 us in groups; without the loops, gather 7 and 2. A terminal
     * belongs to a session, though. */
    if (s->terminal)
        setsid();
    else
        setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != s->parent)
        _exit(IPCR_EXIT_LOST);
    for (int i = 0; i < 3; i++)
        if (dup2(s->stdio[i], i) < 0)
            child_fails(s, "dup2");
    if (s->terminal)
        ioctl(0, TIOCSCTTY, 0);
    if (dup2(s->boot_fd, s->boot_slot) < 0 || fcntl(a->seg_fd, F_SETFD, 0) < 0)
        child_fails(s, "dup2");
    ipcr_channels_keep(&a->channels, s->local);
    if (fchdir(s->dir_fd) < 0)
        child_fails(s, "enter the working directory");
    if (s->cpus)
        sched_setaffinity(0, sizeof *s->cpus, s->cpus);
    setrlimit(RLIMIT_NOFILE, &a->files);
    if (a->sigpipe_default)
        signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &a->signals, NULL);
    child_execute(s);
}

static __attribute__((noinline)) pid_t spawn(struct start *s)
{
    pid_t pid = vfork();
    if (pid == 0)
        child_main(s);
    return pid;
}

/* ---- one rank ---- */

static void close_pair(int fd[2])
{
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            close(fd[i]);
}

struct fds {
    int boot[2], out[2], err[2], in[2];
    int typed; /* the other side of its terminal; -1: it has none */
};

static void close_fds(struct fds *f)
{
    close_pair(f->boot);
    close_pair(f->out);
    close_pair(f->err);
    close_pair(f->in);
    if (f->typed >= 0)
        close(f->typed);
}

/* One terminal for everything. */
static bool open_terminal(const struct ipcr_agent *a, struct fds *f)
{
    if (!ipcr_tty_open(a, &f->out[0], &f->in[0]))
        return false;
    f->out[1] = fcntl(f->in[0], F_DUPFD_CLOEXEC, 0);
    f->err[1] = fcntl(f->in[0], F_DUPFD_CLOEXEC, 0);
    f->typed = fcntl(f->out[0], F_DUPFD_CLOEXEC, 0);
    return f->out[1] >= 0 && f->err[1] >= 0 && f->typed >= 0;
}

static bool open_fds(const struct ipcr_rank *r, struct fds *f)
{
    const struct ipcr_agent *a = r->agent;
    *f = (struct fds){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, f->boot) < 0)
        return false;
    if (a->plan.debug.terminal && a->debugged[r->rank])
        return open_terminal(a, f);
    if (pipe2(f->out, O_CLOEXEC) < 0 || pipe2(f->err, O_CLOEXEC) < 0)
        return false;
    bool reads = a->plan.stdin_rank == IPCR_STDIN_ALL || r->rank == a->plan.stdin_rank;
    if (!reads || a->plan.debug.terminal) /* what is typed is for debuggers */
        f->in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    else if (r->agent->stdin_fd >= 0)
        f->in[0] = fcntl(r->agent->stdin_fd, F_DUPFD_CLOEXEC, 0);
    else if (pipe2(f->in, O_CLOEXEC) < 0)
        return false;
    return f->in[0] >= 0;
}

static bool start_rank(struct ipcr_rank *r, struct start *s)
{
    struct ipcr_agent *a = r->agent;
    struct fds f;
    if (!open_fds(r, &f)) {
        int error = errno;
        close_fds(&f);
        return ipcr_start_refuse(a, IPCR_EXIT_LOST, "cannot make the pipes of rank %d: %s", r->rank,
                                 strerror(error));
    }
    s->local = r->local;
    s->stdio[0] = f.in[0];
    s->stdio[1] = f.out[1];
    s->stdio[2] = f.err[1];
    s->boot_fd = f.boot[1];
    s->terminal = f.typed >= 0;
    s->failed = NULL;
    /* the WELCOME lies in the socket before the program begins: MPI_Init asks nobody */
    ipcr_meet_open(r, f.boot[0]);
    ipcr_meet_welcome(r);
    f.boot[0] = -1;
    pid_t pid = spawn(s);
    if (pid < 0 || s->failed) {
        int error = pid < 0 ? errno : s->error;
        close_fds(&f);
        ipcr_chan_close(&r->boot);
        if (pid < 0)
            return ipcr_start_refuse(a, IPCR_EXIT_LOST, "cannot start rank %d: %s", r->rank,
                                     error == EAGAIN
                                         ? "the limit of processes is reached (ulimit -u, or a "
                                           "control group's pids.max)"
                                         : strerror(error));
        return ipcr_start_refuse(a, error == ENOENT ? IPCR_EXIT_NOTFOUND : IPCR_EXIT_NOEXEC,
                                 "program '%s': cannot %s: %s", s->path, s->failed,
                                 error == ENOENT
                                     ? "its interpreter (#! line or loader) does not exist"
                                     : strerror(error));
    }
    r->pid = pid;
    a->alive++;
    ipcr_channels_close(&a->channels, r->local);
    ipcr_relay_open(&r->out[0], r, 1, f.out[0]);
    if (f.err[0] >= 0)
        ipcr_relay_open(&r->out[1], r, 2, f.err[0]);
    if (f.typed >= 0) {
        r->out[0].direct = true;
        ipcr_tty_attach(r, f.typed);
    }
    if (f.in[1] >= 0)
        ipcr_feed_open(r, f.in[1]);
    f.out[0] = f.err[0] = f.in[1] = f.typed = -1;
    close_fds(&f);
    return true;
}

/* ---- the node ---- */

static bool make_segment(struct ipcr_agent *a, int fd_from)
{
    size_t bytes = ipcr_seg_bytes(a->nranks);
    char why[512];
    int fd = ipcr_anon_memory(bytes, fd_from, why, sizeof why);
    if (fd < 0)
        return ipcr_start_refuse(a, IPCR_EXIT_LOST,
                                 "cannot make %zu bytes of shared memory for %d ranks (%s)", bytes,
                                 a->nranks, why);
    a->seg_fd = fd;
    void *board = mmap(NULL, ipcr_seg_board_bytes(a->nranks), PROT_READ, MAP_SHARED, a->seg_fd, 0);
    if (board == MAP_FAILED)
        return ipcr_start_refuse(a, IPCR_EXIT_LOST, "cannot map the status board: %s",
                                 strerror(errno));
    a->board = board;
    int rc = ipcr_agent_profile_open(a);
    return rc == 0 || ipcr_start_refuse(a, IPCR_EXIT_LOST, "cannot map the ranks' profiles: %s",
                                        strerror(-rc));
}

static void make_ranks(struct ipcr_agent *a)
{
    struct ipcr_plan *plan = &a->plan;
    a->nranks = ipcr_plan_ranks_on(plan, a->node);
    a->ranks = ipcr_alloc(sizeof *a->ranks * (size_t)a->nranks);
    a->leaving = ipcr_alloc((size_t)plan->size);
    a->leaving_since = ipcr_alloc(sizeof *a->leaving_since * (size_t)plan->size);
    for (int i = 0; i < plan->size; i++) {
        if (plan->node_of[i] != a->node)
            continue;
        struct ipcr_rank *r = &a->ranks[plan->local_of[i]];
        r->agent = a;
        r->rank = i;
        r->local = plan->local_of[i];
        r->app = &plan->apps[plan->app_of[i]];
        r->out[0].rank = r->out[1].rank = r; /* with a terminal, the second is never opened */
        r->out[0].watch.fd = r->out[1].watch.fd = r->feed.fd = -1;
    }
}

/* The words of the debugger, then the program as it was found, then its own arguments. */
static bool start_debugged(struct ipcr_rank *r, struct start *s)
{
    struct ipcr_app under = {.env = r->app->env, .wdir = r->app->wdir};
    char path[PATH_MAX];
    ipcr_words_split(&under.argv, r->agent->plan.debug.command);
    ipcr_words_add(&under.argv, ipcr_copy(s->path));
    for (int i = 1; i < r->app->argv.n; i++)
        ipcr_words_add(&under.argv, ipcr_copy(r->app->argv.at[i]));
    bool ok = ipcr_find_program(r->agent, &under, s->dir_fd, path);
    s->path = path;
    s->argv = under.argv.at;
    ok = ok && start_rank(r, s);
    ipcr_words_free(&under.argv);
    return ok;
}

static bool read_debugged(struct ipcr_agent *a)
{
    char why[300];
    if (!a->plan.debug.ranks)
        return true;
    a->debugged = ipcr_ranks_read(a->plan.debug.ranks, a->plan.size, why, sizeof why);
    return a->debugged || ipcr_start_refuse(a, IPCR_EXIT_USAGE, "%s", why);
}

/* Starts the ranks of one program. The environment is built once; three entries change. */
static bool start_app(struct ipcr_agent *a, struct ipcr_app *app, struct start *s)
{
    char path[PATH_MAX];
    s->dir_fd = open(app->wdir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (s->dir_fd < 0)
        return ipcr_start_refuse(a, IPCR_EXIT_USAGE, "cannot enter the working directory '%s': %s",
                                 app->wdir, strerror(errno));
    bool ok = ipcr_find_program(a, app, s->dir_fd, path);
    struct ipcr_rank_env env = {0};
    if (ok)
        ipcr_environ_make(&env, a, app, s->boot_slot);
    for (int i = 0; ok && i < a->nranks; i++) {
        struct ipcr_rank *r = &a->ranks[i];
        if (r->app != app)
            continue;
        s->envp = ipcr_environ_for(&env, r->rank, r->local);
        s->cpus = ipcr_bind_cpus(a->binding, r->local);
        s->path = path;
        s->argv = app->argv.at;
        ok = a->debugged && a->debugged[r->rank] ? start_debugged(r, s) : start_rank(r, s);
    }
    ipcr_environ_free(&env);
    close(s->dir_fd);
    return ok;
}

/* Programs that only other ranks of this node run are found, too, before any is started. */
static bool check_apps(struct ipcr_agent *a)
{
    for (int i = 0; i < a->plan.napps; i++) {
        struct ipcr_app *app = &a->plan.apps[i];
        bool here = false;
        for (int j = 0; j < a->nranks; j++)
            here |= a->ranks[j].app == app;
        char path[PATH_MAX];
        int fd = here ? open(app->wdir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
        bool ok = fd < 0 || ipcr_find_program(a, app, fd, path);
        if (fd >= 0)
            close(fd);
        if (!ok)
            return false;
    }
    return true;
}

static int boot_slot(int from)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int fd = fcntl(null, F_DUPFD_CLOEXEC, from);
    close(null);
    return fd;
}

/* Socket, two pipes, and in passing the rank's ends of them; and all channels at once. */
static bool enough_descriptors(struct ipcr_agent *a, enum ipcr_inherit kind, const char *transport)
{
    unsigned long channels = ipcr_channels_cost(kind, a->nranks);
    unsigned long need = 3ul * (unsigned)a->nranks + 32 + channels;
    if (a->files.rlim_max >= need)
        return true;
    return ipcr_start_refuse(
        a, IPCR_EXIT_USAGE,
        "%d ranks need %lu open files%s%s, the limit is %lu: raise it (ulimit -Hn) or use "
        "fewer ranks%s",
        a->nranks, need, channels ? " with transport " : "", channels ? transport : "",
        (unsigned long)a->files.rlim_max, channels ? " or another transport" : "");
}

static bool make_channels(struct ipcr_agent *a, enum ipcr_inherit kind, int least)
{
    if (kind == IPCR_INHERIT_NOTHING)
        return true;
    int rc = ipcr_channels_make(&a->channels, kind, a->nranks, least);
    return rc == 0 || ipcr_start_refuse(a, IPCR_EXIT_LOST, "cannot make %s between %d ranks: %s",
                                        kind == IPCR_INHERIT_PIPES ? "pipes" : "sockets", a->nranks,
                                        strerror(-rc));
}

/* The guard hears of it first: whoever is killed in between, nothing is left. */
static bool make_dir(struct ipcr_agent *a)
{
    a->dir = ipcr_jobdir_path(&a->plan);
    ipcr_guard_tell_dir(a->dir);
    int rc = ipcr_jobdir_make(a->dir);
    return rc == 0 ||
           ipcr_start_refuse(a, IPCR_EXIT_USAGE,
                             "cannot make the job's directory %s: %s (set IPCRUN_DIR)", a->dir,
                             rc == -EPERM ? "something else has that name" : strerror(-rc));
}

/* What the transports in use need to be there before the ranks start. */
static bool prepare_talk(struct ipcr_agent *a, int least)
{
    struct ipcr_route route;
    char why[512];
    bool node = a->nranks > 1, remote = a->plan.nodes > 1;
    if (!ipcr_talk_plan(&route, &a->plan, why, sizeof why))
        return ipcr_start_refuse(a, IPCR_EXIT_USAGE, "%s", why);
    enum ipcr_inherit kind =
        node ? ipcr_route_inherits(&route, IPCR_PAIR_NODE) : IPCR_INHERIT_NOTHING;
    if (!enough_descriptors(a, kind, ipcr_route_name(&route, IPCR_PAIR_NODE)) ||
        !make_channels(a, kind, least))
        return false;
    bool dir = (node && ipcr_route_needs_dir(&route, IPCR_PAIR_NODE)) ||
               (remote && ipcr_route_needs_dir(&route, IPCR_PAIR_REMOTE));
    return !dir || make_dir(a);
}

static void report_binding(struct ipcr_agent *a)
{
    int *rank = ipcr_alloc(sizeof *rank * (size_t)a->nranks);
    for (int i = 0; i < a->nranks; i++)
        rank[i] = a->ranks[i].rank;
    char *picture = ipcr_bind_draw(a->host, a->binding, rank, a->nranks);
    ipcr_put_text(ipcr_chan_begin(&a->head, IPCR_MSG_BOUND), picture);
    ipcr_chan_end(&a->head);
    free(picture);
    free(rank);
}

static bool bind_ranks(struct ipcr_agent *a)
{
    char why[512];
    if (!ipcr_bind_choose(&a->binding, &a->plan.bind, a->nranks, a->cores, why, sizeof why))
        return ipcr_start_refuse(a, IPCR_EXIT_USAGE, "%s", why);
    if (a->plan.bind.report)
        report_binding(a);
    return true;
}

bool ipcr_start_ranks(struct ipcr_agent *a)
{
    int from = a->files.rlim_max > START_FD + 10 ? START_FD : 10;
    make_ranks(a);
    if (!read_debugged(a) || (a->plan.napps > 1 && !check_apps(a)) || !prepare_talk(a, from) ||
        !make_segment(a, from))
        return false;
    struct start s = {.agent = a, .parent = getpid(), .boot_slot = boot_slot(from)};
    bool ok = bind_ranks(a);
    for (int i = 0; ok && i < a->plan.napps; i++)
        ok = start_app(a, &a->plan.apps[i], &s);
    ipcr_channels_free(&a->channels);
    if (a->stdin_fd >= 0) { /* its rank alone decides when a writer into it gets SIGPIPE */
        close(a->stdin_fd);
        a->stdin_fd = -1;
    }
    return ok;
}
