/* --trace at the head. While the job runs, events go into a file without a name beside the one that
 * is wanted, as they come; only at the end they become trace-event JSON, which Perfetto and
 * chrome://tracing open. So the run pays for little, and what is written is whole however ranks
 * ended: it closes when they are gone.
 *   trace.c       takes events in
 *   trace_clock.c asks the other hosts what time it is there
 *   trace_flow.c  brings the two ends of each message together
 *   trace_json.c  writes the file */
#ifndef IPCR_TRACE_H
#define IPCR_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "plan.h"
#include "profile.h"
#include "proto.h"

/* ---- clocks: every host has one of its own, which may go faster or slower than ours ---- */

/* What was found out at one moment: the answer that came quickest counts. */
struct ipcr_clock_look {
    uint64_t at_ns;   /* of the head */
    uint64_t trip_ns; /* there and back: the truth lies within half of this */
    int64_t ahead_ns; /* the other clock, less ours */
    int answers;
};

struct ipcr_clock {
    struct ipcr_clock_look first, last; /* answers 0: none yet; without a first one it is ours */
    struct ipcr_clock_look now;         /* the look under way, */
    bool asked;                         /* if an answer is due */
};

/* An answer to a question asked at asked_ns came at came_ns. */
void ipcr_clock_take(struct ipcr_clock_look *look, uint64_t asked_ns, uint64_t there_ns,
                     uint64_t came_ns);
/* Their time in ours, by a straight line through both looks. */
uint64_t ipcr_clock_ours(const struct ipcr_clock *c, uint64_t there_ns);

struct ipcr_node;
/* Asks every host, now and again, while the head runs. */
void ipcr_trace_clock_watch(void);
/* A body of CLOCKED. */
void ipcr_trace_clock_answer(const struct ipcr_node *n, struct ipcr_reader *r);

/* ---- the two ends of messages ---- */

/* Messages of one pair, context and tag are received in the order in which they were sent. So the
 * n-th send belongs to the n-th receive, and neither side had to number them. */
struct ipcr_flow_end {
    uint32_t from, to, ctx;
    int32_t tag;
    bool send;      /* else the receive */
    bool program;   /* of the program, not of a collective */
    uint8_t thread; /* the end's */
    uint64_t at_ns, bytes;
    struct ipcr_flow_end *next;
};

struct ipcr_flows; /* ends that wait for the other one */

struct ipcr_flows *ipcr_flows_new(void);
/* Keeps a copy of the end, or yields the other one, which is the caller's to free. */
struct ipcr_flow_end *ipcr_flows_meet(struct ipcr_flows *f, const struct ipcr_flow_end *end);
/* Shows all that have met nothing, and frees everything. */
void ipcr_flows_free(struct ipcr_flows *f, void (*alone)(const struct ipcr_flow_end *, void *),
                     void *arg);

/* ---- the whole ---- */

/* What is in front of each portion of events in the file without a name. */
struct ipcr_trace_portion {
    uint32_t rank, n;
};

struct ipcr_trace_rank {
    char (*names)[IPCR_PROFILE_NAME]; /* [nnames] its MPI functions, by row */
    uint32_t nnames;
    int node;
};

struct ipcr_trace {
    FILE *to, *spool;
    int size, nodes;
    struct ipcr_trace_rank *ranks; /* [size] */
    struct ipcr_clock *clocks;     /* [nodes] */
    char *const *hosts;            /* [nodes] for people; the plan's */
    uint64_t start_ns;
    uint64_t full_ns; /* that ranks waited for room, in all */
    bool broken;      /* a write failed: said once */
};

/* Before anything starts. False with a sentence. */
bool ipcr_trace_create(struct ipcr_trace *t, const char *path, char *why, size_t room);
/* The plan is made: who is where. */
void ipcr_trace_plan(struct ipcr_trace *t, const struct ipcr_plan *plan);
/* A body of TRACE. What makes no sense is dropped. */
void ipcr_trace_take(struct ipcr_trace *t, struct ipcr_reader *r);
/* Writes the file and gives everything back. False: it could not be written. */
bool ipcr_trace_write(struct ipcr_trace *t);

#endif
