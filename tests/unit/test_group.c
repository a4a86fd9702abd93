/* Group algebra against a naive oracle: groups are drawn at random, every operation is computed
 * twice, by group.c and member by member, and the results must be the same lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"
#include "group.h"
#include "job.h"

enum { WORLD = 24, ROUNDS = 3000, ME = 5 };

struct list { /* the oracle's idea of a group */
    int n, world[2 * WORLD];
};

static int pick(int n)
{
    return rand() % n;
}

/* A random subset of the world in random order, of any size from 0 on. */
static struct list random_list(void)
{
    struct list l = {0};
    int all[WORLD];
    for (int i = 0; i < WORLD; i++)
        all[i] = i;
    int n = pick(WORLD + 1);
    for (int i = 0; i < n; i++) {
        int k = i + pick(WORLD - i), t = all[i];
        all[i] = all[k];
        all[k] = t;
        l.world[l.n++] = all[i];
    }
    return l;
}

static int where(const struct list *l, int world)
{
    for (int i = 0; i < l->n; i++)
        if (l->world[i] == world)
            return i;
    return -1;
}

static struct ipcr_group *group_of_list(const struct list *l)
{
    if (!l->n)
        return &ipcr_group_empty;
    struct ipcr_group *g = ipcr_group_new(l->n);
    assert_non_null(g);
    memcpy(g->world, l->world, (size_t)l->n * sizeof(int));
    return ipcr_group_settle(g);
}

/* g must have exactly l's members, know its own rank, and be the empty group if it is empty. Frees
 * it. */
static void assert_list(struct ipcr_group *g, const struct list *l)
{
    assert_non_null(g);
    assert_int_equal(g->size, l->n);
    assert_memory_equal(g->world, l->world, (size_t)l->n * sizeof(int));
    int me = where(l, ME);
    assert_int_equal(g->rank, me < 0 ? MPI_UNDEFINED : me);
    assert_true(l->n > 0 || g == &ipcr_group_empty);
    ipcr_group_release(g);
}

static void naive_union(const struct list *a, const struct list *b, struct list *out)
{
    *out = *a;
    for (int i = 0; i < b->n; i++)
        if (where(a, b->world[i]) < 0)
            out->world[out->n++] = b->world[i];
}

static void naive_filter(const struct list *a, const struct list *b, int in_b, struct list *out)
{
    out->n = 0;
    for (int i = 0; i < a->n; i++)
        if ((where(b, a->world[i]) >= 0) == in_b)
            out->world[out->n++] = a->world[i];
}

static int naive_compare(const struct list *a, const struct list *b)
{
    int same_order = a->n == b->n;
    for (int i = 0; i < a->n; i++) {
        if (a->n != b->n || where(b, a->world[i]) < 0)
            return MPI_UNEQUAL;
        same_order = same_order && a->world[i] == b->world[i];
    }
    return a->n != b->n ? MPI_UNEQUAL : same_order ? MPI_IDENT : MPI_SIMILAR;
}

static void set_operations(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct list a = random_list(), b = random_list(), expected;
        struct ipcr_group *ga = group_of_list(&a), *gb = group_of_list(&b);
        naive_union(&a, &b, &expected);
        assert_list(ipcr_group_union(ga, gb), &expected);
        naive_filter(&a, &b, 1, &expected);
        assert_list(ipcr_group_intersection(ga, gb), &expected);
        naive_filter(&a, &b, 0, &expected);
        assert_list(ipcr_group_difference(ga, gb), &expected);
        ipcr_group_release(ga);
        ipcr_group_release(gb);
    }
}

static void comparison(void **state)
{
    (void)state;
    int seen[3] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        struct list a = random_list(), b = pick(2) ? random_list() : a;
        if (b.n > 1 && pick(2)) { /* the same members in another order */
            int t = b.world[0];
            b.world[0] = b.world[b.n - 1];
            b.world[b.n - 1] = t;
        }
        struct ipcr_group *ga = group_of_list(&a), *gb = group_of_list(&b);
        int result = ipcr_group_compare(ga, gb), expected = naive_compare(&a, &b);
        assert_int_equal(result, expected);
        seen[expected == MPI_IDENT ? 0 : expected == MPI_SIMILAR ? 1 : 2]++;
        ipcr_group_release(ga);
        ipcr_group_release(gb);
    }
    assert_true(seen[0] > 100 && seen[1] > 100 && seen[2] > 100);
}

static void translation(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct list a = random_list(), b = random_list();
        struct ipcr_group *ga = group_of_list(&a), *gb = group_of_list(&b);
        int n = a.n ? pick(2 * WORLD) : 0, from[2 * WORLD], to[2 * WORLD];
        for (int i = 0; i < n; i++)
            from[i] = pick(8) ? pick(a.n) : MPI_PROC_NULL;
        assert_int_equal(ipcr_group_translate(ga, n, from, gb, to), MPI_SUCCESS);
        for (int i = 0; i < n; i++) {
            int at = from[i] < 0 ? from[i] : where(&b, a.world[from[i]]);
            assert_int_equal(to[i], from[i] < 0 ? MPI_PROC_NULL : at < 0 ? MPI_UNDEFINED : at);
        }
        ipcr_group_release(ga);
        ipcr_group_release(gb);
    }
}

static void including_and_excluding(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct list a = random_list(), pattern = random_list(), in = {0}, out = {0};
        struct ipcr_group *g = group_of_list(&a);
        int ranks[WORLD], n = 0;
        for (int i = 0; i < pattern.n; i++)
            if (pattern.world[i] < a.n)
                ranks[n++] = pattern.world[i];
        for (int i = 0; i < n; i++)
            in.world[in.n++] = a.world[ranks[i]];
        naive_filter(&a, &in, 0, &out);
        assert_int_equal(ipcr_group_check_ranks(g, n, ranks), MPI_SUCCESS);
        assert_list(ipcr_group_incl(g, n, ranks), &in);
        assert_list(ipcr_group_excl(g, n, ranks), &out);
        ipcr_group_release(g);
    }
}

