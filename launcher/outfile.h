/* Output of ranks into files. They are written where ipcrun runs, whatever host a rank is on, and
 * get the ranks' bytes alone: no tags. */
#ifndef IPCR_OUTFILE_H
#define IPCR_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "plan.h"

struct ipcr_outfile_wish {
    /* DIR: files DIR/1/rank.N/stdout and stderr, and the terminal as well (as Open MPI has it) */
    const char *dir;
    bool dir_alone; /* not the terminal */
    /* Names of files for stdout and stderr, instead of the terminal (as MPICH has it), as patterns
     * (pattern.h). Ranks with the same name share the file. */
    const char *pattern[2];
};

/* Makes all files anew and empty, and leaves none open: agents are forked after this. False with a
 * sentence. */
bool ipcr_outfile_make(const struct ipcr_outfile_wish *wish, const struct ipcr_plan *plan,
                       char *why, size_t room);

/* Writes n bytes of a rank. 0, or an errno. */
int ipcr_outfile_put(int stream, int rank, const void *bytes, size_t n);
/* Does this stream go to the terminal (as well)? */
bool ipcr_outfile_passes(int stream);
/* The file of a rank's stream, for people; NULL: none. */
const char *ipcr_outfile_name(int stream, int rank);

#endif
