// Communicators: dup, split, split_type, create, create_group, compare, names, free.
#include "check.h"

enum { TAG = 1 };

// The ranks of the world that a communicator consists of, in its order, by asking them.
static int members(MPI_Comm comm, int *world)
{
    int size;
    OK(MPI_Comm_size(comm, &size));
    OK(MPI_Allgather(&me, 1, MPI_INT, world, 1, MPI_INT, comm));
    return size;
}

static void check_members(MPI_Comm comm, const int *want, int count)
{
    int *got = need(sizeof(int) * (size_t)np), rank;

    EQ(members(comm, got), count);
    OK(MPI_Comm_rank(comm, &rank));
    for (int i = 0; i < count; i++) {
        EQ(got[i], want[i]);
        if (want[i] == me)
            EQ(rank, i);
    }
    free(got);
}

static int comparison(MPI_Comm a, MPI_Comm b)
{
    int result = -1;
    OK(MPI_Comm_compare(a, b, &result));
    return result;
}

static void basics(void)
{
    int rank = -1, size = -1;
    MPI_Comm twin, reversed;

    OK(MPI_Comm_rank(MPI_COMM_SELF, &rank));
    OK(MPI_Comm_size(MPI_COMM_SELF, &size));
    EQ(rank, 0);
    EQ(size, 1);
    EQ(comparison(MPI_COMM_WORLD, MPI_COMM_WORLD), MPI_IDENT);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &twin));
    CHECK(twin != MPI_COMM_WORLD);
    EQ(comparison(MPI_COMM_WORLD, twin), MPI_CONGRUENT);
    EQ(comparison(twin, twin), MPI_IDENT);
    OK(MPI_Comm_split(MPI_COMM_WORLD, 0, -me, &reversed));
    EQ(comparison(MPI_COMM_WORLD, reversed), np == 1 ? MPI_CONGRUENT : MPI_SIMILAR);
    EQ(comparison(MPI_COMM_WORLD, MPI_COMM_SELF), np == 1 ? MPI_CONGRUENT : MPI_UNEQUAL);
    OK(MPI_Comm_free(&reversed));
    OK(MPI_Comm_free(&twin));
    CHECK(twin == MPI_COMM_NULL);
    OK(MPI_Comm_dup(MPI_COMM_SELF, &twin));
    EQ(comparison(MPI_COMM_SELF, twin), MPI_CONGRUENT);
    OK(MPI_Comm_free(&twin));
}

// Keys order, ties keep the old order, undefined colours get nothing; colours and keys are any
// ints.
static void split(void)
{
    int *want = need(sizeof(int) * (size_t)np), count = 0;
    MPI_Comm comm;

    for (int r = 0; r < np; r++)
        if (r % 3 == me % 3)
            want[count++] = r;
    OK(MPI_Comm_split(MPI_COMM_WORLD, 1000000000 + me % 3, 7, &comm));
    check_members(comm, want, count);
    OK(MPI_Comm_free(&comm));

    // Key 0 for odd ranks, a negative one for even ranks.
    count = 0;
    for (int r = 0; r < np; r += 2)
        want[count++] = r;
    for (int r = 1; r < np; r += 2)
        want[count++] = r;
    OK(MPI_Comm_split(MPI_COMM_WORLD, 0, me % 2 ? 0 : -2000000000, &comm));
    check_members(comm, want, count);
    OK(MPI_Comm_free(&comm));

    count = 0;
    for (int r = 1; r < np; r += 2)
        want[count++] = r;
    OK(MPI_Comm_split(MPI_COMM_WORLD, me % 2 ? 3 : MPI_UNDEFINED, 0, &comm));
    if (me % 2) {
        check_members(comm, want, count);
        OK(MPI_Comm_free(&comm));
    }
    CHECK(comm == MPI_COMM_NULL);
    OK(MPI_Comm_split(MPI_COMM_WORLD, MPI_UNDEFINED, 0, &comm));
    CHECK(comm == MPI_COMM_NULL);
    free(want);
}

// Split again and again down to single ranks.
static void split_deep(void)
{
    MPI_Comm comm, half;
    int rank, size, from = 0, to = np;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    for (OK(MPI_Comm_size(comm, &size)); size > 1; OK(MPI_Comm_size(comm, &size))) {
        OK(MPI_Comm_rank(comm, &rank));
        OK(MPI_Comm_split(comm, rank < size / 2, rank, &half));
        if (rank < size / 2)
            to = from + size / 2;
        else
            from += size / 2;
        OK(MPI_Comm_free(&comm));
        comm = half;
        int *want = need(sizeof(int) * (size_t)np);
        for (int r = from; r < to; r++)
            want[r - from] = r;
        check_members(comm, want, to - from);
        free(want);
    }
    OK(MPI_Comm_free(&comm));
}

