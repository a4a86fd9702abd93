// MPI_Comm_split_type by shared memory, hardware and process sets; MPI_Get_hw_resource_info. What
// the machine has is not known here: the answers are held against each other, and on Linux against
// processors that the ranks bind themselves to.
#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#endif

#include "check.h"

static MPI_Info info_with(const char *key, const char *value)
{
    MPI_Info info;
    OK(MPI_Info_create(&info));
    OK(MPI_Info_set(info, key, value));
    return info;
}

static MPI_Comm split_with(int type, const char *key, const char *value)
{
    MPI_Info info = info_with(key, value);
    MPI_Comm comm;
    OK(MPI_Comm_split_type(MPI_COMM_WORLD, type, 0, info, &comm));
    OK(MPI_Info_free(&info));
    return comm;
}

static int same_members(MPI_Comm a, MPI_Comm b)
{
    int result;
    OK(MPI_Comm_compare(a, b, &result));
    return result == MPI_CONGRUENT;
}

// All names for what ranks of a node share mean the same.
static void shared(void)
{
    MPI_Comm node, again;

    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node));
    again = split_with(MPI_COMM_TYPE_HW_GUIDED, "mpi_hw_resource_type", "mpi_shared_memory");
    CHECK(same_members(node, again));
    OK(MPI_Comm_free(&again));
    again = split_with(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_hw_resource_type", "mpi_shared_memory");
    CHECK(same_members(node, again));
    OK(MPI_Comm_free(&again));
    OK(MPI_Comm_free(&node));
}

static void process_sets(void)
{
    int size;
    MPI_Comm comm = split_with(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_pset_name", "mpi://WORLD");

    CHECK(same_members(comm, MPI_COMM_WORLD));
    OK(MPI_Comm_free(&comm));
    comm = split_with(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_pset_name", "mpi://SELF");
    OK(MPI_Comm_size(comm, &size));
    EQ(size, 1);
    OK(MPI_Comm_free(&comm));
    CHECK(split_with(MPI_COMM_TYPE_RESOURCE_GUIDED, "mpi_pset_name", "tests://none") ==
          MPI_COMM_NULL);
}

// Each kind of hardware that is there: "true" gives a communicator inside a node, "false" none.
static void kinds(void)
{
    MPI_Info hw;
    MPI_Comm node, part;
    int n, length, flag, outside;
    char key[MPI_MAX_INFO_KEY], value[16];

    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node));
    OK(MPI_Get_hw_resource_info(&hw));
    OK(MPI_Info_get_nkeys(hw, &n));
    OK(MPI_Allreduce(MPI_IN_PLACE, &n, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD));
    for (int i = 0; i < n; i++) {
        OK(MPI_Info_get_nthkey(hw, i, key));
        CHECK(strstr(key, "://") != NULL);
        length = sizeof value;
        OK(MPI_Info_get_string(hw, key, &length, value, &flag));
        CHECK(flag && (strcmp(value, "true") == 0 || strcmp(value, "false") == 0));
        part = split_with(MPI_COMM_TYPE_HW_GUIDED, "mpi_hw_resource_type", key);
        EQ(part != MPI_COMM_NULL, strcmp(value, "true") == 0);
        if (part == MPI_COMM_NULL)
            continue;
        MPI_Group inner, outer, rest;
        OK(MPI_Comm_group(part, &inner));
        OK(MPI_Comm_group(node, &outer));
        OK(MPI_Group_difference(inner, outer, &rest));
        OK(MPI_Group_size(rest, &outside));
        EQ(outside, 0);
        OK(MPI_Group_free(&inner));
        OK(MPI_Group_free(&outer));
        OK(MPI_Group_free(&rest));
        OK(MPI_Comm_free(&part));
    }
    OK(MPI_Info_free(&hw));
    OK(MPI_Comm_free(&node));
}

