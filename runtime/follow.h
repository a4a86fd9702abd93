/* The threads of a process that wait at the same time. Only one of them can own the bell: what it
 * takes from it (a wake-up, a datagram) the others would miss. So the last one that is awake leads:
 * it blocks on the bell. The others follow: each sleeps on a word of its own until somebody knows
 * that it has to look. (The last one, since that is who has got something to do most recently: the
 * next message is probably for it, and takes one wake-up and not two.)
 *
 * - Its request is complete: whoever completed it wakes this thread and no other one.
 * - What it waits for is no request (a probe, any of several): it is woken whenever something has
 *   come, and whenever the leader wakes up.
 * - The last thread that was awake in a wait leaves it, and nobody leads: the one that has slept
 *   longest is woken, to take over.
 *
 * All under the library lock; a process with one thread never gets here. */
#ifndef IPCR_FOLLOW_H
#define IPCR_FOLLOW_H

#include <stdbool.h>

#include "hidden.h"

struct ipcr_req;

/* A thread begins to wait, and is awake; and has waited. */
void ipcr_follow_enter(void);
void ipcr_follow_leave(void);

/* Other threads are awake in a wait, or one leads. */
bool ipcr_follow_others_awake(void);

/* Sleeps until it is woken, without the lock. `on` completes when the wait is over; NULL: it waits
 * for something else. */
void ipcr_follow(const struct ipcr_req *on);

extern IPCR_HIDDEN int ipcr_followers, ipcr_follow_seekers; /* who sleep; of these, without `on` */
void ipcr_follow_wake_for(const struct ipcr_req *done);
void ipcr_follow_wake_seekers(void);

#endif
