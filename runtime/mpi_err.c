/* MPI calls about errors: handlers on communicators, classes, codes, texts. MPI 5.0 chapter 9. */
#include <stdio.h>
#include <string.h>

#include "comm.h"
#include "err.h"
#include "errcode.h"
#include "errhandler.h"
#include "lock.h"
#include "observe.h"

int PMPI_Comm_create_errhandler(MPI_Comm_errhandler_function *comm_errhandler_fn,
                                MPI_Errhandler *errhandler)
{
    IPCR_ENTER_ANY("MPI_Comm_create_errhandler");
    if (!comm_errhandler_fn || !errhandler)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "the %s is a null pointer",
                          errhandler ? "handler function" : "place for the handle");
    struct ipcr_errhandler *e = ipcr_errhandler_new(IPCR_FOR_COMM);
    if (!e)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for an error handler");
    e->function.comm = comm_errhandler_fn;
    *errhandler = ipcr_errhandler_hand_out(e);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_create_errhandler);

int PMPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler errhandler)
{
    IPCR_ENTER("MPI_Comm_set_errhandler");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct ipcr_errhandler *e = ipcr_errhandler_of(errhandler);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!e || !ipcr_errhandler_suits(e, IPCR_FOR_COMM))
        return IPCR_RAISE(c, MPI_ERR_ERRHANDLER, "%p is not an error handler for communicators",
                          (void *)errhandler);
    ipcr_errhandler_retain(e);
    ipcr_errhandler_release(c->errhandler);
    c->errhandler = e;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_set_errhandler);

int PMPI_Comm_get_errhandler(MPI_Comm comm, MPI_Errhandler *errhandler)
{
    IPCR_ENTER("MPI_Comm_get_errhandler");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!errhandler)
        return IPCR_RAISE(c, MPI_ERR_ARG, "the place for the handle is a null pointer");
    ipcr_errhandler_retain(c->errhandler);
    *errhandler = ipcr_errhandler_hand_out(c->errhandler);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_get_errhandler);

int PMPI_Comm_call_errhandler(MPI_Comm comm, int errorcode)
{
    IPCR_ENTER("MPI_Comm_call_errhandler");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (ipcr_errcode_class(errorcode) < 0)
        return IPCR_RAISE(c, MPI_ERR_ARG, "%d is not an error code", errorcode);
    ipcr_err_forget();
    ipcr_err_invoke(c, errorcode);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Comm_call_errhandler);

int PMPI_Errhandler_free(MPI_Errhandler *errhandler)
{
    IPCR_ENTER_ANY("MPI_Errhandler_free");
    struct ipcr_errhandler *e = errhandler ? ipcr_errhandler_of(*errhandler) : NULL;
    if (!e)
        return IPCR_RAISE(NULL, MPI_ERR_ERRHANDLER, "%p is not an error handler",
                          errhandler ? (void *)*errhandler : NULL);
    IPCR_OBSERVE(object, IPCR_OBJECT_ERRHANDLER, e, false);
    ipcr_errhandler_release(e);
    *errhandler = MPI_ERRHANDLER_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Errhandler_free);

int PMPI_Error_class(int errorcode, int *errorclass)
{
    IPCR_ENTER_ANY("MPI_Error_class");
    if (!errorclass)
        return IPCR_NO_PLACE("class");
    int class = ipcr_errcode_class(errorcode);
    if (class < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "%d is not an error code", errorcode);
    *errorclass = class;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Error_class);

/* A code alone says little ("there is no such rank"), so the facts of the error that this thread
 * met last follow, if it was this one. */
int PMPI_Error_string(int errorcode, char *string, int *resultlen)
{
    IPCR_ENTER_ANY("MPI_Error_string");
    if (!string || !resultlen)
        return IPCR_NO_PLACE(string ? "length" : "text");
    if (ipcr_errcode_class(errorcode) < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "%d is not an error code", errorcode);
    const char *text = ipcr_err_string(errorcode), *facts = ipcr_err_facts(errorcode);
    snprintf(string, MPI_MAX_ERROR_STRING, "%s%s%s", text, *text && facts ? "; " : "",
             facts ? facts : "");
    *resultlen = (int)strlen(string);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Error_string);

int PMPI_Add_error_class(int *errorclass)
{
    IPCR_ENTER_ANY("MPI_Add_error_class");
    if (!errorclass)
        return IPCR_NO_PLACE("class");
    int class = ipcr_errcode_add(-1);
    if (class < 0)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for another error class");
    *errorclass = class;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Add_error_class);

int PMPI_Add_error_code(int errorclass, int *errorcode)
{
    IPCR_ENTER_ANY("MPI_Add_error_code");
    if (!errorcode)
        return IPCR_NO_PLACE("code");
    if (errorclass < 0 || ipcr_errcode_class(errorclass) != errorclass)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "%d is not an error class", errorclass);
    int code = ipcr_errcode_add(errorclass);
    if (code < 0)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for another error code");
    *errorcode = code;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Add_error_code);

int PMPI_Add_error_string(int errorcode, const char *string)
{
    IPCR_ENTER_ANY("MPI_Add_error_string");
    return IPCR_FINISH(NULL, ipcr_errcode_text(errorcode, string));
}
IPCR_ALIAS(Add_error_string);

int PMPI_Remove_error_class(int errorclass)
{
    IPCR_ENTER_ANY("MPI_Remove_error_class");
    return IPCR_FINISH(NULL, ipcr_errcode_remove(errorclass, 1));
}
IPCR_ALIAS(Remove_error_class);

int PMPI_Remove_error_code(int errorcode)
{
    IPCR_ENTER_ANY("MPI_Remove_error_code");
    return IPCR_FINISH(NULL, ipcr_errcode_remove(errorcode, 0));
}
IPCR_ALIAS(Remove_error_code);

int PMPI_Remove_error_string(int errorcode)
{
    IPCR_ENTER_ANY("MPI_Remove_error_string");
    return IPCR_FINISH(NULL, ipcr_errcode_text(errorcode, NULL));
}
IPCR_ALIAS(Remove_error_string);
