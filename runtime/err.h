/* Errors of MPI calls: from the place that detects one to the handler the program chose.
 *
 * Inside the library functions return an MPI error class (MPI_SUCCESS = 0). The place that first
 * knows the facts says them once with ipcr_err_note(); the MPI_ function raises the class on the
 * communicator's handler, and the note becomes part of the message. A fatal handler produces one
 * block (call, rank, host, pid, communicator, the facts) and ends the job through boot.h.
 * MPI 5.0 chapter 9.3 - 9.5. */
#ifndef IPCR_ERR_H
#define IPCR_ERR_H

#include "mpi.h"

struct ipcr_comm;
struct ipcr_session;

/* Remembers the facts of an error in this thread (truncated at 512 bytes) and returns `class`. */
int ipcr_err_note(int class, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Ends an MPI call with an error: releases the library lock, calls the handler of comm (NULL: the
 * handler for calls without a communicator, initially MPI_COMM_SELF's) and returns what the call
 * has to return, if the handler returns. fmt NULL: use the note of this thread, if any. */
int ipcr_err_raise(struct ipcr_comm *comm, int class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the handler of a session. */
int ipcr_err_raise_session(struct ipcr_session *session, int class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define IPCR_RAISE(comm, class, ...) ipcr_err_raise((comm), (class), __VA_ARGS__)

/* For a call without an object whose result has no place to go. */
#define IPCR_NO_PLACE(what) \
    ipcr_err_raise(NULL, MPI_ERR_ARG, "the place for the %s is a null pointer", (what))

/* The same for a call on a communicator. */
#define IPCR_NO_PLACE_ON(comm, what)                                                          \
    ipcr_err_raise(ipcr_comm_of(comm), MPI_ERR_ARG, "the place for the %s is a null pointer", \
                   (what))

/* Ends an MPI call whose inner function returned `class`: the ordinary way out. */
#define IPCR_FINISH(comm, class)                                                                 \
    ({                                                                                           \
        int finish_class = (class);                                                              \
        finish_class == MPI_SUCCESS ? IPCR_LEAVE() : ipcr_err_raise((comm), finish_class, NULL); \
    })

/* The rest of ipcr_err_raise(): releases the lock and calls the handler of comm, or of
 * MPI_COMM_SELF for NULL, with `code`, which may be one of the program's. Does not return if the
 * handler ends the job. */
void ipcr_err_invoke(struct ipcr_comm *comm, int code);
void ipcr_err_invoke_session(struct ipcr_session *session, int code);

/* The facts of the error that this thread noted or raised last, if it was of this class; else NULL.
 * forget() drops them. */
const char *ipcr_err_facts(int class);
void ipcr_err_forget(void);

/* The library itself cannot go on (no memory for its own state, broken peer): prints the block and
 * ends the job with MPI_ERR_INTERN's way of a fatal error. Never returns. */
_Noreturn void ipcr_err_fatal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Frees memory that freed error handlers still hold. */
void ipcr_err_finish(void);

/* The sentence for an error code (class or user-defined), never NULL. */
const char *ipcr_err_string(int code);

#endif
