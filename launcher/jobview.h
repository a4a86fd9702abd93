/* A job as another ipcrun sees it (--status, --top): what it is, where its ranks are, what they do.
 */
#ifndef IPCR_JOBVIEW_H
#define IPCR_JOBVIEW_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#include "sleeper.h"
#include "util.h"

struct ipcr_jobview {
    char id[16];
    char *command;            /* of the first program */
    int size, nodes;          /* size 0: nothing was heard yet */
    uint64_t ms;              /* it has run for so long */
    struct ipcr_words hosts;  /* [nodes] */
    int *node_of;             /* [size] */
    struct ipcr_sleeper *all; /* [size] */
};

/* The head's part of a JOB message; the ranks follow. False: malformed, and *v is as it was. */
bool ipcr_jobview_get(struct ipcr_reader *r, struct ipcr_jobview *v);
void ipcr_jobview_free(struct ipcr_jobview *v);

/* "0-3, 5": ranks in rising order; "..." where there is no more room. */
void ipcr_jobview_ranks(char *text, size_t room, const int *ranks, int n);

/* A head listens under a name in the abstract name space: it is in no folder, and goes with the
 * process. Yields the length of the address. */
socklen_t ipcr_jobview_address(struct sockaddr_un *to, uid_t uid, pid_t head);
/* What stands before uid and pid in such a name, as /proc/net/unix shows it. */
#define IPCR_JOBVIEW_NAME "@ipcrun/"

#endif
