/* MPI calls that make communicators: dup, create, create_group, split. MPI 5.0 section 7.4.2.
 *
 * All work alike: find the members, agree with them on a context id (ctxid.h), build the object. No
 * member needs to wait for the others after that: their first message on the new context is kept as
 * an unexpected one. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "coll.h"
#include "comm.h"
#include "comm_make.h"
#include "ctxid.h"
#include "err.h"
#include "group.h"
#include "info.h"
#include "job.h"
#include "lock.h"
#include "p2p.h"
#include "topo.h"

/* Who agrees: all of comm, through its collectives; or the members of group (which this process
 * belongs to) among themselves, by messages with the program's tag. */
struct circle {
    struct ipcr_comm *comm;
    struct ipcr_group *group; /* NULL: all of comm */
    const int *ranks;         /* of group's members in comm */
    int tag;
    bool entered; /* every member is known to be here */
};

/* ---- agreeing on a context id ---- */

static struct ipcr_msg words_message(const struct circle *k, uint64_t *words, size_t count,
                                     int member)
{
    return (struct ipcr_msg){.buf = words,
                             .count = count,
                             .type = ipcr_type_of(MPI_UINT64_T),
                             .comm = k->comm,
                             .rank = k->ranks[member],
                             .tag = k->tag,
                             .ctx = k->comm->ctx + 2,
                             .mode = IPCR_STANDARD};
}

static int receive_words(const struct circle *k, uint64_t *words, size_t count, int member)
{
    struct ipcr_msg m = words_message(k, words, count, member);
    return ipcr_p2p_recv(&m, MPI_STATUS_IGNORE);
}

static int send_words(const struct circle *k, uint64_t *words, size_t count, int member)
{
    struct ipcr_msg m = words_message(k, words, count, member);
    return ipcr_p2p_send(&m);
}

/* Up a binomial tree over the group: a member's parent is its rank without the lowest set bit.
 * Returns in *below the first distance at which the member has no child any more. */
static int and_upwards(const struct circle *k, uint64_t *words, size_t count, int *below)
{
    int me = k->group->rank, size = k->group->size, class = MPI_SUCCESS, distance = 1;
    uint64_t *theirs = malloc(count * sizeof *theirs);
    if (!theirs)
        ipcr_err_fatal("no memory to agree on a context id");
    for (; distance < size && !(me & distance) && class == MPI_SUCCESS; distance <<= 1) {
        if (me + distance >= size)
            continue;
        class = receive_words(k, theirs, count, me + distance);
        for (size_t i = 0; i < count; i++)
            words[i] &= theirs[i];
    }
    free(theirs);
    *below = distance;
    return me && class == MPI_SUCCESS ? send_words(k, words, count, me - distance) : class;
}

/* And down again with the result. */
static int and_in_group(const struct circle *k, uint64_t *words, size_t count)
{
    int me = k->group->rank, below, class = and_upwards(k, words, count, &below);
    if (me && class == MPI_SUCCESS)
        class = receive_words(k, words, count, me - below);
    for (int distance = below >> 1; distance && class == MPI_SUCCESS; distance >>= 1)
        if (me + distance < k->group->size)
            class = send_words(k, words, count, me + distance);
    return class;
}

static int and_words(const struct circle *k, uint64_t *words, size_t count)
{
    if (k->group)
        return and_in_group(k, words, count);
    return ipcr_coll_allreduce(MPI_IN_PLACE, words, count, MPI_UINT64_T, MPI_BAND, k->comm);
}

/* The same order at all members, and a different number for each agreement that one process can be
 * in at the same time. */
static uint64_t key_of(const struct circle *k)
{
    return (uint64_t)k->comm->ctx << 32 | (k->group ? (uint32_t)k->tag + 1 : 0);
}

static void let_other_threads_in(void)
{
    unsigned depth = ipcr_lock_pause();
    sched_yield();
    ipcr_lock_resume(depth);
}

/* Waits until every member is here, if some have threads (ctxid.h says why), and learns whether
 * they do. When none has, members are known to come in the same order everywhere, and nobody waits.
 */
