// Info objects, hints on communicators, MPI_Alloc_mem.
#include "check.h"

static void check_value(MPI_Info info, const char *key, const char *want)
{
    char value[MPI_MAX_INFO_VAL + 1] = "?";
    int flag = -1, length = -1;

    OK(MPI_Info_get(info, key, MPI_MAX_INFO_VAL, value, &flag));
    EQ(!!flag, want != NULL);
    OK(MPI_Info_get_valuelen(info, key, &length, &flag));
    EQ(!!flag, want != NULL);
    if (want == NULL)
        return;
    CHECK_SAYING(strcmp(value, want) == 0, "'%.99s' is '%.99s'; should be '%.99s'", key, value,
                 want);
    EQ(length, (int)strlen(want));
}

static int keys_of(MPI_Info info)
{
    int keys = -1;
    OK(MPI_Info_get_nkeys(info, &keys));
    return keys;
}

static void set_and_get(void)
{
    char key[MPI_MAX_INFO_KEY + 1];
    MPI_Info info, twin;

    OK(MPI_Info_create(&info));
    EQ(keys_of(info), 0);
    check_value(info, "host", NULL);
    OK(MPI_Info_set(info, "host", "a"));
    OK(MPI_Info_set(info, "path", "/usr/bin"));
    OK(MPI_Info_set(info, "host", "node 7"));
    EQ(keys_of(info), 2);
    check_value(info, "host", "node 7");
    OK(MPI_Info_dup(info, &twin));
    OK(MPI_Info_delete(info, "host"));
    check_value(info, "host", NULL);
    check_value(twin, "host", "node 7");
    EQ(keys_of(info), 1);
    OK(MPI_Info_get_nthkey(info, 0, key));
    CHECK(strcmp(key, "path") == 0);
    OK(MPI_Info_free(&info));
    CHECK(info == MPI_INFO_NULL);
    OK(MPI_Info_free(&twin));
}

static void longest(void)
{
    char key[MPI_MAX_INFO_KEY], value[MPI_MAX_INFO_VAL];
    MPI_Info info;

    memset(key, 'k', sizeof key - 1);
    memset(value, 'v', sizeof value - 1);
    key[sizeof key - 1] = value[sizeof value - 1] = '\0';
    OK(MPI_Info_create(&info));
    OK(MPI_Info_set(info, key, value));
    check_value(info, key, value);
    OK(MPI_Info_free(&info));
}

static void wrong(void)
{
    MPI_Info info;

    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Info_create(&info));
    FAILS(MPI_Info_delete(info, "nothing"), MPI_ERR_INFO_NOKEY);
    OK(MPI_Info_free(&info));
    CHECK(MPI_Info_set(MPI_INFO_NULL, "a", "b") != MPI_SUCCESS);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
}

// Unknown hints are no error, and the communicator works.
static void hints(void)
{
    MPI_Info info, used;
    MPI_Comm comm;
    int sum = -1, inter = -1;

    OK(MPI_Info_create(&info));
    OK(MPI_Info_set(info, "no_such_hint", "true"));
    OK(MPI_Comm_dup_with_info(MPI_COMM_WORLD, info, &comm));
    OK(MPI_Comm_set_info(comm, info));
    OK(MPI_Info_free(&info));
    OK(MPI_Comm_get_info(comm, &used));
    CHECK(keys_of(used) >= 0);
    OK(MPI_Info_free(&used));
    OK(MPI_Allreduce(&me, &sum, 1, MPI_INT, MPI_SUM, comm));
    EQ(sum, np * (np - 1) / 2);
    OK(MPI_Comm_test_inter(comm, &inter));
    EQ(inter, 0);
    OK(MPI_Comm_free(&comm));
}

#if CHECK_ABI
// The same facts with and without a world.
static void environment(int argc, char **argv)
{
    char key[MPI_MAX_INFO_KEY], number[16], word[] = "one", *words[] = {"program", word, NULL};
    MPI_Info info;

    snprintf(number, sizeof number, "%d", np);
    check_value(MPI_INFO_ENV, "maxprocs", number);
    check_value(MPI_INFO_ENV, "thread_level", "MPI_THREAD_SINGLE");
    OK(MPI_Info_create_env(argc, argv, &info));
    for (int i = 0; i < keys_of(info); i++) {
        char value[MPI_MAX_INFO_VAL];
        int room = sizeof value, flag = 0;
        OK(MPI_Info_get_nthkey(info, i, key));
        OK(MPI_Info_get_string(info, key, &room, value, &flag));
        EQ(flag, 1);
        check_value(MPI_INFO_ENV, key, value);
    }
    CHECK(keys_of(info) >= 6);
    OK(MPI_Info_free(&info));
    OK(MPI_Info_create_env(2, words, &info));
    check_value(info, "command", "program");
    check_value(info, "argv", "one");
    OK(MPI_Info_free(&info));
}
#endif

static void memory(void)
{
    char *data = NULL;

    OK(MPI_Alloc_mem(100000, MPI_INFO_NULL, &data));
    CHECK(data != NULL);
    CHECK((uintptr_t)data % sizeof(double) == 0);
    fill(data, 100000, 4);
    OK(MPI_Bcast(data, 100000, MPI_BYTE, np - 1, MPI_COMM_WORLD));
    FILLED(data, 100000, 4);
    OK(MPI_Free_mem(data));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    set_and_get();
    longest();
    wrong();
    hints();
#if CHECK_ABI
    environment(argc, argv);
#endif
    memory();
    return check_end();
}
