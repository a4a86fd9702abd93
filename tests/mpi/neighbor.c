// Neighbourhood collectives in all forms, on grids (open and closed, with one and two places along
// a dimension), graphs and distributed graphs (random ones, with several edges between two ranks
// and to oneself). Each block says where it comes from: whose, and which of its outgoing edges.
#include "check.h"

enum { EDGES = 256, MOST = 4, MARK = -7 };

// A communicator with a topology as this rank sees it.
struct place {
    const char *name;
    MPI_Comm comm;
    int in, out, from[EDGES], to[EDGES];
    int edge[EDGES]; // incoming edge k is this outgoing edge of from[k]
};

enum form { NOW, BEGIN, INIT, FORMS };
enum shape { ALLGATHER, ALLGATHERV, ALLTOALL, ALLTOALLV, ALLTOALLW, SHAPES };

// A call with its buffers. Blocks of the v and w forms lie backwards and apart.
struct call {
    const struct place *place;
    enum form form;
    enum shape shape;
    int large; // by the large-count form
    int count; // of the plain forms
    int sends[EDGES * MOST], recvs[EDGES * (MOST + 1)];
    int scounts[EDGES], sdispls[EDGES], rcounts[EDGES], rdispls[EDGES];
    MPI_Aint sbytes[EDGES], rbytes[EDGES], swide[EDGES], rwide[EDGES];
    MPI_Count scounts_c[EDGES], rcounts_c[EDGES]; // and swide, rwide: the same as wide numbers
    MPI_Datatype stypes[EDGES], rtypes[EDGES];
    MPI_Request request;
};

// Elements of the block that leaves `rank` by an edge.
static int length(const struct call *c, int rank, int edge)
{
    if (c->shape == ALLGATHER || c->shape == ALLTOALL)
        return c->count;
    return (rank * 3 + (c->shape == ALLGATHERV ? 0 : edge) * 5) % MOST;
}

static int value(const struct call *c, int rank, int edge, int i)
{
    int same = c->shape == ALLGATHER || c->shape == ALLGATHERV; // to whoever it goes
    return (rank * EDGES + (same ? 0 : edge)) * MOST + i;
}

static int spread(const struct call *c)
{
    return c->shape != ALLGATHER && c->shape != ALLTOALL;
}

static void fill_out(struct call *c)
{
    for (int k = 0; k < c->place->out; k++) {
        c->scounts[k] = length(c, me, k);
        c->sdispls[k] =
            spread(c) && c->shape != ALLGATHERV ? (c->place->out - 1 - k) * MOST : k * c->count;
        c->sbytes[k] = c->sdispls[k] * (MPI_Aint)sizeof(int);
        c->stypes[k] = MPI_INT;
        c->scounts_c[k] = c->scounts[k];
        c->swide[k] = c->sdispls[k];
        for (int i = 0; i < c->scounts[k]; i++)
            c->sends[c->sdispls[k] + i] = value(c, me, k, i);
    }
    int own = length(c, me, 0);
    for (int i = 0; i < own && (c->shape == ALLGATHER || c->shape == ALLGATHERV); i++)
        c->sends[i] = value(c, me, 0, i);
}

static void prepare(struct call *c)
{
    fill_out(c);
    for (int k = 0; k < c->place->in; k++) {
        int from = c->place->from[k];
        c->rcounts[k] = from == MPI_PROC_NULL ? 0 : length(c, from, c->place->edge[k]);
        c->rdispls[k] = spread(c) ? (c->place->in - 1 - k) * (MOST + 1) : k * c->count;
        c->rbytes[k] = c->rdispls[k] * (MPI_Aint)sizeof(int);
        c->rtypes[k] = MPI_INT;
        c->rcounts_c[k] = c->rcounts[k];
        c->rwide[k] = c->rdispls[k];
    }
    for (int i = 0; i < EDGES * (MOST + 1); i++)
        c->recvs[i] = MARK;
}

