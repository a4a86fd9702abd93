/* MPI calls that make intercommunicators from intracommunicators, and the other way round. MPI 5.0
 * section 7.6.2. */
#include "comm.h"
#include "comm_make.h"
#include "err.h"
#include "group.h"
#include "lock.h"
#include "observe.h"

/* ---- two groups become two sides ---- */

/* What the leader alone knows: whether it can talk to the other one, and where. ints on the wire.
 */
struct word_of_leader {
    int verdict;
    int ctx, rank, tag; /* of the bridge; rank: the smaller one of both leaders, in the world */
};
enum { WORD_INTS = sizeof(struct word_of_leader) / sizeof(int) };

static struct word_of_leader say(const struct ipcr_bridge *b, int refused)
{
    struct word_of_leader word = {.verdict = refused};
    if (refused != MPI_SUCCESS || !b->comm)
        return word;
    int mine = b->comm->group->world[b->comm->rank], other = b->comm->remote->world[b->rank];
    word.ctx = (int)b->ctx;
    word.rank = mine < other ? mine : other;
    word.tag = b->tag;
    return word;
}

/* The same for both sides, as the leaders meet at one place; and another one for each two leaders
 * that meet at the same time. Behind the keys of all agreements inside one communicator. */
static uint64_t key_of(const struct word_of_leader *word)
{
    return UINT64_C(1) << 63 | (uint64_t)word->ctx << 41 | (uint64_t)(word->rank & 1023) << 31 |
           (uint32_t)word->tag;
}

static int agree_to_go_on(struct ipcr_circle *k, int refused)
{
    struct word_of_leader word = say(&k->bridge, refused);
    int class = ipcr_circle_tell(k, (struct ipcr_ints){&word.verdict, WORD_INTS});
    k->key = key_of(&word);
    if (class != MPI_SUCCESS || word.verdict == MPI_SUCCESS || refused != MPI_SUCCESS)
        return class != MPI_SUCCESS ? class : word.verdict;
    return ipcr_err_note(word.verdict, "the local leader, rank %d, has found its arguments wrong",
                         k->leader);
}

static int check_disjoint(const struct ipcr_group *ours, const struct ipcr_group *theirs)
{
    struct ipcr_group *both = ipcr_group_intersection(ours, theirs);
    if (!both)
        ipcr_err_fatal("no memory to compare groups of %d and %d ranks", ours->size, theirs->size);
    int common = both->size, first = common ? both->world[0] : -1;
    ipcr_group_release(both);
    if (common == 0)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_COMM,
                         "the two groups have %d members in common (rank %d of the world is one); "
                         "they must be disjoint",
                         common, first);
}

int ipcr_intercomm_make(struct ipcr_circle *k, struct ipcr_group *ours, struct ipcr_comm *parent,
                        int refused, struct ipcr_comm **made)
{
    struct ipcr_group *theirs;
    int class = agree_to_go_on(k, refused);
    *made = NULL;
    if (class == MPI_SUCCESS)
        class = ipcr_comm_swap_groups(k, ours, &theirs);
    if (class != MPI_SUCCESS)
        return class;
    class = check_disjoint(ours, theirs);
    if (class != MPI_SUCCESS) {
        ipcr_group_release(theirs);
        return class;
    }
    ipcr_group_retain(ours);
    return ipcr_comm_make(k, (struct ipcr_sides){ours, theirs, parent}, made);
}

/* ---- by way of a communicator that both leaders are in ---- */

static int check_leader(const struct ipcr_comm *c, int local_leader, int tag)
{
    if (ipcr_comm_is_inter(c))
        return ipcr_err_note(MPI_ERR_COMM, "the local communicator is an intercommunicator");
    if (local_leader < 0 || local_leader >= c->size)
        return ipcr_err_note(MPI_ERR_RANK,
                             "the local leader is %d; the communicator has ranks 0 to %d",
                             local_leader, c->size - 1);
    if (tag < 0)
        return ipcr_err_note(MPI_ERR_TAG, "the tag is %d", tag);
    return MPI_SUCCESS;
}

/* What only the leader's arguments say. */
static int check_bridge(MPI_Comm peer_comm, int remote_leader)
{
    const struct ipcr_comm *peer = ipcr_comm_of(peer_comm);
    if (!peer)
        return ipcr_err_note(MPI_ERR_COMM, "the peer communicator is %s",
                             peer_comm == MPI_COMM_NULL ? "MPI_COMM_NULL" : "not a communicator");
    if (remote_leader < 0 || remote_leader >= peer->remote_size)
        return ipcr_err_note(MPI_ERR_RANK,
                             "the remote leader is %d; the peer communicator has ranks 0 to %d",
                             remote_leader, peer->remote_size - 1);
    return MPI_SUCCESS;
}

