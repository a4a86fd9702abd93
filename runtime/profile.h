/* What a rank writes down about itself for --stats and --trace: one area per rank in the node
 * segment (seg.h), written by the rank (tool_profile.c) and read by the node's agent, also after
 * the rank was killed. Memory that nobody touches costs nothing, so the areas are always there; the
 * agent says in the segment's first word whether they are to be used.
 *
 * Self-contained, since the launcher reads it, too. Times are CLOCK_MONOTONIC, in nanoseconds. */
#ifndef IPCR_PROFILE_H
#define IPCR_PROFILE_H

#include <stdatomic.h>
#include <stdint.h>

enum ipcr_profile_wish { IPCR_PROFILE_STATS = 1, IPCR_PROFILE_TRACE = 2 };

enum {
    IPCR_PROFILE_CALLS = 256, /* different MPI functions; those beyond share the last row */
    IPCR_PROFILE_NAME = 40,
    IPCR_PROFILE_SIZES = 48,    /* classes of message sizes */
    IPCR_PROFILE_PEERS = 65536, /* ranks with a row; of more, only the sums are kept */
    IPCR_TRACE_EVENTS = 65536   /* of the ring; a power of two */
};

/* What ended a stretch of waiting (tool_profile.c). */
enum ipcr_wait_kind {
    IPCR_WAIT_MESSAGE,    /* a message came: its sender was late, or it was on its way */
    IPCR_WAIT_RECEIVER,   /* a send went on: its receiver was late, or had no room */
    IPCR_WAIT_TRANSFER,   /* a receive that knew its message already became complete */
    IPCR_WAIT_COLLECTIVE, /* within a collective operation, whatever the message */
    IPCR_WAIT_OTHER,
    IPCR_WAIT_KINDS
};

struct ipcr_profile_call {
    char name[IPCR_PROFILE_NAME];
    uint64_t calls, ns, wait_ns;
};

struct ipcr_profile_flow {
    uint64_t messages, bytes;
};

struct ipcr_profile_peer { /* everything: the program's messages and those of collectives */
    struct ipcr_profile_flow sent, received;
};

struct ipcr_tally {
    uint64_t opened_ns, closed_ns; /* closed 0: it never left MPI */
    uint64_t mpi_ns, wait_ns[IPCR_WAIT_KINDS];
    /* [0] the program's own messages, [1] those that collectives and the like are made of */
    struct ipcr_profile_flow sent[2], received[2];
    uint64_t sizes[IPCR_PROFILE_SIZES]; /* sent: [0] empty ones, [k] from 2^(k-1) bytes on */
    _Atomic uint32_t ncalls;            /* rows whose name may be read */
    uint32_t pad;
    struct ipcr_profile_call calls[IPCR_PROFILE_CALLS];
    struct ipcr_profile_peer peers[IPCR_PROFILE_PEERS];
};

enum ipcr_trace_kind {
    IPCR_TRACE_CALL,
    IPCR_TRACE_WAIT,
    IPCR_TRACE_SEND,
    IPCR_TRACE_RECV,
    IPCR_TRACE_FULL, /* the ring was full: the rank waited for its reader */
    IPCR_TRACE_CUT   /* as CALL, by the agent: the rank has died in it */
};

struct ipcr_trace_event {
    uint64_t at_ns;
    uint64_t amount; /* SEND and RECV: bytes; else nanoseconds it took */
    int32_t peer;    /* SEND and RECV: world rank, */
    uint32_t ctx;    /* and what tells which of the pair's messages belong together: those of one */
    int32_t tag;     /* context and tag are received in the order in which they were sent */
    uint16_t what;   /* CALL: row of the tally; WAIT: enum ipcr_wait_kind; SEND and RECV: 0 if
                        the message is the program's own, 1 if it is a collective's */
    uint8_t kind, thread; /* threads count from 1 */
};
_Static_assert(sizeof(struct ipcr_trace_event) == 32, "agent and rank agree on an event");

/* One writer, one reader. When it is full the writer waits: a trace has no holes. */
struct ipcr_trace_ring {
    _Atomic uint64_t put; /* events ever written */
    char pad1[56];
    _Atomic uint64_t taken; /* events ever read */
    char pad2[56];
    /* The call the rank is in; what it has been killed in. Row + 1; 0: none. */
    _Atomic uint32_t open_call;
    uint32_t open_thread;
    uint64_t open_since_ns;
    char pad3[48];
    struct ipcr_trace_event events[IPCR_TRACE_EVENTS];
};

struct ipcr_profile {
    struct ipcr_tally tally;
    struct ipcr_trace_ring ring;
};

#endif
