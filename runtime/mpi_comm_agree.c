/* Agreeing with others on words and contexts. No MPI call is in here; but like those it stands
 * above the collectives. */
#include "agree.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>

#include "coll.h"
#include "ctxid.h"
#include "err.h"
#include "lock.h"
#include "p2p.h"
#include "progress.h"

struct ipcr_circle ipcr_circle_of(struct ipcr_comm *comm)
{
    struct ipcr_circle k = {.comm = comm, .threads = (enum ipcr_comm_threads)comm->threads};
    int number = (int)(comm->agreements++ & INT_MAX);
    k.key = (uint64_t)comm->ctx << 32;
    if (ipcr_comm_is_inter(comm)) {
        k.comm = comm->local;
        k.bridge = (struct ipcr_bridge){true, comm, 0, comm->ctx + 3, number};
    }
    return k;
}

/* ---- one side ---- */

static struct ipcr_msg group_message(const struct ipcr_circle *k, struct ipcr_msg content,
                                     int member)
{
    content.comm = k->comm;
    content.rank = k->ranks[member];
    content.tag = k->tag;
    content.ctx = k->ctx;
    content.mode = IPCR_STANDARD;
    return content;
}

static int receive_from(const struct ipcr_circle *k, struct ipcr_msg content, int member)
{
    struct ipcr_msg m = group_message(k, content, member);
    return ipcr_p2p_recv(&m, MPI_STATUS_IGNORE);
}

static int send_to(const struct ipcr_circle *k, struct ipcr_msg content, int member)
{
    struct ipcr_msg m = group_message(k, content, member);
    return ipcr_p2p_send(&m);
}

/* Places in a binomial tree over the group whose root is the leader: a member's parent is its place
 * without the lowest set bit. */
static int place_in_tree(const struct ipcr_circle *k)
{
    int place = k->group->rank - k->leader;
    return place < 0 ? place + k->group->size : place;
}

static int member_at(const struct ipcr_circle *k, int place)
{
    return (place + k->leader) % k->group->size;
}

/* The first distance at which this member has no child any more. */
static int distance_to_parent(const struct ipcr_circle *k)
{
    int place = place_in_tree(k), distance = 1;
    while (distance < k->group->size && !(place & distance))
        distance <<= 1;
    return distance;
}

static struct ipcr_msg words_content(uint64_t *words, size_t count)
{
    return (struct ipcr_msg){.buf = words, .count = count, .type = ipcr_type_of(MPI_UINT64_T)};
}

static int and_upwards(const struct ipcr_circle *k, uint64_t *words, size_t count)
{
    int place = place_in_tree(k), parent = distance_to_parent(k), class = MPI_SUCCESS;
    uint64_t *theirs = malloc(count * sizeof *theirs);
    if (!theirs)
        ipcr_err_fatal("no memory to agree on a context id");
    for (int d = 1; d < parent && place + d < k->group->size && class == MPI_SUCCESS; d <<= 1) {
        class = receive_from(k, words_content(theirs, count), member_at(k, place + d));
        for (size_t i = 0; i < count && class == MPI_SUCCESS; i++)
            words[i] &= theirs[i];
    }
    free(theirs);
    if (place && class == MPI_SUCCESS)
        class = send_to(k, words_content(words, count), member_at(k, place - parent));
    return class;
}

static int spread_downwards(const struct ipcr_circle *k, struct ipcr_msg content)
{
    int place = place_in_tree(k), parent = distance_to_parent(k), class = MPI_SUCCESS;
    if (place)
        class = receive_from(k, content, member_at(k, place - parent));
    for (int d = parent >> 1; d && class == MPI_SUCCESS; d >>= 1)
        if (place + d < k->group->size)
            class = send_to(k, content, member_at(k, place + d));
    return class;
}

static bool leads(const struct ipcr_circle *k)
{
    return k->leader == (k->group ? k->group->rank : k->comm->rank);
}

/* The leader's content, to all of this side. */
static int spread(const struct ipcr_circle *k, struct ipcr_msg content, MPI_Datatype type)
{
    if (k->group)
        return spread_downwards(k, content);
    return ipcr_coll_bcast(content.buf, content.count, type, k->leader, k->comm);
}

/* ---- two sides ---- */

