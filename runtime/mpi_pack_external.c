/* MPI 5.0 section 5.3: packing into a representation that every machine and every MPI reads. */
#include <string.h>

#include "err.h"
#include "external.h"
#include "lock.h"

/* One call's arguments, and the bytes that they amount to. The _c calls differ in their integers.
 */
struct packing {
    const char *datarep;
    const struct ipcr_type *type;
    int64_t count, size, position;
    size_t bytes;
};

static int check_type(struct packing *p)
{
    if (!p->datarep || strcmp(p->datarep, "external32") != 0)
        return ipcr_err_note(MPI_ERR_ARG,
                             "the data representation is '%s'; it must be 'external32'",
                             p->datarep ? p->datarep : "(a null pointer)");
    if (p->count < 0)
        return ipcr_err_note(MPI_ERR_COUNT, "count is %lld", (long long)p->count);
    if (!p->type)
        return ipcr_err_note(MPI_ERR_TYPE, "the datatype is MPI_DATATYPE_NULL, has been freed, or "
                                           "is no datatype");
    if (!p->type->committed)
        return ipcr_err_note(MPI_ERR_TYPE, "%s has not been committed", ipcr_type_label(p->type));
    if (__builtin_mul_overflow((size_t)p->count, ipcr_external_size(p->type), &p->bytes))
        p->bytes = SIZE_MAX;
    return MPI_SUCCESS;
}

static int check(struct packing *p, const void *packed)
{
    int class = check_type(p);
    if (class)
        return class;
    if (p->size < 0 || p->position < 0 || p->position > p->size)
        return ipcr_err_note(MPI_ERR_ARG, "position %lld in a packed buffer of %lld bytes",
                             (long long)p->position, (long long)p->size);
    if (p->bytes > (uint64_t)(p->size - p->position))
        return ipcr_err_note(MPI_ERR_TRUNCATE,
                             "%lld x %s are %zu bytes in external32; the packed buffer has %lld "
                             "from position %lld on",
                             (long long)p->count, ipcr_type_label(p->type), p->bytes,
                             (long long)(p->size - p->position), (long long)p->position);
    if (!packed && p->bytes)
        return ipcr_err_note(MPI_ERR_BUFFER, "the packed buffer is a null pointer");
    return MPI_SUCCESS;
}

static int no_position(void)
{
    return IPCR_RAISE(NULL, MPI_ERR_ARG, "position is a null pointer");
}

/* p->position moves on if all is well. */
static int pack(struct packing *p, const void *inbuf, void *outbuf)
{
    int class = check(p, outbuf);
    if (class)
        return IPCR_FINISH(NULL, class);
    if (p->bytes)
        ipcr_external_pack(p->type, (size_t)p->count, inbuf, 0, (char *)outbuf + p->position,
                           p->bytes);
    p->position += (int64_t)p->bytes;
    return IPCR_LEAVE();
}

static int unpack(struct packing *p, const void *inbuf, void *outbuf)
{
    int class = check(p, inbuf);
    if (class)
        return IPCR_FINISH(NULL, class);
    if (p->bytes)
        ipcr_external_unpack(p->type, (size_t)p->count, outbuf, 0,
                             (const char *)inbuf + p->position, p->bytes);
    p->position += (int64_t)p->bytes;
    return IPCR_LEAVE();
}

int PMPI_Pack_external(const char *datarep, const void *inbuf, int incount, MPI_Datatype datatype,
                       void *outbuf, MPI_Aint outsize, MPI_Aint *position)
{
    IPCR_ENTER("MPI_Pack_external");
    if (!position)
        return no_position();
    struct packing p = {datarep, ipcr_type_of(datatype), incount, outsize, *position, 0};
    int rc = pack(&p, inbuf, outbuf);
    *position = (MPI_Aint)p.position;
    return rc;
}
IPCR_ALIAS(Pack_external);

int PMPI_Pack_external_c(const char *datarep, const void *inbuf, MPI_Count incount,
                         MPI_Datatype datatype, void *outbuf, MPI_Count outsize,
                         MPI_Count *position)
{
    IPCR_ENTER("MPI_Pack_external_c");
    if (!position)
        return no_position();
    struct packing p = {datarep, ipcr_type_of(datatype), incount, outsize, *position, 0};
    int rc = pack(&p, inbuf, outbuf);
    *position = p.position;
    return rc;
}
IPCR_ALIAS(Pack_external_c);

int PMPI_Unpack_external(const char datarep[], const void *inbuf, MPI_Aint insize,
                         MPI_Aint *position, void *outbuf, int outcount, MPI_Datatype datatype)
{
    IPCR_ENTER("MPI_Unpack_external");
    if (!position)
        return no_position();
    struct packing p = {datarep, ipcr_type_of(datatype), outcount, insize, *position, 0};
    int rc = unpack(&p, inbuf, outbuf);
    *position = (MPI_Aint)p.position;
    return rc;
}
IPCR_ALIAS(Unpack_external);

int PMPI_Unpack_external_c(const char datarep[], const void *inbuf, MPI_Count insize,
                           MPI_Count *position, void *outbuf, MPI_Count outcount,
                           MPI_Datatype datatype)
{
    IPCR_ENTER("MPI_Unpack_external_c");
    if (!position)
        return no_position();
    struct packing p = {datarep, ipcr_type_of(datatype), outcount, insize, *position, 0};
    int rc = unpack(&p, inbuf, outbuf);
    *position = p.position;
    return rc;
}
IPCR_ALIAS(Unpack_external_c);

/* `most` is what the program's integer holds; more than that is MPI_UNDEFINED. */
static int external_size(struct packing *p, uint64_t most, int64_t *size)
{
    int class = check_type(p);
    if (class)
        return IPCR_FINISH(NULL, class);
    if (!size)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "size is a null pointer");
    *size = p->bytes > most ? MPI_UNDEFINED : (int64_t)p->bytes;
    return IPCR_LEAVE();
}

int PMPI_Pack_external_size(const char *datarep, int incount, MPI_Datatype datatype, MPI_Aint *size)
{
    IPCR_ENTER("MPI_Pack_external_size");
    struct packing p = {.datarep = datarep, .type = ipcr_type_of(datatype), .count = incount};
    int64_t wide = 0;
    int rc = external_size(&p, INTPTR_MAX, size ? &wide : NULL);
    if (rc == MPI_SUCCESS)
        *size = (MPI_Aint)wide;
    return rc;
}
IPCR_ALIAS(Pack_external_size);

int PMPI_Pack_external_size_c(const char *datarep, MPI_Count incount, MPI_Datatype datatype,
                              MPI_Count *size)
{
    IPCR_ENTER("MPI_Pack_external_size_c");
    struct packing p = {.datarep = datarep, .type = ipcr_type_of(datatype), .count = incount};
    return external_size(&p, INT64_MAX, size);
}
IPCR_ALIAS(Pack_external_size_c);
