// Communicators from groups alone: MPI_Comm_create_from_group and MPI_Intercomm_create_from_groups,
// with a world, and from process sets of a session without one (argument "session").
#include "inter.h"

static MPI_Group everybody;

// The group of the ranks that `chosen` takes.
static MPI_Group group_of(int (*chosen)(int, int), int arg, struct side *side)
{
    MPI_Group group;
    *side = side_of(np, chosen, arg);
    OK(MPI_Group_incl(everybody, side->n, side->world, &group));
    return group;
}

static void check_comm(MPI_Comm comm, const struct side *want)
{
    int rank, size, sum, expect = 0;

    OK(MPI_Comm_rank(comm, &rank));
    OK(MPI_Comm_size(comm, &size));
    EQ(rank, place(want, me));
    EQ(size, want->n);
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, comm));
    for (int r = 0; r < want->n; r++)
        expect += want->world[r];
    EQ(sum, expect);
}

static int same_rest(int rank, int rest)
{
    return rank % 3 == rest;
}

static void one_side(void)
{
    struct side all, part;
    MPI_Group group = group_of(is_from, 0, &all), third = group_of(same_rest, me % 3, &part);
    MPI_Comm comm, twin;

    OK(MPI_Comm_create_from_group(group, "tests://all", MPI_INFO_NULL, MPI_ERRORS_RETURN, &comm));
    check_comm(comm, &all);
    FAILS(MPI_Send(&me, 1, MPI_INT, np, 0, comm), MPI_ERR_RANK); // the handler is the one given
    OK(MPI_Comm_dup(comm, &twin));
    check_comm(twin, &all);
    OK(MPI_Comm_free(&twin));
    OK(MPI_Comm_free(&comm));
    for (int i = 0; i < 5; i++) {
        OK(MPI_Comm_create_from_group(third, "tests://third", MPI_INFO_NULL, MPI_ERRORS_ARE_FATAL,
                                      &comm));
        check_comm(comm, &part);
        OK(MPI_Comm_free(&comm));
    }
    OK(MPI_Comm_create_from_group(MPI_GROUP_EMPTY, "tests://nobody", MPI_INFO_NULL,
                                  MPI_ERRORS_RETURN, &comm));
    CHECK(comm == MPI_COMM_NULL);
    OK(MPI_Group_free(&group));
    OK(MPI_Group_free(&third));
    free(all.world);
    free(part.world);
}

static void two_sides(int cut)
{
    struct side low, high;
    MPI_Group below = group_of(is_below, cut, &low), above = group_of(is_from, cut, &high);
    int i_am_low = me < cut;
    MPI_Comm inter;

    OK(MPI_Intercomm_create_from_groups(
        i_am_low ? below : above, i_am_low ? cut - 1 : 0, i_am_low ? above : below,
        i_am_low ? 0 : cut - 1, "tests://across", MPI_INFO_NULL, MPI_ERRORS_RETURN, &inter));
    int rank, size, remote;
    OK(MPI_Comm_rank(inter, &rank));
    OK(MPI_Comm_size(inter, &size));
    OK(MPI_Comm_remote_size(inter, &remote));
    EQ(rank, place(i_am_low ? &low : &high, me));
    EQ(size, i_am_low ? cut : np - cut);
    EQ(remote, i_am_low ? np - cut : cut);
    check_talk(inter, i_am_low ? &high : &low);
    OK(MPI_Comm_free(&inter));
    OK(MPI_Group_free(&below));
    OK(MPI_Group_free(&above));
    free(low.world);
    free(high.world);
}

static void errors(void)
{
    struct side others, mine;
    MPI_Group without = group_of(is_from, me + 1, &others), only = group_of(is_from, 0, &mine);
    char endless[MPI_MAX_STRINGTAG_LEN + 10];
    MPI_Comm comm;

    memset(endless, 'x', sizeof endless - 1);
    endless[sizeof endless - 1] = 0;
    if (others.n)
        FAILS(MPI_Comm_create_from_group(without, "t", MPI_INFO_NULL, MPI_ERRORS_RETURN, &comm),
              MPI_ERR_GROUP);
    FAILS(MPI_Comm_create_from_group(MPI_GROUP_NULL, "t", MPI_INFO_NULL, MPI_ERRORS_RETURN, &comm),
          MPI_ERR_GROUP);
    FAILS(MPI_Comm_create_from_group(only, NULL, MPI_INFO_NULL, MPI_ERRORS_RETURN, &comm),
          MPI_ERR_ARG);
    FAILS(MPI_Comm_create_from_group(only, endless, MPI_INFO_NULL, MPI_ERRORS_RETURN, &comm),
          MPI_ERR_ARG);
    CHECK(comm == MPI_COMM_NULL);
    FAILS(MPI_Intercomm_create_from_groups(only, np, only, 0, "t", MPI_INFO_NULL, MPI_ERRORS_RETURN,
                                           &comm),
          MPI_ERR_RANK);
    FAILS(MPI_Intercomm_create_from_groups(only, 0, only, np, "t", MPI_INFO_NULL, MPI_ERRORS_RETURN,
                                           &comm),
          MPI_ERR_RANK);
    FAILS(MPI_Intercomm_create_from_groups(only, 0, MPI_GROUP_NULL, 0, "t", MPI_INFO_NULL,
                                           MPI_ERRORS_RETURN, &comm),
          MPI_ERR_GROUP);
    FAILS(MPI_Intercomm_create_from_groups(only, 0, only, 0, "t", MPI_INFO_NULL, MPI_ERRORS_RETURN,
                                           &comm),
          MPI_ERR_COMM);
    OK(MPI_Group_free(&without));
    OK(MPI_Group_free(&only));
    free(others.world);
    free(mine.world);
}

static void all_of_it(void)
{
    one_side();
    for (int cut = 1; cut < np; cut++)
        two_sides(cut);
    errors();
}

static int in_session(void)
{
    MPI_Session session;

    OK(MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &session));
    OK(MPI_Group_from_session_pset(session, "mpi://WORLD", &everybody));
    OK(MPI_Group_rank(everybody, &me));
    OK(MPI_Group_size(everybody, &np));
    all_of_it();
    OK(MPI_Group_free(&everybody));
    OK(MPI_Session_finalize(&session));
    return check_failures != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return in_session();
    check_begin(&argc, &argv);
    OK(MPI_Comm_group(MPI_COMM_WORLD, &everybody));
    all_of_it();
    OK(MPI_Group_free(&everybody));
    return check_end();
}