static int exchange(const struct ipcr_circle *k, struct ipcr_msg out, struct ipcr_msg in)
{
    const struct ipcr_bridge *b = &k->bridge;
    out.comm = in.comm = b->comm;
    out.rank = in.rank = b->rank;
    out.ctx = in.ctx = b->ctx;
    out.tag = in.tag = b->tag;
    return ipcr_p2p_sendrecv(&out, &in, MPI_STATUS_IGNORE);
}

static int and_across(const struct ipcr_circle *k, uint64_t *words, size_t count)
{
    uint64_t *theirs = malloc(count * sizeof *theirs);
    if (!theirs)
        ipcr_err_fatal("no memory to agree on a context id");
    int class = exchange(k, words_content(words, count), words_content(theirs, count));
    for (size_t i = 0; i < count && class == MPI_SUCCESS; i++)
        words[i] &= theirs[i];
    free(theirs);
    return class;
}

int ipcr_circle_and(struct ipcr_circle *k, uint64_t *words, size_t count)
{
    int class =
        k->group ? and_upwards(k, words, count)
                 : ipcr_coll_allreduce(MPI_IN_PLACE, words, count, MPI_UINT64_T, MPI_BAND, k->comm);
    if (k->bridge.there && leads(k) && class == MPI_SUCCESS)
        class = and_across(k, words, count);
    if ((k->bridge.there || k->group) && class == MPI_SUCCESS)
        class = spread(k, words_content(words, count), MPI_UINT64_T);
    k->entered = class == MPI_SUCCESS;
    return class;
}

static struct ipcr_msg ints_content(struct ipcr_ints ints)
{
    return (struct ipcr_msg){.buf = ints.v, .count = (size_t)ints.n, .type = ipcr_type_of(MPI_INT)};
}

int ipcr_circle_tell(struct ipcr_circle *k, struct ipcr_ints ints)
{
    return spread(k, ints_content(ints), MPI_INT);
}

int ipcr_circle_swap(struct ipcr_circle *k, struct ipcr_ints ours, struct ipcr_ints theirs)
{
    int class = MPI_SUCCESS;
    if (leads(k))
        class = exchange(k, ints_content(ours), ints_content(theirs));
    return class == MPI_SUCCESS ? ipcr_circle_tell(k, theirs) : class;
}

/* ---- contexts ---- */

/* Whoever is in the way is another thread, or a duplicate on its way behind a request. */
static void let_others_in(void)
{
    ipcr_progress_poll();
    unsigned depth = ipcr_lock_pause();
    sched_yield();
    ipcr_lock_resume(depth);
}

/* Waits until every member is here, if some have threads (ctxid.h says why), and learns whether
 * they do. When none has, members are known to come in the same order everywhere, and nobody waits.
 */
static int enter(struct ipcr_circle *k)
{
    int size = k->group ? k->group->size : k->comm->size;
    bool alone = size == 1 && !k->bridge.there;
    if (k->entered || alone || k->threads == IPCR_THREADS_NONE)
        return MPI_SUCCESS;
    uint64_t none = ipcr_gate & IPCR_GATE_THREADS ? 0 : 1;
    int class = ipcr_circle_and(k, &none, 1);
    k->threads = none ? IPCR_THREADS_NONE : IPCR_THREADS_SOME;
    return class;
}

/* Rounds of ctxid.h until there is a context. */
int ipcr_circle_context(struct ipcr_circle *k, uint32_t *ctx)
{
    struct ipcr_ctxid_bid bid;
    enum ipcr_ctxid_result result = IPCR_CTXID_AGAIN;
    int class = enter(k);
    if (class != MPI_SUCCESS)
        return class;
    ipcr_ctxid_begin(&bid, k->key, k->entered);
    while (class == MPI_SUCCESS && (result == IPCR_CTXID_AGAIN || result == IPCR_CTXID_BUSY)) {
        ipcr_ctxid_offer(&bid);
        class = ipcr_circle_and(k, bid.words, bid.count);
        if (class == MPI_SUCCESS)
            result = ipcr_ctxid_settle(&bid, ctx);
        if (result == IPCR_CTXID_BUSY)
            let_others_in();
    }
    ipcr_ctxid_end(&bid);
    if (class == MPI_SUCCESS && result == IPCR_CTXID_NONE)
        class = ipcr_err_note(MPI_ERR_OTHER, "all context ids are in use: the program has about a "
                                             "million communicators; free those not needed");
    return class;
}
