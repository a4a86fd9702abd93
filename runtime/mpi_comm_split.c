/* MPI calls that split a communicator, by colors or by hardware. MPI 5.0 section 7.4.2. */
#include <stdlib.h>
#include <string.h>

#include "coll.h"
#include "comm.h"
#include "comm_make.h"
#include "err.h"
#include "group.h"
#include "hw.h"
#include "info.h"
#include "job.h"
#include "lock.h"
#include "observe.h"
#include "session.h"

struct choice { /* of one rank of the old communicator; two ints on the wire, then sorted */
    int color, key;
};
struct member {
    int key, rank;
};

static int by_key(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->rank < y->rank ? -1 : x->rank > y->rank;
}

/* Those of a color among `from`, ordered by key, then by rank. Ends the job without memory: the
 * other members have gone on to the agreement. */
static struct ipcr_group *gather_color(const struct ipcr_group *from, const struct choice *all,
                                       int color)
{
    int n = 0;
    struct member *chosen = malloc(((size_t)from->size + 1) * sizeof *chosen);
    for (int r = 0; chosen && r < from->size; r++)
        if (all[r].color == color)
            chosen[n++] = (struct member){all[r].key, r};
    struct ipcr_group *g = chosen ? ipcr_group_new(n) : NULL;
    if (!g)
        ipcr_err_fatal("no memory to split a group of %d ranks", from->size);
    qsort(chosen, (size_t)n, sizeof *chosen, by_key);
    for (int i = 0; i < n; i++)
        g->world[i] = from->world[chosen[i].rank];
    free(chosen);
    return ipcr_group_settle(g);
}

/* What everybody chose, on my side and, if there is one, on the other; one allocation. */
struct choices {
    struct choice *ours, *theirs;
};
enum { CHOICE_INTS = sizeof(struct choice) / sizeof(int) };

static int gather_choices(struct ipcr_comm *c, struct choice mine, struct choices *all)
{
    bool inter = ipcr_comm_is_inter(c);
    size_t theirs = inter ? (size_t)c->remote_size : 0;
    all->ours = malloc(((size_t)c->size + theirs) * sizeof *all->ours);
    if (!all->ours)
        ipcr_err_fatal("no memory to split a communicator of %d ranks", c->size);
    all->theirs = all->ours + c->size;
    int class = ipcr_coll_allgather(&mine, CHOICE_INTS, MPI_INT, all->ours, inter ? c->local : c);
    if (!inter || class != MPI_SUCCESS)
        return class;
    struct ipcr_circle k = ipcr_circle_of(c);
    return ipcr_circle_swap(&k, (struct ipcr_ints){&all->ours->color, CHOICE_INTS * c->size},
                            (struct ipcr_ints){&all->theirs->color, CHOICE_INTS * c->remote_size});
}

/* The group, and on an intercommunicator both; none where the color is undefined, or missing on the
 * other side. */
static struct ipcr_sides sides_of(struct ipcr_comm *c, int color, const struct choices *all)
{
    struct ipcr_sides sides = {.parent = c};
    if (color == MPI_UNDEFINED)
        return sides;
    if (ipcr_comm_is_inter(c)) {
        sides.remote = gather_color(c->remote, all->theirs, color);
        if (sides.remote->size == 0)
            return sides;
    }
    sides.group = gather_color(c->group, all->ours, color);
    return sides;
}

/* Time and memory: one allgather of 8 bytes a rank and a sort of those with my color. */
int ipcr_comm_split(struct ipcr_comm *c, int color, int key, struct ipcr_comm **made)
{
    struct choices all;
    IPCR_OBSERVE(meeting, c);
    int class = gather_choices(c, (struct choice){color, key}, &all);
    *made = NULL;
    if (class == MPI_SUCCESS)
        class = ipcr_comm_make_in(c, sides_of(c, color, &all), true, made);
    free(all.ours);
    return class;
}

int PMPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_split");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    struct ipcr_comm *c = ipcr_comm_of(comm), *made;
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (color < 0 && color != MPI_UNDEFINED)
        return IPCR_RAISE(c, MPI_ERR_ARG, "the color is %d; it must not be negative", color);
    int class = ipcr_comm_split(c, color, key, &made);
    return ipcr_comm_hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_split);

/* ---- by hardware ---- */

/* The color of an instance on this node, named by its first CPU; those of other nodes have others.
 */
static int color_of_instance(int first)
{
    return first == MPI_UNDEFINED ? MPI_UNDEFINED : ipcr_job.node * CPU_SETSIZE + first;
}

static int color_of_kind(enum ipcr_hw_kind kind)
{
    int first;
    return ipcr_hw_mine(kind, &first) ? color_of_instance(first) : MPI_UNDEFINED;
}