static int enter(const struct circle *k, enum ipcr_comm_threads *threads)
{
    int size = k->group ? k->group->size : k->comm->size;
    *threads = (enum ipcr_comm_threads)k->comm->threads;
    if (k->entered || size == 1 || *threads == IPCR_THREADS_NONE)
        return MPI_SUCCESS;
    uint64_t alone = ipcr_gate & IPCR_GATE_THREADS ? 0 : 1;
    int class = and_words(k, &alone, 1);
    *threads = alone ? IPCR_THREADS_NONE : IPCR_THREADS_SOME;
    if (!k->group)
        k->comm->threads = (uint8_t)*threads;
    return class;
}

/* Rounds of ctxid.h until there is a context. */
static int bid(const struct circle *k, uint32_t *ctx)
{
    struct ipcr_ctxid_bid bid;
    enum ipcr_ctxid_result result = IPCR_CTXID_AGAIN;
    int class = MPI_SUCCESS;
    ipcr_ctxid_begin(&bid, key_of(k));
    while (class == MPI_SUCCESS && (result == IPCR_CTXID_AGAIN || result == IPCR_CTXID_BUSY)) {
        ipcr_ctxid_offer(&bid);
        class = and_words(k, bid.words, bid.count);
        if (class == MPI_SUCCESS)
            result = ipcr_ctxid_settle(&bid, ctx);
        if (result == IPCR_CTXID_BUSY)
            let_other_threads_in();
    }
    ipcr_ctxid_end(&bid);
    if (class == MPI_SUCCESS && result == IPCR_CTXID_NONE)
        class = ipcr_err_note(MPI_ERR_OTHER, "all context ids are in use: the program has about a "
                                             "million communicators; free those not needed");
    return class;
}

/* A new communicator of group g, whose reference goes over, or NULL where this process is in none:
 * it only takes part in the agreement. */
static int make(const struct circle *k, struct ipcr_group *g, struct ipcr_comm **made)
{
    uint32_t ctx;
    enum ipcr_comm_threads threads;
    int class = enter(k, &threads);
    if (class == MPI_SUCCESS)
        class = bid(k, &ctx);
    if (class != MPI_SUCCESS) {
        if (g)
            ipcr_group_release(g);
        return class;
    }
    if (!g) {
        ipcr_ctxid_free(ctx);
        return MPI_SUCCESS;
    }
    *made = ipcr_comm_new(g, ctx, k->comm);
    (*made)->threads = (uint8_t)threads;
    return MPI_SUCCESS;
}

/* ---- duplicates ---- */

/* hints NULL: those of the original. */
static int duplicate(struct ipcr_comm *c, const struct ipcr_info *hints, MPI_Comm *newcomm)
{
    struct ipcr_comm *copy;
    ipcr_group_retain(c->group);
    int class = make(&(struct circle){.comm = c}, c->group, &copy);
    if (class != MPI_SUCCESS)
        return class;
    copy->topo = ipcr_topo_retain(c->topo);
    if (hints) {
        ipcr_info_free(copy->info);
        copy->info = NULL;
        class = ipcr_comm_set_hints(copy, hints);
    }
    if (class == MPI_SUCCESS)
        class = ipcr_attr_copy_all(ipcr_comm_attrs(c), ipcr_comm_attrs(copy));
    if (class != MPI_SUCCESS) {
        ipcr_attr_delete_all(ipcr_comm_attrs(copy));
        ipcr_comm_release(copy);
        return class;
    }
    *newcomm = copy->handle;
    return MPI_SUCCESS;
}

int PMPI_Comm_dup(MPI_Comm comm, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_dup");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    return IPCR_FINISH(c, duplicate(c, NULL, newcomm));
}
IPCR_ALIAS(Comm_dup);

int PMPI_Comm_dup_with_info(MPI_Comm comm, MPI_Info info, MPI_Comm *newcomm)
{
    static const struct ipcr_info none = {.magic = IPCR_INFO_MAGIC};
    IPCR_ENTER("MPI_Comm_dup_with_info");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    const struct ipcr_info *hints = info == MPI_INFO_NULL ? &none : ipcr_info_of(info);
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!hints)
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

