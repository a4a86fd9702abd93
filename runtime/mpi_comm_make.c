/* MPI calls that make communicators: dup, create, create_group. MPI 5.0 section 7.4.2. Those with
 * more to them have files of their own: mpi_comm_split.c, mpi_comm_idup.c, mpi_comm_inter.c.
 *
 * All work alike: find the members, agree with them on a context id (agree.h), build the object. No
 * member needs to wait for the others after that: their first message on the new context is kept as
 * an unexpected one. */
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "comm.h"
#include "comm_make.h"
#include "ctxid.h"
#include "err.h"
#include "group.h"
#include "info.h"
#include "lock.h"
#include "observe.h"
#include "topo.h"

int ipcr_comm_make(struct ipcr_circle *k, struct ipcr_sides sides, struct ipcr_comm **made)
{
    uint32_t ctx;
    int class = ipcr_circle_context(k, &ctx);
    *made = NULL;
    if (class == MPI_SUCCESS && sides.group) {
        *made = ipcr_comm_prepare(sides.group, sides.remote, sides.parent);
        ipcr_comm_open(*made, ctx);
        (*made)->threads = (uint8_t)k->threads;
        return MPI_SUCCESS;
    }
    if (class == MPI_SUCCESS)
        ipcr_ctxid_free(ctx);
    if (sides.group)
        ipcr_group_release(sides.group);
    if (sides.remote)
        ipcr_group_release(sides.remote);
    return class;
}

int ipcr_comm_make_in(struct ipcr_comm *c, struct ipcr_sides sides, bool entered,
                      struct ipcr_comm **made)
{
    struct ipcr_circle k = ipcr_circle_of(c);
    k.entered = entered;
    int class = ipcr_comm_make(&k, sides, made);
    c->threads = (uint8_t)k.threads;
    return class;
}

/* ---- duplicates ---- */

struct ipcr_comm *ipcr_comm_prepare_copy(struct ipcr_comm *c, const struct ipcr_info *hints,
                                         int *class)
{
    struct ipcr_group *remote = ipcr_comm_is_inter(c) ? c->remote : NULL;
    ipcr_group_retain(c->group);
    if (remote)
        ipcr_group_retain(remote);
    struct ipcr_comm *copy = ipcr_comm_prepare(c->group, remote, c);
    copy->topo = ipcr_topo_retain(c->topo);
    *class = ipcr_comm_set_hints(copy, hints);
    if (*class == MPI_SUCCESS)
        *class = ipcr_attr_copy_all(ipcr_comm_attrs(c), ipcr_comm_attrs(copy));
    return copy;
}

void ipcr_comm_drop_copy(struct ipcr_comm *copy)
{
    ipcr_attr_delete_all(ipcr_comm_attrs(copy));
    ipcr_comm_release(copy);
}

static int duplicate(struct ipcr_comm *c, const struct ipcr_info *hints, MPI_Comm *newcomm)
{
    int prepared;
    uint32_t ctx;
    IPCR_OBSERVE(meeting, c);
    struct ipcr_comm *copy = ipcr_comm_prepare_copy(c, hints, &prepared);
    struct ipcr_circle k = ipcr_circle_of(c);
    int class = ipcr_circle_context(&k, &ctx);
    if (class == MPI_SUCCESS && prepared != MPI_SUCCESS)
        ipcr_ctxid_free(ctx);
    if (class == MPI_SUCCESS)
        class = prepared;
    if (class != MPI_SUCCESS) {
        ipcr_comm_drop_copy(copy);
        return class;
    }
    c->threads = copy->threads = (uint8_t)k.threads;
    ipcr_comm_open(copy, ctx);
    *newcomm = copy->handle;
    return MPI_SUCCESS;
}

int PMPI_Comm_dup(MPI_Comm comm, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_dup");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    return IPCR_FINISH(c, duplicate(c, NULL, newcomm));
}
IPCR_ALIAS(Comm_dup);

int PMPI_Comm_dup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_dup_with_info");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    const struct ipcr_info *hints = ipcr_info_of(info);
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!hints && info != MPI_INFO_NULL)
        return IPCR_RAISE(c, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    return IPCR_FINISH(c, duplicate(c, hints, newcomm));
}
IPCR_ALIAS(Comm_dup_with_info);

/* ---- from a group ---- */

/* The ranks in c of g's members, malloc'ed; or NULL, and the class in *class (noted). */
static int *ranks_in(const struct ipcr_comm *c, const struct ipcr_group *g, int *class)
{
    int *own = malloc(2 * ((size_t)g->size + 1) * sizeof *own), *in_comm = own + g->size;
    if (!own) {
        *class = ipcr_err_note(MPI_ERR_NO_MEM, "no memory for %d ranks", g->size);
        return NULL;
    }
    for (int r = 0; r < g->size; r++)
        own[r] = r;
    *class = ipcr_group_translate(g, g->size, own, c->group, in_comm);
    for (int r = 0; r < g->size && *class == MPI_SUCCESS; r++)
        if (in_comm[r] == MPI_UNDEFINED)
            *class = ipcr_err_note(MPI_ERR_GROUP,
                                   "member %d of the group is not in the communicator", r);
    if (*class == MPI_SUCCESS)
        memmove(own, in_comm, (size_t)g->size * sizeof *own);
    else
        free(own);
    return *class == MPI_SUCCESS ? own : NULL;
}

