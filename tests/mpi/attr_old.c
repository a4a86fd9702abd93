// Attributes by the names that MPI 1 gave them, and that each of them sees what the present ones
// do.
#include "check.h"

static int copies, deletes;

static int copy(MPI_Comm comm, int keyval, void *extra, void *value, void *out, int *flag)
{
    (void)comm, (void)keyval;
    CHECK(extra == &copies);
    copies++;
    *(void **)out = value;
    *flag = 1;
    return MPI_SUCCESS;
}

static int drop(MPI_Comm comm, int keyval, void *value, void *extra)
{
    (void)comm, (void)keyval, (void)value;
    CHECK(extra == &copies);
    deletes++;
    return MPI_SUCCESS;
}

static void check_value(MPI_Comm comm, int keyval, void *want)
{
    void *old = NULL, *now = NULL;
    int old_flag = -1, now_flag = -1;

    OK(MPI_Attr_get(comm, keyval, &old, &old_flag));
    OK(MPI_Comm_get_attr(comm, keyval, &now, &now_flag));
    EQ(!!old_flag, want != NULL);
    EQ(!!now_flag, want != NULL);
    if (want != NULL)
        CHECK(old == want && now == want);
}

int main(int argc, char **argv)
{
    int keyval = MPI_KEYVAL_INVALID, first, second;
    MPI_Comm comm, twin;

    check_begin(&argc, &argv);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    OK(MPI_Keyval_create(copy, drop, &keyval, &copies));
    CHECK(keyval != MPI_KEYVAL_INVALID);
    check_value(comm, keyval, NULL);
    OK(MPI_Attr_put(comm, keyval, &first));
    check_value(comm, keyval, &first);
    OK(MPI_Comm_dup(comm, &twin));
    EQ(copies, 1);
    check_value(twin, keyval, &first);
    OK(MPI_Attr_put(twin, keyval, &second));
    EQ(deletes, 1);
    check_value(twin, keyval, &second);
    OK(MPI_Attr_delete(twin, keyval));
    EQ(deletes, 2);
    check_value(twin, keyval, NULL);
    OK(MPI_Comm_free(&twin));
    OK(MPI_Keyval_free(&keyval));
    EQ(keyval, MPI_KEYVAL_INVALID);
    OK(MPI_Comm_free(&comm));
    EQ(deletes, 3);
    return check_end();
}
