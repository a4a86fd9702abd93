/* Checks the arguments that every send, receive and probe has in common, and turns them into the
 * message object that travels inwards. */
#ifndef IPCR_ARGS_H
#define IPCR_ARGS_H

#include "comm.h"
#include "env.h"
#include "err.h"
#include "p2p.h"

struct ipcr_args { /* as the program passed them */
    const void *buf;
    int64_t count;
    MPI_Datatype type;
    int rank, tag;
    MPI_Comm comm;
};

/* The slow half, for arguments that are not plainly right: notes what is wrong with a and returns
 * the class, or MPI_SUCCESS for a large count that is good. */
int ipcr_args_explain(const struct ipcr_args *a, bool sending);

/* Plainly right, or trusted (IPCRUN_CHECK=0) as far as there are objects at all. A count that needs
 * more than 31 bits is for the slow half, which multiplies it. */
static inline bool ipcr_args_ok(const struct ipcr_args *a, const struct ipcr_msg *m, bool sending)
{
    if (__builtin_expect(!ipcr_env.check, 0))
        return m->comm && m->type;
    return m->comm && m->type && m->type->committed && (uint64_t)a->count <= INT32_MAX &&
           ((a->rank >= (sending ? 0 : m->comm->any_source) && a->rank < m->comm->remote_size) ||
            a->rank == MPI_PROC_NULL) &&
           (a->tag >= 0 || (!sending && a->tag == m->comm->any_tag)) &&
           (a->buf || a->count == 0 || m->type->size == 0 || !m->type->predefined);
}

/* The message, if the arguments are plainly right. */
__attribute__((always_inline)) static inline bool ipcr_args_plain(const struct ipcr_args *a,
                                                                  struct ipcr_msg *m, bool sending)
{
    m->buf = (void *)(uintptr_t)a->buf;
    m->count = (size_t)a->count;
    m->type = ipcr_type_of(a->type);
    m->comm = ipcr_comm_of(a->comm);
    m->rank = a->rank;
    m->tag = a->tag;
    if (__builtin_expect(!ipcr_args_ok(a, m, sending), 0))
        return false;
    m->ctx = m->comm->ctx;
    return true;
}

static inline int ipcr_args_take(const struct ipcr_args *a, struct ipcr_msg *m, bool sending)
{
    if (__builtin_expect(ipcr_args_plain(a, m, sending), 1))
        return MPI_SUCCESS;
    int class = ipcr_args_explain(a, sending);
    if (class == MPI_SUCCESS)
        m->ctx = m->comm->ctx;
    return class;
}

/* MPI_SUCCESS and the message, or the class of the first error (noted). `mode` is only looked at
 * for sends. */
static inline int ipcr_args_send(const struct ipcr_args *a, enum ipcr_send_mode mode,
                                 struct ipcr_msg *m)
{
    m->mode = (uint8_t)mode;
    return ipcr_args_take(a, m, true);
}

static inline int ipcr_args_recv(const struct ipcr_args *a, struct ipcr_msg *m)
{
    m->mode = IPCR_STANDARD;
    return ipcr_args_take(a, m, false);
}

#endif
