/* Processes that are about to make a communicator, and how they agree: on a context id (ctxid.h),
 * and on small facts before that. The words travel as messages of communicators that exist already.
 * Blocking; mpi_comm_idup.c has the one agreement that is not. */
#ifndef IPCR_AGREE_H
#define IPCR_AGREE_H

#include <stdbool.h>
#include <stdint.h>

#include "comm.h"

/* Who speaks for the other side, where two sides agree: their leaders exchange messages. */
struct ipcr_bridge {
    bool there;             /* false: all members are in one circle */
    struct ipcr_comm *comm; /* where the leaders meet; only the leader's is looked at */
    int rank;               /* of the other leader in it */
    uint32_t ctx;
    int tag;
};

/* The members of one side: all of comm, through its collectives; or those of `group`, by messages
 * of their own in comm, which may have more members. */
struct ipcr_circle {
    struct ipcr_comm *comm;
    const struct ipcr_group *group; /* NULL: all of comm */
    const int *ranks;               /* in comm, of the group's members */
    uint32_t ctx;                   /* of the group's messages */
    int tag;
    int leader; /* rank in group, or in comm, of the process that has the bridge */
    struct ipcr_bridge bridge;
    uint64_t key;                   /* ctxid.h: the same for all, another for each agreement */
    enum ipcr_comm_threads threads; /* what is known of the members */
    bool entered;                   /* every member is known to be here */
};

/* All members of comm, which may be an intercommunicator: both sides then. Counts as one of comm's
 * agreements, which all members begin in the same order. */
struct ipcr_circle ipcr_circle_of(struct ipcr_comm *comm);

/* Combines words[0..count) of all members, of both sides, by AND. Everybody gets the result, so
 * everybody is here by then. An error class. */
int ipcr_circle_and(struct ipcr_circle *k, uint64_t *words, size_t count);

/* Hands the leader's content to all of its side: `ints` is read there and filled elsewhere. */
struct ipcr_ints {
    int *v;
    int n;
};
int ipcr_circle_tell(struct ipcr_circle *k, struct ipcr_ints ints);

/* Hands everybody the n ints that the other leader gives, and takes those of this leader for the
 * other side; what others give is not looked at. */
int ipcr_circle_swap(struct ipcr_circle *k, struct ipcr_ints ours, struct ipcr_ints theirs);

/* A new context, free at all members of both sides. k->threads says afterwards what is known. */
int ipcr_circle_context(struct ipcr_circle *k, uint32_t *ctx);

#endif