static void unknown(void)
{
    MPI_Comm comm;

    CHECK(split_with(MPI_COMM_TYPE_HW_GUIDED, "mpi_hw_resource_type", "hwloc://Abacus") ==
          MPI_COMM_NULL);
    CHECK(split_with(MPI_COMM_TYPE_HW_GUIDED, "mpi_pset_name", "mpi://WORLD") == MPI_COMM_NULL);
    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_HW_GUIDED, 0, MPI_INFO_NULL, &comm));
    CHECK(comm == MPI_COMM_NULL);
}

// Down and down until nothing takes the ranks apart any more; some leave early.
static void unguided(void)
{
    MPI_Comm comm, part;
    int size, smaller, leaves = me % 3 == 2;

    OK(MPI_Comm_split_type(MPI_COMM_WORLD, leaves ? MPI_UNDEFINED : MPI_COMM_TYPE_HW_UNGUIDED, me,
                           MPI_INFO_NULL, &part));
    CHECK(!leaves || part == MPI_COMM_NULL);
    if (part != MPI_COMM_NULL)
        OK(MPI_Comm_free(&part));
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    while (comm != MPI_COMM_NULL) {
        OK(MPI_Comm_split_type(comm, MPI_COMM_TYPE_HW_UNGUIDED, 0, MPI_INFO_NULL, &part));
        OK(MPI_Comm_size(comm, &size));
        if (part != MPI_COMM_NULL) {
            OK(MPI_Comm_size(part, &smaller));
            CHECK(smaller < size);
        }
        OK(MPI_Comm_free(&comm));
        comm = part;
    }
}

#ifdef __linux__
// Ranks that bind themselves to one processor each: those on the same one of the same node belong
// together, and an unguided split ends with them.
static void bound(void)
{
    cpu_set_t all, one;
    int cpus[CPU_SETSIZE], n = 0, sum, expect = 0, *theirs = need(sizeof(int) * (size_t)np);
    MPI_Comm node, part;

    CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all))
            cpus[n++] = cpu;
    CPU_ZERO(&one);
    CPU_SET(cpus[me % n], &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);

    OK(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node));
    int rank, size;
    OK(MPI_Comm_rank(node, &rank));
    OK(MPI_Comm_size(node, &size));
    OK(MPI_Allgather(&cpus[me % n], 1, MPI_INT, theirs, 1, MPI_INT, node));
    for (int r = 0; r < size; r++)
        expect += theirs[r] == theirs[rank];
    part = split_with(MPI_COMM_TYPE_HW_GUIDED, "mpi_hw_resource_type", "hwloc://PU");
    CHECK(part != MPI_COMM_NULL);
    if (part != MPI_COMM_NULL) {
        OK(MPI_Comm_size(part, &sum));
        EQ(sum, expect);
        OK(MPI_Comm_free(&part));
    }
    OK(MPI_Comm_split_type(node, MPI_COMM_TYPE_HW_UNGUIDED, 0, MPI_INFO_NULL, &part));
    EQ(part != MPI_COMM_NULL, expect < size);
    if (part != MPI_COMM_NULL)
        OK(MPI_Comm_free(&part));
    OK(MPI_Comm_free(&node));
    CHECK(sched_setaffinity(0, sizeof all, &all) == 0);
    free(theirs);
}
#else
static void bound(void)
{
}
#endif

static void errors(void)
{
    MPI_Comm plain, comm;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &plain));
    OK(MPI_Comm_set_errhandler(plain, MPI_ERRORS_RETURN));
    FAILS(MPI_Comm_split_type(plain, 4711, 0, MPI_INFO_NULL, &comm), MPI_ERR_ARG);
    FAILS(MPI_Comm_split_type(plain, -1, 0, MPI_INFO_NULL, &comm), MPI_ERR_ARG);
    CHECK(comm == MPI_COMM_NULL);
    OK(MPI_Comm_free(&plain));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    shared();
    process_sets();
    kinds();
    unknown();
    unguided();
    bound();
    unguided();
    errors();
    return check_end();
}
