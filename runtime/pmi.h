/* The client's side of PMI-1: lines of `name=value` words over a socket that the launcher hands
 * down (PMI_FD). MPICH's mpiexec and its relatives speak it, and so does srun --mpi=pmi2, which
 * understands both versions of the protocol.
 *
 * All calls block. They return 0 or a negative errno, with the facts noted: nothing that comes over
 * the socket is believed. Keys and values must be free of blanks and '='. */
#ifndef IPCR_PMI_H
#define IPCR_PMI_H

#include <stdbool.h>

#include "meeting.h"

/* Greets the launcher; `fd` belongs to the caller. */
int ipcr_pmi_open(int fd);
/* Forgets the descriptor. */
void ipcr_pmi_close(void);

/* A number that the launcher is asked for by a command without arguments: appnum, universe_size. */
int ipcr_pmi_number(const char *what, int *value);

/* Visible to all ranks after the next barrier. */
int ipcr_pmi_put(const char *key, const char *value);
int ipcr_pmi_barrier(void);
/* -ENOENT, with nothing noted, if nobody has put the key. */
int ipcr_pmi_get(const char *key, char value[IPCR_KVS_VALUE_MAX]);

int ipcr_pmi_finalize(void);
/* Asks the launcher to end the job; waits for nothing. */
void ipcr_pmi_abort(int code);

/* Reads the launcher's map of ranks, "(vector,(first node,nodes,ranks of each),...)", which repeats
 * until all ranks have a node. Fills node_of[size] with the launcher's numbers; false if it makes
 * no sense. */
bool ipcr_pmi_places(const char *text, int size, int *node_of);

#endif