/* All of c agree on one context, also those that are in no new group: the groups are disjoint. */
static int create_intra(struct ipcr_comm *c, struct ipcr_group *g, struct ipcr_comm **made)
{
    struct ipcr_sides sides = {.parent = c};
    if (g->rank != MPI_UNDEFINED) {
        ipcr_group_retain(g);
        sides.group = g;
    }
    return ipcr_comm_make_in(c, sides, false, made);
}

int ipcr_comm_swap_groups(struct ipcr_circle *k, const struct ipcr_group *ours,
                          struct ipcr_group **theirs)
{
    int size, mine = ours->size;
    int class = ipcr_circle_swap(k, (struct ipcr_ints){&mine, 1}, (struct ipcr_ints){&size, 1});
    if (class != MPI_SUCCESS)
        return class;
    struct ipcr_group *g = ipcr_group_new(size);
    if (!g)
        ipcr_err_fatal("no memory for a group of %d ranks", size);
    struct ipcr_ints out = {(int *)(uintptr_t)ours->world, ours->size};
    class = ipcr_circle_swap(k, out, (struct ipcr_ints){g->world, size});
    *theirs = ipcr_group_settle(g);
    return class;
}

/* Both sides need members, and this process has to be one. */
static int create_inter(struct ipcr_comm *c, struct ipcr_group *g, struct ipcr_comm **made)
{
    struct ipcr_circle k = ipcr_circle_of(c);
    struct ipcr_sides sides = {.parent = c};
    int class = ipcr_comm_swap_groups(&k, g, &sides.remote);
    if (class != MPI_SUCCESS)
        return class;
    if (g->rank != MPI_UNDEFINED && sides.remote->size) {
        ipcr_group_retain(g);
        sides.group = g;
    }
    return ipcr_comm_make(&k, sides, made);
}

int ipcr_comm_create(struct ipcr_comm *c, struct ipcr_group *g, struct ipcr_comm **made)
{
    *made = NULL;
    IPCR_OBSERVE(meeting, c);
    return ipcr_comm_is_inter(c) ? create_inter(c, g, made) : create_intra(c, g, made);
}

int ipcr_comm_hand_out(struct ipcr_comm *c, int class, const struct ipcr_comm *made,
                       MPI_Comm *newcomm)
{
    if (class == MPI_SUCCESS && made)
        *newcomm = made->handle;
    return IPCR_FINISH(c, class);
}

int PMPI_Comm_create(MPI_Comm comm, MPI_Group group, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_create");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct ipcr_group *g = ipcr_group_of(group);
    struct ipcr_comm *made = NULL;
    int class;
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!g)
        return IPCR_RAISE(c, MPI_ERR_GROUP, "%p is not a group", (void *)group);
    int *ranks = ranks_in(c, g, &class);
    free(ranks);
    if (ranks)
        class = ipcr_comm_create(c, g, &made);
    return ipcr_comm_hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_create);

/* Only the members of g take part. The tag tells their agreement from others'. */
static int create_in_group(struct ipcr_comm *c, struct ipcr_group *g, int tag,
                           struct ipcr_comm **made)
{
    int class, *ranks = ranks_in(c, g, &class);
    if (!ranks)
        return class;
    struct ipcr_circle k = {.comm = c,
                            .group = g,
                            .ranks = ranks,
                            .ctx = c->ctx + 2,
                            .tag = tag,
                            .key = (uint64_t)(c->ctx + 2) << 32 | (uint32_t)tag,
                            .threads = (enum ipcr_comm_threads)c->threads};
    ipcr_group_retain(g);
    class = ipcr_comm_make(&k, (struct ipcr_sides){.group = g, .parent = c}, made);
    free(ranks);
    return class;
}

int PMPI_Comm_create_group(MPI_Comm comm, MPI_Group group, int tag, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_create_group");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct ipcr_group *g = ipcr_group_of(group);
    struct ipcr_comm *made = NULL;
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!g)
        return IPCR_RAISE(c, MPI_ERR_GROUP, "%p is not a group", (void *)group);
    if (ipcr_comm_is_inter(c))
        return IPCR_RAISE(c, MPI_ERR_COMM, "it is an intercommunicator");
    if (tag < 0)
        return IPCR_RAISE(c, MPI_ERR_TAG, "the tag is %d", tag);
    if (g->rank == MPI_UNDEFINED)
        return IPCR_LEAVE();
    int class = create_in_group(c, g, tag, &made);
    return ipcr_comm_hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_create_group);
