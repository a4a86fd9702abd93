/* MPI 5.0 section 5.2: packing into and out of a buffer of the program's. A packed buffer is the
 * packed image itself, nothing around it: all processes of a job have the same representation of
 * data, and what was packed may be received as its basic elements. */
#include <limits.h>

#include "comm.h"
#include "err.h"
#include "lock.h"
#include "packing.h"

static size_t size_of(const struct ipcr_type *t)
{
    return t->size;
}

static int bad_comm(MPI_Comm comm)
{
    return IPCR_RAISE(NULL, MPI_ERR_COMM, "%s",
                      comm == MPI_COMM_NULL ? "the communicator is MPI_COMM_NULL"
                                            : "the handle is not a communicator");
}

static int bad_position(struct ipcr_comm *c)
{
    return IPCR_RAISE(c, MPI_ERR_ARG, "position is a null pointer");
}

/* p->position moves on if all is well. */
static int pack(struct ipcr_packing *p, const void *inbuf, void *outbuf, struct ipcr_comm *c)
{
    int class = ipcr_packing_check(p, size_of, outbuf);
    if (class)
        return IPCR_FINISH(c, class);
    if (p->bytes)
        ipcr_type_pack(p->type, (size_t)p->count, inbuf, 0, (char *)outbuf + p->position, p->bytes);
    p->position += (int64_t)p->bytes;
    return IPCR_LEAVE();
}

static int unpack(struct ipcr_packing *p, const void *inbuf, void *outbuf, struct ipcr_comm *c)
{
    int class = ipcr_packing_check(p, size_of, inbuf);
    if (class)
        return IPCR_FINISH(c, class);
    if (p->bytes)
        ipcr_type_unpack(p->type, (size_t)p->count, outbuf, 0, (const char *)inbuf + p->position,
                         p->bytes);
    p->position += (int64_t)p->bytes;
    return IPCR_LEAVE();
}

int PMPI_Pack(const void *inbuf, int incount, MPI_Datatype datatype, void *outbuf, int outsize,
              int *position, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Pack");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return bad_comm(comm);
    if (!position)
        return bad_position(c);
    struct ipcr_packing p = {ipcr_type_of(datatype), incount, outsize, *position, 0};
    int rc = pack(&p, inbuf, outbuf, c);
    *position = (int)p.position;
    return rc;
}
IPCR_ALIAS(Pack);

int PMPI_Pack_c(const void *inbuf, MPI_Count incount, MPI_Datatype datatype, void *outbuf,
                MPI_Count outsize, MPI_Count *position, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Pack_c");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return bad_comm(comm);
    if (!position)
        return bad_position(c);
    struct ipcr_packing p = {ipcr_type_of(datatype), incount, outsize, *position, 0};
    int rc = pack(&p, inbuf, outbuf, c);
    *position = p.position;
    return rc;
}
IPCR_ALIAS(Pack_c);

int PMPI_Unpack(const void *inbuf, int insize, int *position, void *outbuf, int outcount,
                MPI_Datatype datatype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Unpack");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return bad_comm(comm);
    if (!position)
        return bad_position(c);
    struct ipcr_packing p = {ipcr_type_of(datatype), outcount, insize, *position, 0};
    int rc = unpack(&p, inbuf, outbuf, c);
    *position = (int)p.position;
    return rc;
}
IPCR_ALIAS(Unpack);

int PMPI_Unpack_c(const void *inbuf, MPI_Count insize, MPI_Count *position, void *outbuf,
                  MPI_Count outcount, MPI_Datatype datatype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Unpack_c");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return bad_comm(comm);
    if (!position)
        return bad_position(c);
    struct ipcr_packing p = {ipcr_type_of(datatype), outcount, insize, *position, 0};
    int rc = unpack(&p, inbuf, outbuf, c);
    *position = p.position;
    return rc;
}
IPCR_ALIAS(Unpack_c);

/* `most` is what the program's integer holds; more than that is MPI_UNDEFINED. */
static int pack_size(struct ipcr_packing *p, MPI_Comm comm, uint64_t most, int64_t *size)
{
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return bad_comm(comm);
    int class = ipcr_packing_check_type(p, size_of);
    if (class)
        return IPCR_FINISH(c, class);
    if (!size)
        return IPCR_RAISE(c, MPI_ERR_ARG, "size is a null pointer");
    *size = p->bytes > most ? MPI_UNDEFINED : (int64_t)p->bytes;
    return IPCR_LEAVE();
}

int PMPI_Pack_size(int incount, MPI_Datatype datatype, MPI_Comm comm, int *size)
{
    IPCR_ENTER("MPI_Pack_size");
    struct ipcr_packing p = {.type = ipcr_type_of(datatype), .count = incount};
    int64_t wide = 0;
    int rc = pack_size(&p, comm, INT_MAX, size ? &wide : NULL);
    if (rc == MPI_SUCCESS)
        *size = (int)wide;
    return rc;
}
IPCR_ALIAS(Pack_size);

int PMPI_Pack_size_c(MPI_Count incount, MPI_Datatype datatype, MPI_Comm comm, MPI_Count *size)
{
    IPCR_ENTER("MPI_Pack_size_c");
    struct ipcr_packing p = {.type = ipcr_type_of(datatype), .count = incount};
    return pack_size(&p, comm, INT64_MAX, size);
}
IPCR_ALIAS(Pack_size_c);
