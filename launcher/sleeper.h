/* What a rank does, as its agent tells the head: asleep in an MPI call, and then in which and why,
 * or something else. */
#ifndef IPCR_SLEEPER_H
#define IPCR_SLEEPER_H

#include "board.h"
#include "proto.h"
#include "where.h"

enum ipcr_state {
    IPCR_STATE_UNKNOWN, /* its host has not started it yet */
    IPCR_STATE_BEFORE,  /* has not called MPI_Init */
    IPCR_STATE_RUNS,
    IPCR_STATE_SLEEPS, /* outside of MPI, or for a moment */
    IPCR_STATE_STOPPED,
    IPCR_STATE_WAITS, /* in an MPI call: the only one with a record of its wait */
    IPCR_STATE_PAST,  /* past MPI_Finalize */
    IPCR_STATE_ENDED
};

/* Ranks first, first + stride, ...: `count` of them. */
struct ipcr_span {
    uint32_t first, stride, count;
};

/* What it has sent by one transport. There is one for each class of peers: itself, its node, other
 * nodes. */
struct ipcr_way {
    char name[9];
    uint64_t messages, bytes;
};

enum { IPCR_SLEEPER_RUNS = 8, IPCR_SLEEPER_WAYS = 3 };

struct ipcr_sleeper {
    uint32_t rank;
    uint8_t state; /* enum ipcr_state */
    int32_t pid;
    uint32_t gen; /* of the record; 0: none, and the rest says nothing */
    uint32_t ms;  /* asleep for so long */
    int32_t peer; /* world rank; -1 any, -2 nobody in particular */
    int32_t tag;  /* -1: any, or not the program's */
    uint8_t kind; /* enum ipcr_board_kind */
    uint32_t ctx; /* of the communicator's messages or collectives */
    uint64_t sent, arrived;
    char call[IPCR_BOARD_CALL], comm[IPCR_BOARD_COMM];
    char where[IPCR_WHERE]; /* from where in the program it was called; "": not known */
    int32_t near_source;    /* of the nearest unmatched message, as on the board; -1: none */
    int32_t near_tag;
    char near_comm[IPCR_BOARD_NEAR];
    char several[IPCR_BOARD_SEVERAL]; /* any of these requests ends its wait; "": none */
    /* In a collective call: the members of the communicator, in no order that matters. None: not
     * known, or too irregular to be told in so many. */
    uint8_t nruns;
    struct ipcr_span runs[IPCR_SLEEPER_RUNS];
    /* What it has done so far, only where somebody asks for that: asleep in MPI calls, on
     * processors, sent. */
    uint64_t slept_ms, cpu_ms;
    uint8_t nways;
    struct ipcr_way ways[IPCR_SLEEPER_WAYS];
};

enum { IPCR_SLEEPER_MIN = 97 }; /* bytes of one on the wire, at least */

void ipcr_put_sleeper(struct ipcr_buf *b, const struct ipcr_sleeper *s);
bool ipcr_get_sleeper(struct ipcr_reader *r, struct ipcr_sleeper *s);

/* By its name: is the call one that all members of a communicator must make? */
bool ipcr_sleeper_is_collective(const char *call);
/* Writes world ranks as runs: how many, or 0 if there would be more than `most`. */
int ipcr_sleeper_runs(struct ipcr_span *runs, int most, const int *ranks, int n);
bool ipcr_sleeper_is_member(const struct ipcr_sleeper *s, uint32_t rank);

#endif
