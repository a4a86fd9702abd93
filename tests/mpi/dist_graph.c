// Distributed graphs: adjacent, and with edges named by anybody; weights, several edges between the
// same two, loops, nothing at all; wrong arguments.
#include "check.h"

enum { TAG = 3 };

// Is there an edge, and how often? A dense graph with loops and double edges, no symmetry.
static int times(int from, int to)
{
    return (from * 3 + to * 5) % 4 % 3;
}

// The k-th edge between two ranks weighs:
static int weight(int from, int to, int k)
{
    return 100 * from + 10 * to + k;
}

struct lists {
    int in, out, *sources, *destinations, *in_weights, *out_weights;
};

static struct lists lists(void)
{
    size_t bytes = sizeof(int) * 2 * (size_t)np;
    return (struct lists){0, 0, need(bytes), need(bytes), need(bytes), need(bytes)};
}

static void drop(struct lists *l)
{
    free(l->sources);
    free(l->destinations);
    free(l->in_weights);
    free(l->out_weights);
}

static struct lists mine(void)
{
    struct lists l = lists();
    for (int r = 0; r < np; r++) {
        for (int k = 0; k < times(r, me); k++) {
            l.in_weights[l.in] = weight(r, me, k);
            l.sources[l.in++] = r;
        }
        for (int k = 0; k < times(me, r); k++) {
            l.out_weights[l.out] = weight(me, r, k);
            l.destinations[l.out++] = r;
        }
    }
    return l;
}

static struct lists ask(MPI_Comm comm, int want_weighted)
{
    struct lists l = lists();
    int weighted, kind;

    OK(MPI_Topo_test(comm, &kind));
    EQ(kind, MPI_DIST_GRAPH);
    OK(MPI_Dist_graph_neighbors_count(comm, &l.in, &l.out, &weighted));
    EQ(weighted != 0, want_weighted);
    OK(MPI_Dist_graph_neighbors(comm, l.in, l.sources, weighted ? l.in_weights : MPI_UNWEIGHTED,
                                l.out, l.destinations, weighted ? l.out_weights : MPI_UNWEIGHTED));
    return l;
}

static int seen(const int *ranks, int n, int rank)
{
    int count = 0;
    for (int i = 0; i < n; i++)
        count += ranks[i] == rank;
    return count;
}

// The k-th edge to a rank must be its k-th edge from me, as the weights tell.
static void check_lists(const struct lists *l, int weighted)
{
    for (int r = 0; r < np; r++) {
        EQ(seen(l->sources, l->in, r), times(r, me));
        EQ(seen(l->destinations, l->out, r), times(me, r));
    }
    for (int i = 0; weighted && i < l->in; i++)
        EQ(l->in_weights[i], weight(l->sources[i], me, seen(l->sources, i, l->sources[i])));
    for (int i = 0; weighted && i < l->out; i++)
        EQ(l->out_weights[i],
           weight(me, l->destinations[i], seen(l->destinations, i, l->destinations[i])));
}

static void check_graph(MPI_Comm comm, int weighted)
{
    struct lists l = ask(comm, weighted), again = ask(comm, weighted);
    check_lists(&l, weighted);
    for (int i = 0; i < l.in; i++)
        EQ(again.sources[i], l.sources[i]);
    for (int i = 0; i < l.out; i++)
        EQ(again.destinations[i], l.destinations[i]);
    drop(&l);
    drop(&again);
}

static void check_and_free(MPI_Comm comm, int weighted)
{
    MPI_Comm twin;
    int result;

    OK(MPI_Comm_compare(comm, MPI_COMM_WORLD, &result));
    EQ(result, MPI_CONGRUENT);
    check_graph(comm, weighted);
    OK(MPI_Comm_dup(comm, &twin));
    OK(MPI_Comm_free(&comm));
    check_graph(twin, weighted);
    OK(MPI_Comm_free(&twin));
}

static void adjacent(int weighted)
{
    struct lists l = mine();
    MPI_Comm comm;
    OK(MPI_Dist_graph_create_adjacent(
        MPI_COMM_WORLD, l.in, l.sources, weighted ? l.in_weights : MPI_UNWEIGHTED, l.out,
        l.destinations, weighted ? l.out_weights : MPI_UNWEIGHTED, MPI_INFO_NULL, 0, &comm));
    check_and_free(comm, weighted);
    drop(&l);
}

// Rank `teller` names the edges of `source`, all of them at once.
static void named_by(int weighted, int (*teller)(int source))
{
    size_t room = (size_t)np * (size_t)np * 2;
    int *sources = need(sizeof(int) * (size_t)np), *degrees = need(sizeof(int) * (size_t)np);
    int *destinations = need(sizeof(int) * room), *weights = need(sizeof(int) * room), n = 0, e = 0;
    MPI_Comm comm;

    for (int s = 0; s < np; s++) {
        if (teller(s) != me)
            continue;
        int first = e;
        for (int to = 0; to < np; to++)
            for (int k = 0; k < times(s, to); k++) {
                weights[e] = weight(s, to, k);
                destinations[e++] = to;
            }
        degrees[n] = e - first;
        sources[n++] = s;
    }
    OK(MPI_Dist_graph_create(MPI_COMM_WORLD, n, sources, degrees, destinations,
                             weighted ? weights : MPI_UNWEIGHTED, MPI_INFO_NULL, 1, &comm));
    check_and_free(comm, weighted);
    free(sources);
    free(degrees);
    free(destinations);
    free(weights);
}

