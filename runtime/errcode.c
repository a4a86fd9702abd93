/* Error classes and codes, and their texts. */
#include "errcode.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

/* The classes of the standard that are numbered from 0 on without a gap. */
static const char *const standard[] = {
    [MPI_SUCCESS] = "MPI_SUCCESS: no error",
    [MPI_ERR_BUFFER] = "MPI_ERR_BUFFER: the buffer is not usable",
    [MPI_ERR_COUNT] = "MPI_ERR_COUNT: the count is not usable",
    [MPI_ERR_TYPE] = "MPI_ERR_TYPE: the datatype is not usable",
    [MPI_ERR_TAG] = "MPI_ERR_TAG: the tag is out of range",
    [MPI_ERR_COMM] = "MPI_ERR_COMM: the communicator is not usable",
    [MPI_ERR_RANK] = "MPI_ERR_RANK: there is no such rank",
    [MPI_ERR_REQUEST] = "MPI_ERR_REQUEST: the request is not usable",
    [MPI_ERR_ROOT] = "MPI_ERR_ROOT: there is no such root",
    [MPI_ERR_GROUP] = "MPI_ERR_GROUP: the group is not usable",
    [MPI_ERR_OP] = "MPI_ERR_OP: the operation is not usable",
    [MPI_ERR_TOPOLOGY] = "MPI_ERR_TOPOLOGY: the communicator has no such topology",
    [MPI_ERR_DIMS] = "MPI_ERR_DIMS: the dimensions do not fit",
    [MPI_ERR_ARG] = "MPI_ERR_ARG: an argument is not usable",
    [MPI_ERR_UNKNOWN] = "MPI_ERR_UNKNOWN: the cause is unknown",
    [MPI_ERR_TRUNCATE] = "MPI_ERR_TRUNCATE: the message is longer than the receive buffer",
    [MPI_ERR_OTHER] = "MPI_ERR_OTHER: an error without a class of its own",
    [MPI_ERR_INTERN] = "MPI_ERR_INTERN: the MPI library failed inside",
    [MPI_ERR_PENDING] = "MPI_ERR_PENDING: this operation is not complete yet",
    [MPI_ERR_IN_STATUS] = "MPI_ERR_IN_STATUS: the error of each operation is in its status",
    [MPI_ERR_ACCESS] = "MPI_ERR_ACCESS: permission denied",
    [MPI_ERR_AMODE] = "MPI_ERR_AMODE: the modes to open the file with contradict each other",
    [MPI_ERR_ASSERT] = "MPI_ERR_ASSERT: there is no such assertion",
    [MPI_ERR_BAD_FILE] = "MPI_ERR_BAD_FILE: the file name is not usable",
    [MPI_ERR_BASE] = "MPI_ERR_BASE: the base address is not usable",
    [MPI_ERR_CONVERSION] = "MPI_ERR_CONVERSION: the data conversion function failed",
    [MPI_ERR_DISP] = "MPI_ERR_DISP: the displacement is not usable",
    [MPI_ERR_DUP_DATAREP] = "MPI_ERR_DUP_DATAREP: this data representation is defined already",
    [MPI_ERR_FILE_EXISTS] = "MPI_ERR_FILE_EXISTS: the file exists",
    [MPI_ERR_FILE_IN_USE] = "MPI_ERR_FILE_IN_USE: the file is open in some process",
    [MPI_ERR_FILE] = "MPI_ERR_FILE: the file handle is not usable",
    [MPI_ERR_INFO_KEY] = "MPI_ERR_INFO_KEY: the key is empty or too long",
    [MPI_ERR_INFO_NOKEY] = "MPI_ERR_INFO_NOKEY: the info object has no such key",
    [MPI_ERR_INFO_VALUE] = "MPI_ERR_INFO_VALUE: the value is not usable or too long",
    [MPI_ERR_INFO] = "MPI_ERR_INFO: the info object is not usable",
    [MPI_ERR_IO] = "MPI_ERR_IO: input or output failed",
    [MPI_ERR_KEYVAL] = "MPI_ERR_KEYVAL: there is no such attribute key, or it cannot be used so",
    [MPI_ERR_LOCKTYPE] = "MPI_ERR_LOCKTYPE: there is no such kind of lock",
    [MPI_ERR_NAME] = "MPI_ERR_NAME: no service of this name is published",
    [MPI_ERR_NO_MEM] = "MPI_ERR_NO_MEM: out of memory",
    [MPI_ERR_NOT_SAME] = "MPI_ERR_NOT_SAME: the processes gave different arguments",
    [MPI_ERR_NO_SPACE] = "MPI_ERR_NO_SPACE: no space is left",
    [MPI_ERR_NO_SUCH_FILE] = "MPI_ERR_NO_SUCH_FILE: there is no such file",
    [MPI_ERR_PORT] = "MPI_ERR_PORT: the port name is not usable",
    [MPI_ERR_QUOTA] = "MPI_ERR_QUOTA: the quota is exceeded",
    [MPI_ERR_READ_ONLY] = "MPI_ERR_READ_ONLY: the file or file system is read-only",
    [MPI_ERR_RMA_ATTACH] = "MPI_ERR_RMA_ATTACH: the memory cannot be attached",
    [MPI_ERR_RMA_CONFLICT] = "MPI_ERR_RMA_CONFLICT: accesses to the window conflict",
    [MPI_ERR_RMA_RANGE] = "MPI_ERR_RMA_RANGE: the target memory is not part of the window",
    [MPI_ERR_RMA_SHARED] = "MPI_ERR_RMA_SHARED: the memory cannot be shared",
    [MPI_ERR_RMA_SYNC] = "MPI_ERR_RMA_SYNC: the calls that open and close epochs do not match",
    [MPI_ERR_SERVICE] = "MPI_ERR_SERVICE: this service was not published",
    [MPI_ERR_SIZE] = "MPI_ERR_SIZE: the size is not usable",
    [MPI_ERR_SPAWN] = "MPI_ERR_SPAWN: the processes could not be started",
    [MPI_ERR_UNSUPPORTED_DATAREP] = "MPI_ERR_UNSUPPORTED_DATAREP: there is no such representation",
    [MPI_ERR_UNSUPPORTED_OPERATION] = "MPI_ERR_UNSUPPORTED_OPERATION: this is not supported here",
    [MPI_ERR_WIN] = "MPI_ERR_WIN: the window is not usable",
    [MPI_ERR_RMA_FLAVOR] = "MPI_ERR_RMA_FLAVOR: the window is of the wrong flavor",
    [MPI_ERR_PROC_ABORTED] = "MPI_ERR_PROC_ABORTED: a process of the operation has died",
    [MPI_ERR_VALUE_TOO_LARGE] = "MPI_ERR_VALUE_TOO_LARGE: the value does not fit its variable",
    [MPI_ERR_SESSION] = "MPI_ERR_SESSION: the session is not usable",
    [MPI_ERR_ERRHANDLER] = "MPI_ERR_ERRHANDLER: the error handler is not usable",
    [MPI_ERR_ABI] = "MPI_ERR_ABI: this cannot be settled any more",
};

