// Intercommunicators: making them, who is on which side, messages across, dup, create, split,
// compare, and wrong arguments.
#include "inter.h"

static int comparison(MPI_Comm a, MPI_Comm b)
{
    int result = -1;
    OK(MPI_Comm_compare(a, b, &result));
    return result;
}

static void drop(struct side *a, struct side *b)
{
    free(a->world);
    free(b->world);
}

// Messages of the two directions, of both sides' own communicators and of a duplicate do not meet;
// wildcards give ranks of the other side.
static void apart(MPI_Comm inter, MPI_Comm half, const struct side *theirs)
{
    MPI_Comm twin;
    MPI_Status status;
    int rank, remote, out[3], in[3] = {-1, -1, -1};
    MPI_Request requests[3];

    OK(MPI_Comm_dup(inter, &twin));
    OK(MPI_Comm_rank(inter, &rank));
    OK(MPI_Comm_remote_size(inter, &remote));
    if (rank >= remote || theirs->n != np - theirs->n) { // pairs only
        OK(MPI_Comm_free(&twin));
        return;
    }
    MPI_Comm on[3] = {half, twin, inter};
    for (int i = 0; i < 3; i++) {
        out[i] = 10 * me + i;
        OK(MPI_Isend(&out[i], 1, MPI_INT, rank, INTER_TAG, on[i], &requests[i]));
    }
    for (int i = 2; i >= 0; i--) {
        OK(MPI_Recv(&in[i], 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, on[i], &status));
        EQ(in[i], 10 * (i == 0 ? me : theirs->world[rank]) + i);
        STATUS(&status, rank, INTER_TAG, MPI_INT, 1);
    }
    OK(MPI_Waitall(3, requests, MPI_STATUSES_IGNORE));
    OK(MPI_Comm_free(&twin));
}

static void duplicates(MPI_Comm inter, MPI_Comm half, const struct side *ours,
                       const struct side *theirs)
{
    MPI_Comm twin, third;

    OK(MPI_Comm_dup(inter, &twin));
    check_inter(twin, ours, theirs);
    EQ(comparison(inter, twin), MPI_CONGRUENT);
    EQ(comparison(inter, inter), MPI_IDENT);
    EQ(comparison(inter, half), MPI_UNEQUAL);
    OK(MPI_Comm_dup_with_info(twin, MPI_INFO_NULL, &third));
    OK(MPI_Comm_free(&twin));
    check_inter(third, ours, theirs);
    OK(MPI_Comm_free(&third));
}

// Every second one of each side; then a side without members.
static void create(MPI_Comm inter, const struct side *ours, const struct side *theirs)
{
    struct side our_part = {0, need(sizeof(int) * (size_t)np)};
    struct side their_part = {0, need(sizeof(int) * (size_t)np)};
    int *ranks = need(sizeof(int) * (size_t)np), low = ours->world[0] < theirs->world[0];
    MPI_Group group, part;
    MPI_Comm made;

    for (int r = 0; r < ours->n; r += 2) {
        ranks[our_part.n] = r;
        our_part.world[our_part.n++] = ours->world[r];
    }
    for (int r = 0; r < theirs->n; r += 2)
        their_part.world[their_part.n++] = theirs->world[r];
    OK(MPI_Comm_group(inter, &group));
    OK(MPI_Group_incl(group, our_part.n, ranks, &part));
    OK(MPI_Comm_create(inter, part, &made));
    CHECK((made == MPI_COMM_NULL) == (place(&our_part, me) == MPI_UNDEFINED));
    if (made != MPI_COMM_NULL) {
        check_inter(made, &our_part, &their_part);
        OK(MPI_Comm_free(&made));
    }
    OK(MPI_Comm_create(inter, low ? part : MPI_GROUP_EMPTY, &made));
    CHECK(made == MPI_COMM_NULL);
    OK(MPI_Group_free(&part));
    OK(MPI_Group_free(&group));
    drop(&our_part, &their_part);
    free(ranks);
}

// Colors are those of the world's ranks; the order is turned round by the key.
static void split(MPI_Comm inter, const struct side *ours, const struct side *theirs)
{
    struct side our_part = {0, need(sizeof(int) * (size_t)np)};
    struct side their_part = {0, need(sizeof(int) * (size_t)np)};
    MPI_Comm made;

    for (int r = ours->n - 1; r >= 0; r--)
        if (ours->world[r] % 2 == me % 2)
            our_part.world[our_part.n++] = ours->world[r];
    for (int r = theirs->n - 1; r >= 0; r--)
        if (theirs->world[r] % 2 == me % 2)
            their_part.world[their_part.n++] = theirs->world[r];
    OK(MPI_Comm_split(inter, me % 2, -me, &made));
    CHECK((made == MPI_COMM_NULL) == (their_part.n == 0));
    if (made != MPI_COMM_NULL) {
        check_inter(made, &our_part, &their_part);
        OK(MPI_Comm_free(&made));
    }
    OK(MPI_Comm_split(inter, MPI_UNDEFINED, 0, &made));
    CHECK(made == MPI_COMM_NULL);
    drop(&our_part, &their_part);
}

