/* A schedule: the verbs of a collective written down once, and played by progress as its transfers
 * complete. Nonblocking collectives play it once, persistent ones as often as they are started. */
#ifndef IPCR_SCHEDULE_H
#define IPCR_SCHEDULE_H

#include "progress.h"
#include "run.h"
#include "table.h"

enum ipcr_step_kind {
    IPCR_STEP_SEND,
    IPCR_STEP_RECV,
    IPCR_STEP_ROUND,
    IPCR_STEP_COPY,
    IPCR_STEP_REDUCE
};

struct ipcr_step {
    enum ipcr_step_kind kind;
    int rank;
    struct ipcr_part part;  /* sent, received, copied to, or reduced into */
    struct ipcr_part other; /* copied from, or the left operand */
};

struct ipcr_schedule {
    struct ipcr_coll_run run; /* first: what call.run points to while it records */
    struct ipcr_coll call;    /* of its pointers only comm, op and run count after recording */
    struct ipcr_step *steps;  /* which hold references to their types */
    size_t count, room;
    size_t open, widest; /* transfers of the round being recorded, and most in one round */
    struct ipcr_coll_block *blocks; /* temporaries: live as long as the schedule */

    /* While it is played: */
    size_t at;                  /* step with which it goes on */
    struct ipcr_req *transfers; /* [widest] of this round */
    size_t pending;             /* of them not complete, and one while they are being started */
    int error;                  /* the first one, */
    char *facts;                /* and its sentence, or NULL */
    struct ipcr_req *req;       /* what the program holds; owns the schedule */
    struct ipcr_deferred deferred;
};

/* Writes down what `row` does for the call. The schedule holds references to the operation and to
 * types; the communicator is kept by its request. */
struct ipcr_schedule *ipcr_schedule_record(const struct ipcr_coll *c,
                                           const struct ipcr_coll_row *row);
void ipcr_schedule_free(struct ipcr_schedule *s);

#endif
