/* MPI calls on sessions: their life, their process sets, their error handlers. MPI 5.0 sections
 * 11.3 and 9.3.4. */
#include <stdio.h>
#include <string.h>

#include "bsend.h"
#include "err.h"
#include "errcode.h"
#include "errhandler.h"
#include "group.h"
#include "info.h"
#include "infoenv.h"
#include "life.h"
#include "lock.h"
#include "session.h"

#define RAISE(session, class, ...) ipcr_err_raise_session((session), (class), __VA_ARGS__)

/* ---- life ---- */

static bool is_level(const char *name, int *level)
{
    static const int levels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED,
                                 MPI_THREAD_MULTIPLE};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        *level = levels[i];
        if (strcmp(name, ipcr_infoenv_level_name(*level)) == 0)
            return true;
    }
    return false;
}

/* What the program asks for; without a word all that is to be had, since sessions are made for
 * libraries that know nothing of each other. */
static int wanted_level(const struct ipcr_info *info)
{
    int level;
    const char *asked = info ? ipcr_info_get(info, "thread_level") : NULL;
    return asked && is_level(asked, &level) ? level : MPI_THREAD_MULTIPLE;
}

/* There is no session yet to raise an error on; one that never opens lends the handler a place. */
static int raise_unopened(struct ipcr_errhandler *e, int class, const char *sentence)
{
    struct ipcr_session unopened = {.errhandler = e};
    return RAISE(&unopened, class, "%s", sentence);
}

int PMPI_Session_init(MPI_Info info, MPI_Errhandler errhandler, MPI_Session *session)
{
    IPCR_ENTER_ANY("MPI_Session_init");
    struct ipcr_errhandler *e = ipcr_errhandler_of(errhandler);
    const struct ipcr_info *hints = ipcr_info_of(info);
    if (!e || !ipcr_errhandler_suits(e, IPCR_FOR_SESSION))
        return IPCR_RAISE(NULL, MPI_ERR_ERRHANDLER, "%p is not an error handler for sessions",
                          (void *)errhandler);
    if (!session)
        return raise_unopened(e, MPI_ERR_ARG, "the place for the session is a null pointer");
    if (!hints && info != MPI_INFO_NULL)
        return raise_unopened(e, MPI_ERR_INFO, "the handle is not an info object");
    struct ipcr_session *s = ipcr_session_new(wanted_level(hints), e);
    if (!s)
        return raise_unopened(e, MPI_ERR_NO_MEM, "no memory for a session");
    IPCR_LEAVE();
    ipcr_life_begin(IPCR_MODEL_SESSION, s->level);
    *session = (MPI_Session)s;
    return MPI_SUCCESS;
}
IPCR_ALIAS(Session_init);

/* Every operation of the session is complete by now (section 11.3.1), so nobody is waited for. What
 * was made from it serves until it is freed, as long as MPI is open in any way. */
int PMPI_Session_finalize(MPI_Session *session)
{
    IPCR_ENTER("MPI_Session_finalize");
    struct ipcr_session *s = session ? ipcr_session_of(*session) : NULL;
    if (!s)
        return ipcr_session_raise_bad(session ? *session : MPI_SESSION_NULL);
    void *buffer;
    int64_t size;
    ipcr_bsend_detach(&s->bsend, &buffer, &size);
    ipcr_session_free(s);
    *session = MPI_SESSION_NULL;
    IPCR_LEAVE();
    ipcr_life_end(IPCR_MODEL_SESSION);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Session_finalize);

/* The way out of calls that make an info object; `class` says whether it holds what it should. */
static int hand_out(struct ipcr_session *s, struct ipcr_info *i, int class, MPI_Info *info)
{
    if (!i || class != MPI_SUCCESS) {
        ipcr_info_free(i);
        return RAISE(s, MPI_ERR_NO_MEM, "no memory for an info object");
    }
    *info = ipcr_info_hand_out(i);
    return IPCR_LEAVE();
}

int PMPI_Session_get_info(MPI_Session session, MPI_Info *info_used)
{
    IPCR_ENTER("MPI_Session_get_info");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (!info_used)
        return RAISE(s, MPI_ERR_ARG, "the place for the info object is a null pointer");
    struct ipcr_info *used = ipcr_info_new();
    int class = used ? ipcr_info_set(used, "thread_level", ipcr_infoenv_level_name(s->level))
                     : MPI_ERR_NO_MEM;
    if (class == MPI_SUCCESS)
        class = ipcr_info_set(used, "mpi_memory_alloc_kinds", IPCR_MEMORY_KINDS);
    return hand_out(s, used, class, info_used);
}
IPCR_ALIAS(Session_get_info);

/* ---- process sets ---- */

