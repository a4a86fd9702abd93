/* Leaving nothing behind: finds and kills all descendants, also those that went through fork twice
 * and setsid(). It works because the caller is a child subreaper: whatever loses its parent below
 * us becomes our child, so "no child left" means "nothing left".
 *
 * Where agent and guard of a host were both killed nobody is above the rest any more, and it has to
 * be found by what it carries: the job's name in its environment. */
#include "agent.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    REAP_ROUNDS = 250,
    REAP_POLLS = 20,
    REAP_GRACE_MS = 1300,    /* an agent that has lost its head gives its ranks a second */
    REAP_LOOK_MS = 50,       /* between two looks for a job's processes */
    REAP_PATIENCE_MS = 4000, /* with those that SIGKILL does not end */
};

struct proc {
    pid_t pid, parent, group;
    bool marked;
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
        list[(*n)++] = (struct proc){pid, parent, getpgid(pid), false};
    }
    if (dir)
        closedir(dir);
    return list;
}

static bool is_below(const struct proc *list, size_t n, const struct proc *p)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].marked && list[i].pid == p->parent)
            return true;
    return false;
}

/* Marks what is below those that are marked. */
static void mark_below(struct proc *list, size_t n)
{
    bool found = true;
    while (found) { /* a generation a turn, except where a child is listed behind its parent */
        found = false;
        for (size_t i = 0; i < n; i++)
            if (!list[i].marked && is_below(list, n, &list[i]))
                list[i].marked = found = true;
    }
}

static void signal_marked(const struct proc *list, size_t n, int sig)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].marked)
            kill(list[i].pid, sig);
}

void ipcr_reap_signal(int sig)
{
    size_t n;
    struct proc *list = list_processes(&n);
    for (size_t i = 0; i < n; i++)
        list[i].marked = list[i].parent == getpid();
    mark_below(list, n);
    signal_marked(list, n, sig);
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

/* ---- by name ---- */

static bool carries(pid_t pid, const char *entry)
{
    char path[64], *line = NULL;
    size_t room = 0;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    FILE *f = fopen(path, "re"); /* that of another user cannot be read, and is not ours */
    while (f && !found && getdelim(&line, &room, 0, f) > 0)
        found = strcmp(line, entry) == 0;
    if (f)
        fclose(f);
    free(line);
    return found;
}

/* A rank leads a process group, and so do the jobs of a shell below it: who is in one with a
 * process of the job was started by it, even with an environment of its own. A group whose leader
 * is outside of this pid namespace is called 0, as others are. */
static void mark_groups(struct proc *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!list[i].marked || list[i].group <= 0 || list[i].group == getpgrp())
            continue;
        for (size_t j = 0; j < n; j++)
            list[j].marked |= list[j].group == list[i].group;
    }
}

/* Sends sig (0: none) to all that is left of the job on this host; how many that are. */
static size_t signal_job(const char *entry, int sig)
{
    size_t n, found = 0;
    struct proc *list = list_processes(&n);
    for (size_t i = 0; i < n; i++)
        list[i].marked = carries(list[i].pid, entry);
    mark_groups(list, n);
    mark_below(list, n);
    for (size_t i = 0; i < n; i++) {
        list[i].marked &= list[i].pid != getpid();
        found += list[i].marked;
    }
    signal_marked(list, n, sig);
    free(list);
    return found;
}

static bool lives(pid_t pid)
{
    char path[64], state;
    pid_t parent;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    return ipcr_proc_stat(path, &state, &parent) && state != 'Z' && state != 'X';
}

void ipcr_reap_job(const char *id, pid_t agent)
{
    const struct timespec look = {.tv_nsec = REAP_LOOK_MS * 1000000};
    char *entry = ipcr_format("IPCRUN_JOB=%s", id);
    int64_t now = ipcr_now_ms(), kill_ms = now + REAP_GRACE_MS, end_ms = kill_ms + REAP_PATIENCE_MS;
    for (; now < end_ms; now = ipcr_now_ms()) {
        bool in_order = now < kill_ms && lives(agent);
        if (signal_job(entry, in_order ? 0 : SIGKILL) == 0)
            break;
        nanosleep(&look, NULL);
    }
    free(entry);
}
