/* MPI calls that split a communicator, by colors or by hardware. MPI 5.0 section 7.4.2. */
#include <stdlib.h>
#include <string.h>

#include "coll.h"
#include "comm.h"
#include "comm_make.h"
#include "err.h"
#include "group.h"
#include "info.h"
#include "job.h"
#include "lock.h"

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
    int class = gather_choices(c, (struct choice){color, key}, &all);
    *made = NULL;
    if (class == MPI_SUCCESS)
        class = ipcr_comm_make_in(c, sides_of(c, color, &all), true, made);
    free(all.ours);
    return class;
}

/* The way out: `made` is NULL where this process is in no new communicator. */
static int hand_out(struct ipcr_comm *c, int class, const struct ipcr_comm *made, MPI_Comm *newcomm)
{
    if (class == MPI_SUCCESS && made)
        *newcomm = made->handle;
    return IPCR_FINISH(c, class);
}

int PMPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_split");
    struct ipcr_comm *c = ipcr_comm_of(comm), *made;
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (color < 0 && color != MPI_UNDEFINED)
        return IPCR_RAISE(c, MPI_ERR_ARG, "the color is %d; it must not be negative", color);
    int class = ipcr_comm_split(c, color, key, &made);
    return hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_split);

/* Guided splits name the kind of hardware in the info object. We know one kind, the node. */
static int guided_color(const struct ipcr_info *hints)
{
    const char *kind = hints ? ipcr_info_get(hints, "mpi_hw_resource_type") : NULL;
    return kind && strcmp(kind, "mpi_shared_memory") == 0 ? ipcr_job.node : MPI_UNDEFINED;
}

/* The color that a split type means for this rank; -1: there is no such type. Unguided asks for
 * the next smaller unit, so when all members share a node there is none that we know. */
static int color_of_type(const struct ipcr_comm *c, int split_type, const struct ipcr_info *hints)
{
    switch (split_type) {
    case MPI_COMM_TYPE_SHARED:
        return ipcr_job.node;
    case MPI_COMM_TYPE_HW_UNGUIDED:
        return c->one_node ? MPI_UNDEFINED : ipcr_job.node;
    case MPI_COMM_TYPE_HW_GUIDED:
    case MPI_COMM_TYPE_RESOURCE_GUIDED:
        return guided_color(hints);
    case MPI_UNDEFINED:
        return MPI_UNDEFINED;
    default:
        return -1;
    }
}

int PMPI_Comm_split_type(MPI_Comm comm, int split_type, int key, MPI_Info info, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_split_type");
    struct ipcr_comm *c = ipcr_comm_of(comm), *made;
    const struct ipcr_info *hints = ipcr_info_of(info);
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!hints && info != MPI_INFO_NULL)
        return IPCR_RAISE(c, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    int color = color_of_type(c, split_type, hints);
    if (color == -1)
        return IPCR_RAISE(c, MPI_ERR_ARG, "%d is not a split type", split_type);
    int class = ipcr_comm_split(c, color, key, &made);
    return hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_split_type);
