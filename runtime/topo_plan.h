/* From a topology that a program asks for to the group of its communicator: MPI_Cart_create and
 * MPI_Graph_create, and what MPI_Cart_map and MPI_Graph_map tell of it. */
#ifndef IPCR_TOPO_PLAN_H
#define IPCR_TOPO_PLAN_H

#include "topo.h"

struct ipcr_plan {
    const struct ipcr_cart *cart;   /* one of the two, */
    const struct ipcr_graph *graph; /* the other is NULL */
    int n;                          /* places in it */
    bool reorder;                   /* the library may choose who stands where (topo_map.h) */
};

/* The rank in the topology of each of the first n processes of c, malloc'ed. The same at all of
 * them. NULL: no memory. */
int *ipcr_plan_places(const struct ipcr_comm *c, const struct ipcr_plan *plan);

/* The processes in the order of those ranks. Ends the job without memory: other members may have
 * gone on to the agreement. */
struct ipcr_group *ipcr_plan_group(const struct ipcr_comm *c, const struct ipcr_plan *plan);

#endif
