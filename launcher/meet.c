/* The agent's end of the ranks' control channels (client: runtime/boot_agent.c). */
#include "agent.h"

#include <stdio.h>

#include "detour.h"
#include "where.h"

static const char used_text[] =
    "another MPI program has already run in this rank: a rank of ipcrun is one MPI program. "
    "Use a separate ipcrun command for each program.";

static void put_tables(struct ipcr_agent *a, const struct ipcr_buf *frame)
{
    for (int i = 0; i < a->nranks; i++) {
        a->ranks[i].put = false;
        if (a->ranks[i].boot.open)
            ipcr_chan_send_raw(&a->ranks[i].boot, frame->data, frame->len);
    }
    a->nput = 0;
}

/* The whole job is here: the round trip to the head is saved. */
static void answer_here(struct ipcr_agent *a)
{
    struct ipcr_buf frame = {0};
    size_t at = ipcr_frame_begin(&frame, IPCR_MSG_TABLE);
    ipcr_put_u32(&frame, (uint32_t)a->nranks);
    for (int i = 0; i < a->nranks; i++)
        ipcr_put_blob(&frame, a->ranks[i].blob.data, a->ranks[i].blob.len);
    ipcr_frame_end(&frame, at);
    put_tables(a, &frame);
    free(frame.data);
}

void ipcr_meet_table(struct ipcr_agent *a, const uint8_t *body, size_t n)
{
    struct ipcr_buf frame = {0};
    size_t at = ipcr_frame_begin(&frame, IPCR_MSG_TABLE);
    ipcr_put_raw(&frame, body, n);
    ipcr_frame_end(&frame, at);
    put_tables(a, &frame);
    free(frame.data);
}

static void ask_head(struct ipcr_agent *a)
{
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_BLOBS);
    ipcr_put_u32(b, (uint32_t)a->nranks);
    for (int i = 0; i < a->nranks; i++) {
        ipcr_put_u32(b, (uint32_t)a->ranks[i].rank);
        ipcr_put_blob(b, a->ranks[i].blob.data, a->ranks[i].blob.len);
    }
    ipcr_chan_end(&a->head);
}

static void rank_joins(struct ipcr_rank *r)
{
    struct ipcr_agent *a = r->agent;
    r->joined = true;
    if (a->joined)
        return;
    a->joined = true;
    ipcr_chan_send_u32(&a->head, IPCR_MSG_JOINED, (uint32_t)r->rank);
}

static void rank_puts(struct ipcr_rank *r, struct ipcr_reader *body)
{
    struct ipcr_agent *a = r->agent;
    size_t n;
    const void *blob = ipcr_get_blob(body, &n);
    if (body->bad || n > IPCR_BLOB_MAX || r->put)
        return; /* not our library at the other end: it gets no answer */
    r->blob.len = 0;
    ipcr_put_raw(&r->blob, blob, n);
    r->put = true;
    a->nput++;
    if (!r->joined)
        rank_joins(r);
    if (a->nput < a->nranks)
        return;
    if (a->plan.nodes == 1)
        answer_here(a);
    else
        ask_head(a);
}

static void rank_dies(struct ipcr_rank *r, struct ipcr_reader *body)
{
    struct ipcr_agent *a = r->agent;
    int32_t code = ipcr_get_i32(body);
    const char *text = ipcr_get_text(body);
    struct ipcr_buf *b = ipcr_chan_begin(&a->head, IPCR_MSG_ABORT);
    ipcr_put_u32(b, (uint32_t)r->rank);
    ipcr_put_i32(b, r->pid);
    ipcr_put_i32(b, code);
    ipcr_put_text(b, text);
    ipcr_chan_end(&a->head);
}

/* The rank knows an address; what line that is, is found out here, where its program lies. */
static void rank_found(struct ipcr_rank *r, struct ipcr_reader *body)
{
    char place[IPCR_WHERE];
    uint64_t address = ipcr_get_u64(body);
    const char *call = ipcr_get_text(body), *text = ipcr_get_text(body);
    if (body->bad)
        return;
    ipcr_where(r->pid, address, place, sizeof place);
    struct ipcr_buf *b = ipcr_chan_begin(&r->agent->head, IPCR_MSG_FOUND);
    ipcr_put_u32(b, (uint32_t)r->rank);
    ipcr_put_text(b, call);
    ipcr_put_text(b, place);
    ipcr_put_text(b, text);
    ipcr_chan_end(&r->agent->head);
    ipcr_chan_send(&r->boot, IPCR_MSG_NOTED);
}

static void rank_finalized(struct ipcr_rank *r)
{
    r->finalized = true;
    ipcr_put_text(ipcr_chan_begin(&r->boot, IPCR_MSG_USED), used_text);
    ipcr_chan_end(&r->boot);
}

static void rank_says(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *body)
{
    struct ipcr_rank *r = c->owner;
    if (type == IPCR_MSG_PUT)
        rank_puts(r, body);
    else if (type == IPCR_MSG_DIE)
        rank_dies(r, body);
    else if (type == IPCR_MSG_FINALIZED)
        rank_finalized(r);
    else if (type == IPCR_MSG_FINDING)
        rank_found(r, body);
    else if (type == IPCR_MSG_CALL)
        ipcr_detour_call(r, body);
}

/* A rank may close its end: programs that are not MPI programs often close what they do not know.
 */
static void rank_hangs_up(struct ipcr_chan *c, const char *why)
{
    (void)c;
    (void)why;
}

int ipcr_meet_open(struct ipcr_rank *r, int fd)
{
    r->boot.on_frame = rank_says;
    r->boot.on_close = rank_hangs_up;
    r->boot.owner = r;
    r->boot.gets_fds = true;
    return ipcr_chan_open(&r->boot, fd, fd);
}

void ipcr_meet_welcome(struct ipcr_rank *r)
{
    struct ipcr_agent *a = r->agent;
    const struct ipcr_plan *plan = &a->plan;
    struct ipcr_welcome w = {
        .rank = r->rank,
        .size = plan->size,
        .node = a->node,
        .nodes = plan->nodes,
        .local_rank = r->local,
        .local_size = a->nranks,
        .appnum = (int)(r->app - plan->apps),
        .universe = plan->universe,
        .cores = a->cores,
        .seg_fd = a->seg_fd,
        .id = plan->id,
        .host = a->host,
        .dir = a->dir,
        .secret = plan->secret,
        .node_of = plan->node_of,
        .local_of = plan->local_of,
        .channels = a->channels.n,
        .in_fd = a->channels.in + (ptrdiff_t)r->local * a->channels.n,
        .out_fd = a->channels.out + (ptrdiff_t)r->local * a->channels.n,
    };
    struct ipcr_buf frame = {0};
    ipcr_put_welcome(&frame, &w);
    ipcr_chan_send_raw(&r->boot, frame.data, frame.len);
    free(frame.data);
}
