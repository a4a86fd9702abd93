/* Requests: what MPI_Request handles point to. MPI 5.0 section 3.7.
 *
 * A request belongs to the library while `active` and not `complete`, then to the program, which
 * frees it by waiting for it (or MPI_Request_free, which lets it live on until it completes).
 * Blocking calls use a request on their own stack. */
#ifndef IPCR_REQUEST_H
#define IPCR_REQUEST_H

#include "match.h"
#include "p2p.h"

#define IPCR_REQ_MAGIC 0x72657175u

enum ipcr_req_kind { IPCR_REQ_SEND, IPCR_REQ_RECV, IPCR_REQ_OTHER };

struct ipcr_req;

/* How requests work that are neither a send nor a receive (IPCR_REQ_OTHER: collectives, generalised
 * requests, ...). Each kind fills one; its state hangs on the request. NULL: nothing to do, or not
 * possible. Called with the library lock held; none may block. */
struct ipcr_req_class {
    const char *name; /* for error messages */
    /* Starts a persistent request that is not active (active is set already). Error class. */
    int (*start)(struct ipcr_req *req);
    /* Is asked by MPI_Cancel. Error class. NULL: to cancel it is an error. */
    int (*cancel)(struct ipcr_req *req);
    /* Fills the status of a complete request (it is empty before; MPI_ERROR is the caller's) and
     * returns the operation's error class. May be called more than once. */
    int (*result)(struct ipcr_req *req, MPI_Status *status);
    /* A complete request is handed back to the program: called once, after result and before
     * release. Yields the error class of the operation, given that of result. */
    int (*retire)(struct ipcr_req *req, int result);
    /* The request dies: gives the state back. */
    void (*release)(struct ipcr_req *req);
};

/* In the pool at the begin of a cache line: of its four lines, a receive that finds a short
 * message, or is found by one, needs the first three. */
struct ipcr_req {
    uint32_t magic;
    uint8_t kind; /* enum ipcr_req_kind */
    bool active;  /* started and not yet handed back */
    bool persistent;
    bool orphan;    /* MPI_Request_free was called: free it when it completes */
    bool eager;     /* send: travels without asking first */
    bool cancelled; /* send: its receiver gave it back */
    bool owned;     /* holds references on type and comm, lives on the heap */
    volatile bool complete;
    bool stays; /* its caller does nothing else until it is complete */
    struct ipcr_msg msg;
    MPI_Status status; /* of a completed receive; MPI_ERROR says how it went */
    uint64_t received; /* bytes the status speaks of */
    uint64_t size;     /* bytes of the incoming or outgoing message */
    uint64_t cookie;   /* my name on the wire while a rendezvous runs (handle table), else 0 */
    /* called once when the operation completes; NULL = nothing more to do (parts of a collective,
     * buffered sends) */
    void (*on_complete)(struct ipcr_req *req);
    struct ipcr_posted posted;
    struct ipcr_backlog backlog;
    struct ipcr_peer *peer;
    uint64_t done;     /* bytes of the packed image transferred so far (rendezvous) */
    uint64_t remote;   /* the other side's cookie */
    uint32_t wildcard; /* receive: its number among those with wildcards, if decide.h is asked */
    void *bounce;      /* buffered send: block in the attached buffer to give back */
    const struct ipcr_req_class *class; /* IPCR_REQ_OTHER */
    void *state;                        /* of the class; else whoever set on_complete may use it */
    void *waiter; /* with a class, what on_complete may use: who has made it a part of something */
};
_Static_assert(offsetof(struct ipcr_req, done) <= 192, "three cache lines");

static inline struct ipcr_req *ipcr_req_of(MPI_Request h)
{
    uintptr_t v = (uintptr_t)h;
    struct ipcr_req *r = (struct ipcr_req *)v;
    return v < 4096 || r->magic != IPCR_REQ_MAGIC ? NULL : r;
}

/* What a handle that is null or a request stands for takes part in nothing if it is null or an
 * inactive persistent one. */
static inline bool ipcr_req_is_active(MPI_Request h)
{
    return h != MPI_REQUEST_NULL && ipcr_req_of(h)->active;
}

/* Fields a fresh request needs; also for requests on a caller's stack, which hold no references. */
static inline void ipcr_req_init(struct ipcr_req *req, const struct ipcr_msg *m,
                                 enum ipcr_req_kind kind)
{
    req->magic = IPCR_REQ_MAGIC;
    req->kind = (uint8_t)kind;
    req->active = req->persistent = req->orphan = false;
    req->owned = req->complete = req->cancelled = req->stays = false;
    req->msg = *m;
    req->status.MPI_ERROR = MPI_SUCCESS;
    req->cookie = 0;
    req->bounce = NULL;
    req->on_complete = NULL;
    req->posted.filed.prev = NULL;
}

/* Stands for every nonblocking send that was over when it returned: always active and complete,
 * shared, never freed. Most sends of small messages need no request of their own. */
extern struct ipcr_req ipcr_req_sent;

/* Set by a tool: a freed request serves again only after some hundreds of others, so that whoever
 * still uses its handle gets an error instead of another request. */
extern bool ipcr_req_linger;

/* From a free list. Holds a reference on m's type and comm. */
struct ipcr_req *ipcr_req_new(const struct ipcr_msg *m, enum ipcr_req_kind kind);
/* One of another kind, which holds a reference on comm (NULL: none). The state goes over to it. */
struct ipcr_req *ipcr_req_new_other(const struct ipcr_req_class *class, void *state,
                                    struct ipcr_comm *comm);
void ipcr_req_free(struct ipcr_req *req);
/* Marks complete, calls on_complete, frees orphans. */
void ipcr_req_complete(struct ipcr_req *req);
/* Blocks until it is complete. */
void ipcr_req_wait(struct ipcr_req *req);
/* Error class of a complete request; the facts of a truncation are noted. */
int ipcr_req_result(const struct ipcr_req *req);
/* Waits and frees a request that an internal caller started: returns its error class. */
int ipcr_req_finish(struct ipcr_req *req);
int ipcr_req_finish_all(struct ipcr_req **reqs, int n);

/* Names on the wire: a request gets one while the other side may speak of it. A name that does not
 * exist (stale, or made up by a hostile peer) yields NULL. */
uint64_t ipcr_req_publish(struct ipcr_req *req);
struct ipcr_req *ipcr_req_lookup(uint64_t cookie);
void ipcr_req_unpublish(struct ipcr_req *req);
/* How many have a name. */
size_t ipcr_req_published(void);
/* As with matching (match.h): where a name is looked up, and the request that is there, or NULL. */
void ipcr_req_fetch_name(uint64_t cookie);
const struct ipcr_req *ipcr_req_likely(uint64_t cookie);
/* Begins to fetch what a message needs of its request. */
static inline void ipcr_req_fetch(const struct ipcr_req *req)
{
    for (size_t line = 0; line < offsetof(struct ipcr_req, done); line += 64)
        __builtin_prefetch((const char *)req + line, 1);
}

void ipcr_req_finish_pool(void);

#endif