int PMPI_Session_get_num_psets(MPI_Session session, MPI_Info info, int *npset_names)
{
    IPCR_ENTER("MPI_Session_get_num_psets");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (info != MPI_INFO_NULL && !ipcr_info_of(info))
        return RAISE(s, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    if (!npset_names)
        return RAISE(s, MPI_ERR_ARG, "the place for the number is a null pointer");
    *npset_names = ipcr_pset_count();
    return IPCR_LEAVE();
}
IPCR_ALIAS(Session_get_num_psets);

/* pset_len counts the zero; 0 on the way in asks for the length alone. */
int PMPI_Session_get_nth_pset(MPI_Session session, MPI_Info info, int n, int *pset_len,
                              char *pset_name)
{
    IPCR_ENTER("MPI_Session_get_nth_pset");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (info != MPI_INFO_NULL && !ipcr_info_of(info))
        return RAISE(s, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    if (n < 0 || n >= ipcr_pset_count())
        return RAISE(s, MPI_ERR_ARG, "n is %d; there are %d process sets", n, ipcr_pset_count());
    if (!pset_len || *pset_len < 0 || (*pset_len && !pset_name))
        return RAISE(s, MPI_ERR_ARG, "the room for the name is %d bytes at %p",
                     pset_len ? *pset_len : 0, (void *)pset_name);
    const char *name = ipcr_pset_nth(n)->name;
    if (*pset_len)
        snprintf(pset_name, (size_t)*pset_len, "%s", name);
    *pset_len = (int)strlen(name) + 1;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Session_get_nth_pset);

int PMPI_Session_get_pset_info(MPI_Session session, const char *pset_name, MPI_Info *info)
{
    IPCR_ENTER("MPI_Session_get_pset_info");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (!pset_name || !info)
        return RAISE(s, MPI_ERR_ARG, "the %s is a null pointer",
                     pset_name ? "place for the info object" : "name");
    const struct ipcr_pset *p = ipcr_pset_named(pset_name);
    if (!p)
        return RAISE(s, MPI_ERR_ARG, "there is no process set '%.80s'", pset_name);
    char size[16];
    snprintf(size, sizeof size, "%d", ipcr_pset_size(p));
    struct ipcr_info *i = ipcr_info_new();
    return hand_out(s, i, i ? ipcr_info_set(i, "mpi_size", size) : MPI_ERR_NO_MEM, info);
}
IPCR_ALIAS(Session_get_pset_info);

/* An unknown name is no error: it gives MPI_GROUP_NULL (section 11.3.2). */
int PMPI_Group_from_session_pset(MPI_Session session, const char *pset_name, MPI_Group *newgroup)
{
    IPCR_ENTER("MPI_Group_from_session_pset");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (!pset_name || !newgroup)
        return RAISE(s, MPI_ERR_ARG, "the %s is a null pointer",
                     pset_name ? "place for the group" : "name");
    const struct ipcr_pset *p = ipcr_pset_named(pset_name);
    struct ipcr_group *g = p ? ipcr_pset_group(p) : NULL;
    if (p && !g)
        return RAISE(s, MPI_ERR_NO_MEM, "no memory for the group of '%s'", p->name);
    if (g && !g->predefined)
        g->session = s->number;
    *newgroup = g ? ipcr_group_hand_out(g) : MPI_GROUP_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Group_from_session_pset);

/* ---- error handlers ---- */

int PMPI_Session_create_errhandler(MPI_Session_errhandler_function *session_errhandler_fn,
                                   MPI_Errhandler *errhandler)
{
    IPCR_ENTER_ANY("MPI_Session_create_errhandler");
    if (!session_errhandler_fn || !errhandler)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "the %s is a null pointer",
                          errhandler ? "handler function" : "place for the handle");
    struct ipcr_errhandler *e = ipcr_errhandler_new(IPCR_FOR_SESSION);
    if (!e)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for an error handler");
    e->function.session = session_errhandler_fn;
    *errhandler = ipcr_errhandler_hand_out(e);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Session_create_errhandler);

int PMPI_Session_set_errhandler(MPI_Session session, MPI_Errhandler errhandler)
{
    IPCR_ENTER("MPI_Session_set_errhandler");
    struct ipcr_session *s = ipcr_session_of(session);
    struct ipcr_errhandler *e = ipcr_errhandler_of(errhandler);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (!e || !ipcr_errhandler_suits(e, IPCR_FOR_SESSION))
        return RAISE(s, MPI_ERR_ERRHANDLER, "%p is not an error handler for sessions",
                     (void *)errhandler);
    ipcr_errhandler_retain(e);
    ipcr_errhandler_release(s->errhandler);
    s->errhandler = e;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Session_set_errhandler);

int PMPI_Session_get_errhandler(MPI_Session session, MPI_Errhandler *errhandler)
{
    IPCR_ENTER("MPI_Session_get_errhandler");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (!errhandler)
        return RAISE(s, MPI_ERR_ARG, "the place for the handle is a null pointer");
    ipcr_errhandler_retain(s->errhandler);
    *errhandler = ipcr_errhandler_hand_out(s->errhandler);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Session_get_errhandler);

int PMPI_Session_call_errhandler(MPI_Session session, int errorcode)
{
    IPCR_ENTER("MPI_Session_call_errhandler");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    if (ipcr_errcode_class(errorcode) < 0)
        return RAISE(s, MPI_ERR_ARG, "%d is not an error code", errorcode);
    ipcr_err_forget();
    ipcr_err_invoke_session(s, errorcode);
    return MPI_SUCCESS;
}
IPCR_ALIAS(Session_call_errhandler);
