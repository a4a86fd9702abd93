/* Error handlers: what MPI_Errhandler handles point to. MPI 5.0 section 9.3.
 *
 * The three predefined ones are static. Others are counted: the program's handle is one reference,
 * each object that uses the handler another. All under the library lock. */
#ifndef IPCR_ERRHANDLER_H
#define IPCR_ERRHANDLER_H

#include <stdbool.h>
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

/* The kind of object whose handle the program's function takes. */
enum ipcr_errhandler_for { IPCR_FOR_COMM = 1, IPCR_FOR_SESSION };

struct ipcr_errhandler {
    uint32_t magic;
    int refs;
    enum ipcr_errhandler_kind kind;
    enum ipcr_errhandler_for takes; /* IPCR_ERRORS_CALL: which kind of handle */
    union {
        MPI_Comm_errhandler_function *comm;
        MPI_Session_errhandler_function *session;
    } function;
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

/* Predefined ones serve every kind of object. */
static inline bool ipcr_errhandler_suits(const struct ipcr_errhandler *e,
                                         enum ipcr_errhandler_for object)
{
    return e->kind != IPCR_ERRORS_CALL || e->takes == object;
}

/* With one reference, and the function still to be set; NULL: no memory. */
struct ipcr_errhandler *ipcr_errhandler_new(enum ipcr_errhandler_for takes);
MPI_Errhandler ipcr_errhandler_handle(const struct ipcr_errhandler *e);
/* The same for the program, which frees it: a reference goes over. */
MPI_Errhandler ipcr_errhandler_hand_out(const struct ipcr_errhandler *e);
void ipcr_errhandler_retain(struct ipcr_errhandler *e);
void ipcr_errhandler_release(struct ipcr_errhandler *e);

#endif
