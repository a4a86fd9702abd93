/* The status board: one row per local rank in the node segment, written by the rank with plain
 * stores and readable by the node's agent at any moment, also after the rank was killed.
 *
 * The rank writes phase changes where MPI and sessions start and end, counters on every send, and
 * the wait fields only on its way to sleep, so the fast path pays two increments of a private cache
 * line. A reader may see a wait record half written; `wait_gen` is odd while it is being written.
 */
#ifndef IPCR_BOARD_H
#define IPCR_BOARD_H

#include <stdatomic.h>
#include <stdint.h>

#define IPCR_BOARD_TRANSPORTS 12
#define IPCR_BOARD_CALL       24
#define IPCR_BOARD_COMM       40
#define IPCR_BOARD_NEAR       24
#define IPCR_BOARD_SEVERAL    128

enum ipcr_phase {
    IPCR_PHASE_NONE = 0,    /* has not started MPI (perhaps not an MPI program) */
    IPCR_PHASE_SESSION = 1, /* a session is open, and it is not between MPI_Init and MPI_Finalize */
    IPCR_PHASE_RUNNING = 2, /* between MPI_Init and MPI_Finalize */
    IPCR_PHASE_FINALIZING = 3,
    IPCR_PHASE_FINALIZED = 4, /* past MPI_Finalize, no session is open: any exit is ordinary */
    IPCR_PHASE_PAUSED = 5     /* the same before MPI_Init: its sessions are over for now */
};

/* What kind of request of the program a rank waits for. */
enum ipcr_board_kind { IPCR_BOARD_OTHER, IPCR_BOARD_SEND, IPCR_BOARD_RECV };

struct ipcr_board_count {
    char name[8];             /* transport, "" = unused slot */
    uint64_t messages, bytes; /* plain, so that adding to one is one instruction */
};

/* For the agent: a counter that another process is writing. */
static inline uint64_t ipcr_board_read(const uint64_t *counter)
{
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

struct ipcr_board_memory { /* the rank's area of shared memory (mem.h) */
    _Atomic uint32_t fd;   /* in the rank; 0: there is none */
    uint64_t inode, base, bytes;
};

struct ipcr_board {
    /* line 1: life, and where it sleeps */
    _Atomic uint32_t phase; /* enum ipcr_phase */
    _Atomic uint32_t pid;
    _Atomic uint32_t wait_gen; /* odd: record below is being written */
    _Atomic uint32_t asleep;   /* 1 while blocked in the kernel inside an MPI call */
    _Atomic uint64_t since_ns; /* CLOCK_MONOTONIC when it went to sleep */
    int32_t peer;              /* world rank it waits for; -1 any, -2 nobody in particular */
    int32_t tag;
    uint32_t ctx;
    char call[IPCR_BOARD_CALL]; /* MPI call, NUL-terminated */
    char comm[IPCR_BOARD_COMM]; /* communicator's name */
    /* How things stood when it blocked: no proof of a deadlock without them (launcher/hang.h). */
    _Atomic uint64_t frags_sent, frags_arrived; /* of all kinds, to and from all peers */
    _Atomic uint32_t parked;                    /* 1: something waits for room or a connection */
    _Atomic uint32_t waiters; /* MPI_THREAD_MULTIPLE: threads that block in MPI calls; else 0 */
    /* lines 3..: what it has sent, a slot per transport in the order of transports.c */
    struct ipcr_board_count sent[IPCR_BOARD_TRANSPORTS];
    struct ipcr_board_memory memory;
    /* More of the wait record, for people: who explains a wait looks here, who looks for one need
     * not. */
    uint64_t caller;     /* where in the program the call returns to; 0: not known */
    uint64_t members;    /* address in the rank: world ranks of the communicator's group, */
    uint32_t size;       /* so many; 0: it waits on no communicator */
    int32_t near_source; /* the unmatched message that is nearest to what it waits for; -1: none */
    int32_t near_tag;
    char near_comm[IPCR_BOARD_NEAR];  /* "": the communicator above */
    uint32_t kind;                    /* enum ipcr_board_kind */
    _Atomic uint64_t slept_ns;        /* in all, but for the sleep that goes on */
    char several[IPCR_BOARD_SEVERAL]; /* several.h: it waits for any of some requests; else "" */
};
_Static_assert(sizeof(struct ipcr_board) == 640, "the agent and every rank agree on the row size");

#endif
