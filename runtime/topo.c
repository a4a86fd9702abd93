/* Topology objects, and arithmetic on grids. */
#include "topo.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

bool ipcr_topo_neighbors(const struct ipcr_comm *c, struct ipcr_neighbors *n)
{
    if (!c->topo)
        return false;
    *n = c->topo->near;
    return true;
}

static struct ipcr_topo *of_kind(const struct ipcr_comm *c, int kind)
{
    return c->topo && c->topo->kind == kind ? c->topo : NULL;
}

const struct ipcr_cart *ipcr_topo_cart(const struct ipcr_comm *c)
{
    struct ipcr_topo *t = of_kind(c, MPI_CART);
    return t ? &t->cart : NULL;
}

const struct ipcr_graph *ipcr_topo_graph(const struct ipcr_comm *c)
{
    struct ipcr_topo *t = of_kind(c, MPI_GRAPH);
    return t ? &t->graph : NULL;
}

const struct ipcr_dist_graph *ipcr_topo_dist_graph(const struct ipcr_comm *c)
{
    struct ipcr_topo *t = of_kind(c, MPI_DIST_GRAPH);
    return t ? &t->dist : NULL;
}

struct ipcr_topo *ipcr_topo_retain(struct ipcr_topo *t)
{
    if (t)
        t->refs++;
    return t;
}

void ipcr_topo_release(struct ipcr_topo *t)
{
    if (t && --t->refs == 0)
        free(t);
}

static struct ipcr_topo *allocate(int kind, size_t numbers)
{
    struct ipcr_topo *t = calloc(1, sizeof *t + numbers * sizeof t->numbers[0]);
    if (!t)
        ipcr_err_fatal("no memory for a topology of %zu numbers", numbers);
    t->refs = 1;
    t->kind = kind;
    return t;
}

/* Copies n numbers to *at, moves *at behind them and returns where they are. */
static int *store(int **at, const int *from, int n)
{
    int *to = *at;
    if (n)
        memcpy(to, from, (size_t)n * sizeof *to);
    *at += n;
    return to;
}

/* ---- grids ---- */

int ipcr_cart_size(int ndims, const int *dims)
{
    long size = 1;
    for (int d = 0; d < ndims; d++) {
        size *= dims[d];
        if (size > INT_MAX)
            return -1;
    }
    return (int)size;
}

void ipcr_cart_coords(const struct ipcr_cart *cart, int rank, int *coords)
{
    for (int d = cart->ndims; d-- > 0; rank /= cart->dims[d])
        coords[d] = rank % cart->dims[d];
}

/* The coordinate inside the dimension, or -1 beyond an open end. `at` may be far outside. */
static int wrap(const struct ipcr_cart *cart, int dimension, long at)
{
    int length = cart->dims[dimension];
    if (at >= 0 && at < length)
        return (int)at;
    if (!cart->periods[dimension])
        return -1;
    return (int)((at % length + length) % length);
}

int ipcr_cart_rank(const struct ipcr_cart *cart, const int *coords)
{
    int rank = 0;
    for (int d = 0; d < cart->ndims; d++) {
        int at = wrap(cart, d, coords[d]);
        if (at < 0)
            return MPI_PROC_NULL;
        rank = rank * cart->dims[d] + at;
    }
    return rank;
}

int ipcr_cart_step(const struct ipcr_cart *cart, int dimension, long steps)
{
    int rank = 0;
    for (int d = 0; d < cart->ndims; d++) {
        int at = wrap(cart, d, (long)cart->coords[d] + (d == dimension ? steps : 0));
        if (at < 0)
            return MPI_PROC_NULL;
        rank = rank * cart->dims[d] + at;
    }
    return rank;
}

struct ipcr_topo *ipcr_topo_new_cart(const struct ipcr_cart *shape, int rank)
{
    int n = shape->ndims;
    struct ipcr_topo *t = allocate(MPI_CART, 5 * (size_t)n);
    int *at = t->numbers;
    t->cart.ndims = n;
    t->cart.dims = store(&at, shape->dims, n);
    t->cart.periods = store(&at, shape->periods, n);
    for (int d = 0; d < n; d++)
        t->cart.periods[d] = t->cart.periods[d] != 0;
    t->cart.coords = at;
    ipcr_cart_coords(&t->cart, rank, t->cart.coords);
    int *near = at + n;
    for (int d = 0; d < n; d++) {
        near[2 * d] = ipcr_cart_step(&t->cart, d, -1);
        near[2 * d + 1] = ipcr_cart_step(&t->cart, d, 1);
    }
    t->near = (struct ipcr_neighbors){2 * n, 2 * n, near, near};
    return t;
}

/* ---- graphs ---- */

struct ipcr_topo *ipcr_topo_new_graph(const struct ipcr_graph *graph, int rank)
{
    struct ipcr_topo *t = allocate(MPI_GRAPH, (size_t)graph->nnodes + (size_t)graph->nedges);
    int *at = t->numbers;
    t->graph = *graph;
    t->graph.index = store(&at, graph->index, graph->nnodes);
    t->graph.edges = store(&at, graph->edges, graph->nedges);
    int first = rank ? graph->index[rank - 1] : 0, degree = graph->index[rank] - first;
    const int *near = t->graph.edges + first;
    t->near = (struct ipcr_neighbors){degree, degree, near, near};
    return t;
}

struct ipcr_topo *ipcr_topo_new_dist_graph(const struct ipcr_neighbors *near,
                                           const struct ipcr_dist_graph *weights)
{
    size_t neighbors = (size_t)near->in + (size_t)near->out;
    struct ipcr_topo *t = allocate(MPI_DIST_GRAPH, 2 * neighbors);
    int *at = t->numbers;
    t->near = *near;
    t->near.from = store(&at, near->from, near->in);
    t->near.to = store(&at, near->to, near->out);
    t->dist.weighted = weights->weighted;
    if (weights->weighted) {
        t->dist.in_weights = store(&at, weights->in_weights, near->in);
        t->dist.out_weights = store(&at, weights->out_weights, near->out);
    }
    return t;
}
