/* Which process stands where in a topology, when the program lets the library choose (reorder, MPI
 * 5.0 sections 8.5.1 to 8.5.8): the fewer edges lead from node to node, the less travels between
 * machines. Pure functions on process numbers 0 to n-1 and the index of each one's node. */
#ifndef IPCR_TOPO_MAP_H
#define IPCR_TOPO_MAP_H

#include <stdbool.h>

#include "topo.h"

/* Fills place[i], the rank in the grid for process i; i itself where nothing better is found.
 * Processes of a node get a block of the grid: of equal and most compact shape where each node has
 * as many and such blocks fill the grid, else a stretch of the ranks in order. False: no memory. */
bool ipcr_topo_map_cart(const struct ipcr_cart *shape, const int *node, int *place);

/* The same for a graph: each node gets vertices that lie together. */
bool ipcr_topo_map_graph(const struct ipcr_graph *graph, const int *node, int *place);

#endif
