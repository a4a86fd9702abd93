/* Records of collective calls: sent, awaited, compared. */
#include "alike.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "finding.h"
#include "op.h"
#include "progress.h"
#include "request.h"
#include "signature.h"
#include "wire.h"

enum {
    RECORDS = 2, /* the context is comm->ctx + 2, where MPI_Comm_create_group has the tags >= 0 */
    TAG = -7,
    PATIENCE_MS = 1000 /* at the end, for records that are on their way from another host */
};

/* A record under way, or the place for one that is expected; lives as long as its request. */
struct letter {
    struct letter *next, *prev; /* of those expected */
    struct ipcr_record theirs;  /* what travels */
    struct ipcr_record mine;    /* expected: my call */
    struct ipcr_place place;
    int rank;
    bool expected;
    char comm[MPI_MAX_OBJECT_NAME];
};

static struct letter *awaited;

static void enlist(struct letter *l)
{
    l->next = awaited;
    l->prev = NULL;
    if (awaited)
        awaited->prev = l;
    awaited = l;
}

static void strike(struct letter *l)
{
    if (l->prev)
        l->prev->next = l->next;
    else
        awaited = l->next;
    if (l->next)
        l->next->prev = l->prev;
}

static const char *op_name(int32_t handle)
{
    const struct ipcr_op *op = handle < 0 ? NULL : ipcr_op_of((MPI_Op)(intptr_t)handle);
    return op && op->name ? op->name : "an operation of the program";
}

static void compare_sizes(const struct letter *l)
{
    const struct ipcr_record *a = &l->mine, *b = &l->theirs;
    char here[MPI_MAX_OBJECT_NAME + 40], there[sizeof here];
    if (a->bytes == b->bytes && ipcr_signatures_match(a->mark, b->mark))
        return;
    ipcr_signature_words(a->mark, a->bytes, here, sizeof here);
    ipcr_signature_words(b->mark, b->bytes, there, sizeof there);
    ipcr_finding(l->place, "on %s it is for %s here, and for %s on rank %d", l->comm, here, there,
                 l->rank);
}

static void compare(const struct letter *l)
{
    const struct ipcr_record *a = &l->mine, *b = &l->theirs;
    if (strncmp(a->call, b->call, sizeof a->call) != 0) {
        ipcr_finding(l->place, "on %s rank %d calls %.*s instead", l->comm, l->rank,
                     (int)sizeof b->call, b->call);
        return; /* the rest is no news */
    }
    if (a->root != b->root)
        ipcr_finding(l->place, "on %s the root is %d here, and %d on rank %d", l->comm, a->root,
                     b->root, l->rank);
    if (a->op != b->op)
        ipcr_finding(l->place, "on %s the operation is %s here, and %s on rank %d", l->comm,
                     op_name(a->op), op_name(b->op), l->rank);
    if (a->sized && b->sized)
        compare_sizes(l);
    if (a->counts != b->counts)
        ipcr_finding(l->place, "on %s the array of counts here is not that of rank %d", l->comm,
                     l->rank);
}

static void arrived(struct letter *l)
{
    if (l->expected) {
        strike(l);
        compare(l);
    }
    free(l);
}

static void on_complete(struct ipcr_req *req)
{
    arrived(req->state);
    ipcr_req_free(req);
}

/* The letter goes with its request, which may be over already. */
static void attach(struct ipcr_req *req, struct letter *l)
{
    if (req->complete) {
        arrived(l);
        ipcr_req_free(req);
        return;
    }
    req->state = l;
    req->on_complete = on_complete;
}

static struct letter *letter_for(struct ipcr_comm *comm, int rank, struct ipcr_msg *m)
{
    struct letter *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->rank = rank;
    *m = (struct ipcr_msg){.buf = &l->theirs,
                           .count = sizeof l->theirs,
                           .type = ipcr_type_of(MPI_BYTE),
                           .comm = comm,
                           .rank = rank,
                           .tag = TAG,
                           .ctx = comm->ctx + RECORDS,
                           .mode = IPCR_STANDARD};
    return l;
}

static void report(struct ipcr_comm *comm, const struct ipcr_record *mine)
{
    struct ipcr_msg m;
    struct ipcr_req *req;
    struct letter *l = letter_for(comm, 0, &m);
    if (!l)
        return;
    l->theirs = *mine;
    if (ipcr_p2p_isend(&m, &req) == MPI_SUCCESS)
        attach(req, l);
}

static void expect(struct ipcr_comm *comm, int rank, const struct ipcr_record *mine)
{
    struct ipcr_msg m;
    struct ipcr_req *req;
    struct letter *l = letter_for(comm, rank, &m);
    if (!l)
        return;
    l->mine = *mine;
    l->place = ipcr_place_here();
    l->expected = true;
    snprintf(l->comm, sizeof l->comm, "%s",
             comm->name[0] ? comm->name : "a communicator without a name");
    enlist(l);
    if (ipcr_p2p_irecv(&m, &req) == MPI_SUCCESS)
        attach(req, l);
}

void ipcr_alike(struct ipcr_comm *comm, const struct ipcr_record *mine)
{
    if (comm->rank > 0) {
        report(comm, mine);
        return;
    }
    for (int r = 1; r < comm->size; r++)
        expect(comm, r, mine);
}

/* A record that rank 0 never asked for. */
static void tell_surplus(const struct ipcr_unexpected *u)
{
    struct ipcr_record r;
    if (u->ctx % 4 != RECORDS || u->tag != TAG || u->kind != IPCR_EAGER || u->size != sizeof r)
        return;
    memcpy(&r, u->bytes, sizeof r);
    const struct ipcr_comm *c = ipcr_comm_by_ctx(u->ctx);
    ipcr_finding(ipcr_place_here(), "on %s rank %d has called %.*s, and this rank has not",
                 c && c->name[0] ? c->name : "a communicator without a name", u->src,
                 (int)sizeof r.call, r.call);
}

void ipcr_alike_close(void)
{
    uint64_t end = ipcr_clock_ns() + PATIENCE_MS * UINT64_C(1000000);
    do {
        while (ipcr_progress_poll() > 0)
            ;
        sched_yield();
    } while (awaited && ipcr_clock_ns() < end);
    for (const struct letter *l = awaited; l; l = l->next)
        ipcr_finding(l->place, "on %s rank %d has not called it", l->comm, l->rank);
    ipcr_match_each(tell_surplus);
}
