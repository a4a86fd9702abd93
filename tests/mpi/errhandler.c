// Error handlers on communicators: what is set is what is got, a user's handler is called once with
// the communicator and the code, children inherit, and the call returns what the handler let pass.
#include <stdarg.h>

#include "check.h"

static int calls, last_code;
static MPI_Comm last_comm;

static void remember(MPI_Comm *comm, int *code, ...)
{
    calls++;
    last_code = *code;
    last_comm = *comm;
}

static void other(MPI_Comm *comm, int *code, ...)
{
    (void)comm;
    (void)code;
    calls += 100;
}

static void get_and_set(void)
{
    MPI_Errhandler handler, mine;

    OK(MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler));
    CHECK(handler == MPI_ERRORS_ARE_FATAL);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler));
    CHECK(handler == MPI_ERRORS_RETURN);
    OK(MPI_Comm_create_errhandler(remember, &mine));
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, mine));
    OK(MPI_Comm_get_errhandler(MPI_COMM_WORLD, &handler));
    CHECK(handler == mine);
    // Each get is a reference of its own.
    OK(MPI_Errhandler_free(&handler));
    CHECK(handler == MPI_ERRHANDLER_NULL);
    OK(MPI_Errhandler_free(&mine));
    CHECK(mine == MPI_ERRHANDLER_NULL);
}

// Freed handlers (see above) work as long as a communicator has them.
static void is_called(MPI_Comm comm)
{
    int value = 0, code;

    calls = 0;
    code = MPI_Send(&value, 1, MPI_INT, 100000, 0, comm);
    EQ(calls, 1);
    EQ(code, last_code);
    EQ(check_class(code), MPI_ERR_RANK);
    CHECK(last_comm == comm);
    code = MPI_Send(&value, -1, MPI_INT, 0, 0, comm);
    EQ(calls, 2);
    EQ(check_class(code), MPI_ERR_COUNT);
    EQ(code, last_code);
    OK(MPI_Comm_rank(comm, &value));
    EQ(calls, 2);
}

static void is_inherited(void)
{
    MPI_Comm twin, part, made;
    MPI_Group group;

    OK(MPI_Comm_dup(MPI_COMM_WORLD, &twin));
    is_called(twin);
    OK(MPI_Comm_split(twin, me % 2, 0, &part));
    is_called(part);
    OK(MPI_Comm_group(twin, &group));
    OK(MPI_Comm_create(twin, group, &made));
    is_called(made);
    OK(MPI_Group_free(&group));
    // A change later on does not reach the children.
    OK(MPI_Comm_set_errhandler(twin, MPI_ERRORS_RETURN));
    is_called(part);
    calls = 0;
    FAILS(MPI_Send(NULL, 0, MPI_INT, 100000, 0, twin), MPI_ERR_RANK);
    EQ(calls, 0);
    OK(MPI_Comm_free(&made));
    OK(MPI_Comm_free(&part));
    OK(MPI_Comm_free(&twin));
}

// The program raises errors itself, with codes of its own as well.
static void is_called_by_hand(void)
{
    int class, code;

    calls = 0;
    OK(MPI_Comm_call_errhandler(MPI_COMM_WORLD, MPI_ERR_OTHER));
    EQ(calls, 1);
    EQ(check_class(last_code), MPI_ERR_OTHER);
    OK(MPI_Add_error_class(&class));
    OK(MPI_Add_error_code(class, &code));
    OK(MPI_Comm_call_errhandler(MPI_COMM_WORLD, code));
    EQ(calls, 2);
    EQ(last_code, code);
    CHECK(last_comm == MPI_COMM_WORLD);
}

// Each communicator has its own.
static void is_separate(void)
{
    MPI_Errhandler mine;
    MPI_Comm twin;

    OK(MPI_Comm_dup(MPI_COMM_SELF, &twin));
    OK(MPI_Comm_create_errhandler(other, &mine));
    OK(MPI_Comm_set_errhandler(twin, mine));
    OK(MPI_Errhandler_free(&mine));
    calls = 0;
    FAILS(MPI_Send(NULL, 0, MPI_INT, 5, 0, twin), MPI_ERR_RANK);
    EQ(calls, 100);
    FAILS(MPI_Send(NULL, 0, MPI_INT, 100000, 0, MPI_COMM_WORLD), MPI_ERR_RANK);
    EQ(calls, 101);
    OK(MPI_Comm_free(&twin));
}

// An error that is found only when the message is there: raised on the communicator of the request.
static void in_completion(void)
{
    int values[4] = {0}, got = 0;
    MPI_Request request;

    calls = 0;
    OK(MPI_Irecv(&got, 1, MPI_INT, (me + np - 1) % np, 1, MPI_COMM_WORLD, &request));
    OK(MPI_Send(values, 4, MPI_INT, (me + 1) % np, 1, MPI_COMM_WORLD));
    FAILS(MPI_Wait(&request, MPI_STATUS_IGNORE), MPI_ERR_TRUNCATE);
    EQ(calls, 1);
    CHECK(last_comm == MPI_COMM_WORLD);
    EQ(check_class(last_code), MPI_ERR_TRUNCATE);
}

// The handler of a communicator whose handle is gone: the request was the last to know it.
static void after_free(void)
{
    int values[4] = {0}, got[2] = {0};
    MPI_Request requests[2];
    MPI_Status statuses[2];
    MPI_Comm twin;

    for (int all = 0; all < 2; all++) {
        calls = 0;
        OK(MPI_Comm_dup(MPI_COMM_WORLD, &twin));
        for (int i = 0; i < 2; i++)
            OK(MPI_Irecv(&got[i], 1, MPI_INT, (me + np - 1) % np, i, twin, &requests[i]));
        for (int i = 0; i < 2; i++)
            OK(MPI_Send(values, 4, MPI_INT, (me + 1) % np, i, twin));
        OK(MPI_Comm_free(&twin));
        if (all) {
            FAILS(MPI_Waitall(2, requests, statuses), MPI_ERR_IN_STATUS);
        } else {
            FAILS(MPI_Wait(&requests[0], MPI_STATUS_IGNORE), MPI_ERR_TRUNCATE);
            FAILS(MPI_Wait(&requests[1], MPI_STATUS_IGNORE), MPI_ERR_TRUNCATE);
        }
        EQ(calls, all ? 1 : 2);
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    get_and_set();
    is_called(MPI_COMM_WORLD);
    is_inherited();
    is_called_by_hand();
    is_separate();
    in_completion();
    after_free();
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
    return check_end();
}
