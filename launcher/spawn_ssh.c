/* The agent of another host: `ssh HOST exec /path/ipcrun --agent`, control over ssh's stdin and
 * stdout. Nothing listens, nothing is copied, and ssh has authenticated both sides. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* No question may wait for a terminal; a dead host must not keep us for minutes; a host that is cut
 * off later is noticed within 15 s. The user's own options come first, and ssh takes the first. */
static const char *const ssh_options[] = {
    "-o", "BatchMode=yes",           "-o", "ConnectTimeout=8", "-o", "ServerAliveInterval=5",
    "-o", "ServerAliveCountMax=2",   "-o", "ForwardX11=no",    "-o", "ForwardAgent=no",
    "-o", "ClearAllForwardings=yes", "-o", "ControlMaster=no", "-o", "LogLevel=ERROR",
    "-T"};

/* One word for any login shell (sh, csh, fish): single quotes, and those written as '\''. */
static char *quote(const char *word)
{
    char *text = ipcr_alloc(4 * strlen(word) + 3), *to = text;
    *to++ = '\'';
    for (; *word; word++) {
        if (*word == '\'')
            to = stpcpy(to, "'\\''");
        else
            *to++ = *word;
    }
    strcpy(to, "'");
    return text;
}

static void remote_command(const struct ipcr_remote *remote, struct ipcr_words *w)
{
    ipcr_words_split(w, remote->command ? remote->command : "ssh");
    const char *slash = strrchr(w->at[0], '/');
    if (strcmp(slash ? slash + 1 : w->at[0], "ssh") == 0)
        for (size_t i = 0; i < sizeof ssh_options / sizeof *ssh_options; i++)
            ipcr_words_add(w, ipcr_copy(ssh_options[i]));
    char *exe = quote(remote->exe);
    ipcr_words_add(w, ipcr_copy(remote->host));
    ipcr_words_add(w, ipcr_format("exec %s --agent", exe));
    free(exe);
}

char *ipcr_spawn_text(const struct ipcr_remote *remote)
{
    struct ipcr_words w = {0};
    remote_command(remote, &w);
    char *text = ipcr_copy(w.at[0]);
    for (int i = 1; i < w.n; i++) {
        char *longer = ipcr_format(strchr(w.at[i], ' ') ? "%s \"%s\"" : "%s %s", text, w.at[i]);
        free(text);
        text = longer;
    }
    ipcr_words_free(&w);
    return text;
}

static _Noreturn void become_ssh(const struct ipcr_remote *remote, char **argv, int fd, int err_fd)
{
    setsid(); /* no terminal: Ctrl-C is the head's business, and nobody is asked for a password */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(err_fd, 2);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, remote->signals, NULL);
    execvp(argv[0], argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(IPCR_EXIT_NOTFOUND);
}

int ipcr_spawn_ssh(const struct ipcr_remote *remote, struct ipcr_spawned *out)
{
    int pair[2], err[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    if (pipe2(err, O_CLOEXEC) < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return -error;
    }
    struct ipcr_words w = {0};
    remote_command(remote, &w);
    pid_t pid = fork();
    int error = errno;
    if (pid == 0)
        become_ssh(remote, w.at, pair[1], err[1]);
    close(pair[1]);
    close(err[1]);
    ipcr_words_free(&w);
    if (pid < 0) {
        close(pair[0]);
        close(err[0]);
        return -error;
    }
    *out = (struct ipcr_spawned){.pid = pid, .fd = pair[0], .err_fd = err[0]};
    return 0;
}
