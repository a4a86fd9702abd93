/* MPI calls on attributes of datatypes. MPI 5.0 section 7.7.4. */
#include "datatype.h"
#include "err.h"
#include "lock.h"

static int bad_type(MPI_Datatype datatype)
{
    return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s",
                      datatype == MPI_DATATYPE_NULL
                          ? "the datatype is MPI_DATATYPE_NULL"
                          : "the handle is not a datatype, or has been freed");
}

int PMPI_Type_create_keyval(MPI_Type_copy_attr_function *type_copy_attr_fn,
                            MPI_Type_delete_attr_function *type_delete_attr_fn, int *type_keyval,
                            void *extra_state)
{
    IPCR_ENTER_ANY("MPI_Type_create_keyval");
    struct ipcr_attr_functions functions = {
        .kind = IPCR_ATTR_TYPE, .copy.type = type_copy_attr_fn, .drop.type = type_delete_attr_fn};
    return IPCR_FINISH(NULL, ipcr_keyval_new(&functions, extra_state, type_keyval));
}
IPCR_ALIAS(Type_create_keyval);

int PMPI_Type_free_keyval(int *type_keyval)
{
    IPCR_ENTER_ANY("MPI_Type_free_keyval");
    return IPCR_FINISH(NULL, ipcr_keyval_free(IPCR_ATTR_TYPE, type_keyval));
}
IPCR_ALIAS(Type_free_keyval);

int PMPI_Type_set_attr(MPI_Datatype datatype, int type_keyval, void *attribute_val)
{
    IPCR_ENTER("MPI_Type_set_attr");
    struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    return IPCR_FINISH(NULL, ipcr_attr_set(ipcr_type_attrs(t), type_keyval, attribute_val));
}
IPCR_ALIAS(Type_set_attr);

int PMPI_Type_get_attr(MPI_Datatype datatype, int type_keyval, void *attribute_val, int *flag)
{
    IPCR_ENTER("MPI_Type_get_attr");
    struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    if (!attribute_val || !flag)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "%s is a null pointer",
                          flag ? "attribute_val" : "flag");
    void *value;
    bool found;
    int class = ipcr_attr_get(ipcr_type_attrs(t), type_keyval, &value, &found);
    if (class)
        return IPCR_FINISH(NULL, class);
    *flag = found;
    if (found)
        *(void **)attribute_val = value;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_attr);

int PMPI_Type_delete_attr(MPI_Datatype datatype, int type_keyval)
{
    IPCR_ENTER("MPI_Type_delete_attr");
    struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    return IPCR_FINISH(NULL, ipcr_attr_delete(ipcr_type_attrs(t), type_keyval));
}
IPCR_ALIAS(Type_delete_attr);
