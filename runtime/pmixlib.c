/* libpmix, opened at run time. What it returns is freed by hand: its macros for that differ from
 * version to version, and strings and numbers are all that is asked for. */
#include "pmixlib.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pmix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "err.h"
#include "job.h"
#include "way.h"

enum { LOST = 1 }; /* exit status of a rank whose launcher is gone */

static struct {
    void *handle;
    __typeof__(PMIx_Init) *init;
    __typeof__(PMIx_Finalize) *finalize;
    __typeof__(PMIx_Get) *get;
    __typeof__(PMIx_Put) *put;
    __typeof__(PMIx_Commit) *commit;
    __typeof__(PMIx_Fence) *fence;
    __typeof__(PMIx_Abort) *abort;
    __typeof__(PMIx_Register_event_handler) *watch;
    __typeof__(PMIx_Error_string) *text;
} lib;

static pmix_proc_t me;

/* ---- the library ---- */

static bool find_calls(void *from)
{
    const struct {
        const char *name;
        void *call;
    } all[] = {{"PMIx_Init", &lib.init},        {"PMIx_Finalize", &lib.finalize},
               {"PMIx_Get", &lib.get},          {"PMIx_Put", &lib.put},
               {"PMIx_Commit", &lib.commit},    {"PMIx_Fence", &lib.fence},
               {"PMIx_Abort", &lib.abort},      {"PMIx_Register_event_handler", &lib.watch},
               {"PMIx_Error_string", &lib.text}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        void *found = dlsym(from, all[i].name);
        if (!found)
            return false;
        memcpy(all[i].call, &found, sizeof found);
    }
    return true;
}

bool ipcr_pmixlib_find(void)
{
    if (lib.handle)
        return true;
    void *handle = dlopen("libpmix.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return false;
    if (find_calls(handle))
        lib.handle = handle;
    else
        dlclose(handle);
    return lib.handle;
}

static int failed(const char *call, pmix_status_t status)
{
    ipcr_err_note(MPI_ERR_OTHER, "the launcher's PMIx refuses %s: %s", call, lib.text(status));
    return -EPROTO;
}

static int nonsense(const char *key)
{
    ipcr_err_note(MPI_ERR_OTHER, "the launcher's PMIx gives a value of %s that makes no sense",
                  key);
    return -EPROTO;
}

/* ---- beginning ---- */

/* In the library's thread. Without the launcher nobody would end this rank when the job is over. A
 * rank that is lost is the launcher's business. */
static void lost(size_t id, pmix_status_t status, const pmix_proc_t *source, pmix_info_t *info,
                 size_t ninfo, pmix_info_t *results, size_t nresults,
                 pmix_event_notification_cbfunc_fn_t done, void *data)
{
    (void)id, (void)status, (void)info, (void)ninfo, (void)results, (void)nresults;
    if (source && strncmp(source->nspace, me.nspace, sizeof me.nspace) == 0) {
        if (done)
            done(PMIX_EVENT_ACTION_COMPLETE, NULL, 0, NULL, NULL, data);
        return;
    }
    dprintf(2, "ipcrun: rank %u has lost the launcher that started it, and ends\n", me.rank);
    _exit(LOST);
}

static void watch_launcher(void)
{
    pmix_status_t code = PMIX_ERR_LOST_CONNECTION;
    lib.watch(&code, 1, NULL, 0, lost, NULL, NULL);
}

int ipcr_pmixlib_open(const char *space, int *rank)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* the new thread inherits it */
    pmix_status_t status = lib.init(&me, NULL, 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != PMIX_SUCCESS)
        return failed("PMIx_Init", status);
    if (strncmp(me.nspace, space, sizeof me.nspace) != 0 || me.rank >= IPCR_RANKS_MAX)
        return ipcr_way_trouble(EPROTO, "PMIx has joined another job than PMIX_NAMESPACE names");
    watch_launcher();
    *rank = (int)me.rank;
    return 0;
}

/* ---- values ---- */

/* At once, without waiting for somebody who might still put it. */
static pmix_status_t get(pmix_rank_t owner, const char *key, pmix_value_t **value)
{
    pmix_proc_t whose = me;
    pmix_info_t at_once = {.key = PMIX_IMMEDIATE, .value = {.type = PMIX_BOOL, .data.flag = true}};
    whose.rank = owner;
    return lib.get(&whose, key, &at_once, 1, value);
}

