/* Checks of the arguments of packing and unpacking. */
#include "packing.h"

#include "err.h"

int ipcr_packing_check_type(struct ipcr_packing *p, ipcr_packing_size *size_of)
{
    if (p->count < 0)
        return ipcr_err_note(MPI_ERR_COUNT, "count is %lld", (long long)p->count);
    if (!p->type)
        return ipcr_err_note(MPI_ERR_TYPE, "the datatype is MPI_DATATYPE_NULL, has been freed, or "
                                           "is no datatype");
    if (!p->type->committed)
        return ipcr_err_note(MPI_ERR_TYPE, "%s has not been committed", ipcr_type_label(p->type));
    if (__builtin_mul_overflow((size_t)p->count, size_of(p->type), &p->bytes))
        p->bytes = SIZE_MAX;
    return MPI_SUCCESS;
}

int ipcr_packing_check(struct ipcr_packing *p, ipcr_packing_size *size_of, const void *packed)
{
    int class = ipcr_packing_check_type(p, size_of);
    if (class)
        return class;
    if (p->size < 0 || p->position < 0 || p->position > p->size)
        return ipcr_err_note(MPI_ERR_ARG, "position %lld in a packed buffer of %lld bytes",
                             (long long)p->position, (long long)p->size);
    if (p->bytes > (uint64_t)(p->size - p->position))
        return ipcr_err_note(MPI_ERR_TRUNCATE,
                             "%lld x %s are %zu bytes when packed; the packed buffer has %lld from "
                             "position %lld on",
                             (long long)p->count, ipcr_type_label(p->type), p->bytes,
                             (long long)(p->size - p->position), (long long)p->position);
    if (!packed && p->bytes)
        return ipcr_err_note(MPI_ERR_BUFFER, "the packed buffer is a null pointer");
    return MPI_SUCCESS;
}
