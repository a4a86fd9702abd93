/* MPI calls on groups: arguments and handles; group.c does the work. MPI 5.0 section 7.3. */
#include <stdlib.h>

#include "err.h"
#include "group.h"
#include "lock.h"
#include "observe.h"

static int bad_group(MPI_Group group)
{
    return IPCR_RAISE(NULL, MPI_ERR_GROUP, "%p is not a group", (void *)group);
}

/* The way out of every call that makes a group. */
static int hand_out(struct ipcr_group *g, MPI_Group *newgroup)
{
    if (!g)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for a group");
    *newgroup = ipcr_group_hand_out(g);
    return IPCR_LEAVE();
}

int PMPI_Group_size(MPI_Group group, int *size)
{
    IPCR_ENTER("MPI_Group_size");
    if (!size)
        return IPCR_NO_PLACE("size");
    struct ipcr_group *g = ipcr_group_of(group);
    if (!g)
        return bad_group(group);
    *size = g->size;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Group_size);

int PMPI_Group_rank(MPI_Group group, int *rank)
{
    IPCR_ENTER("MPI_Group_rank");
    if (!rank)
        return IPCR_NO_PLACE("rank");
    struct ipcr_group *g = ipcr_group_of(group);
    if (!g)
        return bad_group(group);
    *rank = g->rank;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Group_rank);

int PMPI_Group_translate_ranks(MPI_Group group1, int n, const int ranks1[], MPI_Group group2,
                               int ranks2[])
{
    IPCR_ENTER("MPI_Group_translate_ranks");
    struct ipcr_group *a = ipcr_group_of(group1), *b = ipcr_group_of(group2);
    if (!a || !b)
        return bad_group(a ? group2 : group1);
    if (n < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "n is %d", n);
    for (int i = 0; i < n; i++)
        if (ranks1[i] != MPI_PROC_NULL && (ranks1[i] < 0 || ranks1[i] >= a->size))
            return IPCR_RAISE(NULL, MPI_ERR_RANK, "item %d is rank %d; the group has %d members", i,
                              ranks1[i], a->size);
    return IPCR_FINISH(NULL, ipcr_group_translate(a, n, ranks1, b, ranks2));
}
IPCR_ALIAS(Group_translate_ranks);

int PMPI_Group_compare(MPI_Group group1, MPI_Group group2, int *result)
{
    IPCR_ENTER("MPI_Group_compare");
    if (!result)
        return IPCR_NO_PLACE("result");
    struct ipcr_group *a = ipcr_group_of(group1), *b = ipcr_group_of(group2);
    if (!a || !b)
        return bad_group(a ? group2 : group1);
    int same = ipcr_group_compare(a, b);
    if (same < 0)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory to compare groups");
    *result = same;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Group_compare);

int PMPI_Group_union(MPI_Group group1, MPI_Group group2, MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_union");
    if (!newgroup)
        return IPCR_NO_PLACE("newgroup");
    struct ipcr_group *a = ipcr_group_of(group1), *b = ipcr_group_of(group2);
    if (!a || !b)
        return bad_group(a ? group2 : group1);
    return hand_out(ipcr_group_union(a, b), newgroup);
}
IPCR_ALIAS(Group_union);

int PMPI_Group_intersection(MPI_Group group1, MPI_Group group2, MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_intersection");
    if (!newgroup)
        return IPCR_NO_PLACE("newgroup");
    struct ipcr_group *a = ipcr_group_of(group1), *b = ipcr_group_of(group2);
    if (!a || !b)
        return bad_group(a ? group2 : group1);
    return hand_out(ipcr_group_intersection(a, b), newgroup);
}
IPCR_ALIAS(Group_intersection);

int PMPI_Group_difference(MPI_Group group1, MPI_Group group2, MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_difference");
    if (!newgroup)
        return IPCR_NO_PLACE("newgroup");
    struct ipcr_group *a = ipcr_group_of(group1), *b = ipcr_group_of(group2);
    if (!a || !b)
        return bad_group(a ? group2 : group1);
    return hand_out(ipcr_group_difference(a, b), newgroup);
}
IPCR_ALIAS(Group_difference);

int PMPI_Group_incl(MPI_Group group, int n, const int ranks[], MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_incl");
    if (!newgroup)
        return IPCR_NO_PLACE("newgroup");
    struct ipcr_group *g = ipcr_group_of(group);
    if (!g)
        return bad_group(group);
    if (n < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "n is %d", n);
    int class = ipcr_group_check_ranks(g, n, ranks);
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(NULL, class);
    return hand_out(ipcr_group_incl(g, n, ranks), newgroup);
}
IPCR_ALIAS(Group_incl);

int PMPI_Group_excl(MPI_Group group, int n, const int ranks[], MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_excl");
    if (!newgroup)
        return IPCR_NO_PLACE("newgroup");
    struct ipcr_group *g = ipcr_group_of(group);
    if (!g)
        return bad_group(group);
    if (n < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "n is %d", n);
    int class = ipcr_group_check_ranks(g, n, ranks);
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(NULL, class);
    return hand_out(ipcr_group_excl(g, n, ranks), newgroup);
}
IPCR_ALIAS(Group_excl);

/* Both range calls: the ranges written out, then the call with ranks. */
static int by_ranges(MPI_Group group, int n, int ranges[][3], MPI_Group *newgroup,
                     struct ipcr_group *(*make)(const struct ipcr_group *, int, const int *))
{
    if (!newgroup)
        return IPCR_NO_PLACE("newgroup");
    struct ipcr_group *g = ipcr_group_of(group);
    if (!g)
        return bad_group(group);
    if (n < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "n is %d", n);
    int *ranks = NULL, count = 0, class = ipcr_group_expand(g, n, ranges, &ranks, &count);
    if (class == MPI_SUCCESS)
        class = ipcr_group_check_ranks(g, count, ranks);
    struct ipcr_group *made = class == MPI_SUCCESS ? make(g, count, ranks) : NULL;
    free(ranks);
    return class == MPI_SUCCESS ? hand_out(made, newgroup) : IPCR_FINISH(NULL, class);
}

int PMPI_Group_range_incl(MPI_Group group, int n, int ranges[][3], MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_range_incl");
    return by_ranges(group, n, ranges, newgroup, ipcr_group_incl);
}
IPCR_ALIAS(Group_range_incl);

int PMPI_Group_range_excl(MPI_Group group, int n, int ranges[][3], MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_range_excl");
    return by_ranges(group, n, ranges, newgroup, ipcr_group_excl);
}
IPCR_ALIAS(Group_range_excl);

int PMPI_Group_free(MPI_Group *group)
{
    IPCR_ENTER("MPI_Group_free");
    struct ipcr_group *g = ipcr_group_of(*group);
    if (!g)
        return bad_group(*group);
    IPCR_OBSERVE(object, IPCR_OBJECT_GROUP, g, false);
    ipcr_group_release(g);
    *group = MPI_GROUP_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Group_free);
