// Attributes on datatypes: what a duplicate gets, when the delete functions run, keys that were
// freed and keys of another kind.
#include "check.h"

#include <stdint.h>

static int copies, drops;
static MPI_Datatype dropped_from;
static int verdict = MPI_SUCCESS; // of the functions below

static int copy_doubled(MPI_Datatype type, int keyval, void *extra, void *in, void *out, int *flag)
{
    (void)type, (void)keyval;
    copies++;
    *(void **)out = (void *)(2 * (intptr_t)in + (intptr_t)extra);
    *flag = 1;
    return verdict;
}

static int drop(MPI_Datatype type, int keyval, void *value, void *extra)
{
    (void)keyval, (void)value, (void)extra;
    drops++;
    dropped_from = type;
    return verdict;
}

static void has(MPI_Datatype type, int key, intptr_t want)
{
    void *value = (void *)(intptr_t)-77;
    int flag = -1;
    OK(MPI_Type_get_attr(type, key, &value, &flag));
    EQ(flag, 1);
    EQ((intptr_t)value, want);
}

static void has_none(MPI_Datatype type, int key)
{
    void *value = (void *)(intptr_t)-77;
    int flag = -1;
    OK(MPI_Type_get_attr(type, key, &value, &flag));
    EQ(flag, 0);
    EQ((intptr_t)value, -77);
}

static void set_and_delete(void)
{
    int key = MPI_KEYVAL_INVALID;
    MPI_Datatype type;

    OK(MPI_Type_create_keyval(copy_doubled, drop, &key, NULL));
    CHECK(key != MPI_KEYVAL_INVALID);
    OK(MPI_Type_contiguous(3, MPI_INT, &type));
    has_none(type, key);
    OK(MPI_Type_set_attr(type, key, (void *)5));
    has(type, key, 5);
    drops = 0;
    OK(MPI_Type_set_attr(type, key, (void *)6)); // replaces
    EQ(drops, 1);
    has(type, key, 6);
    OK(MPI_Type_delete_attr(type, key));
    EQ(drops, 2);
    has_none(type, key);
    FAILS(MPI_Type_delete_attr(type, key), MPI_ERR_KEYVAL);
    OK(MPI_Type_set_attr(type, key, (void *)7));
    MPI_Datatype handle = type;
    OK(MPI_Type_free(&type));
    EQ(drops, 3);
    CHECK(dropped_from == handle);
    OK(MPI_Type_free_keyval(&key));
    EQ(key, MPI_KEYVAL_INVALID);
}

static void duplicates(void)
{
    int doubled, same, nothing;
    MPI_Datatype type, copy;

    OK(MPI_Type_create_keyval(copy_doubled, drop, &doubled, (void *)100));
    OK(MPI_Type_create_keyval(MPI_TYPE_DUP_FN, MPI_TYPE_NULL_DELETE_FN, &same, NULL));
    OK(MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, &nothing, NULL));
    OK(MPI_Type_vector(2, 1, 3, MPI_CHAR, &type));
    OK(MPI_Type_set_attr(type, doubled, (void *)5));
    OK(MPI_Type_set_attr(type, same, (void *)6));
    OK(MPI_Type_set_attr(type, nothing, (void *)7));
    copies = drops = 0;
    OK(MPI_Type_dup(type, &copy));
    EQ(copies, 1);
    has(copy, doubled, 110);
    has(copy, same, 6);
    has_none(copy, nothing);
    has(type, doubled, 5);
    OK(MPI_Type_free(&copy));
    EQ(drops, 1);

    // A copy function that fails: no duplicate, and what had been copied is dropped again.
    verdict = MPI_ERR_OTHER;
    copy = MPI_DATATYPE_NULL;
    FAILS(MPI_Type_dup(type, &copy), MPI_ERR_OTHER);
    // A delete function that fails: the type stays.
    FAILS(MPI_Type_free(&type), MPI_ERR_OTHER);
    CHECK(type != MPI_DATATYPE_NULL);
    verdict = MPI_SUCCESS;
    has(type, doubled, 5);
    // Other constructors copy nothing.
    OK(MPI_Type_contiguous(2, type, &copy));
    has_none(copy, same);
    OK(MPI_Type_free(&copy));
    OK(MPI_Type_free(&type));
    OK(MPI_Type_free_keyval(&doubled));
    OK(MPI_Type_free_keyval(&same));
    OK(MPI_Type_free_keyval(&nothing));
}

