/* MPI calls on distributed graphs, of which each process knows its own edges. MPI 5.0 sections
 * 8.5.4 and 8.5.5. `reorder` is ignored: nobody knows enough of the graph to choose. */
#include <stdlib.h>
#include <string.h>

#include "coll.h"
#include "comm.h"
#include "comm_make.h"
#include "err.h"
#include "info.h"
#include "lock.h"
#include "topo.h"

static int check_call(const struct ipcr_comm *c, MPI_Info info)
{
    if (ipcr_comm_is_inter(c))
        return ipcr_err_note(MPI_ERR_COMM, "an intercommunicator cannot have a topology");
    if (info != MPI_INFO_NULL && !ipcr_info_of(info))
        return ipcr_err_note(MPI_ERR_INFO, "%p is not an info object", (void *)info);
    return MPI_SUCCESS;
}

static int check_ranks(const struct ipcr_comm *c, const char *what, int n, const int *ranks)
{
    for (int i = 0; i < n; i++)
        if (ranks[i] < 0 || ranks[i] >= c->size)
            return ipcr_err_note(MPI_ERR_RANK, "%s %d is %d; the communicator has ranks 0 to %d",
                                 what, i, ranks[i], c->size - 1);
    return MPI_SUCCESS;
}

static int check_weights(int n, const int *weights)
{
    for (int i = 0; weights != MPI_UNWEIGHTED && i < n; i++)
        if (weights[i] < 0)
            return ipcr_err_note(MPI_ERR_ARG, "weight %d is %d; weights are not negative", i,
                                 weights[i]);
    return MPI_SUCCESS;
}

/* The new communicator, of all of c, with what this process knows of the graph. */
static int create(struct ipcr_comm *c, const struct ipcr_neighbors *near,
                  const struct ipcr_dist_graph *weights, MPI_Info info, MPI_Comm *newcomm)
{
    struct ipcr_comm *made;
    int class = ipcr_comm_create(c, c->group, &made);
    if (class != MPI_SUCCESS)
        return class;
    made->topo = ipcr_topo_new_dist_graph(near, weights);
    class = ipcr_comm_set_hints(made, ipcr_info_of(info));
    if (class == MPI_SUCCESS)
        *newcomm = made->handle;
    else
        ipcr_comm_release(made);
    return class;
}

/* ---- each process names its own edges ---- */

static int check_adjacent(const struct ipcr_comm *c, const struct ipcr_neighbors *near,
                          const struct ipcr_dist_graph *weights)
{
    if (near->in < 0 || near->out < 0)
        return ipcr_err_note(MPI_ERR_ARG, "the degrees are %d and %d", near->in, near->out);
    if ((weights->in_weights == MPI_UNWEIGHTED) != (weights->out_weights == MPI_UNWEIGHTED))
        return ipcr_err_note(MPI_ERR_ARG, "the edges of one direction are weighted, the others "
                                          "MPI_UNWEIGHTED");
    int class = check_ranks(c, "source", near->in, near->from);
    if (class == MPI_SUCCESS)
        class = check_ranks(c, "destination", near->out, near->to);
    if (class == MPI_SUCCESS)
        class = check_weights(near->in, weights->in_weights);
    return class == MPI_SUCCESS ? check_weights(near->out, weights->out_weights) : class;
}

int PMPI_Dist_graph_create_adjacent(MPI_Comm comm_old, int indegree, const int sources[],
                                    const int *sourceweights, int outdegree,
                                    const int destinations[], const int *destweights, MPI_Info info,
                                    int reorder, MPI_Comm *comm_dist_graph)
{
    IPCR_ENTER("MPI_Dist_graph_create_adjacent");
    if (!comm_dist_graph)
        return IPCR_NO_PLACE_ON(comm_old, "comm_dist_graph");
    struct ipcr_comm *c = ipcr_comm_of(comm_old);
    struct ipcr_neighbors near = {indegree, outdegree, sources, destinations};
    struct ipcr_dist_graph weights = {sourceweights != MPI_UNWEIGHTED,
                                      (int *)(uintptr_t)sourceweights,
                                      (int *)(uintptr_t)destweights};
    (void)reorder;
    *comm_dist_graph = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm_old);
    int class = check_call(c, info);
    if (class == MPI_SUCCESS)
        class = check_adjacent(c, &near, &weights);
    if (class == MPI_SUCCESS)
        class = create(c, &near, &weights, info, comm_dist_graph);
    return IPCR_FINISH(c, class);
}
IPCR_ALIAS(Dist_graph_create_adjacent);

/* ---- anybody names any edges ---- */

struct star { /* what one process contributes, as it was given */
    int n;
    const int *sources, *degrees, *destinations, *weights;
};

/* What a process is told about one of its edges; three ints on the wire. */
struct half_edge {
    int outgoing, other, weight;
};
enum { HALF_EDGE_INTS = sizeof(struct half_edge) / sizeof(int) };

