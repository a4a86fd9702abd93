/* Patterns of messages for `ipcrun --compare-ipc`, and batches of them that are timed. Ranks work
 * in pairs, rank i with rank i + size / 2; a world of one rank is a pair with itself. All functions
 * are called by all ranks alike. */
#ifndef IPCR_COMPARE_LOAD_H
#define IPCR_COMPARE_LOAD_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPCR_LOAD_WINDOW = 64 };

struct ipcr_load {
    int rank, size, peer;
    bool sends;          /* in patterns of one direction; a world of one does both */
    size_t bytes;        /* of a message */
    int window;          /* messages under way at once, each with a place and contents of its own */
    uint64_t *out, *in;  /* window places of stride words each */
    size_t stride, room; /* words: of a place; of each buffer */
    uint64_t batch;      /* counts batches: all ranks alike, and no two have the same contents */
    double checked;      /* bytes that this rank has compared */
    long wrong;          /* messages that were not what they had to be */
    MPI_Request request[2 * IPCR_LOAD_WINDOW];
};

/* Sends and receives `count` times; the patterns. A repetition of ping_pong is a round trip, one of
 * the others a window of messages. */
typedef void ipcr_pattern(struct ipcr_load *l, long count);
void ipcr_load_ping_pong(struct ipcr_load *l, long count);
void ipcr_load_one_way(struct ipcr_load *l, long count);
void ipcr_load_both_ways(struct ipcr_load *l, long count);

/* What a batch took. Of all ranks: the longest time; of each side the sum. */
struct ipcr_load_cost {
    double seconds;
    double cpu[2], switches[2], calls[2]; /* [0] of those who send */
};

/* Buffers for messages of up to `largest` bytes; false without memory. */
bool ipcr_load_open(struct ipcr_load *l, size_t largest);
void ipcr_load_close(struct ipcr_load *l);

/* Messages of this size from now on, at most `window` at once. */
void ipcr_load_size(struct ipcr_load *l, size_t bytes, int window);

/* One batch of `count` repetitions. Before it all places get contents of this batch; after it what
 * was received last in each place is checked, byte by byte: in a batch of one repetition that is
 * all that was sent. Neither is timed. */
struct ipcr_load_cost ipcr_load_batch(struct ipcr_load *l, ipcr_pattern *pattern, long count);

double ipcr_load_now(void);

#endif
