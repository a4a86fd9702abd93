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
#include "graveyard.h"
#include "job.h"
#include "lock.h"
#include "observe.h"
#include "session.h"

#define FACTS_MAX 512

/* `fresh`: written by ipcr_err_note() and not raised yet. Raised, it stays for MPI_Error_string. */
static _Thread_local struct {
    int class;
    bool fresh;
    char facts[FACTS_MAX];
} note;

static struct ipcr_graveyard graves; /* of error handlers */

struct ipcr_errhandler ipcr_errhandler_predefined[3] = {
    {.magic = IPCR_ERRHANDLER_MAGIC, .refs = 1, .kind = IPCR_ERRORS_ARE_FATAL},
    {.magic = IPCR_ERRHANDLER_MAGIC, .refs = 1, .kind = IPCR_ERRORS_ABORT},
    {.magic = IPCR_ERRHANDLER_MAGIC, .refs = 1, .kind = IPCR_ERRORS_RETURN},
};

struct ipcr_errhandler *ipcr_errhandler_new(enum ipcr_errhandler_for takes)
{
    struct ipcr_errhandler *e = ipcr_grave_take(&graves, sizeof *e);
    if (e)
        *e = (struct ipcr_errhandler){
            .magic = IPCR_ERRHANDLER_MAGIC, .refs = 1, .kind = IPCR_ERRORS_CALL, .takes = takes};
    return e;
}

MPI_Errhandler ipcr_errhandler_handle(const struct ipcr_errhandler *e)
{
    uintptr_t value = e->kind == IPCR_ERRORS_CALL ? (uintptr_t)e : 0x140u + (unsigned)e->kind;
    return (MPI_Errhandler)value;
}

MPI_Errhandler ipcr_errhandler_hand_out(const struct ipcr_errhandler *e)
{
    if (e->kind == IPCR_ERRORS_CALL)
        IPCR_OBSERVE(object, IPCR_OBJECT_ERRHANDLER, e, true);
    return ipcr_errhandler_handle(e);
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
    ipcr_grave_put(&graves, e);
}

void ipcr_err_finish(void)
{
    ipcr_grave_empty(&graves);
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
    const char *call = ipcr_door.call ? ipcr_door.call : "the MPI library";
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

/* Whose handler is called: an object of one of the kinds, or nobody's. */
struct owner {
    struct ipcr_comm *comm;
    struct ipcr_session *session;
};

static _Noreturn void die_of_error(const struct owner *o, int code)
{
    char on[MPI_MAX_OBJECT_NAME + 64] = "";
    const char *facts = ipcr_err_facts(code);
    if (o->comm && o->comm->name[0])
        snprintf(on, sizeof on, ", communicator %s", o->comm->name);
    else if (o->comm)
        snprintf(on, sizeof on, ", a communicator of %d ranks without a name", o->comm->size);
    end_job(code, on, ipcr_err_string(code), facts ? facts : "");
}

/* The program's function may do anything, also free the object or its handler: it runs without the
 * lock, on copies, and the handler is kept until it returns. */
static void call_program(struct ipcr_errhandler *e, const struct owner *o, int code)
{
    const char *call = ipcr_door.call;
    MPI_Comm comm = o->comm ? o->comm->handle : MPI_COMM_NULL;
    MPI_Session session = (MPI_Session)o->session;
    ipcr_errhandler_retain(e);
    ipcr_lock_leave();
    if (e->takes == IPCR_FOR_COMM)
        e->function.comm(&comm, &code);
    else
        e->function.session(&session, &code);
    ipcr_lock_enter_any(call);
    ipcr_errhandler_release(e);
    ipcr_lock_leave();
}

static void invoke(struct ipcr_errhandler *e, const struct owner *o, int code)
{
    if (e->kind == IPCR_ERRORS_ARE_FATAL || e->kind == IPCR_ERRORS_ABORT)
        die_of_error(o, code);
    if (e->kind == IPCR_ERRORS_RETURN)
        ipcr_lock_leave();
    else
        call_program(e, o, code);
}

void ipcr_err_invoke(struct ipcr_comm *comm, int code)
{
    struct ipcr_comm *whose = comm ? comm : ipcr_comm_self;
    struct owner o = {.comm = comm};
    if (!whose || whose->errhandler->kind != IPCR_ERRORS_CALL) {
        invoke(whose ? whose->errhandler : ipcr_errhandler_predefined, &o, code);
        return;
    }
    o.comm = whose;
    invoke(whose->errhandler, &o, code);
}

void ipcr_err_invoke_session(struct ipcr_session *session, int code)
{
    struct owner o = {.session = session};
    invoke(session->errhandler, &o, code);
}

/* The facts of the error that is raised now: `fmt`, or what was noted. */
static void take_facts(int class, const char *fmt, va_list args)
{
    if (fmt)
        vsnprintf(note.facts, sizeof note.facts, fmt, args);
    else if (!note.fresh || note.class != class)
        note.facts[0] = 0;
    note.class = class;
    note.fresh = false;
}

int ipcr_err_raise(struct ipcr_comm *comm, int class, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    take_facts(class, fmt, args);
    va_end(args);
    ipcr_err_invoke(comm, class);
    return class;
}

int ipcr_err_raise_session(struct ipcr_session *session, int class, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    take_facts(class, fmt, args);
    va_end(args);
    ipcr_err_invoke_session(session, class);
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