static int check_star(const struct ipcr_comm *c, const struct star *s)
{
    long edges = 0;
    if (s->n < 0)
        return ipcr_err_note(MPI_ERR_ARG, "n is %d", s->n);
    int class = check_ranks(c, "source", s->n, s->sources);
    for (int i = 0; i < s->n && class == MPI_SUCCESS; i++) {
        if (s->degrees[i] < 0)
            class = ipcr_err_note(MPI_ERR_ARG, "degree %d is %d", i, s->degrees[i]);
        edges += s->degrees[i];
    }
    if (class == MPI_SUCCESS && edges > INT32_MAX / 2 / HALF_EDGE_INTS)
        class = ipcr_err_note(MPI_ERR_ARG, "one process names %ld edges", edges);
    if (class == MPI_SUCCESS)
        class = check_ranks(c, "destination", (int)edges, s->destinations);
    return class == MPI_SUCCESS ? check_weights((int)edges, s->weights) : class;
}

/* Post for every rank, in the order of ranks. In ints, which is what travels. */
struct post {
    int *counts, *begins; /* [size] of each rank's part; one allocation */
    struct half_edge *items;
    int total; /* items */
};

static void *need(size_t bytes)
{
    void *memory = malloc(bytes + 1);
    if (!memory) /* the others wait for what this process says */
        ipcr_err_fatal("no memory for %zu bytes of a distributed graph", bytes);
    return memory;
}

static void post_open(struct post *p, int size)
{
    p->counts = need(2 * (size_t)size * sizeof *p->counts);
    p->begins = p->counts + size;
    p->items = NULL;
    memset(p->counts, 0, 2 * (size_t)size * sizeof *p->counts);
}

/* counts[] is filled: room for the items, each rank's at its place. */
static void post_lay_out(struct post *p, int size)
{
    int ints = 0;
    for (int r = 0; r < size; r++) {
        p->begins[r] = ints;
        ints += p->counts[r];
    }
    p->total = ints / HALF_EDGE_INTS;
    p->items = need((size_t)ints * sizeof(int));
}

static void post_close(struct post *p)
{
    free(p->counts);
    free(p->items);
}

/* Calls visit() for both ends of each edge. */
static void each_end(const struct star *s, void (*visit)(struct post *, int, struct half_edge),
                     struct post *p)
{
    for (int i = 0, e = 0; i < s->n; i++)
        for (int end = e + s->degrees[i]; e < end; e++) {
            int weight = s->weights == MPI_UNWEIGHTED ? 0 : s->weights[e];
            visit(p, s->sources[i], (struct half_edge){1, s->destinations[e], weight});
            visit(p, s->destinations[e], (struct half_edge){0, s->sources[i], weight});
        }
}

static void count_item(struct post *p, int rank, struct half_edge item)
{
    (void)item;
    p->counts[rank] += HALF_EDGE_INTS;
}

/* begins[] runs ahead while items are put; put_back() undoes that. */
static void put_item(struct post *p, int rank, struct half_edge item)
{
    p->items[p->begins[rank] / HALF_EDGE_INTS] = item;
    p->begins[rank] += HALF_EDGE_INTS;
}

static void put_back(struct post *p, int size)
{
    for (int r = 0; r < size; r++)
        p->begins[r] -= p->counts[r];
}

static int exchange(struct ipcr_comm *c, struct post *out, struct post *in)
{
    struct ipcr_type *type = ipcr_type_of(MPI_INT);
    int class = ipcr_coll_run(&(struct ipcr_coll){.kind = IPCR_ALLTOALL,
                                                  .comm = c,
                                                  .sbuf = out->counts,
                                                  .rbuf = in->counts,
                                                  .scount = 1,
                                                  .rcount = 1,
                                                  .stype = type,
                                                  .rtype = type});
    if (class != MPI_SUCCESS)
        return class;
    post_lay_out(in, c->size);
    return ipcr_coll_run(&(struct ipcr_coll){.kind = IPCR_ALLTOALLV,
                                             .comm = c,
                                             .sbuf = out->items,
                                             .rbuf = in->items,
                                             .stype = type,
                                             .rtype = type,
                                             .scounts = {out->counts, false},
                                             .sdispls = {out->begins, false},
                                             .rcounts = {in->counts, false},
                                             .rdispls = {in->begins, false}});
}

/* What came, by direction: edges between the same two ranks stay in one order at both of them,
 * namely that of the rank that named them, and of its list. */
static int create_from_post(struct ipcr_comm *c, const struct post *in, bool weighted,
                            MPI_Info info, MPI_Comm *newcomm)
{
    size_t n = (size_t)in->total;
    int *numbers = need(4 * n * sizeof *numbers), *from = numbers, *to = numbers + n;
    struct ipcr_dist_graph weights = {weighted, to + n, to + 2 * n};
    struct ipcr_neighbors near = {0, 0, from, to};
    for (size_t i = 0; i < n; i++) {
        const struct half_edge *item = &in->items[i];
        int at = item->outgoing ? near.out++ : near.in++;
        (item->outgoing ? to : from)[at] = item->other;
        (item->outgoing ? weights.out_weights : weights.in_weights)[at] = item->weight;
    }
    int class = create(c, &near, &weights, info, newcomm);
    free(numbers);
    return class;
}

