/* MPI calls that make communicators from groups alone, as programs do that start with sessions. MPI
 * 5.0 sections 7.4.2 and 7.6.2.
 *
 * There is no communicator to talk on, so the members talk on a context that the library keeps for
 * this (comm.h), in ranks of the job. The program's string tells concurrent calls apart; on the
 * wire a number of 31 bits stands for it. */
#include <string.h>

#include "comm.h"
#include "comm_make.h"
#include "ctxid.h"
#include "err.h"
#include "errhandler.h"
#include "group.h"
#include "info.h"
#include "lock.h"

#define CTX_MEMBERS (IPCR_CTX_SELF + 2)
#define CTX_LEADERS (IPCR_CTX_SELF + 3)

struct request { /* the arguments that both calls have in common */
    const char *stringtag;
    MPI_Info info;
    MPI_Errhandler errhandler;
};

/* There is no communicator yet to raise an error on; one that never opens lends the handler a
 * place.
 */
static int finish(const struct request *r, int class)
{
    struct ipcr_comm unmade = {.handle = MPI_COMM_NULL, .name = "to be made from a group"};
    if (class == MPI_SUCCESS)
        return IPCR_LEAVE();
    unmade.errhandler = ipcr_errhandler_of(r->errhandler);
    return ipcr_err_raise(unmade.errhandler ? &unmade : NULL, class, NULL);
}

static int check_request(const struct request *r)
{
    const struct ipcr_errhandler *e = ipcr_errhandler_of(r->errhandler);
    if (!e || !ipcr_errhandler_suits(e, IPCR_FOR_COMM))
        return ipcr_err_note(MPI_ERR_ERRHANDLER, "%p is not an error handler for communicators",
                             (void *)r->errhandler);
    if (!r->stringtag)
        return ipcr_err_note(MPI_ERR_ARG, "the string tag is a null pointer");
    if (strnlen(r->stringtag, MPI_MAX_STRINGTAG_LEN) == MPI_MAX_STRINGTAG_LEN)
        return ipcr_err_note(MPI_ERR_ARG,
                             "the string tag is longer than the %d bytes of "
                             "MPI_MAX_STRINGTAG_LEN",
                             MPI_MAX_STRINGTAG_LEN);
    if (r->info != MPI_INFO_NULL && !ipcr_info_of(r->info))
        return ipcr_err_note(MPI_ERR_INFO, "%p is not an info object", (void *)r->info);
    return MPI_SUCCESS;
}

/* FNV-1a. */
static int number_of(const char *stringtag)
{
    uint32_t hash = 2166136261u;
    for (; *stringtag; stringtag++)
        hash = (hash ^ (unsigned char)*stringtag) * 16777619u;
    return (int)(hash >> 1);
}

static struct ipcr_circle circle_of(const struct ipcr_group *g, const char *stringtag)
{
    int tag = number_of(stringtag);
    return (struct ipcr_circle){.comm = ipcr_comm_base,
                                .group = g,
                                .ranks = g->world,
                                .ctx = CTX_MEMBERS,
                                .tag = tag,
                                .key = (uint64_t)CTX_MEMBERS << 32 | (uint32_t)tag};
}

static int settle(const struct request *r, struct ipcr_comm *made, MPI_Comm *newcomm)
{
    struct ipcr_errhandler *e = ipcr_errhandler_of(r->errhandler);
    ipcr_errhandler_retain(e);
    ipcr_errhandler_release(made->errhandler);
    made->errhandler = e;
    made->of_session = true;
    int class = ipcr_comm_set_hints(made, ipcr_info_of(r->info));
    if (class == MPI_SUCCESS)
        *newcomm = made->handle;
    else
        ipcr_comm_release(made);
    return class;
}

/* A group that this process is in, or the class of the error. */
static int check_membership(const struct ipcr_group *g, MPI_Group handle)
{
    if (!g)
        return ipcr_err_note(MPI_ERR_GROUP, "%p is not a group", (void *)handle);
    if (g->rank == MPI_UNDEFINED)
        return ipcr_err_note(MPI_ERR_GROUP, "this process is not in the group of %d", g->size);
    return MPI_SUCCESS;
}