/* The standard's own name for what ranks of a node share, or one of hw.h. */
static int color_of_resource(const char *name)
{
    if (strcmp(name, "mpi_shared_memory") == 0)
        return ipcr_job.node;
    enum ipcr_hw_kind kind = ipcr_hw_named(name);
    return kind == IPCR_HW_KINDS ? MPI_UNDEFINED : color_of_kind(kind);
}

/* Of several sets with one name (each process has a mpi://SELF) the first member tells which. */
static int color_of_pset(const char *name)
{
    const struct ipcr_pset *set = ipcr_pset_named(name);
    int first = 0;
    if (!set || !set->has(ipcr_job.rank))
        return MPI_UNDEFINED;
    while (!set->has(first))
        first++;
    return first;
}

static int guided_color(int split_type, const struct ipcr_info *hints)
{
    const char *resource = hints ? ipcr_info_get(hints, "mpi_hw_resource_type") : NULL;
    const char *set = hints ? ipcr_info_get(hints, "mpi_pset_name") : NULL;
    if (resource)
        return color_of_resource(resource);
    return set && split_type == MPI_COMM_TYPE_RESOURCE_GUIDED ? color_of_pset(set) : MPI_UNDEFINED;
}

/* Unguided means the largest kind of hardware that takes the ranks apart: for that everybody has to
 * know where the others are. Who asks for something else, perhaps for nothing, cannot know that
 * others ask for this; so all calls have this exchange. */
struct whereabouts {
    int wanted; /* does this rank ask for an unguided split? */
    int color[IPCR_HW_KINDS];
};
enum { WHEREABOUTS_INTS = sizeof(struct whereabouts) / sizeof(int) };

static struct whereabouts my_whereabouts(bool wanted)
{
    struct whereabouts here = {.wanted = wanted};
    for (enum ipcr_hw_kind kind = 0; wanted && kind < IPCR_HW_KINDS; kind++)
        here.color[kind] = color_of_kind(kind);
    return here;
}

static bool takes_apart(const struct whereabouts *all, int n, int me, enum ipcr_hw_kind kind)
{
    for (int r = 0; r < n; r++)
        if (all[r].wanted && all[r].color[kind] != all[me].color[kind])
            return true;
    return false;
}

/* MPI_UNDEFINED where nothing takes the ranks apart. */
static int unguided_color(struct ipcr_comm *c, bool wanted, int *color)
{
    struct whereabouts here = my_whereabouts(wanted);
    struct whereabouts *all = malloc((size_t)c->size * sizeof *all);
    if (!all)
        ipcr_err_fatal("no memory to split a communicator of %d ranks", c->size);
    int class = ipcr_coll_allgather(&here, WHEREABOUTS_INTS, MPI_INT, all, c);
    *color = MPI_UNDEFINED;
    for (enum ipcr_hw_kind kind = 0; wanted && kind < IPCR_HW_KINDS; kind++)
        if (takes_apart(all, c->size, c->rank, kind)) {
            *color = here.color[kind];
            break;
        }
    free(all);
    return class;
}

static int split_by_type(struct ipcr_comm *c, int split_type, int key,
                         const struct ipcr_info *hints, struct ipcr_comm **made)
{
    IPCR_OBSERVE(meeting, c);
    int color, class = unguided_color(c, split_type == MPI_COMM_TYPE_HW_UNGUIDED, &color);
    if (class != MPI_SUCCESS)
        return class;
    if (split_type == MPI_COMM_TYPE_SHARED)
        color = ipcr_job.node;
    else if (split_type == MPI_COMM_TYPE_HW_GUIDED || split_type == MPI_COMM_TYPE_RESOURCE_GUIDED)
        color = guided_color(split_type, hints);
    return ipcr_comm_split(c, color, key, made);
}

static int check_split_type(const struct ipcr_comm *c, int split_type, MPI_Info info)
{
    bool known =
        (split_type >= MPI_COMM_TYPE_SHARED && split_type <= MPI_COMM_TYPE_RESOURCE_GUIDED) ||
        split_type == MPI_UNDEFINED;
    if (info != MPI_INFO_NULL && !ipcr_info_of(info))
        return ipcr_err_note(MPI_ERR_INFO, "%p is not an info object", (void *)info);
    if (!known)
        return ipcr_err_note(MPI_ERR_ARG, "%d is not a split type", split_type);
    if (ipcr_comm_is_inter(c))
        return ipcr_err_note(MPI_ERR_COMM, "it is an intercommunicator");
    return MPI_SUCCESS;
}

int PMPI_Comm_split_type(MPI_Comm comm, int split_type, int key, MPI_Info info, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_split_type");
    if (!newcomm)
        return IPCR_NO_PLACE_ON(comm, "newcomm");
    struct ipcr_comm *c = ipcr_comm_of(comm), *made = NULL;
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    int class = check_split_type(c, split_type, info);
    if (class == MPI_SUCCESS)
        class = split_by_type(c, split_type, key, ipcr_info_of(info), &made);
    return ipcr_comm_hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_split_type);
