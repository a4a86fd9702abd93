/* How the ranks of a plan will talk: the settings that decide it, read before anything starts. */
#ifndef IPCR_TALK_H
#define IPCR_TALK_H

#include "plan.h"
#include "route.h"

/* Reads the settings of all programs and finds a transport for every pair of ranks in the plan.
 * False with a sentence: a list that names nothing, programs that disagree, a pair out of reach. */
bool ipcr_talk_plan(struct ipcr_route *r, const struct ipcr_plan *plan, char *why, size_t room);

/* Is there such a pair in the plan? */
bool ipcr_talk_has(const struct ipcr_plan *plan, enum ipcr_pair pair);
enum ipcr_pair ipcr_talk_pair(const struct ipcr_plan *plan, int a, int b);

#endif
