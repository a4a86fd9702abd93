/* Partitioned communication: what both sides begin with. */
#include "parts.h"

#include "err.h"

int ipcr_part_check(const struct ipcr_msg *m, int partitions)
{
    int64_t elements, bytes;
    if (partitions < 0)
        return ipcr_err_note(MPI_ERR_ARG, "the number of partitions is %d", partitions);
    if (partitions > IPCR_PART_TAGS)
        return ipcr_err_note(MPI_ERR_ARG,
                             "%d partitions are more than the %d that one request can have",
                             partitions, IPCR_PART_TAGS);
    if (__builtin_mul_overflow((int64_t)m->count, partitions, &elements) ||
        __builtin_mul_overflow(elements, m->type->size, &bytes))
        return ipcr_err_note(MPI_ERR_COUNT,
                             "%d partitions of %zu x %s are more bytes than a message can have",
                             partitions, m->count, ipcr_type_label(m->type));
    return MPI_SUCCESS;
}

struct ipcr_req *ipcr_part_request(const struct ipcr_req_class *class, void *state,
                                   const struct ipcr_msg *m)
{
    struct ipcr_req *req = ipcr_req_new_other(class, state, m->comm);
    req->persistent = true;
    req->msg = *m;
    ipcr_type_retain(m->type);
    return req;
}
