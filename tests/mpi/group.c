// Groups: set operations, inclusion and exclusion by lists and ranges, translation, comparison. All
// local, so it needs ranks but no messages.
#include "check.h"

static MPI_Group world;

static void check_group(MPI_Group group, int count, const int *want)
{
    int size = -1, rank = -77, place = MPI_UNDEFINED, zero, in_world;

    OK(MPI_Group_size(group, &size));
    EQ(size, count);
    for (int i = 0; i < count && i < size; i++) {
        zero = i;
        OK(MPI_Group_translate_ranks(group, 1, &zero, world, &in_world));
        EQ(in_world, want[i]);
        if (want[i] == me)
            place = i;
    }
    OK(MPI_Group_rank(group, &rank));
    EQ(rank, place);
}

static MPI_Group from_list(int count, const int *ranks)
{
    MPI_Group group;
    OK(MPI_Group_incl(world, count, ranks, &group));
    return group;
}

static int comparison(MPI_Group a, MPI_Group b)
{
    int result = -1;
    OK(MPI_Group_compare(a, b, &result));
    return result;
}

static void free_group(MPI_Group group)
{
    OK(MPI_Group_free(&group));
    CHECK(group == MPI_GROUP_NULL);
}

static void whole_world(void)
{
    int *all = need(sizeof(int) * (size_t)np), rank;
    MPI_Group again, same, backwards;

    for (int r = 0; r < np; r++)
        all[r] = r;
    check_group(world, np, all);
    OK(MPI_Comm_group(MPI_COMM_WORLD, &again));
    EQ(comparison(world, again), MPI_IDENT);
    same = from_list(np, all);
    EQ(comparison(world, same), MPI_IDENT);
    for (int r = 0; r < np; r++)
        all[r] = np - 1 - r;
    backwards = from_list(np, all);
    check_group(backwards, np, all);
    EQ(comparison(world, backwards), np == 1 ? MPI_IDENT : MPI_SIMILAR);
    free_group(backwards);
    free_group(same);
    free_group(again);
    EQ(comparison(MPI_GROUP_EMPTY, MPI_GROUP_EMPTY), MPI_IDENT);
    EQ(comparison(world, MPI_GROUP_EMPTY), MPI_UNEQUAL);
    OK(MPI_Group_rank(MPI_GROUP_EMPTY, &rank));
    EQ(rank, MPI_UNDEFINED);
    free(all);
}

// With 5 ranks or more: {4, 1, 3} and {3, 0, 4}.
static void set_operations(void)
{
    const int first[3] = {4, 1, 3}, second[3] = {3, 0, 4};
    MPI_Group a = from_list(3, first), b = from_list(3, second), c;

    OK(MPI_Group_union(a, b, &c));
    check_group(c, 4, (const int[]){4, 1, 3, 0});
    free_group(c);
    OK(MPI_Group_union(b, a, &c));
    check_group(c, 4, (const int[]){3, 0, 4, 1});
    free_group(c);
    OK(MPI_Group_intersection(a, b, &c));
    check_group(c, 2, (const int[]){4, 3});
    free_group(c);
    OK(MPI_Group_intersection(b, a, &c));
    check_group(c, 2, (const int[]){3, 4});
    free_group(c);
    OK(MPI_Group_difference(a, b, &c));
    check_group(c, 1, (const int[]){1});
    free_group(c);
    OK(MPI_Group_difference(a, a, &c));
    check_group(c, 0, NULL);
    EQ(comparison(c, MPI_GROUP_EMPTY), MPI_IDENT);
    if (c != MPI_GROUP_EMPTY)
        free_group(c);
    OK(MPI_Group_union(MPI_GROUP_EMPTY, b, &c));
    EQ(comparison(c, b), MPI_IDENT);
    free_group(c);
    EQ(comparison(a, b), MPI_UNEQUAL);
    free_group(a);
    free_group(b);
}

static void lists(void)
{
    const int some[3] = {3, 0, 2};
    MPI_Group group, part;

    OK(MPI_Group_excl(world, 3, some, &group));
    int *rest = need(sizeof(int) * (size_t)np), count = 0;
    for (int r = 0; r < np; r++)
        if (r != 0 && r != 2 && r != 3)
            rest[count++] = r;
    check_group(group, count, rest);
    free_group(group);
    free(rest);
    // A part of a part: ranks are those of the group at hand.
    group = from_list(3, some);
    OK(MPI_Group_incl(group, 2, (const int[]){2, 0}, &part));
    check_group(part, 2, (const int[]){2, 3});
    free_group(part);
    OK(MPI_Group_excl(group, 1, (const int[]){1}, &part));
    check_group(part, 2, (const int[]){3, 2});
    free_group(part);
    OK(MPI_Group_incl(group, 0, NULL, &part));
    check_group(part, 0, NULL);
    if (part != MPI_GROUP_EMPTY)
        free_group(part);
    OK(MPI_Group_excl(group, 0, NULL, &part));
    EQ(comparison(part, group), MPI_IDENT);
    free_group(part);
    free_group(group);
}

static void ranges(void)
{
    int up[1][3] = {{0, 4, 2}}, down[2][3] = {{4, 3, -1}, {0, 0, 1}}, uneven[1][3] = {{0, 3, 2}};
    MPI_Group group;

    OK(MPI_Group_range_incl(world, 1, up, &group));
    check_group(group, 3, (const int[]){0, 2, 4});
    free_group(group);
    OK(MPI_Group_range_incl(world, 2, down, &group));
    check_group(group, 3, (const int[]){4, 3, 0});
    free_group(group);
    OK(MPI_Group_range_incl(world, 1, uneven, &group));
    check_group(group, 2, (const int[]){0, 2});
    free_group(group);
    OK(MPI_Group_range_excl(world, 2, down, &group));
    int *rest = need(sizeof(int) * (size_t)np), count = 0;
    for (int r = 0; r < np; r++)
        if (r != 0 && r != 3 && r != 4)
            rest[count++] = r;
    check_group(group, count, rest);
    free_group(group);
    free(rest);
    OK(MPI_Group_range_incl(world, 0, NULL, &group));
    check_group(group, 0, NULL);
    if (group != MPI_GROUP_EMPTY)
        free_group(group);
}

static void translation(void)
{
    const int first[3] = {4, 1, 3}, second[2] = {3, 4};
    const int asked[4] = {0, 1, 2, MPI_PROC_NULL};
    int got[4];
    MPI_Group a = from_list(3, first), b = from_list(2, second);

    OK(MPI_Group_translate_ranks(a, 4, asked, b, got));
    EQ(got[0], 1);
    EQ(got[1], MPI_UNDEFINED);
    EQ(got[2], 0);
    EQ(got[3], MPI_PROC_NULL);
    OK(MPI_Group_translate_ranks(a, 0, NULL, b, NULL));
    free_group(a);
    free_group(b);
}

// The group of a communicator outlives it.
static void outlives(void)
{
    MPI_Comm comm;
    MPI_Group group;
    int *want = need(sizeof(int) * (size_t)np);

    for (int r = 0; r < np; r++)
        want[r] = np - 1 - r;
    OK(MPI_Comm_split(MPI_COMM_WORLD, 0, -me, &comm));
    OK(MPI_Comm_group(comm, &group));
    OK(MPI_Comm_free(&comm));
    check_group(group, np, want);
    free_group(group);
    free(want);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_group(MPI_COMM_WORLD, &world));
    whole_world();
    outlives();
    if (np >= 5) {
        set_operations();
        lists();
        ranges();
        translation();
    }
    free_group(world);
    return check_end();
}
