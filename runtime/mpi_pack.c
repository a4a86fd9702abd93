/* MPI 5.0 section 5.2: packing into and out of a buffer of the program's. A packed buffer is the
 * packed image itself, nothing around it: all processes of a job have the same representation of
 * data, and what was packed may be received as its basic elements. */
#include <limits.h>

#include "comm.h"
#include "datatype.h"
#include "err.h"
#include "lock.h"

/* One call's arguments, and the bytes that they amount to. */
struct packing {
    const struct ipcr_type *type;
    int count, size, *position;
    size_t bytes;
};

static int check_type(struct packing *p)
{
    if (p->count < 0)
        return ipcr_err_note(MPI_ERR_COUNT, "count is %d", p->count);
    if (!p->type)
        return ipcr_err_note(MPI_ERR_TYPE, "the datatype is MPI_DATATYPE_NULL, has been freed, or "
                                           "is no datatype");
    if (!p->type->committed)
        return ipcr_err_note(MPI_ERR_TYPE, "%s has not been committed", ipcr_type_label(p->type));
    if (__builtin_mul_overflow((size_t)p->count, p->type->size, &p->bytes))
        p->bytes = SIZE_MAX;
    return MPI_SUCCESS;
}

static int check(struct packing *p, const void *packed)
{
    int class = check_type(p);
    if (class)
        return class;
    if (!p->position || p->size < 0 || *p->position < 0 || *p->position > p->size)
        return ipcr_err_note(MPI_ERR_ARG, "position %d in a packed buffer of %d bytes",
                             p->position ? *p->position : 0, p->size);
    size_t room = (size_t)(p->size - *p->position);
    if (p->bytes > room)
        return ipcr_err_note(MPI_ERR_TRUNCATE,
                             "%d x %s are %zu bytes; the packed buffer has %zu from position %d on",
                             p->count, ipcr_type_label(p->type), p->bytes, room, *p->position);
    if (!packed && p->bytes)
        return ipcr_err_note(MPI_ERR_BUFFER, "the packed buffer is a null pointer");
    return MPI_SUCCESS;
}

static int bad_comm(MPI_Comm comm)
{
    return IPCR_RAISE(NULL, MPI_ERR_COMM, "%s",
                      comm == MPI_COMM_NULL ? "the communicator is MPI_COMM_NULL"
                                            : "the handle is not a communicator");
}

int PMPI_Pack(const void *inbuf, int incount, MPI_Datatype datatype, void *outbuf, int outsize,
              int *position, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Pack");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct packing p = {ipcr_type_of(datatype), incount, outsize, position, 0};
    if (!c)
        return bad_comm(comm);
    int class = check(&p, outbuf);
    if (class)
        return IPCR_FINISH(c, class);
    if (p.bytes)
        ipcr_type_pack(p.type, (size_t)incount, inbuf, 0, (char *)outbuf + *position, p.bytes);
    *position += (int)p.bytes;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Pack);

int PMPI_Unpack(const void *inbuf, int insize, int *position, void *outbuf, int outcount,
                MPI_Datatype datatype, MPI_Comm comm)
{
    IPCR_ENTER("MPI_Unpack");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct packing p = {ipcr_type_of(datatype), outcount, insize, position, 0};
    if (!c)
        return bad_comm(comm);
    int class = check(&p, inbuf);
    if (class)
        return IPCR_FINISH(c, class);
    if (p.bytes)
        ipcr_type_unpack(p.type, (size_t)outcount, outbuf, 0, (const char *)inbuf + *position,
                         p.bytes);
    *position += (int)p.bytes;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Unpack);

int PMPI_Pack_size(int incount, MPI_Datatype datatype, MPI_Comm comm, int *size)
{
    IPCR_ENTER("MPI_Pack_size");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct packing p = {.type = ipcr_type_of(datatype), .count = incount};
    if (!c)
        return bad_comm(comm);
    int class = check_type(&p);
    if (class)
        return IPCR_FINISH(c, class);
    *size = p.bytes > INT_MAX ? MPI_UNDEFINED : (int)p.bytes;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Pack_size);