static void verify(const struct call *c)
{
    static int want[EDGES * (MOST + 1)];
    for (int i = 0; i < EDGES * (MOST + 1); i++)
        want[i] = MARK;
    for (int k = 0; k < c->place->in; k++)
        for (int i = 0; i < c->rcounts[k] && c->place->from[k] != MPI_PROC_NULL; i++)
            want[c->rdispls[k] + i] = value(c, c->place->from[k], c->place->edge[k], i);
    // On open ends the plain forms have a block that nobody sends.
    for (int i = 0; i < EDGES * (MOST + 1); i++)
        if (c->recvs[i] != want[i]) {
            FAIL("%s, shape %d, form %d, large %d: element %d is %d; should be %d", c->place->name,
                 c->shape, c->form, c->large, i, c->recvs[i], want[i]);
            return;
        }
}

#define FORM(name, c_, ...)                                                  \
    (c->form == NOW     ? MPI_Neighbor_##name##c_(__VA_ARGS__)               \
     : c->form == BEGIN ? MPI_Ineighbor_##name##c_(__VA_ARGS__, &c->request) \
                        : MPI_Neighbor_##name##_init##c_(__VA_ARGS__, MPI_INFO_NULL, &c->request))

static int call_plain(struct call *c)
{
    MPI_Comm comm = c->place->comm;
    switch (c->shape) {
    case ALLGATHER:
        return FORM(allgather, , c->sends, c->count, MPI_INT, c->recvs, c->count, MPI_INT, comm);
    case ALLGATHERV:
        return FORM(allgatherv, , c->sends, length(c, me, 0), MPI_INT, c->recvs, c->rcounts,
                    c->rdispls, MPI_INT, comm);
    case ALLTOALL:
        return FORM(alltoall, , c->sends, c->count, MPI_INT, c->recvs, c->count, MPI_INT, comm);
    case ALLTOALLV:
        return FORM(alltoallv, , c->sends, c->scounts, c->sdispls, MPI_INT, c->recvs, c->rcounts,
                    c->rdispls, MPI_INT, comm);
    default:
        return FORM(alltoallw, , c->sends, c->scounts, c->sbytes, c->stypes, c->recvs, c->rcounts,
                    c->rbytes, c->rtypes, comm);
    }
}

static int call_large(struct call *c)
{
    MPI_Comm comm = c->place->comm;
    switch (c->shape) {
    case ALLGATHER:
        return FORM(allgather, _c, c->sends, c->count, MPI_INT, c->recvs, c->count, MPI_INT, comm);
    case ALLGATHERV:
        return FORM(allgatherv, _c, c->sends, length(c, me, 0), MPI_INT, c->recvs, c->rcounts_c,
                    c->rwide, MPI_INT, comm);
    case ALLTOALL:
        return FORM(alltoall, _c, c->sends, c->count, MPI_INT, c->recvs, c->count, MPI_INT, comm);
    case ALLTOALLV:
        return FORM(alltoallv, _c, c->sends, c->scounts_c, c->swide, MPI_INT, c->recvs,
                    c->rcounts_c, c->rwide, MPI_INT, comm);
    default:
        return FORM(alltoallw, _c, c->sends, c->scounts_c, c->sbytes, c->stypes, c->recvs,
                    c->rcounts_c, c->rbytes, c->rtypes, comm);
    }
}

static void try_call(const struct place *p, enum shape shape, enum form form, int large)
{
    static struct call c;
    c = (struct call){
        .place = p, .form = form, .shape = shape, .large = large, .count = form == INIT ? 1 : MOST};
    prepare(&c);
    OK(large ? call_large(&c) : call_plain(&c));
    for (int start = 0; start < 3 && form == INIT; start++) {
        prepare(&c);
        OK(MPI_Start(&c.request));
        OK(MPI_Wait(&c.request, MPI_STATUS_IGNORE));
        verify(&c);
    }
    if (form == INIT)
        OK(MPI_Request_free(&c.request));
    if (form == BEGIN)
        OK(MPI_Wait(&c.request, MPI_STATUS_IGNORE));
    verify(&c);
}

static void try_place(const struct place *p)
{
    for (int shape = 0; shape < SHAPES; shape++)
        for (int form = 0; form < FORMS; form++)
            for (int large = 0; large < 2; large++)
                try_call(p, (enum shape)shape, (enum form)form, large);
}

// ---- grids --------------------------------------------------------------------------------------

static void try_grid(const char *name, int ndims, const int dims[], const int periods[])
{
    static struct place p;
    p = (struct place){.name = name, .in = 2 * ndims, .out = 2 * ndims};
    OK(MPI_Cart_create(MPI_COMM_WORLD, ndims, dims, periods, 0, &p.comm));
    if (p.comm == MPI_COMM_NULL)
        return;
    for (int d = 0; d < ndims; d++)
        OK(MPI_Cart_shift(p.comm, d, 1, &p.from[2 * d], &p.from[2 * d + 1]));
    for (int k = 0; k < p.in; k++) {
        p.to[k] = p.from[k];
        p.edge[k] = k ^ 1; // what comes from below, I am above of
    }
    try_place(&p);
    OK(MPI_Comm_free(&p.comm));
}

static void grids(void)
{
    int two[2] = {0, 0}, closed[4] = {1, 1, 1, 1}, open[4] = {0, 0, 0, 0}, mixed[4] = {0, 1, 1, 0};
    OK(MPI_Dims_create(np, 2, two));
    try_grid("open line", 1, (const int[]){np}, open);
    try_grid("ring", 1, (const int[]){np}, closed);
    try_grid("open grid", 2, two, open);
    try_grid("torus", 2, two, closed);
    try_grid("tube", 2, two, mixed);
    try_grid("ones", 4, (const int[]){1, np, 1, 1}, closed);
    if (np % 2 == 0)
        try_grid("twos", 3, (const int[]){2, np / 2, 1}, closed);
    try_grid("one place", 2, (const int[]){1, 1}, closed);
}

// ---- graphs -------------------------------------------------------------------------------------

// The edges of a graph that all ranks know: from[e] -> to[e], in the order in which both ends list
// them.
struct graph {
    int n, from[EDGES], to[EDGES];
};

// This rank's view: incoming edge k is the m-th from that rank, so it is that rank's m-th to me.
static void look(const struct graph *g, struct place *p)
{
    int outgoing[64] = {0};
    for (int e = 0; e < g->n; e++) {
        if (g->from[e] == me)
            p->to[p->out++] = g->to[e];
        if (g->to[e] == me) {
            p->from[p->in] = g->from[e];
            p->edge[p->in++] = outgoing[g->from[e]];
        }
        outgoing[g->from[e]]++;
    }
}

static void try_dist_graph(const char *name, const struct graph *g)
{
    static struct place p;
    p = (struct place){.name = name};
    look(g, &p);
    OK(MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, p.in, p.from, MPI_UNWEIGHTED, p.out, p.to,
                                      MPI_UNWEIGHTED, MPI_INFO_NULL, 0, &p.comm));
    try_place(&p);
    OK(MPI_Comm_free(&p.comm));
}

