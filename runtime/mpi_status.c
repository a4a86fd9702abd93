/* MPI 5.0 sections 3.2.5, 3.8.4 and 13.3: what a status says, and statuses that programs fill. */
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "datatype.h"
#include "err.h"
#include "lock.h"
#include "status.h"

/* What an int cannot hold, the standard reports as MPI_UNDEFINED. */
static int as_int(int64_t n)
{
    return n > INT_MAX ? MPI_UNDEFINED : (int)n;
}

/* The datatype, or NULL: then the error is noted. */
static const struct ipcr_type *type_of(MPI_Datatype datatype)
{
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        ipcr_err_note(MPI_ERR_TYPE, "%s",
                      datatype == MPI_DATATYPE_NULL
                          ? "the datatype is MPI_DATATYPE_NULL"
                          : "the handle is not a datatype, or has been freed");
    return t;
}

static int bad_status(void)
{
    return ipcr_err_note(MPI_ERR_ARG, "the status is NULL (MPI_STATUS_IGNORE)");
}

/* ---- how much was received --------------------------------------------------------------------
 */

static int get_count(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count)
{
    const struct ipcr_type *t = type_of(datatype);
    if (!t)
        return MPI_ERR_TYPE;
    if (!status)
        return bad_status();
    uint64_t bytes = ipcr_status_bytes(status);
    if (t->size == 0)
        *count = bytes ? MPI_UNDEFINED : 0;
    else
        *count = bytes % t->size ? MPI_UNDEFINED : (MPI_Count)(bytes / t->size);
    return MPI_SUCCESS;
}

static int get_elements(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count)
{
    const struct ipcr_type *t = type_of(datatype);
    if (!t)
        return MPI_ERR_TYPE;
    if (!status)
        return bad_status();
    *count = ipcr_type_elements(t, ipcr_status_bytes(status));
    return MPI_SUCCESS;
}

int PMPI_Get_count(const MPI_Status *status, MPI_Datatype datatype, int *count)
{
    IPCR_ENTER("MPI_Get_count");
    if (!count)
        return IPCR_NO_PLACE("count");
    MPI_Count n = MPI_UNDEFINED;
    int rc = get_count(status, datatype, &n);
    if (rc == MPI_SUCCESS)
        *count = as_int(n);
    return IPCR_FINISH(NULL, rc);
}
IPCR_ALIAS(Get_count);

int PMPI_Get_count_c(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count)
{
    IPCR_ENTER("MPI_Get_count_c");
    if (!count)
        return IPCR_NO_PLACE("count");
    return IPCR_FINISH(NULL, get_count(status, datatype, count));
}
IPCR_ALIAS(Get_count_c);

int PMPI_Get_elements(const MPI_Status *status, MPI_Datatype datatype, int *count)
{
    IPCR_ENTER("MPI_Get_elements");
    if (!count)
        return IPCR_NO_PLACE("count");
    MPI_Count n = MPI_UNDEFINED;
    int rc = get_elements(status, datatype, &n);
    if (rc == MPI_SUCCESS)
        *count = as_int(n);
    return IPCR_FINISH(NULL, rc);
}
IPCR_ALIAS(Get_elements);

int PMPI_Get_elements_c(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count)
{
    IPCR_ENTER("MPI_Get_elements_c");
    if (!count)
        return IPCR_NO_PLACE("count");
    return IPCR_FINISH(NULL, get_elements(status, datatype, count));
}
IPCR_ALIAS(Get_elements_c);

int PMPI_Get_elements_x(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count)
{
    IPCR_ENTER("MPI_Get_elements_x");
    if (!count)
        return IPCR_NO_PLACE("count");
    return IPCR_FINISH(NULL, get_elements(status, datatype, count));
}
IPCR_ALIAS(Get_elements_x);