static void attributes_and_names(MPI_Comm inter)
{
    MPI_Comm twin;
    int key, value = 5, *found = NULL, flag = 0;

    OK(MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, &key, NULL));
    OK(MPI_Comm_set_attr(inter, key, &value));
    OK(MPI_Comm_dup(inter, &twin));
    OK(MPI_Comm_get_attr(twin, key, &found, &flag));
    CHECK(flag && found == &value);
    OK(MPI_Comm_set_name(twin, "across"));
    OK(MPI_Comm_free(&twin));
    OK(MPI_Comm_delete_attr(inter, key));
    OK(MPI_Comm_free_keyval(&key));
}

static void errors(MPI_Comm inter, const struct side *theirs)
{
    int n, dims[1] = {1}, periods[1] = {0};
    MPI_Comm made;
    MPI_Group group;

    OK(MPI_Comm_set_errhandler(inter, MPI_ERRORS_RETURN));
    FAILS(MPI_Send(&n, 1, MPI_INT, theirs->n, 0, inter), MPI_ERR_RANK);
    FAILS(MPI_Cart_create(inter, 1, dims, periods, 0, &made), MPI_ERR_COMM);
    FAILS(MPI_Graph_create(inter, 0, dims, dims, 0, &made), MPI_ERR_COMM);
    FAILS(
        MPI_Dist_graph_create(inter, 0, dims, dims, dims, MPI_UNWEIGHTED, MPI_INFO_NULL, 0, &made),
        MPI_ERR_COMM);
    OK(MPI_Comm_group(inter, &group));
    FAILS(MPI_Comm_create_group(inter, group, 0, &made), MPI_ERR_COMM);
    OK(MPI_Group_free(&group));
    OK(MPI_Comm_remote_group(inter, &group));
    FAILS(MPI_Comm_create(inter, group, &made), MPI_ERR_GROUP);
    OK(MPI_Group_free(&group));
    FAILS(MPI_Intercomm_create(inter, 0, MPI_COMM_WORLD, 0, 0, &made), MPI_ERR_COMM);
}

// Wrong arguments of every member, so nobody waits for anybody.
static void wrong_calls(void)
{
    MPI_Comm plain, made;
    MPI_Group group;
    int n;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &plain));
    OK(MPI_Comm_set_errhandler(plain, MPI_ERRORS_RETURN));
    FAILS(MPI_Comm_remote_size(plain, &n), MPI_ERR_COMM);
    FAILS(MPI_Comm_remote_group(plain, &group), MPI_ERR_COMM);
    FAILS(MPI_Intercomm_merge(plain, 0, &made), MPI_ERR_COMM);
    FAILS(MPI_Intercomm_create(plain, np, MPI_COMM_WORLD, 0, 0, &made), MPI_ERR_RANK);
    FAILS(MPI_Intercomm_create(plain, -1, MPI_COMM_WORLD, 0, 0, &made), MPI_ERR_RANK);
    FAILS(MPI_Intercomm_create(plain, 0, MPI_COMM_WORLD, 0, -1, &made), MPI_ERR_TAG);
    // The leader alone can see these; the others learn it from it.
    FAILS(MPI_Intercomm_create(plain, 0, MPI_COMM_WORLD, np, 0, &made), MPI_ERR_RANK);
    FAILS(MPI_Intercomm_create(plain, 0, MPI_COMM_NULL, 0, 0, &made), MPI_ERR_COMM);
    CHECK(made == MPI_COMM_NULL);
    // The same group twice is not disjoint: the leader meets itself.
    FAILS(MPI_Intercomm_create(plain, 0, plain, 0, 0, &made), MPI_ERR_COMM);
    CHECK(made == MPI_COMM_NULL);
    OK(MPI_Comm_free(&plain));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Comm_remote_size(MPI_COMM_NULL, &n), MPI_ERR_COMM);
    FAILS(MPI_Intercomm_merge(MPI_COMM_NULL, 0, &made), MPI_ERR_COMM);
    FAILS(MPI_Intercomm_create(MPI_COMM_NULL, 0, MPI_COMM_WORLD, 0, 0, &made), MPI_ERR_COMM);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
}

static void all_of_it(int cut)
{
    struct side low = side_of(np, is_below, cut), high = side_of(np, is_from, cut);
    const struct side *ours = me < cut ? &low : &high, *theirs = me < cut ? &high : &low;
    MPI_Comm half, inter = cut_world(cut, &half);

    check_inter(inter, ours, theirs);
    apart(inter, half, theirs);
    duplicates(inter, half, ours, theirs);
    create(inter, ours, theirs);
    split(inter, ours, theirs);
    attributes_and_names(inter);
    errors(inter, theirs);
    OK(MPI_Comm_free(&inter));
    OK(MPI_Comm_free(&half));
    drop(&low, &high);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    for (int cut = 1; cut < np; cut++)
        all_of_it(cut);
    wrong_calls();
    return check_end();
}