static void random_graphs(void)
{
    static struct graph g;
    uint64_t random = 5;
    for (int round = 0; round < 20; round++) {
        g.n = (int)rnd(&random, 2 + (uint64_t)np * 4);
        for (int e = 0; e < g.n; e++) {
            g.from[e] = (int)rnd(&random, (uint64_t)np);
            g.to[e] = (int)rnd(&random, (uint64_t)np);
        }
        try_dist_graph("random graph", &g);
    }
    // one with nobody, a star outwards, and three edges from each to itself
    g.n = 0;
    try_dist_graph("no edges", &g);
    for (g.n = 0; g.n < np; g.n++)
        g.from[g.n] = 0, g.to[g.n] = g.n;
    try_dist_graph("star", &g);
    for (g.n = 0; g.n < 3 * np; g.n++)
        g.from[g.n] = g.to[g.n] = g.n / 3;
    try_dist_graph("selves", &g);
}

// MPI_Graph_create: everyone next to everyone, which looks the same from both ends.
static void full_graph(void)
{
    static struct place p;
    int index[64], edges[64 * 64], n = 0;
    if (np > 16)
        return;
    p = (struct place){.name = "full graph"};
    for (int i = 0; i < np; i++) {
        for (int j = 0; j < np; j++)
            if (i != j)
                edges[n++] = j;
        index[i] = n;
    }
    for (int j = 0; j < np; j++)
        if (j != me) {
            p.from[p.in] = p.to[p.out++] = j;
            p.edge[p.in++] = me < j ? me : me - 1;
        }
    OK(MPI_Graph_create(MPI_COMM_WORLD, np, index, edges, 0, &p.comm));
    try_place(&p);
    OK(MPI_Comm_free(&p.comm));
}

