// Hints on communicators: which are shown, that a duplicate has none of its original's, and that a
// promise about wildcards is held against the program.
#include "check.h"

enum { TAG = 4 };

static const char *const promises[] = {"mpi_assert_no_any_tag", "mpi_assert_no_any_source",
                                       "mpi_assert_exact_length", "mpi_assert_allow_overtaking"};
enum { PROMISES = sizeof promises / sizeof *promises };

static MPI_Info all_of(const char *value)
{
    MPI_Info info;
    OK(MPI_Info_create(&info));
    for (int i = 0; i < PROMISES; i++)
        OK(MPI_Info_set(info, promises[i], value));
    return info;
}

static void check_hints(MPI_Comm comm, const char *want)
{
    MPI_Info used;
    OK(MPI_Comm_get_info(comm, &used));
    for (int i = 0; i < PROMISES; i++) {
        char value[16] = "";
        int length = sizeof value, flag = 0;
        OK(MPI_Info_get_string(used, promises[i], &length, value, &flag));
        CHECK_SAYING(flag && strcmp(value, want) == 0, "%s is '%s', not '%s'", promises[i], value,
                     want);
    }
    OK(MPI_Info_free(&used));
}

static void set_info(MPI_Comm comm, const char *value)
{
    MPI_Info info = all_of(value);
    OK(MPI_Comm_set_info(comm, info));
    OK(MPI_Info_free(&info));
    check_hints(comm, value);
}

static void wildcards_are(MPI_Comm comm, int allowed)
{
    int in, flag, tag_error = allowed ? MPI_SUCCESS : MPI_ERR_TAG;
    int source_error = allowed ? MPI_SUCCESS : MPI_ERR_RANK, rank;
    MPI_Request request = MPI_REQUEST_NULL;

    OK(MPI_Comm_rank(comm, &rank));
    FAILS(MPI_Iprobe(rank, MPI_ANY_TAG, comm, &flag, MPI_STATUS_IGNORE), tag_error);
    FAILS(MPI_Iprobe(MPI_ANY_SOURCE, TAG, comm, &flag, MPI_STATUS_IGNORE), source_error);
    FAILS(MPI_Irecv(&in, 1, MPI_INT, rank, MPI_ANY_TAG, comm, &request), tag_error);
    if (allowed)
        OK(MPI_Send(&rank, 1, MPI_INT, rank, TAG, comm));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    FAILS(MPI_Irecv(&in, 1, MPI_INT, MPI_ANY_SOURCE, TAG, comm, &request), source_error);
    if (allowed)
        OK(MPI_Send(&rank, 1, MPI_INT, rank, TAG, comm));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    OK(MPI_Recv(&in, 1, MPI_INT, MPI_PROC_NULL, TAG, comm, MPI_STATUS_IGNORE));
    OK(MPI_Irecv(&in, 1, MPI_INT, rank, TAG, comm, &request));
    OK(MPI_Send(&rank, 1, MPI_INT, rank, TAG, comm));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    EQ(in, rank);
}

static void works(MPI_Comm comm)
{
    int sum = -1, ranks = 0, size;
    OK(MPI_Comm_size(comm, &size));
    for (int r = 0; r < size; r++)
        ranks += r;
    OK(MPI_Comm_rank(comm, &sum));
    OK(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, ranks);
}

static void promise(void)
{
    MPI_Info info = all_of("true");
    MPI_Comm comm, twin;

    check_hints(MPI_COMM_WORLD, "false");
    OK(MPI_Comm_dup_with_info(MPI_COMM_WORLD, info, &comm));
    OK(MPI_Info_free(&info));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    check_hints(comm, "true");
    wildcards_are(comm, 0);
    works(comm);
    OK(MPI_Comm_dup(comm, &twin)); // has the error handler, but not the hints
    check_hints(twin, "false");
    wildcards_are(twin, 1);
    set_info(comm, "false");
    wildcards_are(comm, 1);
    set_info(twin, "true");
    wildcards_are(twin, 0);
    OK(MPI_Comm_free(&twin));
    OK(MPI_Comm_free(&comm));
}

// Values that are no booleans, and hints that nobody knows, change nothing.
static void nonsense(void)
{
    MPI_Info info = all_of("perhaps");
    MPI_Comm comm;

    OK(MPI_Info_set(info, "no_such_hint", "true"));
    OK(MPI_Comm_dup_with_info(MPI_COMM_WORLD, info, &comm));
    check_hints(comm, "false");
    OK(MPI_Info_free(&info));
    OK(MPI_Comm_free(&comm));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    promise();
    nonsense();
    return check_end();
}
