/* Ranks that meet without an agent, over a key-value space of whoever started them. They do for
 * each other what an agent does: rank 0 draws the secret, the lowest rank of each node makes its
 * memory (nodemem.h), and addresses go from each to all. What the launcher says of nodes counts,
 * not the hosts' names.
 *
 * All calls block. Those that return int give 0 or a negative errno, with the facts noted. */
#ifndef IPCR_MEETING_H
#define IPCR_MEETING_H

#include <stdbool.h>
#include <stddef.h>

#include "job.h"

enum {
    IPCR_KVS_VALUE_MAX = 1024, /* with the end; free of blanks and '=' */
    IPCR_KVS_KEY_MAX = 64,
    IPCR_RANKS_MAX = 1 << 20
};

struct ipcr_kvs {
    const char *name; /* of the protocol, for people */
    int (*put)(const char *key, const char *value);
    /* Returns when all ranks have come; what they have put before can be read then. */
    int (*fence)(void);
    /* What the rank `owner` has put under the key. -ENOENT, with nothing noted: it has not. */
    int (*get)(int owner, const char *key, char value[IPCR_KVS_VALUE_MAX]);
};

/* A job whose numbers are still to come: what this process can see by itself. */
void ipcr_meeting_prepare(struct ipcr_job *job);
/* For a job whose rank and size are known: an array of [size], in which the caller puts a number
 * for the node of each rank, whatever the launcher has. The memory belongs to meeting.c. NULL:
 * there is none, noted. `kvs` stays the caller's. */
int *ipcr_meeting_begin(const struct ipcr_kvs *kvs, const struct ipcr_job *job);
/* Collective. Fills in what remains of the job. */
int ipcr_meeting_hold(struct ipcr_job *job);
/* What makes a process a rank has gone from the environment; now comes what marks its children
 * (stranger.h). */
void ipcr_meeting_mark_children(const struct ipcr_job *job);
/* As ipcr_boot_exchange(). */
int ipcr_meeting_exchange(const void *mine, size_t len, const void **table, size_t *lens);
void ipcr_meeting_end(void);

/* Between begin and end: a value that must be there, with what is missing noted. */
int ipcr_meeting_get(int owner, const char *key, char value[IPCR_KVS_VALUE_MAX]);
/* Notes that a value makes no sense; gives the error. */
int ipcr_meeting_bad(const char *key);

#endif