static int set_elements(MPI_Status *status, MPI_Datatype datatype, MPI_Count count)
{
    const struct ipcr_type *t = type_of(datatype);
    if (!t)
        return MPI_ERR_TYPE;
    if (count < 0)
        return ipcr_err_note(MPI_ERR_COUNT, "count is %lld", (long long)count);
    int64_t bytes = ipcr_type_element_bytes(t, count);
    if (bytes < 0)
        return ipcr_err_note(MPI_ERR_COUNT, "a status cannot report %lld elements of %s",
                             (long long)count, ipcr_type_label(t));
    if (status != MPI_STATUS_IGNORE)
        ipcr_status_set_bytes(status, (uint64_t)bytes);
    return MPI_SUCCESS;
}

int PMPI_Status_set_elements(MPI_Status *status, MPI_Datatype datatype, int count)
{
    IPCR_ENTER("MPI_Status_set_elements");
    return IPCR_FINISH(NULL, set_elements(status, datatype, count));
}
IPCR_ALIAS(Status_set_elements);

int PMPI_Status_set_elements_c(MPI_Status *status, MPI_Datatype datatype, MPI_Count count)
{
    IPCR_ENTER("MPI_Status_set_elements_c");
    return IPCR_FINISH(NULL, set_elements(status, datatype, count));
}
IPCR_ALIAS(Status_set_elements_c);

int PMPI_Status_set_elements_x(MPI_Status *status, MPI_Datatype datatype, MPI_Count count)
{
    IPCR_ENTER("MPI_Status_set_elements_x");
    return IPCR_FINISH(NULL, set_elements(status, datatype, count));
}
IPCR_ALIAS(Status_set_elements_x);

/* ---- its fields -------------------------------------------------------------------------------
 * They touch nothing of the library's, so they are legal at any time. A status that is ignored has
 * no fields: there is nothing to set, and to ask for one is an error. */

static int get_field(const char *call, const MPI_Status *status, size_t at, int *value)
{
    ipcr_lock_enter_any(call);
    if (!status)
        return IPCR_FINISH(NULL, bad_status());
    memcpy(value, (const char *)status + at, sizeof *value);
    return IPCR_LEAVE();
}

static int set_field(MPI_Status *status, size_t at, int value)
{
    if (status != MPI_STATUS_IGNORE)
        memcpy((char *)status + at, &value, sizeof value);
    return MPI_SUCCESS;
}

int PMPI_Status_get_source(const MPI_Status *status, int *source)
{
    return get_field("MPI_Status_get_source", status, offsetof(MPI_Status, MPI_SOURCE), source);
}
IPCR_ALIAS(Status_get_source);

int PMPI_Status_set_source(MPI_Status *status, int source)
{
    return set_field(status, offsetof(MPI_Status, MPI_SOURCE), source);
}
IPCR_ALIAS(Status_set_source);

int PMPI_Status_get_tag(const MPI_Status *status, int *tag)
{
    return get_field("MPI_Status_get_tag", status, offsetof(MPI_Status, MPI_TAG), tag);
}
IPCR_ALIAS(Status_get_tag);

int PMPI_Status_set_tag(MPI_Status *status, int tag)
{
    return set_field(status, offsetof(MPI_Status, MPI_TAG), tag);
}
IPCR_ALIAS(Status_set_tag);

int PMPI_Status_get_error(const MPI_Status *status, int *error)
{
    return get_field("MPI_Status_get_error", status, offsetof(MPI_Status, MPI_ERROR), error);
}
IPCR_ALIAS(Status_get_error);

int PMPI_Status_set_error(MPI_Status *status, int error)
{
    return set_field(status, offsetof(MPI_Status, MPI_ERROR), error);
}
IPCR_ALIAS(Status_set_error);

int PMPI_Test_cancelled(const MPI_Status *status, int *flag)
{
    ipcr_lock_enter_any("MPI_Test_cancelled");
    if (!status)
        return IPCR_FINISH(NULL, bad_status());
    *flag = ipcr_status_cancelled(status);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Test_cancelled);

int PMPI_Status_set_cancelled(MPI_Status *status, int flag)
{
    if (status != MPI_STATUS_IGNORE)
        ipcr_status_set_cancelled(status, flag != 0);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Status_set_cancelled);
