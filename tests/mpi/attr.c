// Attributes: the predefined ones of the world, and keys of the program with copy and delete
// callbacks. Argument: `alone` where the program is started without a launcher.
#include "check.h"

// The value of a predefined attribute, or `otherwise` where it is not set.
static int predefined(int key, int otherwise)
{
    int *value = NULL, flag = -1;

    OK(MPI_Comm_get_attr(MPI_COMM_WORLD, key, &value, &flag));
    CHECK(flag == 0 || flag == 1);
    return flag ? *value : otherwise;
}

static void of_the_world(int alone)
{
    int global = predefined(MPI_WTIME_IS_GLOBAL, -1), used = predefined(MPI_LASTUSEDCODE, -1);

    CHECK(predefined(MPI_TAG_UB, -1) >= 32767);
    CHECK(predefined(MPI_IO, MPI_ANY_SOURCE) == MPI_ANY_SOURCE ||
          predefined(MPI_IO, -1) == MPI_PROC_NULL || predefined(MPI_IO, -1) < np);
    CHECK(global == 0 || global == 1);
    CHECK(used >= MPI_ERR_LASTCODE);
    if (CHECK_ABI) {
        // Ours always has the one, and the other where there is a launcher; the standard leaves it
        // open.
        CHECK(predefined(MPI_UNIVERSE_SIZE, -1) >= np);
        EQ(predefined(MPI_APPNUM, -1), alone ? -1 : 0);
    }
}

struct counts {
    int copies, deletes, extra;
};

static struct counts seen;
static int refuses;

// The copy's value is the original's plus one; odd values are not copied.
static int copy(MPI_Comm comm, int key, void *extra, void *in, void *out, int *flag)
{
    (void)comm;
    (void)key;
    seen.copies++;
    EQ(*(int *)extra, 4711);
    *flag = ((intptr_t)in & 1) == 0;
    *(void **)out = (void *)((intptr_t)in + 2);
    return refuses ? MPI_ERR_OTHER : MPI_SUCCESS;
}

static int delete (MPI_Comm comm, int key, void *value, void *extra)
{
    (void)comm;
    (void)key;
    (void)value;
    seen.deletes++;
    EQ(*(int *)extra, 4711);
    return MPI_SUCCESS;
}

static intptr_t value_of(MPI_Comm comm, int key)
{
    void *value = NULL;
    int flag = -1;

    OK(MPI_Comm_get_attr(comm, key, &value, &flag));
    return flag ? (intptr_t)value : -1;
}

static void set(MPI_Comm comm, int key, intptr_t value)
{
    OK(MPI_Comm_set_attr(comm, key, (void *)value));
}

static void counted(int copies, int deletes)
{
    EQ(seen.copies, copies);
    EQ(seen.deletes, deletes);
}

static void callbacks(void)
{
    static int extra = 4711;
    MPI_Comm comm, twin, part;
    int key = -1, kept;

    seen = (struct counts){0, 0, 0};
    OK(MPI_Comm_create_keyval(copy, delete, &key, &extra));
    CHECK(key != MPI_KEYVAL_INVALID);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    EQ(value_of(comm, key), -1);
    set(comm, key, 10);
    EQ(value_of(comm, key), 10);
    EQ(value_of(MPI_COMM_WORLD, key), -1);
    // Setting it again deletes the old value.
    set(comm, key, 20);
    counted(0, 1);
    OK(MPI_Comm_dup(comm, &twin));
    counted(1, 1);
    EQ(value_of(twin, key), 22);
    EQ(value_of(comm, key), 20);
    // Only dup copies.
    OK(MPI_Comm_split(comm, 0, me, &part));
    EQ(value_of(part, key), -1);
    OK(MPI_Comm_free(&part));
    counted(1, 1);
    OK(MPI_Comm_free(&twin));
    counted(1, 2);
    set(comm, key, 21);
    counted(1, 3);
    OK(MPI_Comm_dup(comm, &twin));
    counted(2, 3);
    EQ(value_of(twin, key), -1);
    OK(MPI_Comm_free(&twin));
    counted(2, 3);
    OK(MPI_Comm_delete_attr(comm, key));
    counted(2, 4);
    EQ(value_of(comm, key), -1);
    // A freed key lives until its last value is gone.
    set(comm, key, 30);
    kept = key;
    OK(MPI_Comm_free_keyval(&key));
    EQ(key, MPI_KEYVAL_INVALID);
    EQ(value_of(comm, kept), 30);
    OK(MPI_Comm_free(&comm));
    counted(2, 5);
}

