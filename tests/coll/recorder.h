/* A schedule of a collective: the verbs of coll.h written down, and played afterwards. Shows that
 * an algorithm needs nothing but the verbs: no data, no time, no answer from a transfer. */
#ifndef TESTS_COLL_RECORDER_H
#define TESTS_COLL_RECORDER_H

#include "coll.h"

struct ipcr_req;

enum step_kind { STEP_SEND, STEP_RECV, STEP_ROUND, STEP_COPY, STEP_REDUCE };

struct step {
    enum step_kind kind;
    struct ipcr_part part;  /* sent, received, copied to, or reduced into */
    struct ipcr_part other; /* copied from, or the left operand */
    int rank;
};

struct recorder {
    struct ipcr_coll_run run; /* first: what c->run points to */
    struct step *steps;
    int count, room;
    void **temps;
    int temp_count;
    bool open; /* transfers without a round after them */
};

/* Prepares to record: c->run is r from now on. */
void recorder_begin(struct recorder *r, struct ipcr_coll *c);
/* Carries out what was recorded, starting each transfer where it stands: as early as the rules
 * allow, where run.c does it as late. An error class. */
int recorder_play(const struct recorder *r, struct ipcr_coll *c);
void recorder_end(struct recorder *r);

#endif
