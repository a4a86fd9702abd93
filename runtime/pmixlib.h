/* The client's side of PMIx, by its library, which is opened where a rank is started by it: nothing
 * else depends on it. Open MPI's mpiexec, srun --mpi=pmix and prun speak PMIx.
 *
 * All calls block. Those that return int give 0 or a negative errno, with the facts noted. */
#ifndef IPCR_PMIXLIB_H
#define IPCR_PMIXLIB_H

#include <stdbool.h>
#include <stddef.h>

#include "meeting.h"

/* Whether the library is on this machine. It stays open then. */
bool ipcr_pmixlib_find(void);

/* Joins the launcher's job of that name. The library begins a thread, which sleeps until the
 * launcher says something and takes no signals. It ends this process where the launcher is lost. */
int ipcr_pmixlib_open(const char *space, int *rank);

/* Numbers of the job, to be asked when it is open. */
enum ipcr_pmix_number { IPCR_PMIX_SIZE, IPCR_PMIX_APPNUM, IPCR_PMIX_UNIVERSE };
/* -ENOENT, with nothing noted: the launcher does not say. */
int ipcr_pmixlib_number(enum ipcr_pmix_number which, int *value);
/* The lowest rank of this node. */
int ipcr_pmixlib_lowest(int *rank);

int ipcr_pmixlib_put(const char *key, const char *value);
int ipcr_pmixlib_fence(void);
int ipcr_pmixlib_get(int owner, const char *key, char value[IPCR_KVS_VALUE_MAX]);

/* The end of the library's thread, too. */
int ipcr_pmixlib_finalize(void);
/* Asks the launcher to end the job. */
void ipcr_pmixlib_abort(int code);

#endif