// A copy callback that fails makes the dup fail.
static void copy_fails(void)
{
    static int extra = 4711;
    MPI_Comm comm, twin = MPI_COMM_NULL;
    int key, code;

    OK(MPI_Comm_create_keyval(copy, delete, &key, &extra));
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN));
    set(comm, key, 2);
    refuses = 1;
    code = MPI_Comm_dup(comm, &twin);
    CHECK(code != MPI_SUCCESS);
    refuses = 0;
    OK(MPI_Comm_delete_attr(comm, key));
    OK(MPI_Comm_free(&comm));
    OK(MPI_Comm_free_keyval(&key));
}

// The predefined callbacks: never copied, copied as it is.
static void ready_made(void)
{
    MPI_Comm comm, twin;
    int keys[2];

    OK(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, &keys[0], NULL));
    OK(MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, &keys[1], NULL));
    OK(MPI_Comm_dup(MPI_COMM_SELF, &comm));
    for (int i = 0; i < 2; i++)
        set(comm, keys[i], 100 + i);
    OK(MPI_Comm_dup(comm, &twin));
    EQ(value_of(twin, keys[0]), -1);
    EQ(value_of(twin, keys[1]), 101);
    OK(MPI_Comm_free(&twin));
    OK(MPI_Comm_free(&comm));
    for (int i = 0; i < 2; i++)
        OK(MPI_Comm_free_keyval(&keys[i]));
}

// Many keys on one communicator; each has its own value.
static void many(void)
{
    enum { KEYS = 200 };
    int keys[KEYS];
    MPI_Comm comm;

    OK(MPI_Comm_dup(MPI_COMM_SELF, &comm));
    for (int i = 0; i < KEYS; i++) {
        OK(MPI_Comm_create_keyval(MPI_COMM_DUP_FN, MPI_COMM_NULL_DELETE_FN, &keys[i], NULL));
        set(comm, keys[i], i * 3);
    }
    for (int i = 0; i < KEYS; i++)
        EQ(value_of(comm, keys[i]), i * 3);
    OK(MPI_Comm_free(&comm));
    for (int i = 0; i < KEYS; i++)
        OK(MPI_Comm_free_keyval(&keys[i]));
}

// Finalize begins with deleting what hangs on MPI_COMM_SELF, last set first, while MPI still works.
static int at_finalize(MPI_Comm comm, int key, void *value, void *extra)
{
    int flag = 1, rank = -1;

    (void)key;
    EQ(comm == MPI_COMM_SELF, 1);
    EQ((intptr_t)value, 2 - *(int *)extra);
    OK(MPI_Finalized(&flag));
    EQ(flag, 0);
    OK(MPI_Comm_rank(MPI_COMM_WORLD, &rank));
    EQ(rank, me);
    ++*(int *)extra;
    return MPI_SUCCESS;
}

// The names of MPI 1 do what those of MPI 2 do, with the same keys.
static void old_names(void)
{
    static int extra = 4711;
    MPI_Comm comm, twin;
    void *value = NULL;
    int key = -1, flag = -1, foreign;

    seen = (struct counts){0, 0, 0};
    OK(MPI_Keyval_create(copy, delete, &key, &extra));
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Attr_get(comm, key, &value, &flag));
    EQ(flag, 0);
    OK(MPI_Attr_put(comm, key, (void *)(intptr_t)40));
    EQ(value_of(comm, key), 40);
    OK(MPI_Comm_dup(comm, &twin));
    OK(MPI_Attr_get(twin, key, &value, &flag));
    CHECK(flag && (intptr_t)value == 42);
    OK(MPI_Attr_delete(twin, key));
    OK(MPI_Attr_get(twin, key, &value, &flag));
    EQ(flag, 0);
    counted(1, 1);
    OK(MPI_Comm_free(&twin));
    OK(MPI_Comm_free(&comm));
    counted(1, 2);
    foreign = key;
    OK(MPI_Keyval_free(&key));
    EQ(key, MPI_KEYVAL_INVALID);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    FAILS(MPI_Attr_put(MPI_COMM_WORLD, foreign, NULL), MPI_ERR_KEYVAL);
    FAILS(MPI_Attr_get(MPI_COMM_WORLD, MPI_KEYVAL_INVALID, &value, &flag), MPI_ERR_KEYVAL);
    FAILS(MPI_Attr_delete(MPI_COMM_WORLD, foreign), MPI_ERR_KEYVAL);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
}

static int order;

static void hang_on_self(void)
{
    int key;

    for (intptr_t i = 1; i <= 2; i++) {
        OK(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, at_finalize, &key, &order));
        set(MPI_COMM_SELF, key, i);
        OK(MPI_Comm_free_keyval(&key));
    }
}

int main(int argc, char **argv)
{
    int result;

    check_begin(&argc, &argv);
    of_the_world(argc > 1 && strcmp(argv[1], "alone") == 0);
    callbacks();
    copy_fails();
    ready_made();
    old_names();
    many();
    hang_on_self();
    result = check_end();
    EQ(order, 2);
    return result || check_failures;
}
