/* MPI 5.0 sections 5.1.5 - 5.1.10 and 7.8: what a datatype is. mpi_type_decode.c says how it was
 * made. */
#include <limits.h>
#include <string.h>

#include "err.h"
#include "lock.h"
#include "typemake.h"

static int bad_type(MPI_Datatype datatype)
{
    return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s",
                      datatype == MPI_DATATYPE_NULL
                          ? "the datatype is MPI_DATATYPE_NULL"
                          : "the handle is not a datatype, or has been freed");
}

static int no_place(const char *argument)
{
    return IPCR_RAISE(NULL, MPI_ERR_ARG, "%s is a null pointer", argument);
}

/* What an int cannot hold, the standard reports as MPI_UNDEFINED. */
static int as_int(int64_t n)
{
    return n > INT_MAX ? MPI_UNDEFINED : (int)n;
}

/* ---- size and extent ---------------------------------------------------------------------------
 */

/* Three names for one answer: the _x forms were there before the _c forms. */
static int size_of(MPI_Datatype datatype, MPI_Count *size)
{
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    if (!size)
        return no_place("size");
    *size = (MPI_Count)t->size;
    return IPCR_LEAVE();
}

static int extent_of(MPI_Datatype datatype, MPI_Count *lb, MPI_Count *extent)
{
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    if (!lb || !extent)
        return no_place(lb ? "extent" : "lb");
    *lb = t->lb;
    *extent = t->extent;
    return IPCR_LEAVE();
}

static int true_extent_of(MPI_Datatype datatype, MPI_Count *true_lb, MPI_Count *true_extent)
{
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (!t)
        return bad_type(datatype);
    if (!true_lb || !true_extent)
        return no_place(true_lb ? "true_extent" : "true_lb");
    *true_lb = t->true_lb;
    *true_extent = t->true_extent;
    return IPCR_LEAVE();
}

int PMPI_Type_size(MPI_Datatype datatype, int *size)
{
    IPCR_ENTER("MPI_Type_size");
    MPI_Count wide = 0;
    int rc = size_of(datatype, size ? &wide : NULL);
    if (rc == MPI_SUCCESS)
        *size = as_int(wide);
    return rc;
}
IPCR_ALIAS(Type_size);

int PMPI_Type_size_c(MPI_Datatype datatype, MPI_Count *size)
{
    IPCR_ENTER("MPI_Type_size_c");
    return size_of(datatype, size);
}
IPCR_ALIAS(Type_size_c);

int PMPI_Type_size_x(MPI_Datatype datatype, MPI_Count *size)
{
    IPCR_ENTER("MPI_Type_size_x");
    return size_of(datatype, size);
}
IPCR_ALIAS(Type_size_x);

/* An MPI_Aint holds what a datatype may have, on any machine: typebounds.c sees to it. */
int PMPI_Type_get_extent(MPI_Datatype datatype, MPI_Aint *lb, MPI_Aint *extent)
{
    IPCR_ENTER("MPI_Type_get_extent");
    MPI_Count wide[2] = {0};
    int rc = extent_of(datatype, lb ? &wide[0] : NULL, extent ? &wide[1] : NULL);
    if (rc == MPI_SUCCESS) {
        *lb = (MPI_Aint)wide[0];
        *extent = (MPI_Aint)wide[1];
    }
    return rc;
}
IPCR_ALIAS(Type_get_extent);

int PMPI_Type_get_extent_c(MPI_Datatype datatype, MPI_Count *lb, MPI_Count *extent)
{
    IPCR_ENTER("MPI_Type_get_extent_c");
    return extent_of(datatype, lb, extent);
}
IPCR_ALIAS(Type_get_extent_c);

int PMPI_Type_get_extent_x(MPI_Datatype datatype, MPI_Count *lb, MPI_Count *extent)
{
    IPCR_ENTER("MPI_Type_get_extent_x");
    return extent_of(datatype, lb, extent);
}
IPCR_ALIAS(Type_get_extent_x);

int PMPI_Type_get_true_extent(MPI_Datatype datatype, MPI_Aint *true_lb, MPI_Aint *true_extent)
{
    IPCR_ENTER("MPI_Type_get_true_extent");
    MPI_Count wide[2] = {0};
    int rc = true_extent_of(datatype, true_lb ? &wide[0] : NULL, true_extent ? &wide[1] : NULL);
    if (rc == MPI_SUCCESS) {
        *true_lb = (MPI_Aint)wide[0];
        *true_extent = (MPI_Aint)wide[1];
    }
    return rc;
}
IPCR_ALIAS(Type_get_true_extent);

int PMPI_Type_get_true_extent_c(MPI_Datatype datatype, MPI_Count *true_lb, MPI_Count *true_extent)
{
    IPCR_ENTER("MPI_Type_get_true_extent_c");
    return true_extent_of(datatype, true_lb, true_extent);
}
IPCR_ALIAS(Type_get_true_extent_c);

int PMPI_Type_get_true_extent_x(MPI_Datatype datatype, MPI_Count *true_lb, MPI_Count *true_extent)
{
    IPCR_ENTER("MPI_Type_get_true_extent_x");
    return true_extent_of(datatype, true_lb, true_extent);
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
        return no_place("type_name");
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
    if (!type_name || !resultlen)
        return no_place(type_name ? "resultlen" : "type_name");
    size_t length = strlen(t->name);
    memcpy(type_name, t->name, length + 1);
    *resultlen = (int)length;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_name);
