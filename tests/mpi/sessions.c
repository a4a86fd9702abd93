// Sessions: process sets, info, error handlers, and their order with MPI_Init and MPI_Finalize.
// Arguments: `only` for a program that never calls MPI_Init; `before`, `after` or `around` for
// where a session lies that is open at other times than the world; `threads` for sessions of
// several threads at once.
#include <pthread.h>

#include "check.h"

static MPI_Session open_session(const char *level)
{
    MPI_Session session = MPI_SESSION_NULL;
    MPI_Info info = MPI_INFO_NULL;

    if (level != NULL) {
        OK(MPI_Info_create(&info));
        OK(MPI_Info_set(info, "thread_level", level));
    }
    OK(MPI_Session_init(info, MPI_ERRORS_RETURN, &session));
    CHECK(session != MPI_SESSION_NULL);
    if (level != NULL)
        OK(MPI_Info_free(&info));
    return session;
}

static void close_session(MPI_Session *session)
{
    OK(MPI_Session_finalize(session));
    CHECK(*session == MPI_SESSION_NULL);
}

static void check_level(MPI_Session session, const char *want)
{
    char value[MPI_MAX_INFO_VAL] = "";
    int room = sizeof value, flag = 0;
    MPI_Info info;

    OK(MPI_Session_get_info(session, &info));
    OK(MPI_Info_get_string(info, "thread_level", &room, value, &flag));
    CHECK_SAYING(flag && strcmp(value, want) == 0, "thread_level is '%.99s'; should be '%s'", value,
                 want);
    OK(MPI_Info_free(&info));
}

static int pset_size(MPI_Session session, const char *name)
{
    char value[MPI_MAX_INFO_VAL] = "-1";
    int room = sizeof value, flag = 0;
    MPI_Info info;

    OK(MPI_Session_get_pset_info(session, name, &info));
    OK(MPI_Info_get_string(info, "mpi_size", &room, value, &flag));
    EQ(flag, 1);
    OK(MPI_Info_free(&info));
    return atoi(value);
}

// Each set has a name, a size, and a group of that size; WORLD and SELF are among them.
static void psets(MPI_Session session)
{
    int count = -1, found = 0;

    OK(MPI_Session_get_num_psets(session, MPI_INFO_NULL, &count));
    CHECK(count >= 2);
    for (int i = 0; i < count; i++) {
        char name[MPI_MAX_PSET_NAME_LEN] = "", cut[5] = "????";
        int length = 0, again, group_size = -1;
        MPI_Group group;

        OK(MPI_Session_get_nth_pset(session, MPI_INFO_NULL, i, &length, NULL));
        CHECK(length > 1 && length <= MPI_MAX_PSET_NAME_LEN);
        again = length;
        OK(MPI_Session_get_nth_pset(session, MPI_INFO_NULL, i, &again, name));
        EQ(again, length);
        EQ(strlen(name), length - 1);
        again = sizeof cut;
        OK(MPI_Session_get_nth_pset(session, MPI_INFO_NULL, i, &again, cut));
        EQ(again, length);
        CHECK(strlen(cut) == 4 && strncmp(cut, name, 4) == 0);
        found += strcmp(name, "mpi://WORLD") == 0 || strcmp(name, "mpi://SELF") == 0;
        OK(MPI_Group_from_session_pset(session, name, &group));
        OK(MPI_Group_size(group, &group_size));
        EQ(pset_size(session, name), group_size);
        OK(MPI_Group_free(&group));
    }
    EQ(found, 2);
}

static void groups(MPI_Session session)
{
    MPI_Group world, self, none = MPI_GROUP_EMPTY;
    int rank = -1, size = -1, zero = 0;

    OK(MPI_Group_from_session_pset(session, "mpi://WORLD", &world));
    OK(MPI_Group_from_session_pset(session, "mpi://SELF", &self));
    OK(MPI_Group_rank(world, &rank));
    OK(MPI_Group_size(world, &size));
    CHECK(rank >= 0 && rank < size);
    if (np > 0)
        EQ(size, np);
    OK(MPI_Group_size(self, &size));
    EQ(size, 1);
    OK(MPI_Group_translate_ranks(self, 1, &zero, world, &size));
    EQ(size, rank);
    OK(MPI_Group_from_session_pset(session, "mpi://no such set", &none));
    CHECK(none == MPI_GROUP_NULL);
    OK(MPI_Group_free(&self));
    OK(MPI_Group_free(&world));
}

