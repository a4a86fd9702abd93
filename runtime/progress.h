/* The one loop in which everything moves, and the strategy of waiting (doc/architecture.md).
 *
 * A waiting call repeats ipcr_progress_step(). A step polls every open transport; when nothing
 * happens it idles a little more each time: it spins while a core is free for this rank and its
 * peers, hands the core on (sched_yield) while the node is crowded, and after a
 * while without any work publishes that it sleeps and blocks until a peer rings. */
#ifndef IPCR_PROGRESS_H
#define IPCR_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "follow.h"
#include "hidden.h"
#include "relax.h"

struct ipcr_asked;
struct ipcr_req;

struct ipcr_idle {               /* state of one wait; zero-initialise */
    uint32_t rounds, hand_overs; /* polls since the last hand-over of the core; hand-overs */
    uint64_t since_ns;
    const struct ipcr_req *on; /* what it waits for, for the status board; NULL: several things */
    const struct ipcr_asked *any; /* which these are; NULL: no requests of the program */
    const struct ipcr_req *until; /* what it will wait for in the end: until that is complete, all
                                   * that comes is welcome. NULL: the same */
    /* What it waits for does not come through a transport: looked at once more before sleep.
     * Whoever makes it true rings the bell. NULL: nothing like that. */
    bool (*ready)(void *);
    void *ready_arg;
    bool completes; /* the wait is over when `on` completes */
    bool counted;   /* progress.c: among the threads that wait (follow.h) */
};

/* Work that an arrival has made ready but must not do itself, because it sends: it is embedded in
 * the object it is about and runs at the end of the poll. `run` is called once with the library
 * lock held, may not block, and may be the end of the object. */
struct ipcr_deferred {
    struct ipcr_deferred *next;
    void (*run)(struct ipcr_deferred *self);
};

/* Becomes true when what the waiting call waits for is complete; never NULL. Under the lock. */
extern IPCR_HIDDEN const volatile bool *ipcr_progress_goal;

/* After ipcr_peer_init(), which decides on transports. */
int ipcr_progress_init(void);
void ipcr_progress_finish(void);

/* One pass over all transports without waiting, and the deferred work: how many things happened. */
int ipcr_progress_poll(void);
/* The same for who wants `goal` complete (NULL: nothing in particular): what comes behind it is
 * left to those who want that. */
int ipcr_progress_poll_for(const struct ipcr_req *goal);
/* Whether a waiting rank keeps no other one of its node from running: it may look again and again.
 */
bool ipcr_progress_may_spin(void);
/* Has `work`, which is not waiting already, run by this poll or the next. */
void ipcr_progress_defer(struct ipcr_deferred *work);
/* Has `work`, which runs now, run again by the next poll. That is no progress: what it needs must
 * come from another thread, so whoever polls lets others in between, and does not sleep. */
void ipcr_progress_retry(struct ipcr_deferred *work);
/* One pass, then idle as the state says. Lets go of the library lock while it idles. */
void ipcr_progress_step(struct ipcr_idle *idle);
/* The wait is over: whoever has repeated steps says so. If no other thread is awake to look after
 * those that sleep, one of them is woken. */
static inline void ipcr_progress_end(const struct ipcr_idle *idle)
{
    if (__builtin_expect(idle->counted, 0))
        ipcr_follow_leave();
}
/* Wakes the thread of this process that sleeps until `done` is complete, and those that wait for no
 * request in particular. NULL: something that the leader has to see to. */
void ipcr_progress_notify(const struct ipcr_req *done);

#endif
