/* Virtual topologies: which rank of a communicator is whose neighbour. MPI 5.0 chapter 8.
 *
 * A topology never changes once it is made, so a duplicate of its communicator shares it. It speaks
 * of ranks of the communicator and of this process's place among them. */
#ifndef IPCR_TOPO_H
#define IPCR_TOPO_H

#include <stdbool.h>

#include "comm.h"

/* This process's neighbours, in the order in which neighbourhood collectives deal with them. The
 * lists belong to the topology. A Cartesian one names, dimension after dimension, the neighbour at
 * -1 and the one at +1, MPI_PROC_NULL beyond an open end; both lists are the same then, and for
 * MPI_GRAPH. */
struct ipcr_neighbors {
    int in, out;          /* how many this process receives from, and sends to */
    const int *from, *to; /* their ranks */
};

struct ipcr_cart {
    int ndims;
    int *dims, *periods, *coords; /* [ndims]; coords: this process's */
};
struct ipcr_graph { /* section 8.5.3: all of it, at every process */
    int nnodes, nedges;
    int *index, *edges; /* index[i]: number of edges of nodes 0 to i; edges: where they lead */
};
struct ipcr_dist_graph {
    bool weighted;
    int *in_weights, *out_weights; /* parallel to the neighbours, if weighted */
};

struct ipcr_topo {
    int refs;
    int kind; /* MPI_CART, MPI_GRAPH, MPI_DIST_GRAPH */
    union {
        struct ipcr_cart cart;
        struct ipcr_graph graph;
        struct ipcr_dist_graph dist;
    };
    struct ipcr_neighbors near;
    int numbers[]; /* what the pointers above point into */
};

/* False: c has no topology. */
bool ipcr_topo_neighbors(const struct ipcr_comm *c, struct ipcr_neighbors *n);

/* The Cartesian topology of c, and so on; NULL where it has none or one of another kind. */
const struct ipcr_cart *ipcr_topo_cart(const struct ipcr_comm *c);
const struct ipcr_graph *ipcr_topo_graph(const struct ipcr_comm *c);
const struct ipcr_dist_graph *ipcr_topo_dist_graph(const struct ipcr_comm *c);

/* Both take NULL, too. */
struct ipcr_topo *ipcr_topo_retain(struct ipcr_topo *t);
void ipcr_topo_release(struct ipcr_topo *t);

/* Topologies as process `rank` sees them, with one reference; what the arguments point to is
 * copied. They end the job when there is no memory: the communicator exists already. */
struct ipcr_topo *ipcr_topo_new_cart(const struct ipcr_cart *shape, int rank);
struct ipcr_topo *ipcr_topo_new_graph(const struct ipcr_graph *graph, int rank);
/* The weights are only looked at if weighted. */
struct ipcr_topo *ipcr_topo_new_dist_graph(const struct ipcr_neighbors *near,
                                           const struct ipcr_dist_graph *weights);

/* Cartesian arithmetic: ranks count through the grid with the last dimension fastest. */

/* Number of places in the grid; -1: more than an int holds. 1 without dimensions. */
int ipcr_cart_size(int ndims, const int *dims);
void ipcr_cart_coords(const struct ipcr_cart *cart, int rank, int *coords);
/* The rank at these coordinates, which wrap around in periodic dimensions; MPI_PROC_NULL beyond an
 * open end. */
int ipcr_cart_rank(const struct ipcr_cart *cart, const int *coords);
/* The rank `steps` away from this process along a dimension. */
int ipcr_cart_step(const struct ipcr_cart *cart, int dimension, long steps);

#endif
