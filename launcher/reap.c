/* Leaving nothing behind: finds and kills all descendants, also those that went through fork twice
 * and setsid(). It works because the caller is a child subreaper: whatever loses its parent below
 * us becomes our child, so "no child left" means "nothing left". */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { REAP_ROUNDS = 250, REAP_POLLS = 20 };

struct proc {
    pid_t pid, parent;
    bool below;
};

/* Parent of a process, 0 if it is gone. */
static pid_t parent_of(const char *pid)
{
    char path[64], state;
    pid_t parent;
    snprintf(path, sizeof path, "/proc/%.16s/stat", pid);
    return ipcr_proc_stat(path, &state, &parent) ? parent : 0;
}

static struct proc *list_processes(size_t *n)
{
    struct proc *list = NULL;
    size_t cap = 0;
    *n = 0;
    DIR *dir = opendir("/proc");
    for (struct dirent *e; dir && (e = readdir(dir));) {
        pid_t pid = atoi(e->d_name);
        pid_t parent = pid > 0 ? parent_of(e->d_name) : 0;
        if (parent == 0)
            continue;
        if (*n == cap) {
            cap = cap ? 2 * cap : 256;
            list = ipcr_resize(list, cap * sizeof *list);
        }
        list[(*n)++] = (struct proc){pid, parent, false};
    }
    if (dir)
        closedir(dir);
    return list;
}

static bool is_below(const struct proc *list, size_t n, const struct proc *p)
{
    if (p->parent == getpid())
        return true;
    for (size_t i = 0; i < n; i++)
        if (list[i].below && list[i].pid == p->parent)
            return true;
    return false;
}

void ipcr_reap_signal(int sig)
{
    size_t n;
    struct proc *list = list_processes(&n);
    bool found = true;
    while (found) { /* a generation a turn, except where a child is listed behind its parent */
        found = false;
        for (size_t i = 0; i < n; i++)
            if (!list[i].below && is_below(list, n, &list[i])) {
                list[i].below = found = true;
                kill(list[i].pid, sig);
            }
    }
    free(list);
}

/* True when there is no child any more. */
static bool reap_dead(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        ;
    return pid < 0 && errno == ECHILD;
}

void ipcr_reap_all(void)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    for (int round = 0; round < REAP_ROUNDS && !reap_dead(); round++) {
        ipcr_reap_signal(SIGKILL);
        for (int i = 0; i < REAP_POLLS && !reap_dead(); i++)
            nanosleep(&ms, NULL);
    }
}