static void bad_ranks_are_refused(void **state)
{
    (void)state;
    struct list l = {4, {7, 1, 5, 3}};
    struct ipcr_group *g = group_of_list(&l);
    assert_int_equal(ipcr_group_check_ranks(g, 2, (int[]){0, 4}), MPI_ERR_RANK);
    assert_int_equal(ipcr_group_check_ranks(g, 1, (int[]){-1}), MPI_ERR_RANK);
    assert_int_equal(ipcr_group_check_ranks(g, 3, (int[]){2, 0, 2}), MPI_ERR_RANK);
    assert_non_null(strstr(ipcr_err_facts(MPI_ERR_RANK), "rank 2"));
    assert_int_equal(ipcr_group_check_ranks(&ipcr_group_empty, 0, NULL), MPI_SUCCESS);
    ipcr_group_release(g);
}

/* The standard's words: first, first + stride, ... first + floor((last - first) / stride) * stride.
 */
static int naive_range(const int r[3], int *out)
{
    int n = 0;
    if (r[2] > 0)
        for (int x = r[0]; x <= r[1]; x += r[2])
            out[n++] = x;
    else
        for (int x = r[0]; x >= r[1]; x += r[2])
            out[n++] = x;
    return n;
}

static void ranges(void **state)
{
    (void)state;
    struct list l = {WORLD, {0}};
    for (int i = 0; i < WORLD; i++)
        l.world[i] = i;
    struct ipcr_group *g = group_of_list(&l);
    for (int round = 0; round < ROUNDS; round++) {
        int stride = 1 + pick(6);
        int range[1][3] = {{pick(WORLD), pick(WORLD), pick(2) ? stride : -stride}};
        int expected[WORLD], *ranks = NULL, n = naive_range(range[0], expected), count = -1;
        assert_int_equal(ipcr_group_expand(g, 1, range, &ranks, &count), MPI_SUCCESS);
        assert_int_equal(count, n);
        assert_memory_equal(ranks, expected, (size_t)n * sizeof(int));
        free(ranks);
    }
    ipcr_group_release(g);
}

static void several_ranges_and_bad_ones(void **state)
{
    (void)state;
    struct list l = {10, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}};
    struct ipcr_group *g = group_of_list(&l);
    int *ranks, count, three[3][3] = {{6, 7, 1}, {1, 6, 2}, {0, 9, 4}};
    assert_int_equal(ipcr_group_expand(g, 2, three, &ranks, &count), MPI_SUCCESS);
    assert_int_equal(count, 5);
    assert_memory_equal(ranks, ((int[]){6, 7, 1, 3, 5}), 5 * sizeof(int));
    free(ranks);
    int zero[1][3] = {{1, 2, 0}}, high[1][3] = {{0, 12, 3}}, low[1][3] = {{3, -2, -1}};
    assert_int_equal(ipcr_group_expand(g, 1, zero, &ranks, &count), MPI_ERR_ARG);
    assert_int_equal(ipcr_group_expand(g, 1, high, &ranks, &count), MPI_ERR_RANK);
    assert_int_equal(ipcr_group_expand(g, 1, low, &ranks, &count), MPI_ERR_RANK);
    /* last need not be hit, so (0, 12, 8) names 0 and 8 only; and no arithmetic may overflow */
    int beyond[1][3] = {{0, 12, 8}}, wild[1][3] = {{INT32_MIN, INT32_MAX, 1}};
    assert_int_equal(ipcr_group_expand(g, 1, beyond, &ranks, &count), MPI_SUCCESS);
    assert_int_equal(count, 2);
    free(ranks);
    assert_int_equal(ipcr_group_expand(g, 1, wild, &ranks, &count), MPI_ERR_RANK);
    int twice[2][3] = {{0, 9, 1}, {0, 9, 1}};
    assert_int_equal(ipcr_group_expand(g, 2, twice, &ranks, &count), MPI_ERR_RANK);
    ipcr_group_release(g);
}

static void handles(void **state)
{
    (void)state;
    struct list l = {2, {5, 3}};
    struct ipcr_group *g = group_of_list(&l);
    assert_ptr_equal(ipcr_group_of(ipcr_group_hand_out(g)), g);
    assert_ptr_equal(ipcr_group_of(MPI_GROUP_EMPTY), &ipcr_group_empty);
    assert_ptr_equal(ipcr_group_hand_out(&ipcr_group_empty), MPI_GROUP_EMPTY);
    assert_null(ipcr_group_of(MPI_GROUP_NULL));
    assert_null(ipcr_group_of((MPI_Group)MPI_COMM_WORLD));
    ipcr_group_retain(g);
    ipcr_group_release(g);
    assert_int_equal(g->size, 2); /* still there */
    ipcr_group_release(g);
    ipcr_group_release(&ipcr_group_empty);
    assert_int_equal(ipcr_group_of(MPI_GROUP_EMPTY)->size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_operations),
        cmocka_unit_test(comparison),
        cmocka_unit_test(translation),
        cmocka_unit_test(including_and_excluding),
        cmocka_unit_test(bad_ranks_are_refused),
        cmocka_unit_test(ranges),
        cmocka_unit_test(several_ranges_and_bad_ones),
        cmocka_unit_test(handles),
    };
    srand(20);
    ipcr_job.rank = ME;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