// A handle that MPI_Type_get_contents gave is another one of the same type: the attributes of the
// original outlive it.
static void contents(void)
{
    int key;
    MPI_Datatype inner, outer, got;

    OK(MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, drop, &key, NULL));
    OK(MPI_Type_vector(2, 1, 3, MPI_CHAR, &inner));
    OK(MPI_Type_set_attr(inner, key, (void *)9));
    OK(MPI_Type_dup(inner, &outer));
    OK(MPI_Type_get_contents(outer, 0, 0, 1, NULL, NULL, &got));
    drops = 0;
    OK(MPI_Type_free(&got));
    EQ(drops, 0);
    has(inner, key, 9);
    OK(MPI_Type_free(&inner));
    EQ(drops, 1);
    OK(MPI_Type_free(&outer));
    OK(MPI_Type_free_keyval(&key));
}

// Predefined types carry attributes, too; nobody frees those types. The key goes first.
static void predefined(void)
{
    int key, number;

    OK(MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, &key, NULL));
    OK(MPI_Type_set_attr(MPI_INT, key, (void *)11));
    has(MPI_INT, key, 11);
    has_none(MPI_DOUBLE, key);
    number = key;
    OK(MPI_Type_free_keyval(&key));
    has(MPI_INT, number, 11);
}

static void wrong(void)
{
    int of_comm, key, flag;
    void *value;
    MPI_Datatype type = MPI_INT, freed;

    OK(MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, MPI_COMM_NULL_DELETE_FN, &of_comm, NULL));
    OK(MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, &key, NULL));
    FAILS(MPI_Type_set_attr(type, of_comm, NULL), MPI_ERR_KEYVAL);
    FAILS(MPI_Comm_set_attr(MPI_COMM_SELF, key, NULL), MPI_ERR_KEYVAL);
    FAILS(MPI_Type_set_attr(type, MPI_KEYVAL_INVALID, NULL), MPI_ERR_KEYVAL);
    FAILS(MPI_Type_set_attr(type, MPI_TAG_UB, NULL), MPI_ERR_KEYVAL);
    FAILS(MPI_Type_get_attr(type, of_comm, &value, &flag), MPI_ERR_KEYVAL);
    FAILS(MPI_Type_get_attr(MPI_DATATYPE_NULL, key, &value, &flag), MPI_ERR_TYPE);
    FAILS(MPI_Type_set_attr(MPI_DATATYPE_NULL, key, NULL), MPI_ERR_TYPE);
    FAILS(MPI_Type_delete_attr(MPI_DATATYPE_NULL, key), MPI_ERR_TYPE);
    OK(MPI_Type_contiguous(2, MPI_INT, &type));
    freed = type;
    OK(MPI_Type_free(&type));
    if (CHECK_ABI)
        FAILS(MPI_Type_set_attr(freed, key, NULL), MPI_ERR_TYPE);
    FAILS(MPI_Type_free_keyval(&of_comm), MPI_ERR_KEYVAL);
    int again = key;
    OK(MPI_Type_free_keyval(&key));
    FAILS(MPI_Type_free_keyval(&again), MPI_ERR_KEYVAL);
    FAILS(MPI_Type_free_keyval(&key), MPI_ERR_KEYVAL);
    OK(MPI_Comm_free_keyval(&of_comm));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    set_and_delete();
    duplicates();
    contents();
    predefined();
    wrong();
    return check_end();
}
