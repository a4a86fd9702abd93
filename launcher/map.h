/* Which rank runs where. Pure arithmetic. */
#ifndef IPCR_MAP_H
#define IPCR_MAP_H

#include "hosts.h"
#include "plan.h"

struct ipcr_map_wish {
    int ppn;            /* ranks a host; 0: as many as it has slots */
    bool by_node;       /* hosts get their ranks one by one in turns, not all that fit at once */
    bool dealt;         /* ranks are numbered in turns, too: neighbours are on different hosts */
    const int *host_of; /* [size] a rankfile has decided; NULL: none */
};

/* Places plan->size ranks (the apps' counts add up to that) on the hosts and fills size, nodes,
 * hosts, node_of, local_of, app_of and universe of the plan.
 *
 * Every host takes as many as it has slots (or ppn); when there are more ranks than slots, each
 * host takes its number again, until all are placed. Ranks follow each other within a host or are
 * dealt to the hosts in turns, until each has its share. Hosts that get no rank are left out: node
 * numbers count used hosts. node_host[node] (freed by the caller) is the index in h of each node.
 */
void ipcr_map(struct ipcr_plan *plan, const struct ipcr_hosts *h, const struct ipcr_map_wish *wish,
              int **node_host);

#endif
