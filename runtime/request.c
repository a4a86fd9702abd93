/* Requests: allocation, completion, waiting, and their names on the wire. */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "observe.h"
#include "progress.h"
#include "status.h"

#define CHUNK 64

struct ipcr_req ipcr_req_sent = {.magic = IPCR_REQ_MAGIC,
                                 .kind = IPCR_REQ_SEND,
                                 .active = true,
                                 .complete = true,
                                 .status.MPI_ERROR = MPI_SUCCESS};

struct chunk { /* requests are allocated many at a time and never given back before the end */
    struct chunk *next;
    struct {
        _Alignas(64) struct ipcr_req req;
    } at[CHUNK];
};

/* A free request is linked by its backlog.next, which nobody uses then. */
static struct ipcr_backlog *free_list;
static struct chunk *chunks;

/* Those that linger. */
enum { DEAD = 256 };
bool ipcr_req_linger;
static struct ipcr_req *dead[DEAD];
static unsigned deaths;

/* Names: slot i names req as (gen << 32 | i + 1); gen changes whenever the slot is reused, so a
 * stale name does not find the slot's next tenant. */
static struct name_slot {
    struct ipcr_req *req; /* NULL: free */
    uint32_t gen;
    uint32_t next_free; /* slot + 1, 0 = none */
} * names;
static uint32_t names_size, names_free, names_used;

static struct ipcr_req *req_of_link(struct ipcr_backlog *link)
{
    return (struct ipcr_req *)((char *)link - offsetof(struct ipcr_req, backlog));
}

static void grow_pool(void)
{
    struct chunk *c = aligned_alloc(_Alignof(struct chunk), sizeof *c);
    if (!c)
        ipcr_err_fatal("no memory for %d more requests", CHUNK);
    c->next = chunks;
    chunks = c;
    for (int i = 0; i < CHUNK; i++) {
        c->at[i].req.magic = 0;
        c->at[i].req.backlog.next = free_list;
        free_list = &c->at[i].req.backlog;
    }
}

struct ipcr_req *ipcr_req_new(const struct ipcr_msg *m, enum ipcr_req_kind kind)
{
    if (__builtin_expect(!free_list, 0))
        grow_pool();
    struct ipcr_req *req = req_of_link(free_list);
    free_list = free_list->next;
    ipcr_req_init(req, m, kind);
    req->owned = true;
    if (m->type)
        ipcr_type_retain(m->type);
    if (m->comm)
        ipcr_comm_retain(m->comm);
    IPCR_OBSERVE(object, IPCR_OBJECT_REQUEST, req, true);
    return req;
}

struct ipcr_req *ipcr_req_new_other(const struct ipcr_req_class *class, void *state,
                                    struct ipcr_comm *comm)
{
    struct ipcr_msg m = {.comm = comm, .rank = MPI_PROC_NULL};
    struct ipcr_req *req = ipcr_req_new(&m, IPCR_REQ_OTHER);
    req->class = class;
    req->state = state;
    return req;
}

/* Leaves req among the dead, and yields the one that has been there longest, or NULL. */
static struct ipcr_req *replace_oldest(struct ipcr_req *req)
{
    struct ipcr_req **place = &dead[deaths++ % DEAD], *oldest = *place;
    *place = req;
    return oldest;
}

void ipcr_req_free(struct ipcr_req *req)
{
    if (req == &ipcr_req_sent)
        return;
    IPCR_OBSERVE(object, IPCR_OBJECT_REQUEST, req, false);
    if (req->kind == IPCR_REQ_OTHER && req->class->release)
        req->class->release(req);
    if (req->cookie)
        ipcr_req_unpublish(req);
    if (req->msg.type && !req->msg.type->predefined)
        ipcr_type_release(req->msg.type);
    if (req->msg.comm)
        ipcr_comm_release(req->msg.comm);
    req->magic = 0;
    if (ipcr_req_linger)
        req = replace_oldest(req);
    if (!req)
        return;
    req->backlog.next = free_list;
    free_list = &req->backlog;
}

