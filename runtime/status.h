/* What the library keeps in the private part of an MPI_Status: the bytes received, as a 64-bit
 * number in MPI_internal[0] (low word) and [1], and in [2] whether the operation was cancelled.
 * MPI 5.0 section 3.2.5. None of these accepts MPI_STATUS_IGNORE. */
#ifndef IPCR_STATUS_H
#define IPCR_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "mpi.h"

static inline uint64_t ipcr_status_bytes(const MPI_Status *s)
{
    return (uint64_t)(uint32_t)s->MPI_internal[1] << 32 | (uint32_t)s->MPI_internal[0];
}

static inline void ipcr_status_set_bytes(MPI_Status *s, uint64_t bytes)
{
    s->MPI_internal[0] = (int)(uint32_t)bytes;
    s->MPI_internal[1] = (int)(uint32_t)(bytes >> 32);
}

static inline bool ipcr_status_cancelled(const MPI_Status *s)
{
    return s->MPI_internal[2] != 0;
}

static inline void ipcr_status_set_cancelled(MPI_Status *s, bool cancelled)
{
    s->MPI_internal[2] = cancelled;
}

/* The empty status (section 3.7.3): also what a send leaves. */
static inline void ipcr_status_set_empty(MPI_Status *s)
{
    *s = (MPI_Status){
        .MPI_SOURCE = MPI_ANY_SOURCE, .MPI_TAG = MPI_ANY_TAG, .MPI_ERROR = MPI_SUCCESS};
}

/* What a receive from MPI_PROC_NULL leaves (section 3.10). */
static inline void ipcr_status_set_null(MPI_Status *s)
{
    ipcr_status_set_empty(s);
    s->MPI_SOURCE = MPI_PROC_NULL;
}

/* Hands a status to the program: everything but MPI_ERROR, which calls that complete a single
 * operation do not touch. */
static inline void ipcr_status_copy(MPI_Status *to, const MPI_Status *from)
{
    if (to == MPI_STATUS_IGNORE)
        return;
    int error = to->MPI_ERROR;
    *to = *from;
    to->MPI_ERROR = error;
}

#endif
