/* topo_map.c: blocks of grids and patches of graphs for the processes of a node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "topo_map.h"

enum { MOST = 64 };

/* Edges between nodes, counted here in another way than in topo_map.c: over pairs of ranks. */
static int cut(const struct ipcr_cart *shape, const int *node, const int *place)
{
    int n = ipcr_cart_size(shape->ndims, shape->dims), at[MOST], count = 0;
    for (int i = 0; i < n; i++)
        at[place[i]] = node[i];
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++) {
            int x[8], y[8], apart = 0;
            ipcr_cart_coords(shape, a, x);
            ipcr_cart_coords(shape, b, y);
            for (int d = 0; d < shape->ndims; d++)
                apart += abs(x[d] - y[d]);
            count += apart == 1 && at[a] != at[b];
        }
    return count;
}

static void assert_permutation(const int *place, int n)
{
    int seen[MOST] = {0};
    for (int i = 0; i < n; i++) {
        assert_in_range(place[i], 0, n - 1);
        assert_int_equal(seen[place[i]]++, 0);
    }
}

static struct ipcr_cart open_grid(int ndims, int *dims)
{
    static int none[8];
    return (struct ipcr_cart){ndims, dims, none, NULL};
}

/* Four nodes of four processes on 4 x 4: squares of 2 x 2, 8 edges between them; rows would have
 * 12, and taking turns 24. */
static void squares(void **state)
{
    (void)state;
    int dims[2] = {4, 4}, rows[16], turns[16], place[16];
    struct ipcr_cart grid = open_grid(2, dims);
    for (int i = 0; i < 16; i++) {
        rows[i] = i / 4;
        turns[i] = i % 4;
    }
    assert_true(ipcr_topo_map_cart(&grid, rows, place));
    assert_permutation(place, 16);
    assert_int_equal(cut(&grid, rows, place), 8);
    assert_true(ipcr_topo_map_cart(&grid, turns, place));
    assert_permutation(place, 16);
    assert_int_equal(cut(&grid, turns, place), 8);
}

/* Two nodes of four on 2 x 2 x 2, dealt out in turns: half cubes, four edges. */
static void half_cubes(void **state)
{
    (void)state;
    int dims[3] = {2, 2, 2}, node[8], place[8];
    struct ipcr_cart grid = open_grid(3, dims);
    for (int i = 0; i < 8; i++)
        node[i] = i % 2;
    assert_true(ipcr_topo_map_cart(&grid, node, place));
    assert_permutation(place, 8);
    assert_int_equal(cut(&grid, node, place), 4);
}

/* Nodes of different sizes: a stretch each. */
static void uneven(void **state)
{
    (void)state;
    int dims[2] = {5, 2}, node[10] = {0, 1, 0, 1, 1, 0, 1, 1, 1, 0}, place[10];
    struct ipcr_cart grid = open_grid(2, dims);
    assert_true(ipcr_topo_map_cart(&grid, node, place));
    assert_permutation(place, 10);
    assert_int_equal(cut(&grid, node, place), 2);
}

/* What cannot be bettered stays. */
static void unchanged(void **state)
{
    (void)state;
    int dims[1] = {6}, one[6] = {0}, two[6] = {3, 3, 3, 1, 1, 1}, place[6];
    struct ipcr_cart grid = open_grid(1, dims), point = open_grid(0, dims);
    assert_true(ipcr_topo_map_cart(&grid, one, place));
    for (int i = 0; i < 6; i++)
        assert_int_equal(place[i], i);
    assert_true(ipcr_topo_map_cart(&grid, two, place));
    for (int i = 0; i < 6; i++)
        assert_int_equal(place[i], i);
    assert_true(ipcr_topo_map_cart(&point, one, place));
    assert_int_equal(place[0], 0);
}

/* A path whose vertices are numbered in turns, on two nodes: one edge between them is enough. */
static void path(void **state)
{
    (void)state;
    enum { N = 8 };
    static const int order[N] = {0, 4, 1, 5, 2, 6, 3, 7}; /* along the path */
    int index[N], edges[2 * N], node[N], place[N], at[N], count = 0, between = 0;
    for (int v = 0; v < N; v++) {
        for (int i = 0; i < N; i++) {
            if (i > 0 && order[i] == v)
                edges[count++] = order[i - 1];
            if (i + 1 < N && order[i] == v)
                edges[count++] = order[i + 1];
        }
        index[v] = count;
        node[v] = v % 2;
    }
    struct ipcr_graph graph = {N, count, index, edges};
    assert_true(ipcr_topo_map_graph(&graph, node, place));
    assert_permutation(place, N);
    for (int i = 0; i < N; i++)
        at[place[i]] = node[i];
    for (int i = 0; i + 1 < N; i++)
        between += at[order[i]] != at[order[i + 1]];
    assert_int_equal(between, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares),   cmocka_unit_test(half_cubes), cmocka_unit_test(uneven),
        cmocka_unit_test(unchanged), cmocka_unit_test(path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
