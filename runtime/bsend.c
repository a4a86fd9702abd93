/* Buffered sends: first-fit blocks in the attached buffer, in address order. A block is a header
 * and the packed message; it is given back when the send from it completes. */
#include "bsend.h"

#include <stdint.h>

#include "err.h"
#include "progress.h"
#include "request.h"

struct block { /* at the start of each used piece of the buffer */
    struct block *next;
    size_t bytes; /* header included */
};
_Static_assert(sizeof(struct block) + 2 * sizeof(void *) <= MPI_BSEND_OVERHEAD,
               "what the standard lets a program reckon with per message");

static struct {
    char *user, *start, *end; /* as attached; aligned start */
    struct block *used;       /* in address order */
} area;

static size_t round_up(size_t n)
{
    return (n + 15) & ~(size_t)15;
}

int ipcr_bsend_attach(void *buffer, size_t size)
{
    if (area.user)
        return ipcr_err_note(MPI_ERR_BUFFER, "a buffer of %zu bytes is attached already",
                             (size_t)(area.end - area.user));
    area.user = buffer;
    area.start = (char *)round_up((uintptr_t)buffer);
    area.end = area.user + size;
    area.used = NULL;
    return MPI_SUCCESS;
}

void ipcr_bsend_flush(void)
{
    struct ipcr_idle idle = {0};
    while (area.used)
        ipcr_progress_step(&idle);
}

int ipcr_bsend_detach(void **buffer, size_t *size)
{
    ipcr_bsend_flush();
    *buffer = area.user;
    *size = (size_t)(area.end - area.user);
    area.user = area.start = area.end = NULL;
    return MPI_SUCCESS;
}

/* The first gap that holds `bytes`, entered in the list of used blocks; NULL: none. */
static struct block *take(size_t bytes)
{
    char *at = area.start;
    struct block **link = &area.used;
    while (*link && (size_t)((char *)*link - at) < bytes) {
        at = (char *)*link + (*link)->bytes;
        link = &(*link)->next;
    }
    char *limit = *link ? (char *)*link : area.end;
    if (at > limit || (size_t)(limit - at) < bytes)
        return NULL;
    struct block *b = (struct block *)at;
    b->next = *link;
    b->bytes = bytes;
    *link = b;
    return b;
}

static void give_back(struct ipcr_req *req)
{
    struct block **link = &area.used;
    while (*link != req->bounce)
        link = &(*link)->next;
    *link = (*link)->next;
}

static size_t used_bytes(void)
{
    size_t n = 0;
    for (const struct block *b = area.used; b; b = b->next)
        n += b->bytes;
    return n;
}

int ipcr_bsend_start(const struct ipcr_msg *m)
{
    if (m->rank == MPI_PROC_NULL)
        return MPI_SUCCESS;
    size_t bytes = m->count * m->type->size;
    size_t need = round_up(sizeof(struct block) + bytes);
    struct block *b = take(need);
    if (!b) {
        ipcr_progress_poll(); /* earlier messages may be gone by now */
        b = take(need);
    }
    if (!b)
        return ipcr_err_note(
            MPI_ERR_BUFFER,
            "a buffered message of %zu bytes does not fit: %zu bytes are attached, "
            "%zu still in use; attach more with MPI_Buffer_attach",
            bytes, (size_t)(area.end - area.user), used_bytes());
    ipcr_type_pack(m->type, m->count, m->buf, 0, b + 1, bytes);
    struct ipcr_msg copy = *m;
    copy.buf = b + 1;
    copy.count = bytes;
    copy.type = ipcr_type_of(MPI_BYTE);
    struct ipcr_req *req = ipcr_req_new(&copy, IPCR_REQ_SEND);
    req->active = true;
    req->orphan = true;
    req->bounce = b;
    req->on_complete = give_back;
    ipcr_p2p_start_send(req);
    return MPI_SUCCESS;
}