// Long blocks go another way than short ones.
static void long_blocks(void)
{
    enum { LONG = 200000 };
    MPI_Comm ring;
    int *out = need(2 * LONG * sizeof *out), *in = need(2 * LONG * sizeof *in), left, right;

    OK(MPI_Cart_create(MPI_COMM_WORLD, 1, (const int[]){np}, (const int[]){1}, 0, &ring));
    OK(MPI_Cart_shift(ring, 0, 1, &left, &right));
    for (int i = 0; i < 2 * LONG; i++)
        out[i] = me * 2 * LONG + i;
    OK(MPI_Neighbor_alltoall(out, LONG, MPI_INT, in, LONG, MPI_INT, ring));
    for (int i = 0; i < 2 * LONG; i++) {
        int from = i < LONG ? left : right, at = i < LONG ? i + LONG : i - LONG;
        if (in[i] != from * 2 * LONG + at) {
            FAIL("element %d is %d; should be %d", i, in[i], from * 2 * LONG + at);
            break;
        }
    }
    OK(MPI_Comm_free(&ring));
    free(in);
    free(out);
}

static void wrong_arguments(void)
{
    MPI_Comm plain, ring;
    MPI_Request request = MPI_REQUEST_NULL;
    int in[2] = {0}, out[4], ones[2] = {1, 1}, places[2] = {0, 1}, less[2] = {1, -1};

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &plain));
    OK(MPI_Comm_set_errhandler(plain, MPI_ERRORS_RETURN));
    OK(MPI_Cart_create(plain, 1, (const int[]){np}, (const int[]){1}, 0, &ring));
    OK(MPI_Comm_set_errhandler(ring, MPI_ERRORS_RETURN));
    FAILS(MPI_Neighbor_alltoall(in, 1, MPI_INT, out, 1, MPI_INT, plain), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Ineighbor_allgather(in, 1, MPI_INT, out, 1, MPI_INT, plain, &request),
          MPI_ERR_TOPOLOGY);
    FAILS(MPI_Neighbor_allgather(in, -1, MPI_INT, out, 1, MPI_INT, ring), MPI_ERR_COUNT);
    FAILS(MPI_Neighbor_allgather(MPI_IN_PLACE, 1, MPI_INT, out, 1, MPI_INT, ring), MPI_ERR_BUFFER);
    FAILS(MPI_Neighbor_alltoall(out, 1, MPI_INT, out + 1, 1, MPI_INT, ring), MPI_ERR_BUFFER);
    FAILS(MPI_Neighbor_alltoall(in, 1, MPI_INT, NULL, 1, MPI_INT, ring), MPI_ERR_BUFFER);
    FAILS(MPI_Neighbor_alltoallv(in, less, places, MPI_INT, out, ones, places, MPI_INT, ring),
          MPI_ERR_COUNT);
    FAILS(MPI_Neighbor_alltoallv(in, ones, places, MPI_DATATYPE_NULL, out, ones, places, MPI_INT,
                                 ring),
          MPI_ERR_TYPE);
    CHECK(request == MPI_REQUEST_NULL);
    OK(MPI_Comm_free(&ring));
    OK(MPI_Comm_free(&plain));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    grids();
    random_graphs();
    full_graph();
    long_blocks();
    wrong_arguments();
    return check_end();
}
