/* System calls of this process, counted by a child that traces it: the one way that needs neither
 * privileges nor a kernel built for it, and containers allow it. Each call then costs some twenty
 * microseconds, so nothing is timed meanwhile. */
#include "compare.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    struct shared {
        _Atomic int allowed;  /* the child may be named as a tracer only after it exists */
        _Atomic int attached; /* 1, or a negative errno */
        _Atomic unsigned long calls;
    } * shared;
    pid_t tracer;
} count;

/* Signals go on to the process; stops that only tell the tracer something do not. */
static int signal_of(int status)
{
    bool event = status >> 16;
    return event ? 0 : WSTOPSIG(status);
}

static _Noreturn void trace(pid_t pid)
{
    struct shared *s = count.shared;
    bool inside = false;
    int status;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!atomic_load(&s->allowed))
        sched_yield();
    if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) < 0 ||
        ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0) {
        atomic_store(&s->attached, -errno);
        _exit(1);
    }
    while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        bool call = WSTOPSIG(status) == (SIGTRAP | 0x80);
        inside = call ? !inside : inside;
        if (call && inside)
            atomic_fetch_add(&s->calls, 1);
        atomic_store(&s->attached, 1);
        ptrace(PTRACE_SYSCALL, pid, 0, call ? 0 : signal_of(status));
    }
    _exit(0);
}

/* A system call filter may have killed it at its first ptrace(). */
static int await_tracer(void)
{
    int attached;
    while ((attached = atomic_load(&count.shared->attached)) == 0) {
        if (waitpid(count.tracer, NULL, WNOHANG) == count.tracer) {
            count.tracer = 0;
            return -EPERM;
        }
        sched_yield();
    }
    return attached < 0 ? attached : 0;
}

int ipcr_count_start(void)
{
    pid_t own = getpid();
    void *p =
        mmap(NULL, sizeof *count.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return -errno;
    count.shared = p;
    count.tracer = fork();
    if (count.tracer < 0) {
        int error = errno;
        munmap(p, sizeof *count.shared);
        count.shared = NULL;
        return -error;
    }
    if (count.tracer == 0)
        trace(own);
    prctl(PR_SET_PTRACER, count.tracer, 0, 0, 0); /* where Yama asks for it */
    atomic_store(&count.shared->allowed, 1);
    int rc = await_tracer();
    if (rc < 0)
        ipcr_count_stop();
    return rc;
}

unsigned long ipcr_count_now(void)
{
    return count.shared ? atomic_load(&count.shared->calls) : 0;
}

void ipcr_count_stop(void)
{
    if (count.tracer > 0)
        kill(count.tracer, SIGKILL); /* which lets go of us */
    while (count.tracer > 0 && waitpid(count.tracer, NULL, 0) < 0 && errno == EINTR)
        continue;
    munmap(count.shared, sizeof *count.shared);
    count.shared = NULL;
}