static int intercomm_create(struct ipcr_comm *c, int local_leader, struct ipcr_bridge bridge,
                            MPI_Comm peer_comm, MPI_Comm *newcomm)
{
    struct ipcr_comm *made;
    int refused = MPI_SUCCESS;
    bridge.there = true;
    if (c->rank == local_leader) {
        refused = check_bridge(peer_comm, bridge.rank);
        bridge.comm = ipcr_comm_of(peer_comm);
        bridge.ctx = bridge.comm ? bridge.comm->ctx + 3 : 0;
    }
    struct ipcr_circle k = {.comm = c, .leader = local_leader, .bridge = bridge};
    int class = ipcr_intercomm_make(&k, c->group, c, refused, &made);
    if (class == MPI_SUCCESS)
        *newcomm = made->handle;
    return class;
}

int PMPI_Intercomm_create(MPI_Comm local_comm, int local_leader, MPI_Comm peer_comm,
                          int remote_leader, int tag, MPI_Comm *newintercomm)
{
    IPCR_ENTER("MPI_Intercomm_create");
    if (!newintercomm)
        return IPCR_NO_PLACE_ON(local_comm, "newintercomm");
    struct ipcr_comm *c = ipcr_comm_of(local_comm);
    struct ipcr_bridge bridge = {.rank = remote_leader, .tag = tag};
    *newintercomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(local_comm);
    int class = check_leader(c, local_leader, tag);
    if (class == MPI_SUCCESS) {
        IPCR_OBSERVE(meeting, c);
        class = intercomm_create(c, local_leader, bridge, peer_comm, newintercomm);
    }
    return IPCR_FINISH(c, class);
}
IPCR_ALIAS(Intercomm_create);

/* ---- two sides become one ---- */

/* Which side I am on: both know both groups, so both call the same one the first. */
static int my_side(const struct ipcr_comm *c)
{
    return c->group->world[0] < c->remote->world[0] ? 0 : 1;
}

/* Everybody learns what both sides said: high[side]. */
static int ask_high(struct ipcr_comm *c, bool mine, bool high[2])
{
    enum { ALL = 2 }; /* words: "all of this side are high" for each, then "all are low" */
    struct ipcr_circle k = ipcr_circle_of(c);
    uint64_t words[2 * ALL] = {1, 1, 1, 1};
    words[my_side(c)] = mine;
    words[ALL + my_side(c)] = !mine;
    int class = ipcr_circle_and(&k, words, 2 * ALL);
    for (int side = 0; side < 2 && class == MPI_SUCCESS; side++) {
        high[side] = words[side];
        if (!words[side] && !words[ALL + side])
            class = ipcr_err_note(MPI_ERR_ARG, "not all members of %s group say the same of high",
                                  side == my_side(c) ? "the local" : "the remote");
    }
    return class;
}

/* Those who say high come last; where both say the same, the second side does. */
static int merge(struct ipcr_comm *c, bool mine, struct ipcr_comm **made)
{
    bool high[2];
    IPCR_OBSERVE(meeting, c);
    int class = ask_high(c, mine, high);
    *made = NULL;
    if (class != MPI_SUCCESS)
        return class;
    int last = high[0] && !high[1] ? 0 : 1;
    bool i_am_last = last == my_side(c);
    struct ipcr_group *all =
        i_am_last ? ipcr_group_union(c->remote, c->group) : ipcr_group_union(c->group, c->remote);
    if (!all)
        ipcr_err_fatal("no memory for a group of %d ranks", c->size + c->remote_size);
    return ipcr_comm_make_in(c, (struct ipcr_sides){.group = all, .parent = c}, true, made);
}

int PMPI_Intercomm_merge(MPI_Comm intercomm, int high, MPI_Comm *newintracomm)
{
    IPCR_ENTER("MPI_Intercomm_merge");
    if (!newintracomm)
        return IPCR_NO_PLACE_ON(intercomm, "newintracomm");
    struct ipcr_comm *c = ipcr_comm_of(intercomm), *made;
    *newintracomm = MPI_COMM_NULL;
    if (!c)
        return ipcr_comm_raise_bad(intercomm);
    if (!ipcr_comm_is_inter(c))
        return IPCR_RAISE(c, MPI_ERR_COMM, "it is not an intercommunicator");
    int class = merge(c, high != 0, &made);
    return ipcr_comm_hand_out(c, class, made, newintracomm);
}
IPCR_ALIAS(Intercomm_merge);
