// Graph topologies: what was given comes back at every process, neighbours of any rank, wrong
// arguments.
#include "check.h"

enum { TAG = 3 };

struct graph {
    int nnodes, nedges, *index, *edges;
};

static struct graph room(int nnodes, int nedges)
{
    return (struct graph){nnodes, nedges, need(sizeof(int) * (size_t)nnodes),
                          need(sizeof(int) * (size_t)nedges)};
}

static void drop(struct graph *g)
{
    free(g->index);
    free(g->edges);
}

// Each node has edges to those whose number it divides, itself (twice) included; same everywhere.
static struct graph divisors(int nnodes)
{
    struct graph g = room(nnodes, nnodes * (nnodes + 1));
    g.nedges = 0;
    for (int v = 0; v < nnodes; v++) {
        g.edges[g.nedges++] = v;
        for (int w = 0; w < nnodes; w++)
            if ((w + 1) % (v + 1) == 0)
                g.edges[g.nedges++] = w;
        g.index[v] = g.nedges;
    }
    return g;
}

static struct graph ring(int nnodes)
{
    struct graph g = room(nnodes, 2 * nnodes);
    for (int v = 0; v < nnodes; v++) {
        g.edges[2 * v] = (v + nnodes - 1) % nnodes;
        g.edges[2 * v + 1] = (v + 1) % nnodes;
        g.index[v] = 2 * v + 2;
    }
    return g;
}

static void check_graph(MPI_Comm comm, const struct graph *g)
{
    struct graph got = room(g->nnodes, g->nedges);
    int kind, nnodes, nedges, size;

    OK(MPI_Topo_test(comm, &kind));
    EQ(kind, MPI_GRAPH);
    OK(MPI_Comm_size(comm, &size));
    EQ(size, g->nnodes);
    OK(MPI_Graphdims_get(comm, &nnodes, &nedges));
    EQ(nnodes, g->nnodes);
    EQ(nedges, g->nedges);
    OK(MPI_Graph_get(comm, nnodes, nedges, got.index, got.edges));
    for (int v = 0; v < nnodes; v++)
        EQ(got.index[v], g->index[v]);
    for (int e = 0; e < nedges; e++)
        EQ(got.edges[e], g->edges[e]);
    for (int v = 0; v < nnodes; v++) {
        int first = v ? g->index[v - 1] : 0, degree;
        OK(MPI_Graph_neighbors_count(comm, v, &degree));
        EQ(degree, g->index[v] - first);
        OK(MPI_Graph_neighbors(comm, v, degree, got.edges));
        for (int e = 0; e < degree; e++)
            EQ(got.edges[e], g->edges[first + e]);
    }
    drop(&got);
}

static void graphs(struct graph (*make)(int), int nnodes, int reorder)
{
    struct graph g = make(nnodes);
    MPI_Comm comm, twin;
    int newrank;

    OK(MPI_Graph_map(MPI_COMM_WORLD, g.nnodes, g.index, g.edges, &newrank));
    CHECK((newrank == MPI_UNDEFINED) == (me >= nnodes));
    OK(MPI_Graph_create(MPI_COMM_WORLD, g.nnodes, g.index, g.edges, reorder, &comm));
    CHECK((comm == MPI_COMM_NULL) == (me >= nnodes));
    if (comm != MPI_COMM_NULL) {
        check_graph(comm, &g);
        OK(MPI_Comm_dup(comm, &twin));
        OK(MPI_Comm_free(&comm));
        check_graph(twin, &g);
        OK(MPI_Comm_free(&twin));
    }
    drop(&g);
}

static void errors(void)
{
    int index[2] = {1, 2}, edges[2] = {0, 0}, wrong[2] = {0, 7000}, falling[2] = {2, 1}, n;
    MPI_Comm plain, comm;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &plain));
    OK(MPI_Comm_set_errhandler(plain, MPI_ERRORS_RETURN));
    FAILS(MPI_Graph_create(plain, np + 1, index, edges, 0, &comm), MPI_ERR_TOPOLOGY);
    CHECK(comm == MPI_COMM_NULL);
    FAILS(MPI_Graph_create(plain, -1, index, edges, 0, &comm), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Graph_map(plain, np + 1, index, edges, &n), MPI_ERR_TOPOLOGY);
    if (np >= 2) {
        FAILS(MPI_Graph_create(plain, 2, index, wrong, 0, &comm), MPI_ERR_RANK);
        FAILS(MPI_Graph_create(plain, 2, falling, edges, 0, &comm), MPI_ERR_TOPOLOGY);
    }
    FAILS(MPI_Graph_get(plain, 1, 1, index, edges), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Graph_neighbors_count(plain, 0, &n), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Graph_neighbors(plain, 0, 1, &n), MPI_ERR_TOPOLOGY);
    OK(MPI_Graph_create(plain, 0, index, edges, 0, &comm));
    CHECK(comm == MPI_COMM_NULL);
    OK(MPI_Graph_create(plain, 1, index, edges, 0, &comm));
    if (comm != MPI_COMM_NULL) {
        FAILS(MPI_Graph_get(comm, 0, 1, index, edges), MPI_ERR_ARG);
        FAILS(MPI_Graph_neighbors(comm, 0, 0, &n), MPI_ERR_ARG);
        FAILS(MPI_Graph_neighbors(comm, 1, 1, &n), MPI_ERR_RANK);
        FAILS(MPI_Graph_neighbors_count(comm, -1, &n), MPI_ERR_RANK);
        FAILS(MPI_Cartdim_get(comm, &n), MPI_ERR_TOPOLOGY);
        OK(MPI_Comm_free(&comm));
    }
    OK(MPI_Comm_free(&plain));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    for (int reorder = 0; reorder < 2; reorder++) {
        graphs(divisors, np, reorder);
        graphs(ring, np, reorder);
        graphs(divisors, (np + 1) / 2, reorder);
    }
    errors();
    return check_end();
}
