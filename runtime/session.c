/* Session objects and process sets. */
#include "session.h"

#include <strings.h>

#include "err.h"
#include "errhandler.h"
#include "graveyard.h"
#include "group.h"
#include "job.h"

static struct ipcr_graveyard graves;
static struct ipcr_session *open_sessions;

int ipcr_session_raise_bad(MPI_Session h)
{
    return IPCR_RAISE(NULL, MPI_ERR_SESSION, "%s",
                      h == MPI_SESSION_NULL ? "the session is MPI_SESSION_NULL"
                                            : "the handle is not a session, or was finalized");
}

struct ipcr_session *ipcr_session_new(int level, struct ipcr_errhandler *e)
{
    struct ipcr_session *s = ipcr_grave_take(&graves, sizeof *s);
    if (!s)
        return NULL;
    *s = (struct ipcr_session){.magic = IPCR_SESSION_MAGIC, .level = level, .errhandler = e};
    static uint32_t numbers;
    s->number = ++numbers;
    s->next = open_sessions;
    open_sessions = s;
    ipcr_errhandler_retain(e);
    return s;
}

struct ipcr_session *ipcr_session_numbered(uint32_t number)
{
    struct ipcr_session *s = open_sessions;
    while (s && s->number != number)
        s = s->next;
    return s;
}

void ipcr_session_free(struct ipcr_session *s)
{
    struct ipcr_session **link = &open_sessions;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    ipcr_errhandler_release(s->errhandler);
    ipcr_grave_put(&graves, s);
}

void ipcr_session_finish(void)
{
    ipcr_grave_empty(&graves);
}

/* ---- process sets ---- */

static bool anybody(int rank)
{
    (void)rank;
    return true;
}

static bool is_me(int rank)
{
    return rank == ipcr_job.rank;
}

static bool is_on_my_node(int rank)
{
    return ipcr_job.node_of[rank] == ipcr_job.node;
}

/* The first two are the standard's. The names that begin with mpi:// are reserved for it. */
static const struct ipcr_pset psets[] = {
    {"mpi://WORLD", anybody},
    {"mpi://SELF", is_me},
    {"ipcrun://NODE", is_on_my_node},
};

int ipcr_pset_count(void)
{
    return sizeof psets / sizeof *psets;
}

const struct ipcr_pset *ipcr_pset_nth(int n)
{
    return &psets[n];
}

/* As in any URI, the case of letters does not matter in scheme and authority. */
const struct ipcr_pset *ipcr_pset_named(const char *name)
{
    for (int i = 0; i < ipcr_pset_count(); i++)
        if (strcasecmp(psets[i].name, name) == 0)
            return &psets[i];
    return NULL;
}

int ipcr_pset_size(const struct ipcr_pset *p)
{
    int n = 0;
    for (int r = 0; r < ipcr_job.size; r++)
        n += p->has(r);
    return n;
}

struct ipcr_group *ipcr_pset_group(const struct ipcr_pset *p)
{
    struct ipcr_group *g = ipcr_group_new(ipcr_pset_size(p));
    if (!g)
        return NULL;
    int n = 0;
    for (int r = 0; r < ipcr_job.size; r++)
        if (p->has(r))
            g->world[n++] = r;
    return ipcr_group_settle(g);
}
