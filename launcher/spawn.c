/* Agents of other hosts: control goes over stdin and stdout of a program that reaches the host.
 * Nothing listens, nothing is copied, and that program has authenticated both sides. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SPAWN_PATIENCE_MS = 10000,
    SPAWN_SLURM_MS = 60000, /* a prolog may run on the node first, or a controller be busy */
};

/* Host, program and arguments as words of their own. */
static void add_plain(const struct ipcr_remote *remote, struct ipcr_words *w)
{
    ipcr_words_add(w, ipcr_copy(remote->host));
    ipcr_words_add(w, ipcr_copy(remote->exe));
    ipcr_words_add(w, ipcr_copy("--agent"));
}

static void add_qrsh(const struct ipcr_remote *remote, struct ipcr_words *w)
{
    ipcr_words_add(w, ipcr_copy("-inherit"));
    add_plain(remote, w);
}

static const struct ipcr_spawn_way ways[] = {
    {"ssh", "ssh", ipcr_spawn_add_ssh, NULL, SPAWN_PATIENCE_MS, NULL},
    {"rsh", "rsh", ipcr_spawn_add_ssh, NULL, SPAWN_PATIENCE_MS, NULL},
    {"slurm", "srun", ipcr_spawn_add_srun, ipcr_spawn_srun_hidden, SPAWN_SLURM_MS,
     ipcr_spawn_srun_is_echo},
    {"lsf", "blaunch", add_plain, NULL, SPAWN_PATIENCE_MS, NULL},
    {"sge", "qrsh", add_qrsh, NULL, SPAWN_PATIENCE_MS, NULL},
};

const struct ipcr_spawn_way *ipcr_spawn_row(int i)
{
    return (size_t)i < sizeof ways / sizeof *ways ? &ways[i] : NULL;
}

const struct ipcr_spawn_way *ipcr_spawn_find(const char *name)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strcmp(ways[i].name, name) == 0)
            return &ways[i];
    return NULL;
}

static void all_words(const struct ipcr_remote *remote, struct ipcr_words *w)
{
    ipcr_words_split(w, remote->command ? remote->command : remote->way->program);
    remote->way->add(remote, w);
}

char *ipcr_spawn_text(const struct ipcr_remote *remote)
{
    struct ipcr_words w = {0};
    all_words(remote, &w);
    char *text = ipcr_copy(w.at[0]);
    for (int i = 1; i < w.n; i++) {
        char *longer = ipcr_format(strchr(w.at[i], ' ') ? "%s \"%s\"" : "%s %s", text, w.at[i]);
        free(text);
        text = longer;
    }
    ipcr_words_free(&w);
    return text;
}

static _Noreturn void become(const struct ipcr_remote *remote, char **argv, int fd, int err_fd)
{
    setsid(); /* no terminal: Ctrl-C is the head's business, and nobody is asked for a password */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(fd, 0);
    dup2(fd, 1);
    dup2(err_fd, 2);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, remote->signals, NULL);
    for (const char *const *name = remote->way->hidden; name && *name; name++)
        unsetenv(*name);
    execvp(argv[0], argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(IPCR_EXIT_NOTFOUND);
}

int ipcr_spawn_remote(const struct ipcr_remote *remote, struct ipcr_spawned *out)
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
    all_words(remote, &w);
    pid_t pid = fork();
    int error = errno;
    if (pid == 0)
        become(remote, w.at, pair[1], err[1]);
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
