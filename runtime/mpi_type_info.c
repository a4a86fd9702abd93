/* MPI 5.0 sections 5.1.5 - 5.1.13, 7.8 and 3.2.5: what a datatype is, and how much of it a status
 * reports. */
#include <limits.h>
#include <string.h>

#include "err.h"
#include "lock.h"
#include "status.h"
#include "typemake.h"

static int bad_type(MPI_Datatype datatype)
{
    return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s",
                      datatype == MPI_DATATYPE_NULL
                          ? "the datatype is MPI_DATATYPE_NULL"
                          : "the handle is not a datatype, or has been freed");
}

/* What an int cannot hold, the standard reports as MPI_UNDEFINED. */
static int as_int(int64_t n)
{
    return n > INT_MAX ? MPI_UNDEFINED : (int)n;
}

/* ---- size and extent ---------------------------------------------------------------------------
 */

int PMPI_Type_size(MPI_Datatype datatype, int *size)
{
    IPCR_ENTER("MPI_Type_size");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *size = as_int((int64_t)t->size);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_size);

int PMPI_Type_size_x(MPI_Datatype datatype, MPI_Count *size)
{
    IPCR_ENTER("MPI_Type_size_x");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *size = (MPI_Count)t->size;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_size_x);

int PMPI_Type_get_extent(MPI_Datatype datatype, MPI_Aint *lb, MPI_Aint *extent)
{
    IPCR_ENTER("MPI_Type_get_extent");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *lb = t->lb;
    *extent = t->extent;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_extent);

int PMPI_Type_get_extent_x(MPI_Datatype datatype, MPI_Count *lb, MPI_Count *extent)
{
    IPCR_ENTER("MPI_Type_get_extent_x");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *lb = t->lb;
    *extent = t->extent;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_extent_x);

int PMPI_Type_get_true_extent(MPI_Datatype datatype, MPI_Aint *true_lb, MPI_Aint *true_extent)
{
    IPCR_ENTER("MPI_Type_get_true_extent");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *true_lb = t->true_lb;
    *true_extent = t->true_extent;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_true_extent);

int PMPI_Type_get_true_extent_x(MPI_Datatype datatype, MPI_Count *true_lb, MPI_Count *true_extent)
{
    IPCR_ENTER("MPI_Type_get_true_extent_x");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *true_lb = t->true_lb;
    *true_extent = t->true_extent;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_true_extent_x);

/* ---- names ------------------------------------------------------------------------------------
 */

int PMPI_Type_set_name(MPI_Datatype datatype, const char *type_name)
{
    IPCR_ENTER("MPI_Type_set_name");
    struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    if (!type_name)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "type_name is a null pointer");
    /* A name that is too long is cut off, the standard says so. */
    size_t length = strnlen(type_name, sizeof t->name - 1);
    memmove(t->name, type_name, length);
    t->name[length] = '\0';
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_set_name);

int PMPI_Type_get_name(MPI_Datatype datatype, char *type_name, int *resultlen)
{
    IPCR_ENTER("MPI_Type_get_name");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    size_t length = strlen(t->name);
    memcpy(type_name, t->name, length + 1);
    *resultlen = (int)length;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_name);

/* ---- how it was made --------------------------------------------------------------------------
 */

int PMPI_Type_get_envelope(MPI_Datatype datatype, int *num_integers, int *num_addresses,
                           int *num_datatypes, int *combiner)
{
    static const struct ipcr_type_contents named = {.combiner = MPI_COMBINER_NAMED};
    IPCR_ENTER("MPI_Type_get_envelope");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    const struct ipcr_type_contents *c = t->contents ? t->contents : &named;
    *num_integers = as_int((int64_t)c->integers);
    *num_addresses = as_int((int64_t)c->addresses);
    *num_datatypes = as_int((int64_t)c->types);
    *combiner = c->combiner;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_envelope);

/* The program frees each derived type that it gets; predefined ones it gets as they are. */
static MPI_Datatype hand_out(struct ipcr_type *t)
{
    if (!t->predefined)
        ipcr_type_hand_out(t);
    return t->handle;
}

static int check_room(const char *what, int64_t room, size_t need)
{
    if (room >= 0 && (size_t)room >= need)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG, "room for %lld %s, but the datatype was made from %zu",
                         (long long)room, what, need);
}

int PMPI_Type_get_contents(MPI_Datatype datatype, int max_integers, int max_addresses,
                           int max_datatypes, int array_of_integers[],
                           MPI_Aint array_of_addresses[], MPI_Datatype array_of_datatypes[])
{
    IPCR_ENTER("MPI_Type_get_contents");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    const struct ipcr_type_contents *c = t->contents;
    if (!c)
        return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s is predefined: it was not made from others",
                          ipcr_type_label(t));
    int class = check_room("integers", max_integers, c->integers);
    if (!class)
        class = check_room("addresses", max_addresses, c->addresses);
    if (!class)
        class = check_room("datatypes", max_datatypes, c->types);
    if (class)
        return IPCR_FINISH(NULL, class);
    for (size_t i = 0; i < c->integers; i++)
        array_of_integers[i] = (int)c->value[i];
    for (size_t i = 0; i < c->addresses; i++)
        array_of_addresses[i] = (MPI_Aint)c->value[c->integers + i];
    for (size_t i = 0; i < c->types; i++)
        array_of_datatypes[i] = hand_out(c->type[i]);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_contents);

/* ---- how much of it a status reports -----------------------------------------------------------
 */

int PMPI_Get_count(const MPI_Status *status, MPI_Datatype datatype, int *count)
{
    IPCR_ENTER("MPI_Get_count");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    uint64_t bytes = ipcr_status_bytes(status);
    if (t->size == 0)
        *count = bytes ? MPI_UNDEFINED : 0;
    else
        *count = bytes % t->size ? MPI_UNDEFINED : as_int((int64_t)(bytes / t->size));
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_count);

int PMPI_Get_elements(const MPI_Status *status, MPI_Datatype datatype, int *count)
{
    IPCR_ENTER("MPI_Get_elements");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *count = as_int(ipcr_type_elements(t, ipcr_status_bytes(status)));
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_elements);

int PMPI_Get_elements_x(const MPI_Status *status, MPI_Datatype datatype, MPI_Count *count)
{
    IPCR_ENTER("MPI_Get_elements_x");
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    *count = ipcr_type_elements(t, ipcr_status_bytes(status));
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_elements_x);

static int set_elements(MPI_Status *status, MPI_Datatype datatype, MPI_Count count)
{
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    if (count < 0)
        return IPCR_RAISE(NULL, MPI_ERR_COUNT, "count is %lld", (long long)count);
    int64_t bytes = ipcr_type_element_bytes(t, count);
    if (bytes < 0)
        return IPCR_RAISE(NULL, MPI_ERR_COUNT, "a status cannot report %lld elements of %s",
                          (long long)count, ipcr_type_label(t));
    if (status != MPI_STATUS_IGNORE)
        ipcr_status_set_bytes(status, (uint64_t)bytes);
    return IPCR_LEAVE();
}

int PMPI_Status_set_elements(MPI_Status *status, MPI_Datatype datatype, int count)
{
    IPCR_ENTER("MPI_Status_set_elements");
    return set_elements(status, datatype, count);
}
IPCR_ALIAS(Status_set_elements);

int PMPI_Status_set_elements_x(MPI_Status *status, MPI_Datatype datatype, MPI_Count count)
{
    IPCR_ENTER("MPI_Status_set_elements_x");
    return set_elements(status, datatype, count);
}
IPCR_ALIAS(Status_set_elements_x);