static int dist_graph_create(struct ipcr_comm *c, const struct star *s, MPI_Info info,
                             MPI_Comm *newcomm)
{
    struct post out, in;
    post_open(&out, c->size);
    post_open(&in, c->size);
    each_end(s, count_item, &out);
    post_lay_out(&out, c->size);
    each_end(s, put_item, &out);
    put_back(&out, c->size);
    int class = exchange(c, &out, &in);
    if (class == MPI_SUCCESS)
        class = create_from_post(c, &in, s->weights != MPI_UNWEIGHTED, info, newcomm);
    post_close(&out);
    post_close(&in);
    return class;
}

int PMPI_Dist_graph_create(MPI_Comm comm_old, int n, const int sources[], const int degrees[],
                           const int destinations[], const int *weights, MPI_Info info, int reorder,
                           MPI_Comm *comm_dist_graph)
{
    IPCR_ENTER("MPI_Dist_graph_create");
    if (!comm_dist_graph)
        return IPCR_NO_PLACE_ON(comm_old, "comm_dist_graph");
    struct ipcr_comm *c = ipcr_comm_of(comm_old);
    struct star star = {n, sources, degrees, destinations, weights};
    (void)reorder;
    *comm_dist_graph = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm_old);
    int class = check_call(c, info);
    if (class == MPI_SUCCESS)
        class = check_star(c, &star);
    if (class == MPI_SUCCESS)
        class = dist_graph_create(c, &star, info, comm_dist_graph);
    return IPCR_FINISH(c, class);
}
IPCR_ALIAS(Dist_graph_create);

/* ---- asking ---- */

/* The communicator, which *g belongs to; NULL: the call has ended with *error. */
static struct ipcr_comm *dist_graph_of(MPI_Comm comm, const struct ipcr_dist_graph **g, int *error)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    *g = c ? ipcr_topo_dist_graph(c) : NULL;
    if (*g)
        return c;
    *error = c ? IPCR_RAISE(c, MPI_ERR_TOPOLOGY, "the communicator has no distributed graph")
               : ipcr_comm_raise_bad(comm);
    return NULL;
}

int PMPI_Dist_graph_neighbors_count(MPI_Comm comm, int *indegree, int *outdegree, int *weighted)
{
    IPCR_ENTER("MPI_Dist_graph_neighbors_count");
    if (!indegree)
        return IPCR_NO_PLACE_ON(comm, "indegree");
    if (!outdegree)
        return IPCR_NO_PLACE_ON(comm, "outdegree");
    if (!weighted)
        return IPCR_NO_PLACE_ON(comm, "weighted");
    const struct ipcr_dist_graph *g;
    int error;
    struct ipcr_comm *c = dist_graph_of(comm, &g, &error);
    if (!c)
        return error;
    *indegree = c->topo->near.in;
    *outdegree = c->topo->near.out;
    *weighted = g->weighted;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Dist_graph_neighbors_count);

/* As many of n as there is room for. */
static void copy_some(int *to, const int *from, int n, int room)
{
    int count = n < room ? n : room;
    if (count > 0)
        memcpy(to, from, (size_t)count * sizeof *to);
}

static bool lacks_room(const int *to, int n, int room)
{
    return !to && n > 0 && room > 0;
}

int PMPI_Dist_graph_neighbors(MPI_Comm comm, int maxindegree, int sources[], int *sourceweights,
                              int maxoutdegree, int destinations[], int *destweights)
{
    IPCR_ENTER("MPI_Dist_graph_neighbors");
    const struct ipcr_dist_graph *g;
    int error;
    struct ipcr_comm *c = dist_graph_of(comm, &g, &error);
    if (!c)
        return error;
    if (maxindegree < 0 || maxoutdegree < 0)
        return IPCR_RAISE(c, MPI_ERR_ARG, "room for %d and %d neighbors", maxindegree,
                          maxoutdegree);
    const struct ipcr_neighbors *near = &c->topo->near;
    if (lacks_room(sources, near->in, maxindegree) ||
        lacks_room(destinations, near->out, maxoutdegree) ||
        (g->weighted && (lacks_room(sourceweights, near->in, maxindegree) ||
                         lacks_room(destweights, near->out, maxoutdegree))))
        return IPCR_NO_PLACE_ON(comm, "neighbors or their weights");
    copy_some(sources, near->from, near->in, maxindegree);
    copy_some(destinations, near->to, near->out, maxoutdegree);
    if (g->weighted && sourceweights != MPI_UNWEIGHTED)
        copy_some(sourceweights, g->in_weights, near->in, maxindegree);
    if (g->weighted && destweights != MPI_UNWEIGHTED)
        copy_some(destweights, g->out_weights, near->out, maxoutdegree);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Dist_graph_neighbors);
