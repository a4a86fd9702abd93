/* One measurement: a job of its own, whose lines come through a pipe. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compare.h"
#include "util.h"
#include "loop.h"

/* What comes from one descriptor, line by line. */
struct source {
    int fd; /* -1: at its end */
    char text[1024];
    size_t n;
    void (*take)(void *, char *);
    void *arg;
};

static void take_lines(struct source *s)
{
    char *line = s->text, *end;
    while ((end = memchr(line, '\n', s->n)) != NULL) {
        *end = 0;
        s->n -= (size_t)(end + 1 - line);
        s->take(s->arg, line);
        line = end + 1;
    }
    memmove(s->text, line, s->n);
    if (s->n == sizeof s->text) /* no line of ours is so long */
        s->n = 0;
}

static void read_some(struct source *s)
{
    ssize_t got = read(s->fd, s->text + s->n, sizeof s->text - s->n);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close(s->fd);
        s->fd = -1;
        return;
    }
    s->n += (size_t)got;
    take_lines(s);
}

/* Until both are at their ends; false: the time is over. */
static bool read_all(struct source s[2], int64_t until)
{
    while (s[0].fd >= 0 || s[1].fd >= 0) {
        struct pollfd fds[2] = {{s[0].fd, POLLIN, 0}, {s[1].fd, POLLIN, 0}};
        int64_t left = until - ipcr_now_ms();
        if (left <= 0)
            return false;
        if (poll(fds, 2, (int)left) <= 0)
            continue;
        for (int i = 0; i < 2; i++)
            if (fds[i].revents)
                read_some(&s[i]);
    }
    return true;
}

static void restrict_cpus(const struct ipcr_job_plan *plan)
{
    cpu_set_t set;
    if (!plan->cpus)
        return;
    CPU_ZERO(&set);
    for (int i = 0; i < plan->ncpus; i++)
        CPU_SET(plan->cpus[i], &set);
    sched_setaffinity(0, sizeof set, &set);
}

/* The job has its own guards against everything but being forgotten: it ends with us. */
static _Noreturn void become_job(const struct ipcr_job_plan *plan, pid_t parent, int out, int err)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(IPCR_EXIT_LOST);
    dup2(null, 0);
    dup2(out, 1);
    dup2(err, 2);
    restrict_cpus(plan);
    execv(plan->argv[0], plan->argv);
    dprintf(2, "ipcrun: cannot execute %s: %s\n", plan->argv[0], strerror(errno));
    _exit(IPCR_EXIT_NOTFOUND);
}

/* What the job said on stderr. A rank that MPI ends gives the cause on a line of its own, indented;
 * the launcher's verdict behind it only says which rank that was. */
struct said {
    char *cause, *last;
};

static void keep(void *arg, char *line)
{
    static const char mark[] = "ipcrun: ";
    struct said *said = arg;
    if (strncmp(line, "  ", 2) == 0 && !said->cause)
        said->cause = ipcr_copy(line + strspn(line, " "));
    free(said->last);
    said->last = ipcr_copy(strncmp(line, mark, strlen(mark)) == 0 ? line + strlen(mark) : line);
}

static char *why_of(struct said *said)
{
    if (!said->cause)
        return said->last;
    free(said->last);
    return said->cause;
}

static int exit_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void reap(pid_t pid, int *status)
{
    while (waitpid(pid, status, 0) < 0 && errno == EINTR)
        continue;
}

int ipcr_compare_job(const struct ipcr_job_plan *plan, void (*take)(void *, char *), void *arg,
                     char **why)
{
    int out[2], err[2], status = 0;
    pid_t parent = getpid(), pid = -1;
    *why = NULL;
    if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        *why = ipcr_format("cannot start a job: %s", strerror(errno));
        return IPCR_EXIT_LOST;
    }
    if (pid == 0)
        become_job(plan, parent, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    struct said said = {0};
    struct source s[2] = {{.fd = out[0], .take = take, .arg = arg},
                          {.fd = err[0], .take = keep, .arg = &said}};
    bool ended = read_all(s, ipcr_now_ms() + plan->limit_ms);
    if (!ended)
        kill(pid, SIGKILL); /* its agents notice and take everything down */
    reap(pid, &status);
    for (int i = 0; i < 2; i++)
        if (s[i].fd >= 0)
            close(s[i].fd);
    *why = why_of(&said);
    return ended ? exit_status(status) : IPCR_EXIT_TIMEOUT;
}
