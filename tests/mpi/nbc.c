// Nonblocking collectives, each against what its blocking form gives: on several communicators,
// with several lengths, roots and in place, completed in all ways. Then what goes with them:
// Ibarrier holds, errors are told at completion, objects may be freed while one runs.
#include "nbc.h"

static const int lengths[] = {0, 1, 7, 1000, 6000};
enum { LENGTHS = sizeof lengths / sizeof *lengths };

// Completes in one of the ways there are; the status is the empty one.
static void complete(MPI_Request *request, uint64_t how)
{
    MPI_Status status;
    int flag = 0, index = -1, n = 0;

    switch (how % 5) {
    case 0:
        OK(MPI_Wait(request, &status));
        break;
    case 1:
        while (!flag)
            OK(MPI_Test(request, &flag, &status));
        break;
    case 2:
        OK(MPI_Waitany(1, request, &index, &status));
        EQ(index, 0);
        break;
    case 3:
        while (!flag)
            OK(MPI_Request_get_status(*request, &flag, &status));
        OK(MPI_Wait(request, &status));
        break;
    default:
        OK(MPI_Waitsome(1, request, &n, &index, &status));
        EQ(n, 1);
    }
    EMPTY(&status);
    CHECK(*request == MPI_REQUEST_NULL);
}

static void one(const struct collective *k, MPI_Comm comm, const int length_root_in_place[3])
{
    static uint64_t seed;
    struct call now = {.root = length_root_in_place[1], .in_place = length_root_in_place[2]}, later;

    nbc_make(&now, k, comm, length_root_in_place[0], ++seed);
    later = nbc_twin(&now);
    later.form = BEGIN;
    OK(k->call(&later));
    OK(k->call(&now));
    complete(&later.request, seed);
    nbc_compare(k, &now, &later);
    nbc_free(&now);
    nbc_free(&later);
}

static void all(MPI_Comm comm)
{
    int size;
    MPI_Comm_size(comm, &size);
    for (int i = 0; i < COLLECTIVES; i++) {
        const struct collective *k = &collectives[i];
        for (int l = 0; l < LENGTHS; l++)
            for (int root = 0; root<(k->rooted ? size : 1); root += size> 3 ? size / 2 : 1)
                for (int in_place = 0; in_place <= k->may_be_in_place; in_place++)
                    one(k, comm, (const int[]){lengths[l], root, in_place});
    }
}

static void on_part(int colour, int key)
{
    MPI_Comm part;
    OK(MPI_Comm_split(MPI_COMM_WORLD, colour, key, &part));
    all(part);
    OK(MPI_Comm_free(&part));
}

// One rank enters last, and only when all others have told it that they looked often and found the
// barrier closed.
static void barrier_holds(void)
{
    for (int late = 0; late < np; late++) {
        MPI_Request request;
        int flag = 0;
        for (int i = 0; i < np && me == late; i++)
            if (i != me)
                OK(MPI_Recv(NULL, 0, MPI_INT, i, 77, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
        OK(MPI_Ibarrier(MPI_COMM_WORLD, &request));
        for (int look = 0; look < 200 && me != late; look++) {
            OK(MPI_Test(&request, &flag, MPI_STATUS_IGNORE));
            EQ(flag, 0);
        }
        if (me != late)
            OK(MPI_Send(NULL, 0, MPI_INT, late, 77, MPI_COMM_WORLD));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    }
}

// Everything that a running operation needs may be freed.
static void freed_while_running(void)
{
    MPI_Comm comm;
    MPI_Datatype type;
    MPI_Op op;
    MPI_Request requests[3];
    uint32_t in[30], out[30], moved[30];

    for (int i = 0; i < 30; i++) {
        in[i] = 1;
        out[i] = 0;
        moved[i] = me == 0 ? (uint32_t)i : 0;
    }
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Type_vector(2, 1, 2, MPI_INT, &type));
    OK(MPI_Type_commit(&type));
    OK(MPI_Op_create(compose, 0, &op));
    OK(MPI_Iallreduce(in, out, 10, type, op, comm, &requests[0]));
    OK(MPI_Ibcast(moved, 10, type, 0, comm, &requests[1]));
    OK(MPI_Ibarrier(comm, &requests[2]));
    OK(MPI_Op_free(&op));
    OK(MPI_Type_free(&type));
    OK(MPI_Comm_free(&comm));
    OK(MPI_Waitall(3, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < 30; i += 3) {
        EQ(out[i], 1);
        EQ(out[i + 2], np); // composed np times: x + np
        EQ(moved[i + 2], i + 2);
    }
}

// A message that is too long for one rank: that rank learns it when it completes the operation, the
// others end as always, and the communicator goes on.
static void error_at_completion(void)
{
    MPI_Comm comm;
    MPI_Request request;
    MPI_Status status;
    int data[8] = {0}, sum = 0, last = np - 1;

    if (np == 1)
        return;
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    OK(MPI_Ibcast(data, me == last ? 4 : 8, MPI_INT, 0, comm, &request));
    if (me == last)
        FAILS(MPI_Wait(&request, &status), MPI_ERR_TRUNCATE);
    else
        OK(MPI_Wait(&request, &status));
    OK(MPI_Ibcast(data, me == last ? 4 : 8, MPI_INT, 0, comm, &request));
    if (me == last) {
        FAILS(MPI_Waitall(1, &request, &status), MPI_ERR_IN_STATUS);
        EQ(check_class(status.MPI_ERROR), MPI_ERR_TRUNCATE);
    } else {
        OK(MPI_Waitall(1, &request, &status));
    }
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, np * (np - 1) / 2);
    OK(MPI_Comm_free(&comm));
}

static void wrong_arguments(void)
{
    MPI_Comm comm;
    MPI_Request request = MPI_REQUEST_NULL;
    int in[2] = {0}, out[2];

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    FAILS(MPI_Ibcast(in, -1, MPI_INT, 0, comm, &request), MPI_ERR_COUNT);
    FAILS(MPI_Ibcast(in, 1, MPI_INT, np, comm, &request), MPI_ERR_ROOT);
    FAILS(MPI_Iallreduce(in, out, 1, MPI_INT, MPI_OP_NULL, comm, &request), MPI_ERR_OP);
    FAILS(MPI_Iallgather(in, 1, MPI_DATATYPE_NULL, out, 1, MPI_INT, comm, &request), MPI_ERR_TYPE);
    FAILS(MPI_Ireduce_scatter(in, out, NULL, MPI_INT, MPI_SUM, comm, &request), MPI_ERR_ARG);
    CHECK(request == MPI_REQUEST_NULL);
    OK(MPI_Comm_free(&comm));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    nbc_setup();
    all(MPI_COMM_WORLD);
    on_part(me % 2, -me);
    all(MPI_COMM_SELF);
    barrier_holds();
    freed_while_running();
    error_at_completion();
    wrong_arguments();
    nbc_finish();
    return check_end();
}
