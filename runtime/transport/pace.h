/* Whether long messages are worth a place in a ring. Their bytes cross from core to core once when
 * they are put in and once when they are taken out: on near cores half as dear as copying by system
 * call, on far ones (another socket, or wherever a virtual machine has its cores today) twice as
 * dear. Nobody tells a process, and it changes, so the sender times some of what it puts in.
 *
 * Measured, ns for each KiB put in and taken out: lines of 27 to 70 ns 32 and 32, of 250 ns 150 to
 * 230 and 90, where 64 KiB took 17 us through the ring and 8.5 by system call. */
#ifndef IPCR_PACE_H
#define IPCR_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipcr_pace {          /* towards one peer; zero-initialise */
    unsigned turn, dear;    /* long messages since a change; so many dear ones in a row */
    unsigned rest;          /* announcements until the ring is tried again; 0: it is in use */
    size_t eager, exchange; /* limits before the rest (peer.h) */
};

enum {
    IPCR_PACE_LONG = 16 * 1024, /* shorter ones go through the ring anyway */
    IPCR_PACE_EVERY = 4,        /* so many long ones, and one is timed */
    IPCR_PACE_ROW = 4,          /* one alone may have been interrupted */
    IPCR_PACE_REST = 64,
    IPCR_PACE_DEAR = 110 /* ns for each KiB */
};

static inline bool ipcr_pace_looks(struct ipcr_pace *p)
{
    return p->turn++ % IPCR_PACE_EVERY == 0;
}

/* A message took so long to put in. True: the next ones are better announced, for as long as the
 * rest is. After it one dear message is enough. */
static inline bool ipcr_pace_is_dear(struct ipcr_pace *p, size_t len, uint64_t ns)
{
    bool dear = ns * 1024 > (uint64_t)len * IPCR_PACE_DEAR;
    p->dear = dear ? p->dear + 1 : 0;
    if (p->dear < IPCR_PACE_ROW)
        return false;
    p->dear = IPCR_PACE_ROW - 1;
    p->turn = 0;
    p->rest = IPCR_PACE_REST;
    return true;
}

/* A message has been announced. True: the rest is over. */
static inline bool ipcr_pace_rested(struct ipcr_pace *p)
{
    return p->rest && --p->rest == 0;
}

#endif
