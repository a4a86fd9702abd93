/* MPI 5.0 section 5.3: packing into a representation that every machine and every MPI reads. */
#include <string.h>

#include "err.h"
#include "external.h"
#include "lock.h"
#include "packing.h"

static int check_datarep(const char *datarep)
{
    if (datarep && strcmp(datarep, "external32") == 0)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG, "the data representation is '%s'; it must be 'external32'",
                         datarep ? datarep : "(a null pointer)");
}

static int no_position(void)
{
    return IPCR_RAISE(NULL, MPI_ERR_ARG, "position is a null pointer");
}

/* p->position moves on if all is well. */
static int pack(const char *datarep, struct ipcr_packing *p, const void *inbuf, void *outbuf)
{
    int class = check_datarep(datarep);
    if (!class)
        class = ipcr_packing_check(p, ipcr_external_size, outbuf);
    if (class)
        return IPCR_FINISH(NULL, class);
    if (p->bytes)
        ipcr_external_pack(p->type, (size_t)p->count, inbuf, 0, (char *)outbuf + p->position,
                           p->bytes);
    p->position += (int64_t)p->bytes;
    return IPCR_LEAVE();
}

static int unpack(const char *datarep, struct ipcr_packing *p, const void *inbuf, void *outbuf)
{
    int class = check_datarep(datarep);
    if (!class)
        class = ipcr_packing_check(p, ipcr_external_size, inbuf);
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
    struct ipcr_packing p = {ipcr_type_of(datatype), incount, outsize, *position, 0};
    int rc = pack(datarep, &p, inbuf, outbuf);
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
    struct ipcr_packing p = {ipcr_type_of(datatype), incount, outsize, *position, 0};
    int rc = pack(datarep, &p, inbuf, outbuf);
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
    struct ipcr_packing p = {ipcr_type_of(datatype), outcount, insize, *position, 0};
    int rc = unpack(datarep, &p, inbuf, outbuf);
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
    struct ipcr_packing p = {ipcr_type_of(datatype), outcount, insize, *position, 0};
    int rc = unpack(datarep, &p, inbuf, outbuf);
    *position = p.position;
    return rc;
}
IPCR_ALIAS(Unpack_external_c);

/* `most` is what the program's integer holds; more than that is MPI_UNDEFINED. */
static int external_size(const char *datarep, struct ipcr_packing *p, uint64_t most, int64_t *size)
{
    int class = check_datarep(datarep);
    if (!class)
        class = ipcr_packing_check_type(p, ipcr_external_size);
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
    struct ipcr_packing p = {.type = ipcr_type_of(datatype), .count = incount};
    int64_t wide = 0;
    int rc = external_size(datarep, &p, INTPTR_MAX, size ? &wide : NULL);
    if (rc == MPI_SUCCESS)
        *size = (MPI_Aint)wide;
    return rc;
}
IPCR_ALIAS(Pack_external_size);

int PMPI_Pack_external_size_c(const char *datarep, MPI_Count incount, MPI_Datatype datatype,
                              MPI_Count *size)
{
    IPCR_ENTER("MPI_Pack_external_size_c");
    struct ipcr_packing p = {.type = ipcr_type_of(datatype), .count = incount};
    return external_size(datarep, &p, INT64_MAX, size);
}
IPCR_ALIAS(Pack_external_size_c);
