/* Communicator objects: birth, death, and who is alive. */
#include "comm.h"

#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "ctxid.h"
#include "err.h"
#include "errhandler.h"
#include "graveyard.h"
#include "group.h"
#include "info.h"
#include "job.h"
#include "observe.h"
#include "topo.h"

struct ipcr_comm *ipcr_comm_world, *ipcr_comm_self, *ipcr_comm_base;

static struct ipcr_comm *base_self; /* what MPI_COMM_SELF is while there is a world */

static struct ipcr_comm **alive; /* by context id */
static uint32_t alive_size;
static struct ipcr_graveyard graves;

static void enlist(struct ipcr_comm *c)
{
    uint32_t id = ipcr_ctxid_of(c->ctx);
    if (id >= alive_size) {
        uint32_t size = id + 1 > 2 * alive_size ? id + 1 : 2 * alive_size;
        struct ipcr_comm **more = realloc(alive, size * sizeof *more);
        if (!more)
            ipcr_err_fatal("no memory for a list of %u communicators", size);
        memset(more + alive_size, 0, (size - alive_size) * sizeof *more);
        alive = more;
        alive_size = size;
    }
    alive[id] = c;
}

struct ipcr_comm *ipcr_comm_by_ctx(uint32_t ctx)
{
    uint32_t id = ipcr_ctxid_of(ctx);
    return id < alive_size ? alive[id] : NULL;
}

int ipcr_comm_raise_bad(MPI_Comm h)
{
    return IPCR_RAISE(NULL, MPI_ERR_COMM, "%s",
                      h == MPI_COMM_NULL ? "the communicator is MPI_COMM_NULL"
                      : h == MPI_COMM_WORLD || h == MPI_COMM_SELF
                          ? "there is no MPI_COMM_WORLD and no MPI_COMM_SELF outside MPI_Init .. "
                            "MPI_Finalize; sessions make communicators from process sets"
                          : "the handle is not a communicator, or was freed");
}

static void survey_nodes(struct ipcr_comm *c)
{
    bool *seen = calloc((size_t)ipcr_job.nodes, sizeof *seen);
    int last = -1;
    if (!seen)
        ipcr_err_fatal("no memory to count the nodes of a communicator of %d ranks", c->size);
    for (int r = 0; r < c->size; r++) {
        int node = ipcr_job.node_of[c->group->world[r]];
        c->spread |= seen[node];
        c->mixed |= seen[node] && node != last;
        seen[node] = true;
        last = node;
    }
    free(seen);
}

/* What collectives want to know of the members' places. */
static void survey(struct ipcr_comm *c)
{
    int here = 0;
    for (int r = 0; r < c->size; r++)
        here += ipcr_job.node_of[c->group->world[r]] == ipcr_job.node;
    c->local_peers = (int16_t)here;
    c->one_node = here == c->size;
    c->crowded = here > ipcr_job.cores;
    c->spread = c->mixed = false;
    if (!c->one_node)
        survey_nodes(c);
}

struct ipcr_comm *ipcr_comm_prepare(struct ipcr_group *group, struct ipcr_group *remote,
                                    const struct ipcr_comm *parent)
{
    struct ipcr_comm *c = ipcr_grave_take(&graves, sizeof *c);
    if (!c)
        ipcr_err_fatal("no memory for a communicator of %d ranks", group->size);
    c->refs = 1;
    c->group = group;
    c->remote = remote ? remote : group;
    c->rank = group->rank;
    c->size = group->size;
    c->remote_size = c->remote->size;
    c->any_source = MPI_ANY_SOURCE;
    c->any_tag = MPI_ANY_TAG;
    c->handle = (MPI_Comm)c;
    c->of_session = parent && parent->of_session;
    c->session = group->session || !parent ? group->session : parent->session;
    if (!group->predefined)
        group->session = c->session; /* MPI_Comm_group hands it out */
    c->errhandler = parent ? parent->errhandler : ipcr_errhandler_predefined;
    ipcr_errhandler_retain(c->errhandler);
    survey(c);
    return c;
}

/* Not in the list of those alive: the id is the intercommunicator's. */
static struct ipcr_comm *open_local(const struct ipcr_comm *inter)
{
    ipcr_group_retain(inter->group);
    struct ipcr_comm *local = ipcr_comm_prepare(inter->group, NULL, inter);
    local->magic = IPCR_COMM_MAGIC;
    local->ctx = inter->ctx + 1;
    return local;
}

void ipcr_comm_open(struct ipcr_comm *c, uint32_t ctx)
{
    c->magic = IPCR_COMM_MAGIC;
    c->ctx = ctx;
    if (ipcr_comm_is_inter(c))
        c->local = open_local(c);
    enlist(c);
    IPCR_OBSERVE(object, IPCR_OBJECT_COMM, c, true);
}

static bool owns_its_id(const struct ipcr_comm *c)
{
    return c->magic == IPCR_COMM_MAGIC && c->ctx % 4 == 0;
}

bool ipcr_comm_shares_memory(const struct ipcr_comm *c)
{
    for (int r = 0; r < c->size; r++)
        if (r != c->rank && !ipcr_peer_shares_memory(c->group->world[r]))
            return false;
    return true;
}

