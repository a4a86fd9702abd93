/* Error handlers: what MPI_Errhandler handles point to. MPI 5.0 section 9.3.
 *
 * The three predefined ones are static. Others are counted: the program's handle is one reference,
 * each communicator that uses the handler another. All under the library lock. */
#ifndef IPCR_ERRHANDLER_H
#define IPCR_ERRHANDLER_H

#include <stddef.h>
#include <stdint.h>

#include "mpi.h"

#define IPCR_ERRHANDLER_MAGIC 0x65727268u

enum ipcr_errhandler_kind {
    IPCR_ERRORS_ARE_FATAL = 1, /* in the order of the predefined handles, from 0x141 */
    IPCR_ERRORS_ABORT,
    IPCR_ERRORS_RETURN,
    IPCR_ERRORS_CALL /* the program's function */
};

struct ipcr_errhandler {
    uint32_t magic;
    int refs;
    enum ipcr_errhandler_kind kind;
    MPI_Comm_errhandler_function *function;
};

/* By handle value - 0x141. */
extern struct ipcr_errhandler ipcr_errhandler_predefined[3];

/* NULL if it is not an error handler. */
static inline struct ipcr_errhandler *ipcr_errhandler_of(MPI_Errhandler h)
{
    uintptr_t v = (uintptr_t)h;
    if (v - 0x141 < 3)
        return &ipcr_errhandler_predefined[v - 0x141];
    struct ipcr_errhandler *e = (struct ipcr_errhandler *)v;
    return v < 4096 || e->magic != IPCR_ERRHANDLER_MAGIC ? NULL : e;
}

/* With one reference; NULL: no memory. */
struct ipcr_errhandler *ipcr_errhandler_new(MPI_Comm_errhandler_function *function);
MPI_Errhandler ipcr_errhandler_handle(const struct ipcr_errhandler *e);
void ipcr_errhandler_retain(struct ipcr_errhandler *e);
void ipcr_errhandler_release(struct ipcr_errhandler *e);

#endif
