/* What exactly is wrong with the arguments of a send, receive or probe. */
#include "args.h"

static int explain_rank(const struct ipcr_args *a, const struct ipcr_comm *comm, bool sending)
{
    if (!sending && a->rank == MPI_ANY_SOURCE)
        return ipcr_err_note(MPI_ERR_RANK, "the source is MPI_ANY_SOURCE; the communicator has the "
                                           "hint mpi_assert_no_any_source");
    return ipcr_err_note(MPI_ERR_RANK, "%s is %d; %s has ranks 0 to %d",
                         sending ? "the destination" : "the source", a->rank,
                         comm->name[0] ? comm->name : "the communicator", comm->remote_size - 1);
}

static bool rank_ok(const struct ipcr_args *a, const struct ipcr_comm *comm, bool sending)
{
    if (a->rank == MPI_PROC_NULL || (!sending && a->rank < 0 && a->rank == comm->any_source))
        return true;
    return a->rank >= 0 && a->rank < comm->remote_size;
}

/* The length of a message is a number of bytes that an MPI_Count holds. */
static int too_long(int64_t count, const struct ipcr_type *type)
{
    int64_t bytes;
    if (!__builtin_mul_overflow(count, type->size, &bytes))
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_COUNT, "%lld x %s are more bytes than a message can have",
                         (long long)count, ipcr_type_label(type));
}

int ipcr_args_explain(const struct ipcr_args *a, bool sending)
{
    const struct ipcr_comm *comm = ipcr_comm_of(a->comm);
    const struct ipcr_type *type = ipcr_type_of(a->type);
    if (!comm)
        return ipcr_err_note(MPI_ERR_COMM, "%s",
                             a->comm == MPI_COMM_NULL ? "the communicator is MPI_COMM_NULL"
                                                      : "the handle is not a communicator");
    if (a->count < 0)
        return ipcr_err_note(MPI_ERR_COUNT, "count is %lld", (long long)a->count);
    if (!type)
        return ipcr_err_note(MPI_ERR_TYPE, "%s",
                             a->type == MPI_DATATYPE_NULL ? "the datatype is MPI_DATATYPE_NULL"
                                                          : "the handle is not a datatype");
    if (!type->committed)
        return ipcr_err_note(MPI_ERR_TYPE, "%s has not been committed", ipcr_type_label(type));
    if (!rank_ok(a, comm, sending))
        return explain_rank(a, comm, sending);
    if (!sending && a->tag == MPI_ANY_TAG && comm->any_tag != MPI_ANY_TAG)
        return ipcr_err_note(MPI_ERR_TAG, "the tag is MPI_ANY_TAG; the communicator has the hint "
                                          "mpi_assert_no_any_tag");
    if (a->tag < 0 && (sending || a->tag != MPI_ANY_TAG))
        return ipcr_err_note(MPI_ERR_TAG, "the tag is %d; tags go from 0 to %d", a->tag, INT32_MAX);
    if (!a->buf && a->count > 0 && type->size > 0 && type->predefined)
        return ipcr_err_note(MPI_ERR_BUFFER, "the buffer is NULL, but %lld x %s are to be %s",
                             (long long)a->count, type->name, sending ? "sent" : "received");
    return too_long(a->count, type);
}
