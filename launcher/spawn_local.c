/* The agent of the head's own host: a fork, no program is executed. */
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static _Noreturn void become_agent(struct ipcr_agent_setup *setup, int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (setup->stdin_fd >= 0)
        setup->stdin_fd = fcntl(setup->stdin_fd, F_DUPFD_CLOEXEC, 3);
    setsid(); /* Ctrl-C is the head's business */
    dup2(null, 0);
    dup2(null, 1); /* a reader of our output must not wait for the agent */
    close(null);
    setup->in_fd = setup->out_fd = fd;
    setup->local = true;
    ipcr_agent_main(setup);
}

int ipcr_spawn_local(struct ipcr_agent_setup *setup, struct ipcr_spawned *out)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    pid_t pid = fork();
    if (pid < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return -error;
    }
    if (pid == 0) {
        close(pair[0]);
        become_agent(setup, pair[1]);
    }
    close(pair[1]);
    *out = (struct ipcr_spawned){.pid = pid, .fd = pair[0], .err_fd = -1};
    return 0;
}