static const char *const tools[] = {
    "MPI_T_ERR_CANNOT_INIT: the tool interface cannot be initialised",
    "MPI_T_ERR_NOT_ACCESSIBLE: the variable is not accessible",
    "MPI_T_ERR_NOT_INITIALIZED: the tool interface is not initialised",
    "MPI_T_ERR_NOT_SUPPORTED: the tool interface does not support this",
    "MPI_T_ERR_MEMORY: out of memory",
    "MPI_T_ERR_INVALID: an argument is not usable",
    "MPI_T_ERR_INVALID_INDEX: there is no such index",
    "MPI_T_ERR_INVALID_ITEM: there is no such item",
    "MPI_T_ERR_INVALID_SESSION: there is no such session",
    "MPI_T_ERR_INVALID_HANDLE: there is no such handle",
    "MPI_T_ERR_INVALID_NAME: there is no such name",
    "MPI_T_ERR_OUT_OF_HANDLES: no handle is left",
    "MPI_T_ERR_OUT_OF_SESSIONS: no session is left",
    "MPI_T_ERR_CVAR_SET_NOT_NOW: the variable cannot be set now",
    "MPI_T_ERR_CVAR_SET_NEVER: the variable can never be set",
    "MPI_T_ERR_PVAR_NO_WRITE: the variable cannot be written",
    "MPI_T_ERR_PVAR_NO_STARTSTOP: the variable cannot be started and stopped",
    "MPI_T_ERR_PVAR_NO_ATOMIC: the variable cannot be read and reset at once",
};
_Static_assert(MPI_T_ERR_PVAR_NO_ATOMIC - MPI_T_ERR_CANNOT_INIT + 1 == sizeof tools / sizeof *tools,
               "every class of the tool interface has its text");

