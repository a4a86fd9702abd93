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
    TAG_PAIR = -8,
    PATIENCE_MS = 1000 /* at the end, for records that are on their way from another host */
};

/* A record under way, or the place for one that is expected; lives as long as its request. */
struct letter {
    struct letter *next, *prev; /* of those expected */
    struct ipcr_record theirs;  /* what travels */
    struct ipcr_record mine;    /* expected: my call */
    struct ipcr_place place;
    int rank, me;
    bool expected, pair, inter;
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

struct ipcr_share ipcr_share_of(const struct ipcr_type *type, uint64_t bytes)
{
    return (struct ipcr_share){.bytes = bytes, .mark = ipcr_signature(type, bytes), .sized = 1};
}

bool ipcr_shares_fit(struct ipcr_share gives, struct ipcr_share takes)
{
    return !gives.sized || !takes.sized ||
           (gives.bytes == takes.bytes && ipcr_signatures_match(gives.mark, takes.mark));
}

void ipcr_share_words(struct ipcr_share s, char text[IPCR_SHARE_WORDS])
{
    ipcr_signature_words(s.mark, s.bytes, text, IPCR_SHARE_WORDS);
}

static void compare_same(const struct letter *l)
{
    const struct ipcr_share mine = l->mine.same, theirs = l->theirs.same;
    char here[IPCR_SHARE_WORDS], there[IPCR_SHARE_WORDS];
    if (ipcr_shares_fit(theirs, mine))
        return;
    ipcr_share_words(mine, here);
    ipcr_share_words(theirs, there);
    ipcr_finding(l->place, "on %s it is for %s here, and for %s on rank %d", l->comm, here, there,
                 l->rank);
}

/* "rank 1", which may be one of the other side. */
static const char *side_of(const struct letter *l)
{
    return l->inter ? " of the other side" : "";
}

static void compare_taken(const struct letter *l)
{
    char gives[IPCR_SHARE_WORDS], takes[IPCR_SHARE_WORDS];
    if (ipcr_shares_fit(l->theirs.gives, l->mine.takes))
        return;
    ipcr_share_words(l->theirs.gives, gives);
    ipcr_share_words(l->mine.takes, takes);
    ipcr_finding(l->place, "on %s rank %d%s gives %s, and this rank wants %s of it", l->comm,
                 l->rank, side_of(l), gives, takes);
}

static void compare_given(const struct letter *l)
{
    char gives[IPCR_SHARE_WORDS], takes[IPCR_SHARE_WORDS];
    if (ipcr_shares_fit(l->mine.gives, l->theirs.takes))
        return;
    ipcr_share_words(l->mine.gives, gives);
    ipcr_share_words(l->theirs.takes, takes);
    ipcr_finding(l->place, "on %s this rank gives %s, and rank %d%s wants %s of it", l->comm, gives,
                 l->rank, side_of(l), takes);
}

static const char *root_words(int root, char text[32])
{
    if (root == MPI_ROOT)
        return "MPI_ROOT";
    if (root == MPI_PROC_NULL)
        return "MPI_PROC_NULL";
    snprintf(text, 32, "%d", root);
    return text;
}

/* Of two ranks on different sides one names the root, and the other one is it, or is not
 * (section 6.2.3). */
static bool roots_agree(const struct letter *l, int me)
{
    int mine = l->mine.root, theirs = l->theirs.root;
    if (mine == IPCR_NO_ROOT || !l->inter)
        return mine == theirs;
    if (mine >= 0)
        return theirs == (mine == l->rank ? MPI_ROOT : MPI_PROC_NULL);
    return theirs >= 0 && (theirs == me) == (mine == MPI_ROOT);
}

static void compare_roots(const struct letter *l)
{
    char here[32], there[32];
    if (!roots_agree(l, l->me))
        ipcr_finding(l->place, "on %s the root is %s here, and %s on rank %d%s", l->comm,
                     root_words(l->mine.root, here), root_words(l->theirs.root, there), l->rank,
                     side_of(l));
}

static void compare(const struct letter *l)
{
    const struct ipcr_record *a = &l->mine, *b = &l->theirs;
    if (strncmp(a->call, b->call, sizeof a->call) != 0) {
        ipcr_finding(l->place, "on %s rank %d%s calls %.*s instead", l->comm, l->rank, side_of(l),
                     (int)sizeof b->call, b->call);
        return; /* the rest is no news */
    }
    compare_roots(l);
    if (a->op != b->op)
        ipcr_finding(l->place, "on %s the operation is %s here, and %s on rank %d%s", l->comm,
                     op_name(a->op), op_name(b->op), l->rank, side_of(l));
    if (a->counts != b->counts)
        ipcr_finding(l->place, "on %s the array of counts here is not that of rank %d", l->comm,
                     l->rank);
    else
        compare_same(l);
    compare_taken(l);
    compare_given(l);
}

/* A pair that does not speak of the same call has nothing to compare. The other direction has a
 * letter of its own. */
static void compare_pair(const struct letter *l)
{
    const struct ipcr_record *a = &l->mine, *b = &l->theirs;
    if (a->number == b->number && strncmp(a->call, b->call, sizeof a->call) == 0)
        compare_taken(l);
}

static void arrived(struct letter *l)
{
    if (l->expected) {
        strike(l);
        (l->pair ? compare_pair : compare)(l);
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

static struct letter *letter_for(struct ipcr_comm *comm, int rank, bool pair, struct ipcr_msg *m)
{
    struct letter *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->rank = rank;
    l->pair = pair;
    *m = (struct ipcr_msg){.buf = &l->theirs,
                           .count = sizeof l->theirs,
                           .type = ipcr_type_of(MPI_BYTE),
                           .comm = comm,
                           .rank = rank,
                           .tag = pair ? TAG_PAIR : TAG,
                           .ctx = comm->ctx + RECORDS,
                           .mode = IPCR_STANDARD};
    return l;
}

static void report(struct ipcr_comm *comm, int to, bool pair, const struct ipcr_record *mine)
{
    struct ipcr_msg m;
    struct ipcr_req *req;
    struct letter *l = letter_for(comm, to, pair, &m);
    if (!l)
        return;
    l->theirs = *mine;
    if (ipcr_p2p_isend(&m, &req) == MPI_SUCCESS)
        attach(req, l);
}

static void expect(struct ipcr_comm *comm, int rank, bool pair, const struct ipcr_record *mine)
{
    struct ipcr_msg m;
    struct ipcr_req *req;
    struct letter *l = letter_for(comm, rank, pair, &m);
    if (!l)
        return;
    l->mine = *mine;
    l->me = comm->rank;
    l->inter = ipcr_comm_is_inter(comm);
    l->place = ipcr_place_here();
    l->expected = true;
    snprintf(l->comm, sizeof l->comm, "%s",
             comm->name[0] ? comm->name : "a communicator without a name");
    enlist(l);
    if (ipcr_p2p_irecv(&m, &req) == MPI_SUCCESS)
        attach(req, l);
}

/* What the two ranks 0 of an intercommunicator disagree about is told once, by one of them. */
static bool judges_other_first(const struct ipcr_comm *comm)
{
    return ipcr_comm_is_inter(comm) && comm->group->world[0] < comm->remote->world[0];
}

void ipcr_alike(struct ipcr_comm *comm, const struct ipcr_record *mine)
{
    bool judges = judges_other_first(comm);
    if (comm->rank > 0 || (ipcr_comm_is_inter(comm) && !judges))
        report(comm, 0, false, mine);
    for (int r = judges ? 0 : 1; comm->rank == 0 && r < comm->remote_size; r++)
        expect(comm, r, false, mine);
}

void ipcr_alike_give(struct ipcr_comm *comm, int to, const struct ipcr_record *mine)
{
    report(comm, to, true, mine);
}

void ipcr_alike_take(struct ipcr_comm *comm, int from, const struct ipcr_record *mine)
{
    expect(comm, from, true, mine);
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
        if (!l->pair)
            ipcr_finding(l->place, "on %s rank %d%s has not called it", l->comm, l->rank,
                         side_of(l));
    ipcr_match_each(tell_surplus);
}
