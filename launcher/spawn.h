/* Starting an agent on a host: as a child of this process, or through a program that reaches the
 * host. What reaches hosts is a row of the table in spawn.c. */
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

struct ipcr_remote;

/* A program that runs a command on another host, with that command's stdin and stdout as its own.
 */
struct ipcr_spawn_way {
    const char *name;    /* as for --launcher */
    const char *program; /* unless --ssh names another */
    /* Adds what follows the program's own words. */
    void (*add)(const struct ipcr_remote *remote, struct ipcr_words *w);
    const char *const *hidden; /* variables that the program must not see; NULL: none */
    int patience_ms;           /* with an agent that does not answer */
    /* True of a line that the program adds to another one that says more. NULL: of none. */
    bool (*is_echo)(const char *line);
};

/* Row i of the table; NULL behind the last. The first is ssh. */
const struct ipcr_spawn_way *ipcr_spawn_row(int i);

/* NULL: there is no such way. */
const struct ipcr_spawn_way *ipcr_spawn_find(const char *name);

struct ipcr_remote {
    const struct ipcr_spawn_way *way;
    const char *command; /* instead of the way's program, words as for a shell; NULL: none */
    const char *host;    /* as the user wrote it, user@ included */
    const char *exe;     /* absolute path of ipcrun, on the other host, too */
    const sigset_t *signals;
};
/* Runs the way's program with the agent as the remote command. 0 or a negative errno. */
int ipcr_spawn_remote(const struct ipcr_remote *remote, struct ipcr_spawned *out);

/* The same command as text, for -v and error messages; the caller frees it. */
char *ipcr_spawn_text(const struct ipcr_remote *remote);

/* What rows have. spawn_ssh.c: words of ssh, for a login shell. */
void ipcr_spawn_add_ssh(const struct ipcr_remote *remote, struct ipcr_words *w);
/* spawn_slurm.c: of srun. */
void ipcr_spawn_add_srun(const struct ipcr_remote *remote, struct ipcr_words *w);
bool ipcr_spawn_srun_is_echo(const char *line);
extern const char *const ipcr_spawn_srun_hidden[];

#endif
