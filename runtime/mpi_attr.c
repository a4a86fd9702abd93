/* MPI calls on attributes of communicators, with the names of MPI 1 beside the present ones, and
 * the predefined attributes. MPI 5.0 sections 7.7 and 9.1.2. */
#include "comm.h"
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

static int create(MPI_Comm_copy_attr_function *copy, MPI_Comm_delete_attr_function *drop,
                  int *keyval, void *extra_state)
{
    struct ipcr_attr_functions functions = {
        .kind = IPCR_ATTR_COMM, .copy.comm = copy, .drop.comm = drop};
    return IPCR_FINISH(NULL, ipcr_keyval_new(&functions, extra_state, keyval));
}

static int free_key(int *keyval)
{
    return IPCR_FINISH(NULL, ipcr_keyval_free(IPCR_ATTR_COMM, keyval));
}

/* For calls that change something: MPI_SUCCESS, or the class with a note. */
static int check_own(int keyval)
{
    bool known;
    predefined(keyval, &known);
    return known ? ipcr_err_note(MPI_ERR_KEYVAL, "the predefined attribute %d can only be read",
                                 keyval)
                 : MPI_SUCCESS;
}

static int set(MPI_Comm comm, int keyval, void *value)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    int class = check_own(keyval);
    return IPCR_FINISH(c, class ? class : ipcr_attr_set(ipcr_comm_attrs(c), keyval, value));
}

static int get(MPI_Comm comm, int keyval, void *attribute_val, int *flag)
{
    if (!flag)
        return IPCR_NO_PLACE_ON(comm, "flag");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    bool known, found;
    int class = MPI_SUCCESS;
    void *value = predefined(keyval, &known);
    found = value != NULL;
    if (!known)
        class = ipcr_attr_get(ipcr_comm_attrs(c), keyval, &value, &found);
    if (class)
        return IPCR_FINISH(c, class);
    *flag = found;
    if (found)
        *(void **)attribute_val = value;
    return IPCR_LEAVE();
}

static int drop(MPI_Comm comm, int keyval)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    int class = check_own(keyval);
    return IPCR_FINISH(c, class ? class : ipcr_attr_delete(ipcr_comm_attrs(c), keyval));
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
