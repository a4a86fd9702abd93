/* Ranks without processes: n coroutines in one thread, and below them a p2p layer (p2p.h and
 * request.h as far as collectives use them) that moves messages between their buffers.
 *
 * Everything is decided by a seed, so a failure repeats. A message of more than `eager` bytes
 * completes at the sender only when it is matched and is read from the sender's buffer as late as
 * that; changing the buffer meanwhile is found out. When no rank can go on, the run ends and says
 * who waits for whom. */
#ifndef TESTS_COLL_SIM_H
#define TESTS_COLL_SIM_H

#include "comm.h"

enum { SIM_RANKS = 64 };

struct sim {
    int n;
    size_t eager;
    unsigned seed;
    void (*body)(struct ipcr_comm *comm, void *arg);
    void *arg;
    bool crowded;     /* what the communicator says of its node; with several: of each second one */
    const int *nodes; /* [n] node of each rank; NULL: one for all */
};

/* Runs body on every rank; true if all came back and no message is left over. */
bool sim_run(const struct sim *sim);

/* How many messages went from one node to another in the last run. */
int sim_crossings(void);

/* Lets the other ranks run: for bodies that want to be late. */
void sim_yield(void);

/* Lets them run until a request of this rank is complete. */
struct ipcr_req;
void sim_wait(const struct ipcr_req *req);

#endif
