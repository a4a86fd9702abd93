/* Starting an agent on a host: as a child of this process, or through ssh. */
#ifndef IPCR_SPAWN_H
#define IPCR_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "agent.h"
#include "util.h"

struct ipcr_spawned {
    pid_t pid;  /* our child: the agent's guard, or ssh */
    int fd;     /* control channel, both directions */
    int err_fd; /* what ssh says to people; -1: there is none */
};

/* Forks an agent. Must come before the head opens anything of its own: the child inherits it all.
 * setup's descriptors but stdin_fd are filled in here. 0 or a negative errno. */
int ipcr_spawn_local(struct ipcr_agent_setup *setup, struct ipcr_spawned *out);

struct ipcr_remote {
    const char *command; /* NULL: ssh; else words as for a shell */
    const char *host;    /* as the user wrote it, user@ included */
    const char *exe;     /* absolute path of ipcrun, on the other host, too */
    const sigset_t *signals;
};
/* Runs ssh (or what replaces it) with the agent as the remote command. 0 or a negative errno. */
int ipcr_spawn_ssh(const struct ipcr_remote *remote, struct ipcr_spawned *out);

/* The same command as text, for -v and error messages; the caller frees it. */
char *ipcr_spawn_text(const struct ipcr_remote *remote);

#endif
