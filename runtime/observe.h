/* What the library tells its tools: --stats, --trace, --check and the like. Each is one file that
 * fills a struct ipcr_observer, and one row in observe.c; which of them are on is decided when the
 * library comes up, and stays.
 *
 * The tools live inside and not in front of the MPI_ names, for three reasons: the names stay free
 * for the program's own profiler; programs that are linked in other ways than dynamically have them
 * too; and only here it is known which message a receive has matched and when a call really waits.
 *
 * While none is on, a call pays nothing (the gate in lock.h, which is looked at anyway, tells), and
 * a message a few predicted branches.
 *
 * All functions are called with the library lock held, except open, and may neither call MPI
 * functions nor make progress. NULL: of no interest. Memory that they are shown is only valid
 * during the call, unless something else is said. */
#ifndef IPCR_OBSERVE_H
#define IPCR_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "hidden.h"

struct ipcr_coll;
struct ipcr_comm;
struct ipcr_msg;
struct ipcr_peer;
struct ipcr_req;
struct ipcr_unexpected;

enum ipcr_object {
    IPCR_OBJECT_REQUEST,
    IPCR_OBJECT_COMM,
    IPCR_OBJECT_TYPE,
    IPCR_OBJECT_GROUP,
    IPCR_OBJECT_OP,
    IPCR_OBJECT_INFO,
    IPCR_OBJECT_ERRHANDLER
};

struct ipcr_observer {
    const char *name;

    /* Life. open: after the settings are known and the job is joined, before any message: whether
     * the tool is wanted. close: the program has called MPI_Finalize (or has closed its last
     * session) and everything it has sent has left, but its objects are still there; what the tool
     * has to say to the launcher must be said here. It may look for messages (ipcr_progress_poll).
     * It may be opened again by a later session. A program that is killed never comes here. */
    bool (*open)(void);
    void (*close)(void);

    /* The program's calls, the outermost only: not those that its callbacks make within one. `call`
     * is a constant, `caller` the address in the program to which the call returns. The call that
     * opens the library is not seen to enter, the one that closes it not to leave. Each on the
     * thread that calls. */
    void (*enter)(const char *call, const void *caller);
    void (*leave)(void);
    /* A call that waits has found nothing to do, and is about to let time go by. */
    void (*idle)(void);
    /* It has found something to do after that, whether or not that was what it waits for. */
    void (*busy)(void);

    /* Messages, those of collectives included (ipcr_match_is_program(m->ctx) tells them apart).
     * send: a message sets out to a peer; req is NULL if it has gone already (and lives no longer
     * than the call), else complete() tells when the buffer is the program's again. post: a receive
     * is asked for. match: it is bound to a message (source, tag, size in u; kind IPCR_RTS if the
     * data is still at the sender). complete: a request is over, matched or not. */
    void (*send)(const struct ipcr_msg *m, const struct ipcr_peer *peer, uint64_t bytes,
                 const struct ipcr_req *req);
    void (*post)(const struct ipcr_req *req);
    void (*match)(const struct ipcr_req *req, const struct ipcr_peer *peer,
                  const struct ipcr_unexpected *u);
    void (*complete)(const struct ipcr_req *req);
    /* The program has its buffer again: a blocking receive ends, or a request is waited for or
     * tested with success. `told`: the program gets the status. */
    void (*back)(const struct ipcr_req *req, bool told);
    /* 16 bits that travel with a message of the program; the receiver has them in u->mark. For one
     * tool at a time: the first that is on and wants it. All ranks of a job have the same tools. */
    uint16_t (*mark)(const struct ipcr_msg *m);

    /* What handles stand for. The program has got a handle (made), or has given one back. Requests:
     * all of them, also those that the library makes for itself, before they are filled in. */
    void (*object)(enum ipcr_object kind, const void *object, bool made);

    /* A collective of the program begins on this rank, in any form, with checked arguments. A
     * persistent one is seen when it is made. */
    void (*collective)(const struct ipcr_coll *c);
    /* All members of comm are to make a communicator together. Some calls say it twice. */
    void (*meeting)(struct ipcr_comm *comm);
};

/* Rows of observe.c. */
extern const struct ipcr_observer *const ipcr_observers[];
extern const struct ipcr_observer ipcr_tool_check;   /* --check */
extern const struct ipcr_observer ipcr_tool_compare; /* ... of collectives */
extern const struct ipcr_observer ipcr_tool_profile; /* --stats, --trace */

/* Whether any is on: guarded by the lock as everything here. */
extern IPCR_HIDDEN bool ipcr_observed;

/* Asks each row whether it is wanted. */
void ipcr_observe_open(void);
void ipcr_observe_close(void);

/* What IPCR_OBSERVE calls: hands it to all that are on. */
void ipcr_observe_enter(const char *call, const void *caller);
void ipcr_observe_leave(void);
void ipcr_observe_idle(void);
void ipcr_observe_busy(void);
void ipcr_observe_send(const struct ipcr_msg *m, const struct ipcr_peer *peer, uint64_t bytes,
                       const struct ipcr_req *req);
void ipcr_observe_post(const struct ipcr_req *req);
void ipcr_observe_match(const struct ipcr_req *req, const struct ipcr_peer *peer,
                        const struct ipcr_unexpected *u);
void ipcr_observe_complete(const struct ipcr_req *req);
void ipcr_observe_back(const struct ipcr_req *req, bool told);
uint16_t ipcr_observe_mark(const struct ipcr_msg *m);
void ipcr_observe_object(enum ipcr_object kind, const void *object, bool made);
void ipcr_observe_collective(const struct ipcr_coll *c);
void ipcr_observe_meeting(struct ipcr_comm *comm);

#define IPCR_OBSERVE(what, ...)                 \
    do {                                        \
        if (__builtin_expect(ipcr_observed, 0)) \
            ipcr_observe_##what(__VA_ARGS__);   \
    } while (0)

#endif
