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

static uint32_t hash_counts(const struct ipcr_coll *c)
{
    uint64_t h = 1;
    for (int i = 0; i < c->comm->size; i++)
        h = (h + (uint64_t)ipcr_counts_at(c->rcounts, i)) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(h >> 32);
}

/* The call with large counts is the same collective. */
static void name_call(struct ipcr_record *r)
{
    size_t n = (size_t)snprintf(r->call, sizeof r->call, "%s", ipcr_door.call);
    if (n > 2 && n < sizeof r->call && strcmp(r->call + n - 2, "_c") == 0)
        r->call[n - 2] = '\0';
}

static void compare(const struct ipcr_coll *c)
{
    if (ipcr_comm_is_inter(c->comm) || c->comm->size == 1)
        return;
    struct ipcr_record r = {.root = is_rooted(c->kind) ? c->root : -1, .op = -1};
    struct ipcr_part p = alike(c);
    name_call(&r);
    if (c->op && c->op->predefined)
        r.op = (int32_t)(intptr_t)c->op->handle;
    if (p.type) {
        r.sized = 1;
        r.bytes = ipcr_part_size(p);
        r.mark = ipcr_signature(p.type, r.bytes);
    }
    if (c->kind == IPCR_REDUCE_SCATTER || c->kind == IPCR_ALLGATHERV)
        r.counts = hash_counts(c);
    ipcr_alike(c->comm, &r);
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
};
