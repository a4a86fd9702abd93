/* From a detected error to the handler that the program chose; and errors of the library itself. */
#include "err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "comm.h"
#include "errhandler.h"
#include "job.h"
#include "lock.h"

#define FACTS_MAX 512

/* `fresh`: written by ipcr_err_note() and not raised yet. Raised, it stays for MPI_Error_string. */
static _Thread_local struct {
    int class;
    bool fresh;
    char facts[FACTS_MAX];
} note;

struct ipcr_errhandler ipcr_errhandler_predefined[3] = {
    {IPCR_ERRHANDLER_MAGIC, 1, IPCR_ERRORS_ARE_FATAL, NULL},
    {IPCR_ERRHANDLER_MAGIC, 1, IPCR_ERRORS_ABORT, NULL},
    {IPCR_ERRHANDLER_MAGIC, 1, IPCR_ERRORS_RETURN, NULL},
};

struct ipcr_errhandler *ipcr_errhandler_new(MPI_Comm_errhandler_function *function)
{
    struct ipcr_errhandler *e = malloc(sizeof *e);
    if (e)
        *e = (struct ipcr_errhandler){IPCR_ERRHANDLER_MAGIC, 1, IPCR_ERRORS_CALL, function};
    return e;
}

MPI_Errhandler ipcr_errhandler_handle(const struct ipcr_errhandler *e)
{
    uintptr_t value = e->kind == IPCR_ERRORS_CALL ? (uintptr_t)e : 0x140u + (unsigned)e->kind;
    return (MPI_Errhandler)value;
}

void ipcr_errhandler_retain(struct ipcr_errhandler *e)
{
    if (e->kind == IPCR_ERRORS_CALL)
        e->refs++;
}

void ipcr_errhandler_release(struct ipcr_errhandler *e)
{
    if (e->kind != IPCR_ERRORS_CALL || --e->refs)
        return;
    e->magic = 0;
    free(e);
}

int ipcr_err_note(int class, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(note.facts, sizeof note.facts, fmt, args);
    va_end(args);
    note.class = class;
    note.fresh = true;
    return class;
}

const char *ipcr_err_facts(int class)
{
    return note.class == class && note.facts[0] ? note.facts : NULL;
}

void ipcr_err_forget(void)
{
    note.facts[0] = 0;
    note.fresh = false;
}

/* Who reports: "MPI_Send on rank 3 of 8 (host node1, pid 4242)". */
static int say_where(char *to, size_t room)
{
    const char *call = ipcr_call ? ipcr_call : "the MPI library";
    if (!ipcr_job.size)
        return snprintf(to, room, "%s (pid %ld)", call, (long)getpid());
    return snprintf(to, room, "%s on rank %d of %d (host %s, pid %ld)", call, ipcr_job.rank,
                    ipcr_job.size, ipcr_job.host, (long)getpid());
}

/* `on` is ", communicator NAME" or empty. */
static _Noreturn void end_job(int code, const char *on, const char *sentence, const char *facts)
{
    char where[400], text[FACTS_MAX + MPI_MAX_ERROR_STRING + 600];
    say_where(where, sizeof where);
    snprintf(text, sizeof text, "error in %s%s:\n  %s%s%s\n", where, on, sentence,
             *sentence && *facts ? "\n  " : "", facts);
    ipcr_boot_abort(code, text);
}

static _Noreturn void die_of_error(const struct ipcr_comm *comm, int code)
{
    char on[MPI_MAX_OBJECT_NAME + 64] = "";
    const char *facts = ipcr_err_facts(code);
    if (comm && comm->name[0])
        snprintf(on, sizeof on, ", communicator %s", comm->name);
    else if (comm)
        snprintf(on, sizeof on, ", a communicator of %d ranks without a name", comm->size);
    end_job(code, on, ipcr_err_string(code), facts ? facts : "");
}

void ipcr_err_invoke(struct ipcr_comm *comm, int code)
{
    const char *call = ipcr_call;
    struct ipcr_comm *owner = comm ? comm : ipcr_comm_self;
    struct ipcr_errhandler *e = owner ? owner->errhandler : ipcr_errhandler_predefined;
    if (e->kind == IPCR_ERRORS_ARE_FATAL || e->kind == IPCR_ERRORS_ABORT)
        die_of_error(comm, code);
    if (e->kind == IPCR_ERRORS_RETURN) {
        ipcr_lock_leave();
        return;
    }
    /* The program's function may do anything, also free the communicator or its handler: it runs
     * without the lock, on copies, and the handler is kept until it returns. */
    MPI_Comm handle = owner->handle;
    ipcr_errhandler_retain(e);
    ipcr_lock_leave();
    e->function(&handle, &code);
    ipcr_lock_enter(call);
    ipcr_errhandler_release(e);
    ipcr_lock_leave();
}

int ipcr_err_raise(struct ipcr_comm *comm, int class, const char *fmt, ...)
{
    if (fmt) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(note.facts, sizeof note.facts, fmt, args);
        va_end(args);
    } else if (!note.fresh || note.class != class) {
        note.facts[0] = 0;
    }
    note.class = class;
    note.fresh = false;
    ipcr_err_invoke(comm, class);
    return class;
}

void ipcr_err_fatal(const char *fmt, ...)
{
    char facts[FACTS_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(facts, sizeof facts, fmt, args);
    va_end(args);
    end_job(MPI_ERR_INTERN, "", "", facts);
}
