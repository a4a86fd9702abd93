/* --chaos SEED: everything legal that seldom happens. A rank dawdles at the door of a call; what
 * comes from one peer is held back while others go ahead; a wildcard takes any message that it may
 * take; a test says no although the request is complete; of several complete requests any are
 * reported.
 *
 * Every choice is a number drawn for (seed, rank, what it is for, how often that was asked): the
 * n-th fragment from a peer is held for as long in every run with that seed. What is not a matter
 * of chance in the program itself therefore repeats; what depends on the clock of the machine need
 * not. */
#ifndef IPCR_TOOL_CHAOS_H
#define IPCR_TOOL_CHAOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observe.h"

struct ipcr_peer;
struct ipcr_wire;

/* Its row in observe.c. */
extern const struct ipcr_observer ipcr_tool_chaos;

/* One of 0..n-1; 0 while it is off. */
uint32_t ipcr_chaos_choose(uint32_t n);
/* Whether a question is answered no without need. Never often in a row, so whoever asks in a loop
 * comes out of it. */
bool ipcr_chaos_denies(void);
/* ipcr_decide_hold() and ipcr_decide_release() */
bool ipcr_chaos_hold(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len);
int ipcr_chaos_release(void);

#endif
