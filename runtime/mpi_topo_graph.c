/* MPI calls on graphs that every process knows as a whole. MPI 5.0 sections 8.5.3, 8.5.5, 8.5.8. */
#include <stdlib.h>
#include <string.h>

#include "comm.h"
#include "comm_make.h"
#include "err.h"
#include "group.h"
#include "lock.h"
#include "topo.h"
#include "topo_plan.h"

/* ---- making ---- */

static int check_index(const struct ipcr_graph *g)
{
    for (int i = 0; i < g->nnodes; i++) {
        int before = i ? g->index[i - 1] : 0;
        if (g->index[i] < before)
            return ipcr_err_note(MPI_ERR_TOPOLOGY, "index %d is %d, less than the %d before it", i,
                                 g->index[i], before);
    }
    return MPI_SUCCESS;
}

/* Is this a graph for at most the processes of c? Fills in the number of edges. */
static int check_graph(const struct ipcr_comm *c, struct ipcr_graph *g)
{
    if (ipcr_comm_is_inter(c))
        return ipcr_err_note(MPI_ERR_COMM, "an intercommunicator cannot have a topology");
    if (g->nnodes < 0 || g->nnodes > c->size)
        return ipcr_err_note(MPI_ERR_TOPOLOGY,
                             "the graph has %d nodes; the communicator has %d ranks", g->nnodes,
                             c->size);
    int class = check_index(g);
    if (class != MPI_SUCCESS)
        return class;
    g->nedges = g->nnodes ? g->index[g->nnodes - 1] : 0;
    for (int e = 0; e < g->nedges; e++)
        if (g->edges[e] < 0 || g->edges[e] >= g->nnodes)
            return ipcr_err_note(MPI_ERR_RANK, "edge %d leads to %d; the graph has nodes 0 to %d",
                                 e, g->edges[e], g->nnodes - 1);
    return MPI_SUCCESS;
}

static int graph_create(struct ipcr_comm *c, struct ipcr_graph *graph, bool reorder,
                        MPI_Comm *newcomm)
{
    struct ipcr_comm *made;
    int class = check_graph(c, graph);
    if (class != MPI_SUCCESS || graph->nnodes == 0)
        return class;
    struct ipcr_plan plan = {.graph = graph, .n = graph->nnodes, .reorder = reorder};
    struct ipcr_group *g = ipcr_plan_group(c, &plan);
    class = ipcr_comm_create(c, g, &made);
    ipcr_group_release(g);
    if (class != MPI_SUCCESS || !made)
        return class;
    made->topo = ipcr_topo_new_graph(graph, made->rank);
    *newcomm = made->handle;
    return MPI_SUCCESS;
}

static struct ipcr_graph graph_given(int nnodes, const int *index, const int *edges)
{
    return (struct ipcr_graph){nnodes, 0, (int *)(uintptr_t)index, (int *)(uintptr_t)edges};
}

int PMPI_Graph_create(MPI_Comm comm_old, int nnodes, const int indx[], const int edges[],
                      int reorder, MPI_Comm *comm_graph)
{
    IPCR_ENTER("MPI_Graph_create");
    if (!comm_graph)
        return IPCR_NO_PLACE_ON(comm_old, "comm_graph");
    struct ipcr_comm *c = ipcr_comm_of(comm_old);
    struct ipcr_graph graph = graph_given(nnodes, indx, edges);
    *comm_graph = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm_old);
    return IPCR_FINISH(c, graph_create(c, &graph, reorder != 0, comm_graph));
}
IPCR_ALIAS(Graph_create);

/* What MPI_Graph_create would choose with reorder. */
static int graph_map(const struct ipcr_comm *c, struct ipcr_graph *graph, int *newrank)
{
    int class = check_graph(c, graph);
    if (class != MPI_SUCCESS)
        return class;
    struct ipcr_plan plan = {.graph = graph, .n = graph->nnodes, .reorder = true};
    int *place = ipcr_plan_places(c, &plan);
    if (!place)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a graph of %d processes",
                             graph->nnodes);
    *newrank = c->rank < graph->nnodes ? place[c->rank] : MPI_UNDEFINED;
    free(place);
    return MPI_SUCCESS;
}