/* All of k->comm agree on one context, also those that are in no new group: the groups are
 * disjoint.
 */
static int create(const struct circle *k, struct ipcr_group *g, struct ipcr_comm **made)
{
    if (g->rank == MPI_UNDEFINED)
        return make(k, NULL, made);
    ipcr_group_retain(g);
    return make(k, g, made);
}

int ipcr_comm_create(struct ipcr_comm *c, struct ipcr_group *g, struct ipcr_comm **made)
{
    *made = NULL;
    return create(&(struct circle){.comm = c}, g, made);
}

/* The way out of the calls below: `made` is NULL where this process is in no new communicator. */
static int hand_out(struct ipcr_comm *c, int class, const struct ipcr_comm *made, MPI_Comm *newcomm)
{
    if (class == MPI_SUCCESS && made)
        *newcomm = made->handle;
    return IPCR_FINISH(c, class);
}

int PMPI_Comm_create(MPI_Comm comm, MPI_Group group, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_create");
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
    return hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_create);

static int create_in_group(struct ipcr_comm *c, struct ipcr_group *g, int tag,
                           struct ipcr_comm **made)
{
    int class, *ranks = ranks_in(c, g, &class);
    if (!ranks)
        return class;
    class = create(&(struct circle){.comm = c, .group = g, .ranks = ranks, .tag = tag}, g, made);
    free(ranks);
    return class;
}

int PMPI_Comm_create_group(MPI_Comm comm, MPI_Group group, int tag, MPI_Comm *newcomm)
{
    IPCR_ENTER("MPI_Comm_create_group");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    struct ipcr_group *g = ipcr_group_of(group);
    struct ipcr_comm *made = NULL;
    *newcomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!g)
        return IPCR_RAISE(c, MPI_ERR_GROUP, "%p is not a group", (void *)group);
    if (tag < 0)
        return IPCR_RAISE(c, MPI_ERR_TAG, "the tag is %d", tag);
    if (g->rank == MPI_UNDEFINED)
        return IPCR_LEAVE();
    int class = create_in_group(c, g, tag, &made);
    return hand_out(c, class, made, newcomm);
}
IPCR_ALIAS(Comm_create_group);

/* ---- by colors ---- */

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

/* Those of my color, ordered by key, then by rank in c. Ends the job without memory: the other
 * members have gone on to the agreement. */
static struct ipcr_group *gather_color(const struct ipcr_comm *c, const struct choice *all)
{
    int n = 0, color = all[c->rank].color;
    struct member *mine = malloc((size_t)c->size * sizeof *mine);
    for (int r = 0; mine && r < c->size; r++)
        if (all[r].color == color)
            mine[n++] = (struct member){all[r].key, r};
    struct ipcr_group *g = mine ? ipcr_group_new(n) : NULL;
    if (!g)
        ipcr_err_fatal("no memory to split a communicator of %d ranks", c->size);
    qsort(mine, (size_t)n, sizeof *mine, by_key);
    for (int i = 0; i < n; i++)
        g->world[i] = c->group->world[mine[i].rank];
    free(mine);
    return ipcr_group_settle(g);
}

/* Time and memory: one allgather of 8 bytes a rank and a sort of those with my color. */
int ipcr_comm_split(struct ipcr_comm *c, int color, int key, struct ipcr_comm **made)
{
    *made = NULL;
    struct choice mine = {color, key}, *all = malloc((size_t)c->size * sizeof *all);
    if (!all)
        ipcr_err_fatal("no memory to split a communicator of %d ranks", c->size);
    int class = ipcr_coll_allgather(&mine, 2, MPI_INT, all, c);
    struct ipcr_group *g = &ipcr_group_empty;
    if (class == MPI_SUCCESS && color != MPI_UNDEFINED)
        g = gather_color(c, all);
    free(all);
    if (class == MPI_SUCCESS)
        class = create(&(struct circle){.comm = c, .entered = true}, g, made);
    ipcr_group_release(g);
    return class;
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
