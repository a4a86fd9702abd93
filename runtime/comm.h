/* Communicators and groups. MPI 5.0 chapter 7.
 *
 * A communicator owns a few context ids (ctxid.h), so that messages of different purposes never
 * match each other: ctx carries the program's point-to-point messages, ctx + 1 those of
 * collectives, ctx + 2 those of MPI_Comm_create_group, which brings a tag of its own, and ctx + 3
 * what the leaders of the two sides of an intercommunicator tell each other. The world's ctx + 3 is
 * MPI_Finalize's, too, which comes after all those. MPI_COMM_SELF's ctx + 2 carries what members of
 * sessions tell each other before they have a communicator, in ranks of the job.
 *
 * Both sides of an intercommunicator have one id. Each side's own communicator, `local`, begins at
 * ctx + 1: its collectives are on ctx + 2, where an intercommunicator has nothing else. */
#ifndef IPCR_COMM_H
#define IPCR_COMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attr.h"
#include "hidden.h"
#include "job.h"
#include "mpi.h"
#include "peer.h"

#define IPCR_COMM_MAGIC  0x636f6d6du
#define IPCR_GROUP_MAGIC 0x67727570u

#define IPCR_TAG_UB INT32_MAX

struct ipcr_bsend;
struct ipcr_errhandler;
struct ipcr_attr;
struct ipcr_info;
struct ipcr_topo;

struct ipcr_group {
    uint32_t magic;
    int refs;
    int size, rank; /* rank: mine, or MPI_UNDEFINED */
    bool predefined;
    uint32_t session; /* number of the session whose process set it comes from, 0: none */
    int world[];      /* [size] world ranks */
};

/* Do members call MPI from several threads at once? Found out when it first matters. */
enum ipcr_comm_threads { IPCR_THREADS_UNKNOWN = 0, IPCR_THREADS_NONE, IPCR_THREADS_SOME };

struct ipcr_comm {
    uint32_t magic;
    int refs; /* the handle, plus every operation that still needs it */
    uint32_t ctx;
    int rank, size;
    struct ipcr_group *group;
    /* Whom ranks in messages name: the group itself, or the other side of an intercommunicator.
     * No reference of its own where it is the group. */
    struct ipcr_group *remote;
    int remote_size;
    /* The wildcards that its receives may use: MPI_ANY_SOURCE and MPI_ANY_TAG, or 0, which is none,
     * where the program has promised to do without (section 7.4.4). */
    int any_source, any_tag;
    struct ipcr_comm *local; /* intercommunicator: my side, for the library; else NULL. Its only
                              * reference is the intercommunicator's */
    struct ipcr_topo *topo;  /* virtual topology (topo.h), or NULL */
    struct ipcr_errhandler *errhandler;
    struct ipcr_attr *attrs;
    struct ipcr_info *info;
    MPI_Comm handle;     /* what the program knows it by */
    uint32_t coll_seq;   /* collectives started on it: their tag */
    uint32_t coll_fixed; /* persistent ones made on it: they keep theirs */
    uint32_t agreements; /* on contexts begun by all members together (agree.h) */
    int16_t local_peers; /* members on my node, me included */
    bool one_node;       /* all members on my node */
    bool crowded;        /* more members on my node than cores there */
    bool spread;         /* on several nodes, and several members on some of them */
    bool mixed;          /* and the members of some of these nodes do not stand together */
    bool of_session;     /* from MPI_Comm_create_from_group, or from one that was */
    uint8_t threads;     /* enum ipcr_comm_threads */
    void *coll_cache;    /* collectives/: what it keeps per communicator; freed by coll_free() */
    void (*coll_free)(void *);
    void *levels;             /* collectives/levels.h: one block, or NULL until it is needed */
    uint32_t session;         /* number of the session it was made in, 0: none */
    struct ipcr_bsend *bsend; /* buffer attached to this communicator, or NULL */
    char name[MPI_MAX_OBJECT_NAME];
};

extern IPCR_HIDDEN struct ipcr_comm *ipcr_comm_world,
    *ipcr_comm_self; /* NULL outside MPI_Init .. Finalize */

/* All ranks of the job, as long as MPI or a session is open: the world itself, or the same object
 * when the program has no world. For the library's own agreements between members of sessions. */
extern struct ipcr_comm *ipcr_comm_base;

/* NULL if it is not a communicator. */
static inline struct ipcr_comm *ipcr_comm_of(MPI_Comm h)
{
    uintptr_t v = (uintptr_t)h;
    if (v == 0x101)
        return ipcr_comm_world;
    if (v == 0x102)
        return ipcr_comm_self;
    struct ipcr_comm *c = (struct ipcr_comm *)v;
    return v < 4096 || c->magic != IPCR_COMM_MAGIC ? NULL : c;
}

/* Ends an MPI call that was given a handle for which ipcr_comm_of() has nothing; yields its result.
 */
int ipcr_comm_raise_bad(MPI_Comm h);

static inline void ipcr_comm_retain(struct ipcr_comm *c)
{
    c->refs++;
}
void ipcr_comm_release(struct ipcr_comm *c);

static inline struct ipcr_peer *ipcr_comm_peer(const struct ipcr_comm *c, int rank)
{
    return &ipcr_peers[c->remote->world[rank]];
}

static inline struct ipcr_attr_holder ipcr_comm_attrs(struct ipcr_comm *c)
{
    return (struct ipcr_attr_holder){IPCR_ATTR_COMM, c->handle, &c->attrs};
}

/* Do messages between all members go through the node segment? The choice of transports is the
 * user's: collectives may use that memory by themselves only where messages do. */
bool ipcr_comm_shares_memory(const struct ipcr_comm *c);

static inline bool ipcr_comm_is_inter(const struct ipcr_comm *c)
{
    return c->remote != c->group;
}

/* A communicator of `group` and this process, which must be a member; for an intercommunicator
 * `remote` is the other side, else NULL. The references to both go over. The error handler is that
 * of `parent`; hints are not inherited (section 7.4.1). One reference: the handle's. It is none for
 * the program until ipcr_comm_open() gives it the context from ctxid.h, which it owns from then on.
 * Ends the job when there is no memory, because other members may have gone on. */
struct ipcr_comm *ipcr_comm_prepare(struct ipcr_group *group, struct ipcr_group *remote,
                                    const struct ipcr_comm *parent);
void ipcr_comm_open(struct ipcr_comm *c, uint32_t ctx);

/* Hints (MPI 5.0 section 7.4.4): takes over those we know, which holds for receives from then on,
 * NULL: none; MPI_SUCCESS or MPI_ERR_NO_MEM. And all we know with their values, a new object; NULL:
 * no memory. */
int ipcr_comm_set_hints(struct ipcr_comm *c, const struct ipcr_info *from);
struct ipcr_info *ipcr_comm_get_hints(const struct ipcr_comm *c);

/* What there must be before the first communicator; and the end of everything in comm.c. */
int ipcr_comm_init(void);
void ipcr_comm_finish(void);
/* Shows MPI_COMM_WORLD and MPI_COMM_SELF to the program, and takes them away. */
void ipcr_comm_open_world(void);
void ipcr_comm_close_world(void);

/* The communicator with this context id (any of its own), or NULL: for error messages. */
struct ipcr_comm *ipcr_comm_by_ctx(uint32_t ctx);

#endif