/* What the program added; entry i has the code MPI_ERR_LASTCODE + 1 + i. */
static struct added {
    bool used, is_class;
    int class;
    char *text;
} * added;
static int added_count;

static struct added *find_added(int code)
{
    if (code <= MPI_ERR_LASTCODE || code > MPI_ERR_LASTCODE + added_count)
        return NULL;
    struct added *a = &added[code - MPI_ERR_LASTCODE - 1];
    return a->used ? a : NULL;
}

static const char *standard_text(int code)
{
    if (code >= 0 && code < (int)(sizeof standard / sizeof *standard))
        return standard[code];
    if (code >= MPI_T_ERR_CANNOT_INIT && code <= MPI_T_ERR_PVAR_NO_ATOMIC)
        return tools[code - MPI_T_ERR_CANNOT_INIT];
    return code == MPI_ERR_LASTCODE ? "MPI_ERR_LASTCODE: the last code of the standard" : NULL;
}

const char *ipcr_err_string(int code)
{
    const struct added *a = find_added(code);
    if (a)
        return a->text ? a->text : "";
    const char *text = standard_text(code);
    return text ? text : "there is no such error code";
}

int ipcr_errcode_class(int code)
{
    const struct added *a = find_added(code);
    if (a)
        return a->class;
    return standard_text(code) ? code : -1;
}

static struct added *free_entry(void)
{
    for (int i = 0; i < added_count; i++)
        if (!added[i].used)
            return &added[i];
    struct added *more = realloc(added, (size_t)(added_count + 1) * sizeof *added);
    if (!more)
        return NULL;
    added = more;
    return &added[added_count++];
}

int ipcr_errcode_add(int class)
{
    struct added *a = free_entry();
    if (!a)
        return -1;
    int code = MPI_ERR_LASTCODE + 1 + (int)(a - added);
    *a = (struct added){.used = true, .is_class = class < 0, .class = class < 0 ? code : class};
    return code;
}

int ipcr_errcode_remove(int code, int is_class)
{
    struct added *a = find_added(code);
    if (!a || a->is_class != (is_class != 0))
        return ipcr_err_note(MPI_ERR_ARG, "%d is not an error %s that this program has added", code,
                             is_class ? "class" : "code");
    for (int i = 0; a->is_class && i < added_count; i++)
        if (added[i].used && !added[i].is_class && added[i].class == code)
            return ipcr_err_note(MPI_ERR_ARG, "error class %d still has the code %d", code,
                                 MPI_ERR_LASTCODE + 1 + i);
    free(a->text);
    *a = (struct added){0};
    while (added_count && !added[added_count - 1].used)
        added_count--;
    return MPI_SUCCESS;
}

int ipcr_errcode_text(int code, const char *text)
{
    struct added *a = find_added(code);
    if (!a)
        return ipcr_err_note(MPI_ERR_ARG, "%d is not a code or class that this program has added",
                             code);
    char *copy = text ? strndup(text, MPI_MAX_ERROR_STRING - 1) : NULL;
    if (text && !copy)
        return MPI_ERR_NO_MEM;
    free(a->text);
    a->text = copy;
    return MPI_SUCCESS;
}

int ipcr_errcode_last(void)
{
    return MPI_ERR_LASTCODE + added_count;
}

void ipcr_errcode_finish(void)
{
    for (int i = 0; i < added_count; i++)
        free(added[i].text);
    free(added);
    added = NULL;
    added_count = 0;
}