/* ---- one side ---- */

static int from_group(const struct request *r, MPI_Group group, MPI_Comm *newcomm)
{
    struct ipcr_group *g = ipcr_group_of(group);
    struct ipcr_comm *made;
    int class = check_request(r);
    if (class != MPI_SUCCESS || (g && g->size == 0))
        return class;
    class = check_membership(g, group);
    if (class != MPI_SUCCESS)
        return class;
    struct ipcr_circle k = circle_of(g, r->stringtag);
    ipcr_group_retain(g);
    class = ipcr_comm_make(&k, (struct ipcr_sides){.group = g}, &made);
    return class == MPI_SUCCESS ? settle(r, made, newcomm) : class;
}

int PMPI_Comm_create_from_group(MPI_Group group, const char *stringtag, MPI_Info info,
                                MPI_Errhandler errhandler, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_create_from_group");
    if (!newcomm)
        return IPCR_NO_PLACE("newcomm");
    struct request r = {stringtag, info, errhandler};
    *newcomm = MPI_COMM_NULL;
    return finish(&r, from_group(&r, group, newcomm));
}
IPCR_ALIAS(Comm_create_from_group);

/* ---- two sides ---- */

struct other_side { /* only the local leader's is looked at */
    MPI_Group group;
    int leader;
};

static int check_other(const struct other_side *o)
{
    const struct ipcr_group *g = ipcr_group_of(o->group);
    if (!g)
        return ipcr_err_note(MPI_ERR_GROUP, "the remote group %p is not a group", (void *)o->group);
    if (o->leader < 0 || o->leader >= g->size)
        return ipcr_err_note(MPI_ERR_RANK, "the remote leader is %d; the group has %d members",
                             o->leader, g->size);
    return MPI_SUCCESS;
}

static int make_inter(const struct request *r, struct ipcr_group *g, int local_leader,
                      const struct other_side *other, struct ipcr_comm **made)
{
    struct ipcr_circle k = circle_of(g, r->stringtag);
    int refused = MPI_SUCCESS;
    k.leader = local_leader;
    k.bridge = (struct ipcr_bridge){
        .there = true, .comm = ipcr_comm_base, .ctx = CTX_LEADERS, .tag = k.tag};
    if (g->rank == local_leader) {
        refused = check_other(other);
        if (refused == MPI_SUCCESS)
            k.bridge.rank = ipcr_group_of(other->group)->world[other->leader];
    }
    return ipcr_intercomm_make(&k, g, NULL, refused, made);
}

static int from_groups(const struct request *r, MPI_Group group, int local_leader,
                       const struct other_side *other, MPI_Comm *newcomm)
{
    struct ipcr_group *g = ipcr_group_of(group);
    struct ipcr_comm *made;
    int class = check_request(r);
    if (class == MPI_SUCCESS)
        class = check_membership(g, group);
    if (class != MPI_SUCCESS)
        return class;
    if (local_leader < 0 || local_leader >= g->size)
        return ipcr_err_note(MPI_ERR_RANK, "the local leader is %d; the group has %d members",
                             local_leader, g->size);
    class = make_inter(r, g, local_leader, other, &made);
    return class == MPI_SUCCESS ? settle(r, made, newcomm) : class;
}

int PMPI_Intercomm_create_from_groups(MPI_Group local_group, int local_leader,
                                      MPI_Group remote_group, int remote_leader,
                                      const char *stringtag, MPI_Info info,
                                      MPI_Errhandler errhandler, MPI_Comm *newintercomm)
{
    IPCR_ENTER("MPI_Intercomm_create_from_groups");
    if (!newintercomm)
        return IPCR_NO_PLACE("newintercomm");
    struct request r = {stringtag, info, errhandler};
    struct other_side other = {remote_group, remote_leader};
    *newintercomm = MPI_COMM_NULL;
    return finish(&r, from_groups(&r, local_group, local_leader, &other, newintercomm));
}
IPCR_ALIAS(Intercomm_create_from_groups);
