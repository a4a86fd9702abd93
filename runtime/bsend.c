/* Buffered sends: first-fit blocks in an attached buffer, in address order. A block is a header and
 * the packed message; it is given back when the send from it completes. The blocks of an automatic
 * buffer are malloc's, in no order. */
#include "bsend.h"

#include <stdlib.h>

#include "err.h"
#include "progress.h"
#include "request.h"
#include "session.h"

struct block { /* at the start of each used piece of the buffer */
    struct block *next, **link;
    struct ipcr_bsend *buffer;
    size_t bytes; /* header included */
    uint64_t ticket;
};
_Static_assert(sizeof(struct block) + 2 * sizeof(void *) <= MPI_BSEND_OVERHEAD,
               "what the standard lets a program reckon with per message");

struct flush { /* a request that waits for the blocks with smaller tickets */
    struct flush *next;
    struct ipcr_req *req;
    uint64_t before;
};

struct ipcr_bsend {
    void *user; /* as attached */
    int64_t size;
    char *start, *end; /* aligned start; automatic: both NULL */
    struct block *used;
    uint64_t tickets; /* given out so far: one each message */
    struct flush *flushes;
};

struct ipcr_bsend *ipcr_bsend_process;
static size_t in_flight; /* blocks in all buffers */

static size_t round_up(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

static bool automatic(const struct ipcr_bsend *b)
{
    return b->user == MPI_BUFFER_AUTOMATIC;
}

int ipcr_bsend_attach(struct ipcr_bsend **slot, void *buffer, int64_t size)
{
    bool any_size = buffer == MPI_BUFFER_AUTOMATIC;
    if (!any_size && (size < 0 || (!buffer && size)))
        return ipcr_err_note(MPI_ERR_BUFFER, "the buffer is %p with %lld bytes", buffer,
                             (long long)size);
    if (*slot)
        return ipcr_err_note(MPI_ERR_BUFFER, "a buffer of %lld bytes is attached already",
                             (long long)(*slot)->size);
    struct ipcr_bsend *b = calloc(1, sizeof *b);
    if (!b)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory to keep a buffer");
    b->user = buffer;
    if (!any_size) {
        b->size = size;
        b->start = (char *)round_up((uintptr_t)buffer);
        b->end = (char *)buffer + size;
    }
    *slot = b;
    return MPI_SUCCESS;
}

void ipcr_bsend_detach(struct ipcr_bsend **slot, void **buffer, int64_t *size)
{
    struct ipcr_idle idle = {0};
    struct ipcr_bsend *b = *slot;
    *buffer = b ? b->user : NULL;
    *size = b ? b->size : 0;
    *slot = NULL; /* while this waits, other threads find no buffer, or the next one */
    while (b && b->used)
        ipcr_progress_step(&idle);
    ipcr_progress_end(&idle);
    free(b);
}

/* ---- blocks -----------------------------------------------------------------------------------
 */

static void enter(struct block **link, struct block *block, struct ipcr_bsend *b)
{
    block->next = *link;
    block->link = link;
    if (block->next)
        block->next->link = &block->next;
    *link = block;
    block->buffer = b;
    block->ticket = b->tickets++;
    in_flight++;
}

/* The first gap that holds `bytes`; NULL: none. */
static struct block *take(struct ipcr_bsend *b, size_t bytes)
{
    char *at = b->start;
    struct block **link = &b->used;
    while (*link && (size_t)((char *)*link - at) < bytes) {
        at = (char *)*link + (*link)->bytes;
        link = &(*link)->next;
    }
    char *limit = *link ? (char *)*link : b->end;
    if (at > limit || (size_t)(limit - at) < bytes)
        return NULL;
    struct block *block = (struct block *)at;
    block->bytes = bytes;
    enter(link, block, b);
    return block;
}

static size_t used_bytes(const struct ipcr_bsend *b)
{
    size_t n = 0;
    for (const struct block *block = b->used; block; block = block->next)
        n += block->bytes;
    return n;
}

static struct block *take_automatic(struct ipcr_bsend *b, size_t bytes)
{
    struct block *block = malloc(bytes);
    if (!block) {
        ipcr_err_note(MPI_ERR_BUFFER, "no memory for a buffered message of %zu bytes", bytes);
        return NULL;
    }
    block->bytes = bytes;
    enter(&b->used, block, b);
    return block;
}

static struct block *take_attached(struct ipcr_bsend *b, size_t bytes)
{
    struct block *block = take(b, bytes);
    if (!block) {
        ipcr_progress_poll(); /* earlier messages may be gone by now */
        block = take(b, bytes);
    }
    if (!block)
        ipcr_err_note(MPI_ERR_BUFFER,
                      "a buffered message of %zu bytes does not fit: %lld bytes are attached, %zu "
                      "still in use; attach more",
                      bytes - sizeof *block, (long long)b->size, used_bytes(b));
    return block;
}

/* ---- flushing ---------------------------------------------------------------------------------
 */

static uint64_t oldest(const struct ipcr_bsend *b)
{
    uint64_t ticket = UINT64_MAX;
    for (const struct block *block = b->used; block; block = block->next)
        if (block->ticket < ticket)
            ticket = block->ticket;
    return ticket;
}

static void complete_flushes(struct ipcr_bsend *b)
{
    uint64_t waiting = oldest(b);
    for (struct flush **link = &b->flushes; *link;) {
        struct flush *f = *link;
        if (f->before > waiting) {
            link = &f->next;
            continue;
        }
        *link = f->next;
        ipcr_req_complete(f->req); /* may free f */
    }
}

static void release_flush(struct ipcr_req *req)
{
    free(req->state);
}

static int cannot_cancel(struct ipcr_req *req)
{
    (void)req; /* it completes without anybody's doing */
    return MPI_SUCCESS;
}

static const struct ipcr_req_class flush_class = {
    .name = "flush of a buffer", .cancel = cannot_cancel, .release = release_flush};

int ipcr_bsend_iflush(struct ipcr_bsend *b, struct ipcr_comm *comm, struct ipcr_req **req)
{
    struct flush *f = malloc(sizeof *f);
    if (!f)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for the flush of a buffer");
    *req = ipcr_req_new_other(&flush_class, f, comm);
    (*req)->active = true;
    if (!b || !b->used) {
        (*req)->complete = true;
        return MPI_SUCCESS;
    }
    *f = (struct flush){.next = b->flushes, .req = *req, .before = b->tickets};
    b->flushes = f;
    return MPI_SUCCESS;
}

int ipcr_bsend_flush(struct ipcr_bsend *b)
{
    struct ipcr_req *req;
    int rc = ipcr_bsend_iflush(b, NULL, &req);
    if (rc != MPI_SUCCESS)
        return rc;
    ipcr_req_wait(req);
    ipcr_req_free(req);
    return MPI_SUCCESS;
}

void ipcr_bsend_drain(void)
{
    struct ipcr_idle idle = {0};
    while (in_flight)
        ipcr_progress_step(&idle);
    ipcr_progress_end(&idle);
}

void ipcr_bsend_finish(void)
{
    free(ipcr_bsend_process);
    ipcr_bsend_process = NULL;
}

/* ---- sending ----------------------------------------------------------------------------------
 */

static void give_back(struct ipcr_req *req)
{
    struct block *block = req->bounce;
    struct ipcr_bsend *b = block->buffer;
    *block->link = block->next;
    if (block->next)
        block->next->link = block->link;
    if (automatic(b))
        free(block);
    in_flight--;
    if (b->flushes)
        complete_flushes(b);
}

static struct ipcr_bsend *responsible(const struct ipcr_comm *comm)
{
    if (comm->bsend)
        return comm->bsend;
    const struct ipcr_session *s = comm->session ? ipcr_session_numbered(comm->session) : NULL;
    return s && s->bsend ? s->bsend : ipcr_bsend_process;
}

int ipcr_bsend_start(const struct ipcr_msg *m)
{
    if (m->rank == MPI_PROC_NULL)
        return MPI_SUCCESS;
    struct ipcr_bsend *b = responsible(m->comm);
    size_t bytes = m->count * m->type->size, need = round_up(sizeof(struct block) + bytes);
    if (!b)
        return ipcr_err_note(MPI_ERR_BUFFER,
                             "no buffer is attached for a buffered message of %zu bytes", bytes);
    struct block *block = automatic(b) ? take_automatic(b, need) : take_attached(b, need);
    if (!block)
        return MPI_ERR_BUFFER;
    ipcr_type_pack(m->type, m->count, m->buf, 0, block + 1, bytes);
    struct ipcr_msg copy = *m;
    copy.buf = block + 1;
    copy.count = bytes;
    copy.type = ipcr_type_of(MPI_PACKED);
    struct ipcr_req *req = ipcr_req_new(&copy, IPCR_REQ_SEND);
    req->active = true;
    req->orphan = true;
    req->bounce = block;
    req->on_complete = give_back;
    ipcr_p2p_start_send(req);
    return MPI_SUCCESS;
}
