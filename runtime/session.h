/* Sessions: what MPI_Session handles point to, and process sets. MPI 5.0 section 11.3.
 *
 * A session counts as one user of the library (life.h) from MPI_Session_init to
 * MPI_Session_finalize. Groups made from process sets are ordinary groups of world ranks, and so
 * are the communicators made from those. They keep the session's number and nothing else, to find
 * the buffer for buffered sends that the program attached to the session. */
#ifndef IPCR_SESSION_H
#define IPCR_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpi.h"

#define IPCR_SESSION_MAGIC 0x73657373u

struct ipcr_bsend;
struct ipcr_errhandler;
struct ipcr_group;

struct ipcr_session {
    uint32_t magic;
    int level; /* of threads */
    struct ipcr_errhandler *errhandler;
    uint32_t number;           /* from 1, never used again */
    struct ipcr_session *next; /* in the list of open ones */
    struct ipcr_bsend *bsend;  /* buffer attached to this session, or NULL */
};

/* NULL if it is not an open session. */
static inline struct ipcr_session *ipcr_session_of(MPI_Session h)
{
    uintptr_t v = (uintptr_t)h;
    struct ipcr_session *s = (struct ipcr_session *)v;
    return v < 4096 || s->magic != IPCR_SESSION_MAGIC ? NULL : s;
}

/* Ends an MPI call that was given a handle for which ipcr_session_of() has nothing; yields its
 * result. */
int ipcr_session_raise_bad(MPI_Session h);

/* NULL: no memory. Takes a reference of its own to e. */
struct ipcr_session *ipcr_session_new(int level, struct ipcr_errhandler *e);
void ipcr_session_free(struct ipcr_session *s);
/* The open session with this number, or NULL. */
struct ipcr_session *ipcr_session_numbered(uint32_t number);
/* Memory that freed sessions still hold. */
void ipcr_session_finish(void);

/* Process sets, numbered from 0; they never change, so all ranks have the same ones. */
struct ipcr_pset {
    const char *name;
    bool (*has)(int rank); /* is this world rank a member? */
};
int ipcr_pset_count(void);
const struct ipcr_pset *ipcr_pset_nth(int n);
/* NULL: there is none of this name. */
const struct ipcr_pset *ipcr_pset_named(const char *name);
int ipcr_pset_size(const struct ipcr_pset *p);
/* NULL: no memory. */
struct ipcr_group *ipcr_pset_group(const struct ipcr_pset *p);

#endif
