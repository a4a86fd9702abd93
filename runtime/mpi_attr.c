/* MPI calls on attributes of communicators, with the names of MPI 1 beside the present ones, and
 * the predefined attributes. MPI 5.0 sections 7.7 and 9.1.2. */
#include "attr.h"
#include "err.h"
#include "errcode.h"
#include "job.h"
#include "lock.h"

/* Attributes that the library answers. They are about the job, so every communicator has them:
 * libraries ask their own duplicate, and the standard does not forbid the answer. NULL: not one of
 * them, or (*known) one without a value here. The program may only read through the pointer. */
static int *predefined(int keyval, bool *known)
{
    static int tag_ub = IPCR_TAG_UB, io = MPI_ANY_SOURCE, host = MPI_PROC_NULL;
    static int wtime_is_global, appnum, last_used_code, universe;
    *known = keyval >= MPI_TAG_UB && keyval <= MPI_UNIVERSE_SIZE;
    switch (keyval) {
    case MPI_TAG_UB:
        return &tag_ub;
    case MPI_IO:
        return &io;
    case MPI_HOST:
        return &host;
    case MPI_WTIME_IS_GLOBAL:
        wtime_is_global = ipcr_job.nodes == 1; /* one machine, one CLOCK_MONOTONIC */
        return &wtime_is_global;
    case MPI_APPNUM:
        appnum = ipcr_job.appnum;
        return ipcr_job.launched ? &appnum : NULL;
    case MPI_LASTUSEDCODE:
        last_used_code = ipcr_errcode_last();
        return &last_used_code;
    case MPI_UNIVERSE_SIZE:
        universe = ipcr_job.universe;
        return &universe;
    default:
        return NULL;
    }
}

/* The key for a call that changes something; NULL: the class is in *class, noted. */
static struct ipcr_keyval *usable_key(int keyval, int *class)
{
    bool known;
    struct ipcr_keyval *key = ipcr_keyval_of(keyval);
    predefined(keyval, &known);
    if (!key)
        *class = ipcr_err_note(MPI_ERR_KEYVAL,
                               known ? "the predefined attribute %d can only be read"
                                     : "%d is not an attribute key, or was freed",
                               keyval);
    return key;
}

static int create(MPI_Comm_copy_attr_function *copy, MPI_Comm_delete_attr_function *drop,
                  int *keyval, void *extra_state)
{
    int number = ipcr_keyval_new(copy, drop, extra_state);
    if (number < 0)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for an attribute key");
    *keyval = number;
    return IPCR_LEAVE();
}

static int free_key(int *keyval)
{
    int class;
    struct ipcr_keyval *key = usable_key(*keyval, &class);
    if (!key)
        return IPCR_FINISH(NULL, class);
    if (!ipcr_keyval_free(key))
        return IPCR_RAISE(NULL, MPI_ERR_KEYVAL, "attribute key %d was freed before", *keyval);
    *keyval = MPI_KEYVAL_INVALID;
    return IPCR_LEAVE();
}

static int set(MPI_Comm comm, int keyval, void *value)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    int class;
    struct ipcr_keyval *key = usable_key(keyval, &class);
    return IPCR_FINISH(c, key ? ipcr_attr_set(c, key, value) : class);
}

static int get(MPI_Comm comm, int keyval, void *attribute_val, int *flag)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    bool known;
    void *value = predefined(keyval, &known);
    struct ipcr_keyval *key = ipcr_keyval_of(keyval);
    if (!known && !key)
        return IPCR_RAISE(c, MPI_ERR_KEYVAL, "%d is not an attribute key, or was freed", keyval);
    *flag = known ? value != NULL : ipcr_attr_get(c, key, &value);
    if (*flag)
        *(void **)attribute_val = value;
    return IPCR_LEAVE();
}

static int drop(MPI_Comm comm, int keyval)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    int class;
    struct ipcr_keyval *key = usable_key(keyval, &class);
    return IPCR_FINISH(c, key ? ipcr_attr_delete(c, key) : class);
}

int PMPI_Comm_create_keyval(MPI_Comm_copy_attr_function *comm_copy_attr_fn,
                            MPI_Comm_delete_attr_function *comm_delete_attr_fn, int *comm_keyval,
                            void *extra_state)
{
    IPCR_ENTER_ANY("MPI_Comm_create_keyval");
    return create(comm_copy_attr_fn, comm_delete_attr_fn, comm_keyval, extra_state);
}
IPCR_ALIAS(Comm_create_keyval);

int PMPI_Comm_free_keyval(int *comm_keyval)
{
    IPCR_ENTER_ANY("MPI_Comm_free_keyval");
    return free_key(comm_keyval);
}
IPCR_ALIAS(Comm_free_keyval);

int PMPI_Comm_set_attr(MPI_Comm comm, int comm_keyval, void *attribute_val)
{
    IPCR_ENTER("MPI_Comm_set_attr");
    return set(comm, comm_keyval, attribute_val);
}
IPCR_ALIAS(Comm_set_attr);

int PMPI_Comm_get_attr(MPI_Comm comm, int comm_keyval, void *attribute_val, int *flag)
{
    IPCR_ENTER("MPI_Comm_get_attr");
    return get(comm, comm_keyval, attribute_val, flag);
}
IPCR_ALIAS(Comm_get_attr);

int PMPI_Comm_delete_attr(MPI_Comm comm, int comm_keyval)
{
    IPCR_ENTER("MPI_Comm_delete_attr");
    return drop(comm, comm_keyval);
}
IPCR_ALIAS(Comm_delete_attr);

int PMPI_Keyval_create(MPI_Copy_function *copy_fn, MPI_Delete_function *delete_fn, int *keyval,
                       void *extra_state)
{
    IPCR_ENTER_ANY("MPI_Keyval_create");
    return create(copy_fn, delete_fn, keyval, extra_state);
}
IPCR_ALIAS(Keyval_create);

int PMPI_Keyval_free(int *keyval)
{
    IPCR_ENTER_ANY("MPI_Keyval_free");
    return free_key(keyval);
}
IPCR_ALIAS(Keyval_free);

int PMPI_Attr_put(MPI_Comm comm, int keyval, void *attribute_val)
{
    IPCR_ENTER("MPI_Attr_put");
    return set(comm, keyval, attribute_val);
}
IPCR_ALIAS(Attr_put);

int PMPI_Attr_get(MPI_Comm comm, int keyval, void *attribute_val, int *flag)
{
    IPCR_ENTER("MPI_Attr_get");
    return get(comm, keyval, attribute_val, flag);
}
IPCR_ALIAS(Attr_get);

int PMPI_Attr_delete(MPI_Comm comm, int keyval)
{
    IPCR_ENTER("MPI_Attr_delete");
    return drop(comm, keyval);
}
IPCR_ALIAS(Attr_delete);