int PMPI_Graph_map(MPI_Comm comm, int nnodes, const int indx[], const int edges[], int *newrank)
{
    IPCR_ENTER("MPI_Graph_map");
    if (!newrank)
        return IPCR_NO_PLACE_ON(comm, "newrank");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct ipcr_graph graph = graph_given(nnodes, indx, edges);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    return IPCR_FINISH(c, graph_map(c, &graph, newrank));
}
IPCR_ALIAS(Graph_map);

/* ---- asking ---- */

/* The communicator, which *graph belongs to; NULL: the call has ended with *error. */
static struct ipcr_comm *graph_of(MPI_Comm comm, const struct ipcr_graph **graph, int *error)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    *graph = c ? ipcr_topo_graph(c) : NULL;
    if (*graph)
        return c;
    *error = c ? IPCR_RAISE(c, MPI_ERR_TOPOLOGY, "the communicator has no graph topology")
               : ipcr_comm_raise_bad(comm);
    return NULL;
}

int PMPI_Graphdims_get(MPI_Comm comm, int *nnodes, int *nedges)
{
    IPCR_ENTER("MPI_Graphdims_get");
    if (!nnodes)
        return IPCR_NO_PLACE_ON(comm, "nnodes");
    if (!nedges)
        return IPCR_NO_PLACE_ON(comm, "nedges");
    const struct ipcr_graph *g;
    int error;
    if (!graph_of(comm, &g, &error))
        return error;
    *nnodes = g->nnodes;
    *nedges = g->nedges;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Graphdims_get);

int PMPI_Graph_get(MPI_Comm comm, int maxindex, int maxedges, int indx[], int edges[])
{
    IPCR_ENTER("MPI_Graph_get");
    const struct ipcr_graph *g;
    int error;
    struct ipcr_comm *c = graph_of(comm, &g, &error);
    if (!c)
        return error;
    if (maxindex < g->nnodes || maxedges < g->nedges)
        return IPCR_RAISE(c, MPI_ERR_ARG, "room for %d nodes and %d edges; the graph has %d and %d",
                          maxindex, maxedges, g->nnodes, g->nedges);
    memcpy(indx, g->index, (size_t)g->nnodes * sizeof *indx);
    if (g->nedges)
        memcpy(edges, g->edges, (size_t)g->nedges * sizeof *edges);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Graph_get);

/* The edges of one rank: their number, and where they begin. */
static int edges_of(const struct ipcr_graph *g, int rank, int *first)
{
    *first = rank ? g->index[rank - 1] : 0;
    return g->index[rank] - *first;
}

static int bad_rank(struct ipcr_comm *c, int rank)
{
    return IPCR_RAISE(c, MPI_ERR_RANK, "the rank is %d; the graph has nodes 0 to %d", rank,
                      c->size - 1);
}

int PMPI_Graph_neighbors_count(MPI_Comm comm, int rank, int *nneighbors)
{
    IPCR_ENTER("MPI_Graph_neighbors_count");
    if (!nneighbors)
        return IPCR_NO_PLACE_ON(comm, "nneighbors");
    const struct ipcr_graph *g;
    int error, first;
    struct ipcr_comm *c = graph_of(comm, &g, &error);
    if (!c)
        return error;
    if (rank < 0 || rank >= c->size)
        return bad_rank(c, rank);
    *nneighbors = edges_of(g, rank, &first);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Graph_neighbors_count);

int PMPI_Graph_neighbors(MPI_Comm comm, int rank, int maxneighbors, int neighbors[])
{
    IPCR_ENTER("MPI_Graph_neighbors");
    const struct ipcr_graph *g;
    int error, first;
    struct ipcr_comm *c = graph_of(comm, &g, &error);
    if (!c)
        return error;
    if (rank < 0 || rank >= c->size)
        return bad_rank(c, rank);
    int degree = edges_of(g, rank, &first);
    if (maxneighbors < degree)
        return IPCR_RAISE(c, MPI_ERR_ARG, "room for %d neighbors; rank %d has %d", maxneighbors,
                          rank, degree);
    if (degree)
        memcpy(neighbors, g->edges + first, (size_t)degree * sizeof *neighbors);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Graph_neighbors);
