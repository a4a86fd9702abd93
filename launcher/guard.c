/* The guard: a second process per host that does nothing but outlive its agent.
 *
 * A killed agent takes its ranks with it (PR_SET_PDEATHSIG), but not what they started. Those
 * become children of the next living subreaper above: the guard, which kills them. A killed guard
 * is noticed by its agent, which ends the job in order. The guard also removes the job's directory,
 * if there is one. The guard has a name of its own, so that
 * `killall -9 ipcrun` does not hit both. */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobdir.h"

static int dir_note[2]; /* a path, from the agent to the guard */

void ipcr_guard_tell_dir(const char *path)
{
    /* Shorter than PIPE_BUF and alone in the pipe: it goes in whole, or the guard does not know. */
    if (write(dir_note[1], path, strlen(path) + 1) < 0)
        ipcr_say("cannot tell the guard of %s: %s", path, strerror(errno));
}

static void remove_dir(void)
{
    char path[PIPE_BUF + 1] = "";
    if (read(dir_note[0], path, PIPE_BUF) > 0)
        ipcr_jobdir_remove(path);
}

static _Noreturn void guard_main(pid_t agent)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "ipcr-guard");
    int status;
    pid_t pid;
    do {
        pid = waitpid(-1, &status, 0);
    } while (pid != agent && !(pid < 0 && errno == ECHILD));
    ipcr_reap_all();
    remove_dir();
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : IPCR_EXIT_LOST);
}

int ipcr_guard_split(const int *close_in_guard, int n)
{
    int life[2];
    if (pipe2(life, O_CLOEXEC) < 0 || pipe2(dir_note, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    signal(SIGCHLD,
           SIG_DFL); /* whoever started us may have ignored it: no child could be awaited */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t agent = fork();
    if (agent < 0)
        return -errno;
    if (agent > 0) {
        close(life[0]);
        close(dir_note[1]);
        for (int i = 0; i < n; i++)
            if (close_in_guard[i] >= 0)
                close(close_in_guard[i]);
        guard_main(agent);
    }
    close(life[1]);
    close(dir_note[0]);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "ipcr-agent");
    return life[0];
}
