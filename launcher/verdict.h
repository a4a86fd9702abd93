/* What became of the job: the first failure in time decides the exit status and the sentence. Pure:
 * no clock, no I/O. */
#ifndef IPCR_VERDICT_H
#define IPCR_VERDICT_H

#include <stdbool.h>

#include "proto.h"

struct ipcr_verdict {
    bool failed;
    int status;  /* exit status of ipcrun */
    char *block; /* what the failing program itself has to say; NULL: nothing */
    char *line;  /* one sentence, without "ipcrun: "; NULL: nothing to say */
    bool spare;  /* failed after MPI_Finalize: others may still be on their ordinary way out */
};

/* A rank ended. True if this made the job fail just now. `host`: where it ran. */
bool ipcr_verdict_exit(struct ipcr_verdict *v, const struct ipcr_exit *e, const char *host);

/* A rank ended with status 0 without MPI_Init, and the others wait for it there. */
bool ipcr_verdict_missed(struct ipcr_verdict *v, const struct ipcr_exit *e, const char *host);

/* A rank asked for the end of the job: MPI_Abort, or a fatal MPI error. */
struct ipcr_abort {
    uint32_t rank;
    int32_t pid, code;
    const char *text; /* may be "" */
};
bool ipcr_verdict_abort(struct ipcr_verdict *v, const struct ipcr_abort *a, const char *host);

/* Anything else. `line` is copied; NULL: silent. */
bool ipcr_verdict_fail(struct ipcr_verdict *v, int status, const char *line);

void ipcr_verdict_free(struct ipcr_verdict *v);

#endif