/* Launchers differ in the type of one and the same key. */
static bool as_number(const pmix_value_t *v, int *value)
{
    int64_t n = v->type == PMIX_UINT32   ? v->data.uint32
                : v->type == PMIX_INT    ? v->data.integer
                : v->type == PMIX_INT32  ? v->data.int32
                : v->type == PMIX_UINT16 ? v->data.uint16
                : v->type == PMIX_INT64  ? v->data.int64
                : v->type == PMIX_UINT64 ? (int64_t)v->data.uint64
                : v->type == PMIX_SIZE   ? (int64_t)v->data.size
                                         : -1;
    *value = (int)n;
    return n >= 0 && n <= INT_MAX;
}

int ipcr_pmixlib_number(enum ipcr_pmix_number which, int *value)
{
    static const char *const keys[] = {[IPCR_PMIX_SIZE] = PMIX_JOB_SIZE,
                                       [IPCR_PMIX_APPNUM] = PMIX_APPNUM,
                                       [IPCR_PMIX_UNIVERSE] = PMIX_UNIV_SIZE};
    pmix_value_t *v;
    if (get(which == IPCR_PMIX_APPNUM ? me.rank : PMIX_RANK_WILDCARD, keys[which], &v) !=
        PMIX_SUCCESS)
        return -ENOENT;
    bool good = as_number(v, value);
    free(v);
    return good ? 0 : nonsense(keys[which]);
}

static bool take_text(pmix_value_t *v, char value[IPCR_KVS_VALUE_MAX])
{
    bool good =
        v->type == PMIX_STRING && v->data.string && strlen(v->data.string) < IPCR_KVS_VALUE_MAX;
    if (good)
        strcpy(value, v->data.string);
    if (v->type == PMIX_STRING)
        free(v->data.string);
    free(v);
    return good;
}

/* Numbers with commas between; more of them than fit into a value of ours. */
static int lowest_of(const char *text)
{
    long least = LONG_MAX;
    for (const char *p = text; *p;) {
        char *end;
        long n = strtol(p, &end, 10);
        if (end == p || n < 0 || (*end && *end != ','))
            return -1;
        least = n < least ? n : least;
        p = end + (*end == ',');
    }
    return least < IPCR_RANKS_MAX ? (int)least : -1;
}

int ipcr_pmixlib_lowest(int *rank)
{
    pmix_value_t *v;
    pmix_status_t status = get(PMIX_RANK_WILDCARD, PMIX_LOCAL_PEERS, &v);
    if (status != PMIX_SUCCESS)
        return failed("PMIx_Get of " PMIX_LOCAL_PEERS, status);
    *rank = v->type == PMIX_STRING && v->data.string ? lowest_of(v->data.string) : -1;
    if (v->type == PMIX_STRING)
        free(v->data.string);
    free(v);
    return *rank >= 0 ? 0 : nonsense(PMIX_LOCAL_PEERS);
}

/* ---- the key-value space ---- */

int ipcr_pmixlib_put(const char *key, const char *value)
{
    pmix_value_t v = {.type = PMIX_STRING, .data.string = (char *)value};
    pmix_status_t status = lib.put(PMIX_GLOBAL, key, &v); /* it copies */
    return status == PMIX_SUCCESS ? 0 : failed("PMIx_Put", status);
}

int ipcr_pmixlib_fence(void)
{
    pmix_info_t collect = {.key = PMIX_COLLECT_DATA,
                           .value = {.type = PMIX_BOOL, .data.flag = true}};
    pmix_status_t status = lib.commit();
    if (status != PMIX_SUCCESS)
        return failed("PMIx_Commit", status);
    status = lib.fence(NULL, 0, &collect, 1);
    return status == PMIX_SUCCESS ? 0 : failed("PMIx_Fence", status);
}

int ipcr_pmixlib_get(int owner, const char *key, char value[IPCR_KVS_VALUE_MAX])
{
    pmix_value_t *v;
    pmix_status_t status = get((pmix_rank_t)owner, key, &v);
    if (status == PMIX_ERR_NOT_FOUND)
        return -ENOENT;
    if (status != PMIX_SUCCESS)
        return failed("PMIx_Get", status);
    return take_text(v, value) ? 0 : nonsense(key);
}

/* ---- end ---- */

int ipcr_pmixlib_finalize(void)
{
    pmix_status_t status = lib.finalize(NULL, 0);
    return status == PMIX_SUCCESS ? 0 : failed("PMIx_Finalize", status);
}

void ipcr_pmixlib_abort(int code)
{
    lib.abort(code, "", NULL, 0);
}