static void split_type(void)
{
    MPI_Comm node, none;
    int *got = need(sizeof(int) * (size_t)np), size;

    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, me, MPI_INFO_NULL, &node));
    CHECK(node != MPI_COMM_NULL);
    size = members(node, got);
    for (int i = 1; i < size; i++)
        CHECK(got[i - 1] < got[i]);
    OK(MPI_Comm_free(&node));
    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, -me, MPI_INFO_NULL, &node));
    size = members(node, got);
    for (int i = 1; i < size; i++)
        CHECK(got[i - 1] > got[i]);
    OK(MPI_Comm_free(&node));
    OK(MPI_Comm_split_type(MPI_COMM_WORLD, me == 0 ? MPI_UNDEFINED : MPI_COMM_TYPE_SHARED, 0,
                           MPI_INFO_NULL, &none));
    CHECK((none == MPI_COMM_NULL) == (me == 0));
    if (none != MPI_COMM_NULL)
        OK(MPI_Comm_free(&none));
    free(got);
}

// The group of all ranks r with r % step == at, last rank first.
static MPI_Group backwards(int step, int at, int *ranks, int *count)
{
    MPI_Group world, group;

    *count = 0;
    for (int r = np - 1; r >= 0; r--)
        if (r % step == at)
            ranks[(*count)++] = r;
    OK(MPI_Comm_group(MPI_COMM_WORLD, &world));
    OK(MPI_Group_incl(world, *count, ranks, &group));
    OK(MPI_Group_free(&world));
    return group;
}

// Everybody calls create; those outside of the group get nothing. Disjoint groups in one call.
static void create(void)
{
    int *ranks = need(sizeof(int) * (size_t)np), count;
    MPI_Group group = backwards(2, 1, ranks, &count);
    MPI_Comm comm;

    OK(MPI_Comm_create(MPI_COMM_WORLD, group, &comm));
    CHECK((comm != MPI_COMM_NULL) == (me % 2 == 1));
    if (comm != MPI_COMM_NULL) {
        check_members(comm, ranks, count);
        OK(MPI_Comm_free(&comm));
    }
    OK(MPI_Group_free(&group));
    CHECK(group == MPI_GROUP_NULL);
    group = backwards(3, me % 3, ranks, &count);
    OK(MPI_Comm_create(MPI_COMM_WORLD, group, &comm));
    check_members(comm, ranks, count);
    OK(MPI_Comm_free(&comm));
    OK(MPI_Group_free(&group));
    OK(MPI_Comm_create(MPI_COMM_WORLD, MPI_GROUP_EMPTY, &comm));
    CHECK(comm == MPI_COMM_NULL);
    free(ranks);
}

// Only the members call create_group, while the others do something else.
static void create_group(void)
{
    int *ranks = need(sizeof(int) * (size_t)np), count;
    MPI_Group group = backwards(2, 0, ranks, &count), odd;
    MPI_Comm comms[2];

    if (me % 2 == 0) {
        // Twice with different tags: the two do not meet.
        OK(MPI_Comm_create_group(MPI_COMM_WORLD, group, TAG, &comms[0]));
        OK(MPI_Comm_create_group(MPI_COMM_WORLD, group, TAG + 1, &comms[1]));
        for (int i = 0; i < 2; i++)
            check_members(comms[i], ranks, count);
        EQ(comparison(comms[0], comms[1]), MPI_CONGRUENT);
        OK(MPI_Comm_free(&comms[0]));
        OK(MPI_Comm_free(&comms[1]));
    }
    OK(MPI_Group_free(&group));
    odd = backwards(2, 1, ranks, &count);
    if (me % 2 == 1) {
        OK(MPI_Comm_create_group(MPI_COMM_WORLD, odd, TAG, &comms[0]));
        check_members(comms[0], ranks, count);
        OK(MPI_Comm_free(&comms[0]));
    }
    OK(MPI_Group_free(&odd));
    free(ranks);
}

static void check_name(MPI_Comm comm, const char *want)
{
    char name[MPI_MAX_OBJECT_NAME];
    int length = -1;

    memset(name, 'x', sizeof name);
    OK(MPI_Comm_get_name(comm, name, &length));
    CHECK_SAYING(strcmp(name, want) == 0, "the name is '%s'; should be '%s'", name, want);
    EQ(length, (int)strlen(want));
}

static void names(void)
{
    char longest[MPI_MAX_OBJECT_NAME];
    MPI_Comm comm;

    check_name(MPI_COMM_WORLD, "MPI_COMM_WORLD");
    check_name(MPI_COMM_SELF, "MPI_COMM_SELF");
    OK(MPI_Comm_split(MPI_COMM_WORLD, 0, 0, &comm));
    check_name(comm, "");
    OK(MPI_Comm_set_name(comm, "rows"));
    check_name(comm, "rows");
    memset(longest, 'n', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    OK(MPI_Comm_set_name(comm, longest));
    check_name(comm, longest);
    OK(MPI_Comm_set_name(comm, ""));
    check_name(comm, "");
    OK(MPI_Comm_free(&comm));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    basics();
    split();
    split_deep();
    split_type();
    create();
    create_group();
    names();
    return check_end();
}