void ipcr_req_complete(struct ipcr_req *req)
{
    if (req->cookie)
        ipcr_req_unpublish(req);
    /* A waiter on another thread's stack may vanish as soon as it sees `complete`, but it can only
     * look under the library lock, which this thread holds. */
    req->complete = true;
    IPCR_OBSERVE(complete, req);
    bool orphan = req->orphan; /* on_complete may free one that is none */
    if (req->on_complete)
        req->on_complete(req);
    if (orphan)
        ipcr_req_free(req);
    ipcr_progress_notify(req);
}

void ipcr_req_wait(struct ipcr_req *req)
{
    struct ipcr_idle idle = {.on = req, .completes = true};
    while (!req->complete)
        ipcr_progress_step(&idle);
    ipcr_progress_end(&idle);
}

int ipcr_req_result(const struct ipcr_req *req)
{
    if (req->status.MPI_ERROR != MPI_ERR_TRUNCATE)
        return req->status.MPI_ERROR;
    return ipcr_err_note(MPI_ERR_TRUNCATE,
                         "the message from rank %d with tag %d is %llu bytes long; the receive "
                         "buffer holds %llu (%llu x %s)",
                         req->status.MPI_SOURCE, req->status.MPI_TAG, (unsigned long long)req->size,
                         (unsigned long long)req->received, (unsigned long long)req->msg.count,
                         ipcr_type_label(req->msg.type));
}

int ipcr_req_finish(struct ipcr_req *req)
{
    ipcr_req_wait(req);
    int rc = ipcr_req_result(req);
    ipcr_req_free(req);
    return rc;
}

int ipcr_req_finish_all(struct ipcr_req **reqs, int n)
{
    int first = MPI_SUCCESS;
    for (int i = 0; i < n; i++) {
        int rc = ipcr_req_finish(reqs[i]);
        if (first == MPI_SUCCESS)
            first = rc;
    }
    return first;
}

static void grow_names(void)
{
    uint32_t size = names_size ? names_size * 2 : 64;
    struct name_slot *fresh = realloc(names, size * sizeof *fresh);
    if (!fresh)
        ipcr_err_fatal("no memory for %u request names", size);
    names = fresh;
    for (uint32_t i = size; i-- > names_size;) {
        names[i] = (struct name_slot){.next_free = names_free};
        names_free = i + 1;
    }
    names_size = size;
}

uint64_t ipcr_req_publish(struct ipcr_req *req)
{
    if (!names_free)
        grow_names();
    uint32_t i = names_free - 1;
    names_free = names[i].next_free;
    names_used++;
    names[i].req = req;
    req->cookie = (uint64_t)names[i].gen << 32 | (i + 1);
    return req->cookie;
}

struct ipcr_req *ipcr_req_lookup(uint64_t cookie)
{
    uint32_t i = (uint32_t)cookie - 1;
    if (i >= names_size || names[i].gen != cookie >> 32)
        return NULL;
    return names[i].req;
}

void ipcr_req_unpublish(struct ipcr_req *req)
{
    uint32_t i = (uint32_t)req->cookie - 1;
    names[i].req = NULL;
    names[i].gen++;
    names[i].next_free = names_free;
    names_free = i + 1;
    names_used--;
    req->cookie = 0;
}

size_t ipcr_req_published(void)
{
    return names_used;
}

void ipcr_req_fetch_name(uint64_t cookie)
{
    uint32_t i = (uint32_t)cookie - 1;
    if (i < names_size)
        __builtin_prefetch(&names[i], 1);
}

const struct ipcr_req *ipcr_req_likely(uint64_t cookie)
{
    uint32_t i = (uint32_t)cookie - 1;
    return i < names_size ? names[i].req : NULL;
}

void ipcr_req_finish_pool(void)
{
    while (chunks) {
        struct chunk *next = chunks->next;
        free(chunks);
        chunks = next;
    }
    memset(dead, 0, sizeof dead);
    free(names);
    names = NULL;
    names_size = names_free = names_used = 0;
    free_list = NULL;
}
