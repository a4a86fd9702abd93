/* ipcrun --check: what of a collective call must be alike on all ranks, as a record to compare. */
#include "coll.h"
#include "alike.h"
#include "env.h"
#include "finding.h"
#include "lock.h"
#include "observe.h"
#include "signature.h"

#include <stdio.h>
#include <string.h>

static bool is_rooted(enum ipcr_coll_kind kind)
{
    switch (kind) {
    case IPCR_BCAST:
    case IPCR_REDUCE:
    case IPCR_GATHER:
    case IPCR_GATHERV:
    case IPCR_SCATTER:
    case IPCR_SCATTERV:
        return true;
    default:
        return false;
    }
}

static struct ipcr_part sent(const struct ipcr_coll *c)
{
    return ipcr_part(NULL, c->scount, c->stype);
}

static struct ipcr_part received(const struct ipcr_coll *c)
{
    return ipcr_part(NULL, c->rcount, c->rtype);
}

/* What all ranks must give with the same signature: the vector, or a block, which some of them send
 * and others receive. type NULL: nothing of that kind, such as where each pair has a size of its
 * own. */
static struct ipcr_part alike(const struct ipcr_coll *c)
{
    switch (c->kind) {
    case IPCR_BCAST:
    case IPCR_REDUCE:
    case IPCR_ALLREDUCE:
    case IPCR_SCAN:
    case IPCR_EXSCAN:
    case IPCR_REDUCE_SCATTER_BLOCK:
        return received(c);
    case IPCR_GATHER:
        return ipcr_coll_at_root(c) ? received(c) : sent(c);
    case IPCR_SCATTER:
        return ipcr_coll_at_root(c) ? sent(c) : received(c);
    case IPCR_ALLGATHER:
    case IPCR_ALLTOALL:
        return ipcr_coll_in_place(c) ? received(c) : sent(c);
    default:
        return (struct ipcr_part){0};
    }
}

/* In bytes: counts of another type may mean the same. */
static uint32_t hash_counts(const struct ipcr_coll *c)
{
    uint64_t h = 1;
    for (int i = 0; i < c->comm->size; i++)
        h = (h + (uint64_t)ipcr_counts_at(c->rcounts, i) * c->rtype->size) *
            UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32);
}

static bool has_counts_of_all(const struct ipcr_coll *c)
{
    return c->kind == IPCR_REDUCE_SCATTER || c->kind == IPCR_ALLGATHERV;
}

static size_t sum_of_counts(const struct ipcr_coll *c, int n)
{
    size_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += (size_t)ipcr_counts_at(c->rcounts, i);
    return sum;
}

static struct ipcr_share share(struct ipcr_part p)
{
    return p.type ? ipcr_share_of(p.type, ipcr_part_size(p)) : (struct ipcr_share){0};
}

/* ---- intercommunicators: what each rank of one side gives to each of the other ---- */

static struct ipcr_part given(const struct ipcr_coll *c)
{
    switch (c->kind) {
    case IPCR_ALLREDUCE:
        return received(c);
    case IPCR_REDUCE_SCATTER_BLOCK: /* both sides reduce vectors of one length, and share them out
                                     */
        return ipcr_part(NULL, c->rcount * (size_t)c->comm->size, c->rtype);
    case IPCR_REDUCE_SCATTER:
        return ipcr_part(NULL, sum_of_counts(c, c->comm->size), c->rtype);
    case IPCR_ALLGATHER:
    case IPCR_ALLTOALL:
        return sent(c);
    default:
        return (struct ipcr_part){0};
    }
}

static struct ipcr_part taken(const struct ipcr_coll *c)
{
    return c->kind == IPCR_ALLGATHER || c->kind == IPCR_ALLTOALL ? received(c) : given(c);
}

/* ---- pairs ---- */

/* In which each pair has a size of its own; and, between two sides, rooted ones: rank 0 need not
 * know what the root gives. */
static bool has_pairs(const struct ipcr_coll *c)
{
    switch (c->kind) {
    case IPCR_GATHERV:
    case IPCR_SCATTERV:
    case IPCR_ALLTOALLV:
    case IPCR_ALLTOALLW:
        return true;
    case IPCR_ALLGATHERV:
        return ipcr_comm_is_inter(c->comm);
    default:
        return is_rooted(c->kind) && ipcr_comm_is_inter(c->comm);
    }
}

static bool flows_to_root(const struct ipcr_coll *c)
{
    return c->kind == IPCR_GATHER || c->kind == IPCR_GATHERV || c->kind == IPCR_REDUCE;
}

