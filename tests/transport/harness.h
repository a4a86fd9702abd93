/* A job without a launcher and a library without its upper half: processes that play the ranks, a
 * piece of shared memory that plays the boot exchange, and upcalls that know what must arrive.
 *
 * Every message between two ranks is determined by (sender, receiver, sequence number) and the
 * case's plan, so a receiver checks kind, header, length and each byte of what arrives, and the
 * order, without asking anybody. A violation ends the process with a sentence. */
#ifndef TESTS_TRANSPORT_HARNESS_H
#define TESTS_TRANSPORT_HARNESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "job.h"
#include "peer.h"
#include "transport.h"

#define RANKS_MAX 8

/* One fragment of the plan. */
struct plan {
    uint8_t kind;
    size_t len, offset; /* as in struct ipcr_frag */
    bool strided;       /* the sender has it in pieces (struct ipcr_type) */
    bool sunk;          /* the receiver offers a sink */
};

struct traffic { /* with one peer; private to a process */
    uint32_t sent, received;
    uint32_t goal; /* how many to send in all */
    unsigned char *sink;
    size_t pieces; /* bytes of the fragment under way that have arrived */
};

/* A case: what each rank does, and what a message looks like. */
struct test {
    const char *name;
    int ranks;
    void (*plan)(uint32_t seq, struct plan *p);
    void (*run)(void);
    int seconds;                                   /* limit; 0: 60 */
    bool (*suits)(const struct ipcr_transport *t); /* NULL: all */
    int expect_killed;                             /* this rank dies by SIGKILL; 0: none does */
    bool may_lose;            /* ranks may end the job because a peer is lost */
    const char *expect_fatal; /* rank 0 must end the job with a text that contains this */
};

extern const struct ipcr_transport *via; /* the transport under test */
extern const struct test *test;
extern struct traffic traffic[RANKS_MAX];

/* Runs a test of a row in processes of its own: NULL if it passed, else what went wrong. */
const char *harness_run(const struct ipcr_transport *t, const struct test *test);

/* ---- for the ranks ---- */

void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Is this rank reached over the transport under test? Says so for ranks of this run only. */
bool reached(int rank);
/* Maps fresh node memory, opens the transport, exchanges addresses; and the reverse. A process may
 * have several lives, all ranks together. join() waits for all ranks, leave() does not. */
void join(void);
void leave(void);
/* All ranks come here; nobody polls meanwhile. */
void meet(void);
/* What a rank has published; may be changed before it is linked. */
struct ipcr_addr *address_of(int rank);
/* Counters that all ranks see, zero at the start. */
extern _Atomic int *shared_counter; /* [8] */

/* Sends the next message of the plan to a rank. */
enum ipcr_result send_next(int rank);
/* One pass: polls, and sends what is still owed to the goals. Returns how many things happened. */
int step(void);
/* Steps until done() says so, sleeping in between as a rank does. */
void work_until(bool (*done)(void));
/* Until all goals are sent, and until `count` messages have come from a rank. */
void work_out(void);
void work_in(int rank, uint32_t count);
/* Sleeps until there may be work or the time is over; false: it is. */
bool sleep_for_work(int ms);

/* Ends this process with success at once, as after a lost peer. */
void stop_here(void) __attribute__((noreturn));

double now(void);         /* seconds */
double cpu(void);         /* seconds of this process */
void nap(double seconds); /* without polling */
long peak_kib(void);      /* most memory ever resident */

#endif
