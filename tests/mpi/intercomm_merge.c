// MPI_Intercomm_merge: the order that `high` asks for, a working communicator, and
// intercommunicators of merged ones again.
#include "inter.h"

// The ranks of the world in the order that a merge must give: low first, or any order of the two
// sides where they say the same, the same for all.
static void check_order(MPI_Comm all, int cut, int low_says, int high_says)
{
    int size, rank, *world = need(sizeof(int) * (size_t)np);

    OK(MPI_Comm_size(all, &size));
    OK(MPI_Comm_rank(all, &rank));
    EQ(size, np);
    OK(MPI_Allgather(&me, 1, MPI_INT, world, 1, MPI_INT, all));
    EQ(world[rank], me);
    int low_first = world[0] == 0;
    if (low_says != high_says)
        EQ(low_first, high_says);
    for (int r = 0; r < np; r++)
        EQ(world[r], low_first ? r : (r + cut) % np);
    free(world);
}

static void merge(int cut, int low_says, int high_says)
{
    MPI_Comm half, all, inter = cut_world(cut, &half);
    int flag = 1, sum;

    OK(MPI_Intercomm_merge(inter, me < cut ? low_says : high_says, &all));
    OK(MPI_Comm_free(&inter));
    OK(MPI_Comm_free(&half));
    OK(MPI_Comm_test_inter(all, &flag));
    CHECK(!flag);
    check_order(all, cut, low_says != 0, high_says != 0);
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, all));
    EQ(sum, np * (np - 1) / 2);
    OK(MPI_Comm_free(&all));
}

// Members that do not agree are told so, and nobody hangs.
static void discord(int cut)
{
    MPI_Comm half, all, inter = cut_world(cut, &half);

    OK(MPI_Comm_set_errhandler(inter, MPI_ERRORS_RETURN));
    FAILS(MPI_Intercomm_merge(inter, me == 0, &all), MPI_ERR_ARG);
    CHECK(all == MPI_COMM_NULL);
    OK(MPI_Comm_free(&inter));
    OK(MPI_Comm_free(&half));
}

// A chain: the first rank takes in one after the other.
static void grow(void)
{
    MPI_Comm all, inter, more;

    OK(MPI_Comm_dup(MPI_COMM_SELF, &all));
    for (int next = 1; next < np; next++) {
        if (me > next)
            continue;
        OK(MPI_Intercomm_create(all, 0, MPI_COMM_WORLD, me == next ? 0 : next, next, &inter));
        OK(MPI_Intercomm_merge(inter, me == next, &more));
        OK(MPI_Comm_free(&inter));
        OK(MPI_Comm_free(&all));
        all = more;
    }
    int rank, size;
    OK(MPI_Comm_rank(all, &rank));
    OK(MPI_Comm_size(all, &size));
    EQ(rank, me);
    EQ(size, np);
    OK(MPI_Comm_free(&all));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    for (int cut = 1; cut < np; cut++)
        for (int says = 0; says < 4; says++)
            merge(cut, says & 1, says & 2);
    if (np > 2)
        discord(2);
    grow();
    return check_end();
}