static int itself(int source)
{
    return source;
}

static int last(int source)
{
    (void)source;
    return np - 1;
}

static int another(int source)
{
    return (source + 1) % np;
}

// Only the first part is returned where there is no room for more.
static void little_room(void)
{
    int all[3] = {0, 0, 0}, weights[3] = {5, 6, 7}, in[3] = {-1, -1, -1}, out[3] = {-1, -1, -1};
    MPI_Comm comm;

    all[0] = all[1] = all[2] = me;
    OK(MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 3, all, weights, 3, all, weights,
                                      MPI_INFO_NULL, 0, &comm));
    OK(MPI_Dist_graph_neighbors(comm, 2, in, MPI_UNWEIGHTED, 0, out, out));
    CHECK(in[0] == me && in[1] == me && in[2] == -1 && out[0] == -1);
    OK(MPI_Comm_free(&comm));
}

static void empty(void)
{
    int in = -1, out = -1, weighted = -1;
    MPI_Comm comm;

    OK(MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 0, NULL, MPI_WEIGHTS_EMPTY, 0, NULL,
                                      MPI_WEIGHTS_EMPTY, MPI_INFO_NULL, 0, &comm));
    OK(MPI_Dist_graph_neighbors_count(comm, &in, &out, &weighted));
    CHECK(in == 0 && out == 0 && weighted);
    OK(MPI_Comm_free(&comm));
    OK(MPI_Dist_graph_create(MPI_COMM_WORLD, 0, NULL, NULL, NULL, MPI_UNWEIGHTED, MPI_INFO_NULL, 0,
                             &comm));
    OK(MPI_Dist_graph_neighbors_count(comm, &in, &out, &weighted));
    CHECK(in == 0 && out == 0 && !weighted);
    OK(MPI_Comm_free(&comm));
}

static void errors(void)
{
    int me_only[1] = {me}, nobody[1] = {np}, one[1] = {1}, minus[1] = {-1}, n;
    MPI_Comm plain, comm;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &plain));
    OK(MPI_Comm_set_errhandler(plain, MPI_ERRORS_RETURN));
    FAILS(MPI_Dist_graph_create_adjacent(plain, -1, me_only, one, 1, me_only, one, MPI_INFO_NULL, 0,
                                         &comm),
          MPI_ERR_ARG);
    FAILS(MPI_Dist_graph_create_adjacent(plain, 1, nobody, one, 1, me_only, one, MPI_INFO_NULL, 0,
                                         &comm),
          MPI_ERR_RANK);
    FAILS(MPI_Dist_graph_create_adjacent(plain, 1, me_only, one, 1, minus, one, MPI_INFO_NULL, 0,
                                         &comm),
          MPI_ERR_RANK);
    FAILS(MPI_Dist_graph_create_adjacent(plain, 1, me_only, minus, 1, me_only, one, MPI_INFO_NULL,
                                         0, &comm),
          MPI_ERR_ARG);
    FAILS(MPI_Dist_graph_create_adjacent(plain, 1, me_only, MPI_UNWEIGHTED, 1, me_only, one,
                                         MPI_INFO_NULL, 0, &comm),
          MPI_ERR_ARG);
    CHECK(comm == MPI_COMM_NULL);
    FAILS(MPI_Dist_graph_create(plain, -1, me_only, one, me_only, one, MPI_INFO_NULL, 0, &comm),
          MPI_ERR_ARG);
    FAILS(MPI_Dist_graph_create(plain, 1, nobody, one, me_only, one, MPI_INFO_NULL, 0, &comm),
          MPI_ERR_RANK);
    FAILS(MPI_Dist_graph_create(plain, 1, me_only, minus, me_only, one, MPI_INFO_NULL, 0, &comm),
          MPI_ERR_ARG);
    FAILS(MPI_Dist_graph_create(plain, 1, me_only, one, nobody, one, MPI_INFO_NULL, 0, &comm),
          MPI_ERR_RANK);
    FAILS(MPI_Dist_graph_neighbors_count(plain, &n, &n, &n), MPI_ERR_TOPOLOGY);
    FAILS(MPI_Dist_graph_neighbors(plain, 1, &n, &n, 1, &n, &n), MPI_ERR_TOPOLOGY);
    OK(MPI_Comm_free(&plain));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    for (int weighted = 0; weighted < 2; weighted++) {
        adjacent(weighted);
        named_by(weighted, itself);
        named_by(weighted, last);
        named_by(weighted, another);
    }
    little_room();
    empty();
    errors();
    return check_end();
}