void ipcr_comm_release(struct ipcr_comm *c)
{
    if (--c->refs)
        return;
    free(c->levels);
    if (c->coll_free)
        c->coll_free(c->coll_cache);
    free(c->bsend); /* nothing lies in it: each message there kept the communicator */
    ipcr_attr_drop_all(ipcr_comm_attrs(c));
    ipcr_info_free(c->info);
    ipcr_errhandler_release(c->errhandler);
    ipcr_topo_release(c->topo);
    if (ipcr_comm_is_inter(c))
        ipcr_group_release(c->remote);
    if (c->local)
        ipcr_comm_release(c->local);
    ipcr_group_release(c->group);
    if (owns_its_id(c)) {
        alive[ipcr_ctxid_of(c->ctx)] = NULL;
        ipcr_ctxid_free(c->ctx);
    }
    ipcr_grave_put(&graves, c);
}

/* Promises that a program may make about its use of a communicator. They are the hints we know:
 * kept and shown, though nothing is faster for them yet. Others are ignored, as the standard
 * allows.
 */
static const char *const known_hints[] = {
    "mpi_assert_no_any_tag",
    "mpi_assert_no_any_source",
    "mpi_assert_exact_length",
    "mpi_assert_allow_overtaking",
};
enum { KNOWN_HINTS = sizeof known_hints / sizeof *known_hints };

static bool promised(const struct ipcr_comm *c, const char *hint)
{
    const char *value = c->info ? ipcr_info_get(c->info, hint) : NULL;
    return value && strcmp(value, "true") == 0;
}

int ipcr_comm_set_hints(struct ipcr_comm *c, const struct ipcr_info *from)
{
    for (int i = 0; from && i < KNOWN_HINTS; i++) {
        const char *value = ipcr_info_get(from, known_hints[i]);
        if (!value || (strcmp(value, "true") != 0 && strcmp(value, "false") != 0))
            continue;
        if (!c->info && !(c->info = ipcr_info_new()))
            return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for the hints of a communicator");
        int class = ipcr_info_set(c->info, known_hints[i], value);
        if (class != MPI_SUCCESS)
            return class;
    }
    c->any_tag = promised(c, "mpi_assert_no_any_tag") ? 0 : MPI_ANY_TAG;
    c->any_source = promised(c, "mpi_assert_no_any_source") ? 0 : MPI_ANY_SOURCE;
    return MPI_SUCCESS;
}

struct ipcr_info *ipcr_comm_get_hints(const struct ipcr_comm *c)
{
    struct ipcr_info *all = ipcr_info_new();
    for (int i = 0; all && i < KNOWN_HINTS; i++) {
        const char *value = c->info ? ipcr_info_get(c->info, known_hints[i]) : NULL;
        if (ipcr_info_set(all, known_hints[i], value ? value : "false") != MPI_SUCCESS) {
            ipcr_info_free(all);
            return NULL;
        }
    }
    return all;
}

static struct ipcr_comm *predefined(int size, uint32_t ctx, MPI_Comm handle, const char *name)
{
    struct ipcr_group *g = ipcr_group_new(size);
    if (!g)
        ipcr_err_fatal("no memory for the group of %s (%d ranks)", name, size);
    for (int r = 0; r < size; r++)
        g->world[r] = size == 1 ? ipcr_job.rank : r;
    struct ipcr_comm *c = ipcr_comm_prepare(ipcr_group_settle(g), NULL, NULL);
    ipcr_comm_open(c, ctx);
    c->handle = handle;
    strcpy(c->name, name);
    return c;
}

int ipcr_comm_init(void)
{
    ipcr_ctxid_init();
    ipcr_comm_base = predefined(ipcr_job.size, IPCR_CTX_WORLD, MPI_COMM_WORLD, "MPI_COMM_WORLD");
    base_self = predefined(1, IPCR_CTX_SELF, MPI_COMM_SELF, "MPI_COMM_SELF");
    ipcr_comm_base->of_session = true;
    return MPI_SUCCESS;
}

void ipcr_comm_open_world(void)
{
    ipcr_comm_world = ipcr_comm_base;
    ipcr_comm_self = base_self;
    ipcr_comm_base->of_session = false;
}

/* Sessions may go on, so the objects stay. */
void ipcr_comm_close_world(void)
{
    ipcr_attr_drop_all(ipcr_comm_attrs(ipcr_comm_world));
    ipcr_attr_drop_all(ipcr_comm_attrs(ipcr_comm_self));
    ipcr_comm_world = ipcr_comm_self = NULL;
    ipcr_comm_base->of_session = true;
}

void ipcr_comm_finish(void)
{
    /* Also those that the program never freed, whatever still refers to them. */
    for (uint32_t id = 0; id < alive_size; id++) {
        if (!alive[id])
            continue;
        alive[id]->refs = 1;
        if (alive[id]->local)
            alive[id]->local->refs = 1;
        ipcr_comm_release(alive[id]);
    }
    ipcr_comm_world = ipcr_comm_self = ipcr_comm_base = base_self = NULL;
    free(alive);
    alive = NULL;
    alive_size = 0;
    ipcr_grave_empty(&graves);
    ipcr_ctxid_finish();
}
