// MPI_Comm_idup: duplicates under way beside each other and beside everything else, on intra- and
// intercommunicators; attributes and hints are those of the call; nobody waits in the call.
#include "inter.h"

enum { MANY = 12 };

static void works(MPI_Comm comm, int value)
{
    int rank, size, in = -1, sum;

    OK(MPI_Comm_rank(comm, &rank));
    OK(MPI_Comm_size(comm, &size));
    OK(MPI_Sendrecv(&value, 1, MPI_INT, (rank + 1) % size, INTER_TAG, &in, 1, MPI_INT,
                    (rank + size - 1) % size, INTER_TAG, comm, MPI_STATUS_IGNORE));
    EQ(in, value);
    OK(MPI_Allreduce(&value, &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, value * size);
}

static void simple(void)
{
    MPI_Comm comm, twin;
    MPI_Request request;
    int result;

    OK(MPI_Comm_idup(MPI_COMM_WORLD, &comm, &request));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    CHECK(request == MPI_REQUEST_NULL);
    OK(MPI_Comm_compare(comm, MPI_COMM_WORLD, &result));
    EQ(result, MPI_CONGRUENT);
    works(comm, 1);
    OK(MPI_Comm_idup(comm, &twin, &request));
    OK(MPI_Comm_free(&comm)); // the duplicate goes on without it
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    works(twin, 2);
    OK(MPI_Comm_free(&twin));
    OK(MPI_Comm_idup(MPI_COMM_SELF, &comm, &request));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    works(comm, 3);
    OK(MPI_Comm_free(&comm));
}

// The call must not wait for the others: the last rank calls only when all have told it that they
// are back.
static void nobody_waits(void)
{
    MPI_Comm comm;
    MPI_Request request;

    if (me == np - 1)
        for (int r = 0; r < np - 1; r++)
            OK(MPI_Recv(NULL, 0, MPI_BYTE, r, INTER_TAG, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    OK(MPI_Comm_idup(MPI_COMM_WORLD, &comm, &request));
    if (me < np - 1)
        OK(MPI_Send(NULL, 0, MPI_BYTE, np - 1, INTER_TAG, MPI_COMM_WORLD));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    works(comm, 4);
    OK(MPI_Comm_free(&comm));
}

// Many at once, of two communicators, completed in another order at each rank; collectives and
// blocking duplicates in between.
static void many(void)
{
    MPI_Comm other, between, comms[MANY];
    MPI_Request requests[MANY];
    int sum;

    OK(MPI_Comm_split(MPI_COMM_WORLD, 0, -me, &other));
    for (int i = 0; i < MANY; i++) {
        OK(MPI_Comm_idup(i % 3 ? MPI_COMM_WORLD : other, &comms[i], &requests[i]));
        if (i % 4 == 1) {
            OK(MPI_Allreduce(&i, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
            EQ(sum, i * np);
        }
        if (i % 4 == 2) {
            OK(MPI_Comm_dup(i % 3 ? other : MPI_COMM_WORLD, &between));
            works(between, i);
            OK(MPI_Comm_free(&between));
        }
    }
    for (int i = 0; i < MANY; i++)
        OK(MPI_Wait(&requests[(i + 5 * me) % MANY], MPI_STATUS_IGNORE));
    for (int i = 0; i < MANY; i++)
        works(comms[i], 10 + i);
    for (int i = 0; i < MANY; i++)
        OK(MPI_Comm_free(&comms[i]));
    OK(MPI_Comm_free(&other));
}

// One rank duplicates first and then starts, the others the other way round: each of the blocking
// calls and of the requests has to let the other one go first.
static void crossed(void)
{
    MPI_Comm other, plain, comm;
    MPI_Request request;

    OK(MPI_Comm_split(MPI_COMM_WORLD, 0, -me, &other));
    for (int turn = 0; turn < 6; turn++) {
        if (me % 2 == turn % 2) {
            OK(MPI_Comm_idup(MPI_COMM_WORLD, &comm, &request));
            OK(MPI_Comm_dup(other, &plain));
        } else {
            OK(MPI_Comm_idup(MPI_COMM_WORLD, &comm, &request));
            OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
            OK(MPI_Comm_dup(other, &plain));
        }
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        works(comm, turn);
        works(plain, turn);
        OK(MPI_Comm_free(&comm));
        OK(MPI_Comm_free(&plain));
    }
    for (int turn = 0; turn < 6; turn++) {
        if (me % 2 == turn % 2) {
            OK(MPI_Comm_dup(other, &plain));
            OK(MPI_Comm_idup(MPI_COMM_WORLD, &comm, &request));
        } else {
            OK(MPI_Comm_idup(MPI_COMM_WORLD, &comm, &request));
            OK(MPI_Comm_dup(other, &plain));
        }
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
        works(comm, turn);
        works(plain, turn);
        OK(MPI_Comm_free(&comm));
        OK(MPI_Comm_free(&plain));
    }
    OK(MPI_Comm_free(&other));
}

static int copies;

static int count_copy(MPI_Comm from, int key, void *extra, void *in, void *out, int *flag)
{
    (void)from, (void)key, (void)extra;
    copies++;
    *(void **)out = in;
    *flag = 1;
    return MPI_SUCCESS;
}

// What hangs on the original when the call is made, not what comes later; hints are those given.
static void inherited(void)
{
    MPI_Comm from, comm;
    MPI_Request request;
    MPI_Info info, got;
    int key, one = 1, two = 2, *found = NULL, flag = 0, length = 16;
    char value[16];

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &from));
    OK(MPI_Comm_create_keyval(count_copy, MPI_COMM_NULL_DELETE_FN, &key, NULL));
    OK(MPI_Comm_set_attr(from, key, &one));
    OK(MPI_Info_create(&info));
    OK(MPI_Info_set(info, "mpi_assert_no_any_tag", "true"));
    OK(MPI_Comm_idup_with_info(from, info, &comm, &request));
    EQ(copies, 1);
    OK(MPI_Comm_set_attr(from, key, &two));
    OK(MPI_Info_free(&info));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    OK(MPI_Comm_get_attr(comm, key, &found, &flag));
    CHECK(flag && found == &one);
    OK(MPI_Comm_get_info(comm, &got));
    OK(MPI_Info_get_string(got, "mpi_assert_no_any_tag", &length, value, &flag));
    CHECK(flag && strcmp(value, "true") == 0);
    OK(MPI_Info_free(&got));
    OK(MPI_Comm_free(&comm));
    OK(MPI_Comm_free(&from));
    OK(MPI_Comm_free_keyval(&key));
}

static int refuse_copy(MPI_Comm from, int key, void *extra, void *in, void *out, int *flag)
{
    (void)from, (void)key, (void)extra, (void)in, (void)out;
    *flag = 0;
    return MPI_ERR_OTHER;
}

// A copy function that fails makes the request fail, and the handle null.
static void refused(void)
{
    MPI_Comm from, comm;
    MPI_Request request;
    int key, value = 0;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &from));
    OK(MPI_Comm_set_errhandler(from, MPI_ERRORS_RETURN));
    OK(MPI_Comm_create_keyval(refuse_copy, MPI_COMM_NULL_DELETE_FN, &key, NULL));
    OK(MPI_Comm_set_attr(from, key, &value));
    OK(MPI_Comm_idup(from, &comm, &request));
    FAILS(MPI_Wait(&request, MPI_STATUS_IGNORE), MPI_ERR_OTHER);
    CHECK(comm == MPI_COMM_NULL);
    OK(MPI_Comm_delete_attr(from, key));
    OK(MPI_Comm_free_keyval(&key));
    OK(MPI_Comm_free(&from));
}

static void across(int cut)
{
    struct side low = side_of(np, is_below, cut), high = side_of(np, is_from, cut);
    const struct side *ours = me < cut ? &low : &high, *theirs = me < cut ? &high : &low;
    MPI_Comm half, inter = cut_world(cut, &half), twins[3], plain;
    MPI_Request requests[3];

    for (int i = 0; i < 3; i++)
        OK(MPI_Comm_idup(inter, &twins[i], &requests[i]));
    OK(MPI_Comm_dup(inter, &plain));
    OK(MPI_Waitall(3, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < 3; i++) {
        check_inter(twins[i], ours, theirs);
        OK(MPI_Comm_free(&twins[i]));
    }
    check_inter(plain, ours, theirs);
    OK(MPI_Comm_free(&plain));
    OK(MPI_Comm_free(&inter));
    OK(MPI_Comm_free(&half));
    free(low.world);
    free(high.world);
}

static void errors(void)
{
    MPI_Comm comm = MPI_COMM_WORLD;
    MPI_Request request;

    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Comm_idup(MPI_COMM_NULL, &comm, &request), MPI_ERR_COMM);
    CHECK(comm == MPI_COMM_NULL && request == MPI_REQUEST_NULL);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    simple();
    nobody_waits();
    many();
    crossed();
    inherited();
    refused();
    for (int cut = 1; cut < np; cut++)
        across(cut);
    errors();
    return check_end();
}