/* What this rank gives to rank i, and takes from it; type NULL: nothing. */
static struct ipcr_part pair_given(const struct ipcr_coll *c, int i)
{
    bool gives = !is_rooted(c->kind) ? true
                 : flows_to_root(c)  ? ipcr_coll_has_share(c) && i == c->root
                                     : ipcr_coll_at_root(c);
    if (!gives)
        return (struct ipcr_part){0};
    if (c->kind == IPCR_BCAST || c->kind == IPCR_REDUCE)
        return received(c);
    return is_rooted(c->kind) ? ipcr_coll_spart(c, i) : ipcr_coll_given(c, i);
}

static struct ipcr_part pair_taken(const struct ipcr_coll *c, int i)
{
    bool takes = !is_rooted(c->kind) ? true
                 : flows_to_root(c)  ? ipcr_coll_at_root(c)
                                     : ipcr_coll_has_share(c) && i == c->root;
    if (!takes)
        return (struct ipcr_part){0};
    return c->kind == IPCR_BCAST || c->kind == IPCR_REDUCE ? received(c) : ipcr_coll_rpart(c, i);
}

static void compare_own(const struct ipcr_coll *c)
{
    int me = c->comm->rank;
    const void *in_place = c->kind == IPCR_SCATTERV ? c->rbuf : c->sbuf;
    if (in_place == MPI_IN_PLACE)
        return;
    struct ipcr_share gives = share(pair_given(c, me)), takes = share(pair_taken(c, me));
    char given_words[IPCR_SHARE_WORDS], taken_words[IPCR_SHARE_WORDS];
    if (ipcr_shares_fit(gives, takes))
        return;
    ipcr_share_words(gives, given_words);
    ipcr_share_words(takes, taken_words);
    ipcr_finding(ipcr_place_here(), "on %s this rank gives %s, and wants %s of itself",
                 c->comm->name[0] ? c->comm->name : "a communicator without a name", given_words,
                 taken_words);
}

static void compare_pairs(const struct ipcr_coll *c, struct ipcr_record r)
{
    bool inter = ipcr_comm_is_inter(c->comm);
    r.same = (struct ipcr_share){0};
    for (int i = 0; i < c->comm->remote_size; i++) {
        if (!inter && i == c->comm->rank)
            continue;
        r.gives = share(pair_given(c, i));
        r.takes = share(pair_taken(c, i));
        if (r.takes.sized)
            ipcr_alike_take(c->comm, i, &r);
        if (r.gives.sized)
            ipcr_alike_give(c->comm, i, &r);
    }
}

/* ---- the record ---- */

/* The call with large counts is the same collective. */
static void name_call(struct ipcr_record *r)
{
    size_t n = (size_t)snprintf(r->call, sizeof r->call, "%s", ipcr_door.call);
    if (n > 2 && n < sizeof r->call && strcmp(r->call + n - 2, "_c") == 0)
        r->call[n - 2] = '\0';
}

static struct ipcr_record record_of(const struct ipcr_comm *comm)
{
    struct ipcr_record r = {
        .root = IPCR_NO_ROOT, .op = -1, .number = comm->coll_seq + comm->coll_fixed};
    name_call(&r);
    return r;
}

static void compare(const struct ipcr_coll *c)
{
    bool inter = ipcr_comm_is_inter(c->comm);
    struct ipcr_record r = record_of(c->comm);
    if (!inter && (has_pairs(c) || c->kind == IPCR_ALLGATHERV))
        compare_own(c);
    if (!inter && c->comm->size == 1)
        return;
    if (is_rooted(c->kind))
        r.root = c->root;
    if (c->op && c->op->predefined)
        r.op = (int32_t)(intptr_t)c->op->handle;
    if (inter) {
        r.gives = share(given(c));
        r.takes = share(taken(c));
    } else if (has_counts_of_all(c)) {
        r.same = share(ipcr_part(NULL, sum_of_counts(c, c->comm->size), c->rtype));
        r.counts = hash_counts(c);
    } else {
        r.same = share(alike(c));
    }
    ipcr_alike(c->comm, &r);
    if (has_pairs(c))
        compare_pairs(c, r);
}

/* Calls that make communicators must come in one order with collectives. */
static void compare_meeting(struct ipcr_comm *comm)
{
    struct ipcr_record r = record_of(comm);
    if (ipcr_comm_is_inter(comm) || comm->size > 1)
        ipcr_alike(comm, &r);
}

static bool open_compare(void)
{
    return ipcr_env.check >= IPCR_FINDINGS_WANTED;
}

const struct ipcr_observer ipcr_tool_compare = {
    .name = "check of collectives",
    .open = open_compare,
    .close = ipcr_alike_close,
    .collective = compare,
    .meeting = compare_meeting,
};