static MPI_Session handler_session;
static int handler_calls, handler_code;

static void handler(MPI_Session *session, int *code, ...)
{
    handler_session = *session;
    handler_code = *code;
    handler_calls++;
}

static void handlers(MPI_Session session)
{
    MPI_Errhandler mine, got;
    int count = 0, room = 0;

    FAILS(MPI_Session_get_pset_info(session, "mpi://no such set", &(MPI_Info){MPI_INFO_NULL}),
          MPI_ERR_ARG);
    OK(MPI_Session_create_errhandler(handler, &mine));
    OK(MPI_Session_set_errhandler(session, mine));
    OK(MPI_Session_get_errhandler(session, &got));
    CHECK(got == mine);
    OK(MPI_Errhandler_free(&got));
    FAILS(MPI_Session_get_num_psets(session, MPI_INFO_NULL, NULL), MPI_ERR_ARG);
    EQ(handler_calls, 1);
    EQ(handler_code, MPI_ERR_ARG);
    CHECK(handler_session == session);
    OK(MPI_Session_call_errhandler(session, MPI_ERR_OTHER));
    EQ(handler_calls, 2);
    EQ(handler_code, MPI_ERR_OTHER);
    OK(MPI_Session_set_errhandler(session, MPI_ERRORS_RETURN));
    OK(MPI_Session_get_num_psets(session, MPI_INFO_NULL, &count));
    FAILS(MPI_Session_get_nth_pset(session, MPI_INFO_NULL, count, &room, NULL), MPI_ERR_ARG);
    EQ(handler_calls, 2);
    OK(MPI_Errhandler_free(&mine));
}

static void handles(MPI_Session session)
{
    CHECK(MPI_Session_fromint(MPI_Session_toint(session)) == session);
    CHECK(MPI_Session_fromint(MPI_Session_toint(MPI_SESSION_NULL)) == MPI_SESSION_NULL);
}

static void whole_session(void)
{
    MPI_Session session = open_session(NULL), second;

    handler_calls = 0;
    check_level(session, "MPI_THREAD_MULTIPLE");
    psets(session);
    groups(session);
    second = open_session("MPI_THREAD_FUNNELED");
    check_level(second, "MPI_THREAD_FUNNELED");
    handlers(session);
    close_session(&session);
    groups(second);
    handles(second);
    close_session(&second);
}

static void world(int *argc, char ***argv)
{
    int sum = -1;

    check_begin(argc, argv);
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD));
    EQ(sum, np * (np - 1) / 2);
}

static void *thread(void *unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++) {
        MPI_Session session = open_session("MPI_THREAD_MULTIPLE");
        psets(session);
        groups(session);
        close_session(&session);
    }
    return NULL;
}

static void threads(void)
{
    enum { THREADS = 4 };
    pthread_t id[THREADS];

    for (int i = 0; i < THREADS; i++)
        EQ(pthread_create(&id[i], NULL, thread, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(id[i], NULL);
}

int main(int argc, char **argv)
{
    const char *where = argc > 1 ? argv[1] : "inside";
    MPI_Session around = MPI_SESSION_NULL;
    int flag = -1;

    if (strcmp(where, "threads") == 0)
        threads();
    if (strcmp(where, "only") == 0 || strcmp(where, "before") == 0)
        for (int i = 0; i < 3; i++)
            whole_session();
    if (strcmp(where, "around") == 0)
        around = open_session("MPI_THREAD_MULTIPLE");
    OK(MPI_Initialized(&flag));
    EQ(flag, 0);
    if (strcmp(where, "only") == 0 || strcmp(where, "threads") == 0)
        return check_failures != 0;
    world(&argc, &argv);
    if (strcmp(where, "inside") == 0)
        whole_session();
    OK(MPI_Finalize());
    if (around != MPI_SESSION_NULL) {
        groups(around);
        close_session(&around);
    }
    if (strcmp(where, "after") == 0)
        for (int i = 0; i < 3; i++)
            whole_session();
    OK(MPI_Finalized(&flag));
    EQ(flag, 1);
    return check_failures != 0;
}
