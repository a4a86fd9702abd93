/* Which rank runs where. Pure arithmetic. */
#ifndef IPCR_MAP_H
#define IPCR_MAP_H

#include "hosts.h"
#include "plan.h"

/* Places plan->size ranks (the apps' counts add up to that) on the hosts and fills size, nodes,
 * hosts, node_of, local_of, app_of and universe of the plan.
 *
 * Ranks follow each other within a host. Every host takes as many as it has slots (or ppn, if that
 * is not 0); when there are more ranks than slots, each host takes its number again, until all are
 * placed. Hosts that get no rank are left out: node numbers count used hosts. node_host[node]
 * (freed by the caller) is the index in h of each node. */
void ipcr_map(struct ipcr_plan *plan, const struct ipcr_hosts *h, int ppn, int **node_host);

#endif
