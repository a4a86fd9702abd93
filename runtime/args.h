/* Checks the arguments that every send, receive and probe has in common, and turns them into the
 * message object that travels inwards. */
#ifndef IPCR_ARGS_H
#define IPCR_ARGS_H

#include "comm.h"
#include "err.h"
#include "p2p.h"

struct ipcr_args { /* as the program passed them */
    const void *buf;
    int64_t count;
    MPI_Datatype type;
    int rank, tag;
    MPI_Comm comm;
};

/* The slow half: notes what is wrong with a, returns the class. */
int ipcr_args_explain(const struct ipcr_args *a, bool sending);

static inline bool ipcr_args_ok(const struct ipcr_args *a, const struct ipcr_msg *m, bool sending)
{
    int lowest_rank = sending ? 0 : MPI_ANY_SOURCE, lowest_tag = sending ? 0 : MPI_ANY_TAG;
    return m->comm && m->type && m->type->committed && a->count >= 0 &&
           ((a->rank >= lowest_rank && a->rank < m->comm->remote_size) ||
            a->rank == MPI_PROC_NULL) &&
           (a->tag >= 0 || a->tag == lowest_tag) &&
           (a->buf || a->count == 0 || m->type->size == 0 || !m->type->predefined);
}

/* MPI_SUCCESS and the message, or the class of the first error (noted). `mode` is only looked at
 * for sends. */
static inline int ipcr_args_send(const struct ipcr_args *a, enum ipcr_send_mode mode,
                                 struct ipcr_msg *m)
{
    m->buf = (void *)(uintptr_t)a->buf;
    m->count = (size_t)a->count;
    m->type = ipcr_type_of(a->type);
    m->comm = ipcr_comm_of(a->comm);
    m->rank = a->rank;
    m->tag = a->tag;
    m->mode = (uint8_t)mode;
    if (__builtin_expect(!ipcr_args_ok(a, m, true), 0))
        return ipcr_args_explain(a, true);
    m->ctx = m->comm->ctx;
    return MPI_SUCCESS;
}

static inline int ipcr_args_recv(const struct ipcr_args *a, struct ipcr_msg *m)
{
    m->buf = (void *)(uintptr_t)a->buf;
    m->count = (size_t)a->count;
    m->type = ipcr_type_of(a->type);
    m->comm = ipcr_comm_of(a->comm);
    m->rank = a->rank;
    m->tag = a->tag;
    m->mode = IPCR_STANDARD;
    if (__builtin_expect(!ipcr_args_ok(a, m, false), 0))
        return ipcr_args_explain(a, false);
    m->ctx = m->comm->ctx;
    return MPI_SUCCESS;
}

#endif
