/* What a rank and whoever started it say to each other: the node's agent, or another launcher;
 * way.h lists the ways. All of it is off the fast path and may block.
 *
 * Return values are 0 or a negative errno; the first place that knows the cause logs it. */
#ifndef IPCR_BOOT_H
#define IPCR_BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"

/* Reads the WELCOME message that the agent wrote before this program was started, so it does not
 * wait for anybody. Without an agent (no IPCRUN_BOOT in the environment) asks a launcher that
 * speaks PMI, and meets the other ranks; without one, fills in a world of one, or fails if another
 * launcher meant several ranks (stranger.h). */
int ipcr_boot_open(struct ipcr_job *job);

/* Collective over the job's world: every rank gives len bytes (at most 4096), and receives the
 * blobs of all ranks. table[r] and lens[r] (arrays of job.size, caller's) point into memory that
 * belongs to boot.c and lives until ipcr_boot_close(). Returns when all ranks have contributed. */
int ipcr_boot_exchange(const void *mine, size_t len, const void **table, size_t *lens);

/* Tells the launcher that this job is over because of `code`, with `text` (one block, for people;
 * may be NULL) to be printed once for the whole job. Does not return: the process exits. */
_Noreturn void ipcr_boot_abort(int code, const char *text);

/* Tells the launcher what a tool has found wrong with the program, for people: in which call, which
 * returns to `caller` in the program, and what. Waits until the agent has looked the address up,
 * for which this process must live. The job goes on. */
void ipcr_boot_finding(const char *call, const void *caller, const char *text);

/* Whether this process has an agent that would do that. */
bool ipcr_boot_has_detour(void);
/* A connected socket for a rank of another host that cannot be reached, by the way of the agents:
 * at its other end is the TCP listener of that rank's process, at `port`, or soon nobody if that
 * cannot be. A descriptor, or a negative errno: -ENOTSUP without agents. */
int ipcr_boot_detour(int rank, uint16_t port);

/* This rank has left MPI_Finalize's last wait: from now on any exit of it is an ordinary one. */
int ipcr_boot_finalize(void);

/* This process exits and has not left MPI: the others would wait for it. Returns. */
void ipcr_boot_leaving(void);

/* Closes the channel and frees what boot.c holds. */
void ipcr_boot_close(void);

#endif
