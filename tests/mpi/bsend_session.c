// The buffer of a session: communicators made from its process sets use it, and those derived from
// them; a communicator's own comes first, the process's last; another session's never.
#include "check.h"

enum { TAG = 17, BYTES = 1000 };

static char its[BYTES + 2 * MPI_BSEND_OVERHEAD];

static int send(int seed, MPI_Comm comm)
{
    char data[BYTES];
    fill(data, sizeof data, (uint64_t)seed);
    return MPI_Bsend(data, BYTES, MPI_BYTE, me, TAG, comm);
}

static void receive(int seed, MPI_Comm comm)
{
    char data[BYTES];
    OK(MPI_Recv(data, BYTES, MPI_BYTE, me, TAG, comm, MPI_STATUS_IGNORE));
    FILLED(data, sizeof data, (uint64_t)seed);
}

static MPI_Comm make(MPI_Session session, const char *tag)
{
    MPI_Group world, group;
    MPI_Comm comm;

    OK(MPI_Group_from_session_pset(session, "mpi://WORLD", &world));
    // What is made from a group of the session belongs to it, too.
    OK(MPI_Group_incl(world, 0, NULL, &group));
    OK(MPI_Group_union(world, group, &group));
    OK(MPI_Comm_create_from_group(group, tag, MPI_INFO_NULL, MPI_ERRORS_RETURN, &comm));
    OK(MPI_Group_free(&group));
    OK(MPI_Group_free(&world));
    return comm;
}

// Whether a buffered send on comm goes into the session's buffer.
static int uses_it(MPI_Comm comm)
{
    memset(its, 0x33, sizeof its);
    OK(send(7, comm));
    int used = !all_bytes(its, sizeof its, 0x33);
    receive(7, comm);
    return used;
}

static void order_of_looking(MPI_Session session, MPI_Comm comm, MPI_Comm other)
{
    MPI_Comm child;
    MPI_Count size = 0;
    void *was = NULL;

    FAILS(send(0, comm), MPI_ERR_BUFFER);
    OK(MPI_Session_attach_buffer(session, its, sizeof its));
    CHECK(uses_it(comm));
    FAILS(send(0, other), MPI_ERR_BUFFER);
    OK(MPI_Comm_dup(comm, &child));
    CHECK(uses_it(child));
    OK(MPI_Comm_attach_buffer(child, MPI_BUFFER_AUTOMATIC, 0));
    CHECK(!uses_it(child));
    OK(MPI_Comm_free(&child));
    OK(MPI_Comm_split(comm, 0, -me, &child));
    OK(MPI_Comm_rank(child, &me));
    CHECK(uses_it(child));
    OK(MPI_Comm_free(&child));
    OK(MPI_Comm_rank(comm, &me));
    OK(MPI_Buffer_attach(MPI_BUFFER_AUTOMATIC, 0));
    CHECK(uses_it(comm));
    CHECK(!uses_it(other));
    OK(MPI_Session_detach_buffer_c(session, &was, &size));
    CHECK(was == its);
    EQ(size, sizeof its);
    CHECK(!uses_it(comm));
}

static void flushes(MPI_Session session, MPI_Comm comm)
{
    MPI_Request request;
    int size = -1;
    void *was = NULL;

    OK(MPI_Session_attach_buffer_c(session, MPI_BUFFER_AUTOMATIC, 0));
    OK(send(3, comm));
    OK(MPI_Session_iflush_buffer(session, &request));
    receive(3, comm);
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    OK(MPI_Session_flush_buffer(session));
    OK(MPI_Session_detach_buffer(session, &was, &size));
    CHECK(was == MPI_BUFFER_AUTOMATIC);
}

static void wrong(MPI_Session session)
{
    MPI_Request request;
    void *was;
    int size;

    FAILS(MPI_Session_attach_buffer(MPI_SESSION_NULL, its, 1), MPI_ERR_SESSION);
    FAILS(MPI_Session_detach_buffer(MPI_SESSION_NULL, &was, &size), MPI_ERR_SESSION);
    FAILS(MPI_Session_flush_buffer(MPI_SESSION_NULL), MPI_ERR_SESSION);
    FAILS(MPI_Session_iflush_buffer(MPI_SESSION_NULL, &request), MPI_ERR_SESSION);
    FAILS(MPI_Session_attach_buffer(session, its, -1), MPI_ERR_BUFFER);
}

int main(int argc, char **argv)
{
    MPI_Session session, second;
    MPI_Comm comm, other;

    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &session));
    OK(MPI_Session_init(MPI_INFO_NULL, MPI_ERRORS_RETURN, &second));
    wrong(session);
    comm = make(session, "first");
    other = make(second, "second");
    order_of_looking(session, comm, other);
    flushes(session, comm);
    // One that is never detached goes with its session.
    OK(MPI_Session_attach_buffer(second, its, sizeof its));
    OK(MPI_Comm_free(&other));
    OK(MPI_Session_finalize(&second));
    OK(MPI_Comm_free(&comm));
    OK(MPI_Session_finalize(&session));
    return check_end();
}
