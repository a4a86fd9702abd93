/* Processes to places: blocks of grids, patches of graphs. */
#include "topo_map.h"

#include <stdlib.h>
#include <string.h>

/* An order of the places such that places close to each other in it are close in the topology. The
 * processes, node after node, are dealt out along it. */
struct layout {
    int n;
    const int *node; /* [n] of each process */
    int *process;    /* [n] processes, node after node */
    int *order;      /* [n] places */
    int *trial;      /* [n] process at each place */
    int *scratch;    /* as much as was asked for */
};

/* Appends all processes of process i's node, unless they stand there already. */
static int append_node(struct layout *l, int i, int count)
{
    for (int j = 0; j < i; j++)
        if (l->node[j] == l->node[i])
            return count;
    for (int j = i; j < l->n; j++)
        if (l->node[j] == l->node[i])
            l->process[count++] = j;
    return count;
}

static bool layout_open(struct layout *l, int n, const int *node, int scratch)
{
    *l = (struct layout){.n = n, .node = node};
    l->process = malloc((3 * (size_t)n + (size_t)scratch + 1) * sizeof *l->process);
    if (!l->process)
        return false;
    l->order = l->process + n;
    l->trial = l->order + n;
    l->scratch = l->trial + n;
    for (int i = 0, count = 0; count < n; i++)
        count = append_node(l, i, count);
    return true;
}

static void layout_close(struct layout *l)
{
    free(l->process);
}

/* Processes of each node, if all have the same number; else 0. */
static int even_share(const struct layout *l)
{
    int share = 0, run = 0;
    for (int i = 0; i < l->n; i++) {
        run++;
        bool last = i + 1 == l->n || l->node[l->process[i + 1]] != l->node[l->process[i]];
        if (last && share && run != share)
            return 0;
        if (last) {
            share = run;
            run = 0;
        }
    }
    return share;
}

static void deal(struct layout *l)
{
    for (int i = 0; i < l->n; i++)
        l->trial[l->order[i]] = l->process[i];
}

static void as_is(int n, int *place)
{
    for (int i = 0; i < n; i++)
        place[i] = i;
}

static void adopt(const struct layout *l, int *place)
{
    for (int at = 0; at < l->n; at++)
        place[l->trial[at]] = at;
}

/* ---- grids ---- */

/* Edges between nodes when process who[r] stands at rank r. `coords` is scratch. */
static long cart_cut(const struct ipcr_cart *shape, const struct layout *l, const int *who,
                     int *coords)
{
    long cut = 0;
    struct ipcr_cart here = *shape;
    here.coords = coords;
    for (int r = 0; r < l->n; r++) {
        ipcr_cart_coords(shape, r, coords);
        for (int d = 0; d < shape->ndims; d++) {
            int next = ipcr_cart_step(&here, d, 1);
            if (next != MPI_PROC_NULL)
                cut += l->node[who[r]] != l->node[who[next]];
        }
    }
    return cut;
}

struct block_search {
    const struct ipcr_cart *shape;
    int *block, *best;
    double least; /* surface of the best one: edges between blocks, divided by the places */
};

/* What blocks of this length along dimension d cost: planes of edges between them, and one more
 * where the ends meet. */
static double surface_of(const struct ipcr_cart *shape, int d, int side)
{
    int length = shape->dims[d];
    if (side == length)
        return 0;
    return 1.0 / side - (shape->periods[d] ? 0 : 1.0 / length);
}

/* Every shape of `left` places whose sides divide those of the grid, from dimension d on. */
static void search_blocks(struct block_search *s, int d, int left, double surface)
{
    if (d == s->shape->ndims) {
        if (left != 1 || surface >= s->least)
            return;
        s->least = surface;
        memcpy(s->best, s->block, (size_t)d * sizeof *s->best);
        return;
    }
    int length = s->shape->dims[d];
    for (int side = 1; side <= length && side <= left; side++) {
        if (length % side || left % side)
            continue;
        s->block[d] = side;
        search_blocks(s, d + 1, left / side, surface + surface_of(s->shape, d, side));
    }
}

/* Orders places block by block, blocks and the places in them with the last dimension fastest. */
static void order_by_blocks(const struct ipcr_cart *shape, const int *block, struct layout *l,
                            int *coords)
{
    int share = ipcr_cart_size(shape->ndims, block);
    for (int r = 0; r < l->n; r++) {
        int which = 0, within = 0;
        ipcr_cart_coords(shape, r, coords);
        for (int d = 0; d < shape->ndims; d++) {
            which = which * (shape->dims[d] / block[d]) + coords[d] / block[d];
            within = within * block[d] + coords[d] % block[d];
        }
        l->order[which * share + within] = r;
    }
}

static void order_cart(const struct ipcr_cart *shape, struct layout *l)
{
    int *coords = l->scratch, *block = coords + shape->ndims, *best = block + shape->ndims;
    int share = even_share(l);
    struct block_search s = {shape, block, best, shape->ndims + 1.0};
    if (share)
        search_blocks(&s, 0, share, 0);
    if (s.least <= shape->ndims)
        order_by_blocks(shape, best, l, coords);
    else
        as_is(l->n, l->order);
}

bool ipcr_topo_map_cart(const struct ipcr_cart *shape, const int *node, int *place)
{
    int n = ipcr_cart_size(shape->ndims, shape->dims);
    struct layout l;
    as_is(n, place);
    if (!layout_open(&l, n, node, 3 * shape->ndims))
        return false;
    order_cart(shape, &l);
    deal(&l);
    if (cart_cut(shape, &l, l.trial, l.scratch) < cart_cut(shape, &l, place, l.scratch))
        adopt(&l, place);
    layout_close(&l);
    return true;
}

/* ---- graphs ---- */

static long graph_cut(const struct ipcr_graph *g, const int *node, const int *who)
{
    long cut = 0;
    for (int r = 0, e = 0; r < g->nnodes; r++)
        for (; e < g->index[r]; e++)
            cut += node[who[r]] != node[who[g->edges[e]]];
    return cut;
}

/* Breadth first, from vertex 0 and then from the first one that was not reached: vertices reached
 * one after the other lie together. `seen` is scratch. */
static void order_graph(const struct ipcr_graph *g, int *order, int *seen)
{
    int count = 0;
    memset(seen, 0, (size_t)g->nnodes * sizeof *seen);
    for (int start = 0, done = 0; start < g->nnodes; start++) {
        if (!seen[start]++)
            order[count++] = start;
        for (; done < count; done++) {
            int v = order[done];
            for (int e = v ? g->index[v - 1] : 0; e < g->index[v]; e++)
                if (!seen[g->edges[e]]++)
                    order[count++] = g->edges[e];
        }
    }
}

bool ipcr_topo_map_graph(const struct ipcr_graph *g, const int *node, int *place)
{
    struct layout l;
    as_is(g->nnodes, place);
    if (!layout_open(&l, g->nnodes, node, 0))
        return false;
    order_graph(g, l.order, l.trial);
    deal(&l);
    if (graph_cut(g, node, l.trial) < graph_cut(g, node, place))
        adopt(&l, place);
    layout_close(&l);
    return true;
}
