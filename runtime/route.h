/* Which transport carries the messages of which pair of ranks. The one place that knows: the
 * library (peer.c) asks here, and so does the launcher, for `--map`, for its check before anything
 * starts, and for what it has to make ready.
 *
 * The setting IPCRUN_TRANSPORT is a list of names by preference. `node=` or `remote=` in front of a
 * name begins the names for ranks of one node, or of different nodes; names before are for both:
 *
 *     unix,tcp    node=fifo    node=unix,shm,remote=tcp
 *
 * A class for which no name is given keeps the order of transports.c. A rank talks to itself over
 * `self` whatever the list says. */
#ifndef IPCR_ROUTE_H
#define IPCR_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

/* How far a transport reaches. */
enum ipcr_scope {
    IPCR_REACH_SELF,   /* from a rank to itself */
    IPCR_REACH_NODE,   /* to ranks of the same node */
    IPCR_REACH_SHARED, /* also to other nodes, where all see one directory (setting `dir`) */
    IPCR_REACH_ANY     /* to every other rank */
};

/* What the node's agent makes for a transport before it starts the ranks, which inherit it. */
enum ipcr_inherit {
    IPCR_INHERIT_NOTHING,
    IPCR_INHERIT_SOCKETS, /* a pair of connected Unix-domain sockets for each pair of ranks */
    IPCR_INHERIT_PIPES    /* a pipe for each ordered pair */
};

enum ipcr_pair { IPCR_PAIR_SELF, IPCR_PAIR_NODE, IPCR_PAIR_REMOTE, IPCR_PAIRS };

struct ipcr_route {
    int row[IPCR_PAIRS];       /* index into ipcr_transports; -1: nothing in the list reaches */
    char why[IPCR_PAIRS][200]; /* the reason, for people */
};

/* Reads a list ("" or NULL: none given). `shared`: all nodes see one directory. 0, or -EINVAL with
 * a sentence in `why`. */
int ipcr_route_make(struct ipcr_route *r, const char *list, bool shared, char *why, size_t room);

/* "ranks of one host" */
const char *ipcr_route_text(enum ipcr_pair pair);
/* Name of the transport for such pairs; NULL: there is none. */
const char *ipcr_route_name(const struct ipcr_route *r, enum ipcr_pair pair);
/* Whether the transport for such pairs needs names in the job's directory. */
bool ipcr_route_needs_dir(const struct ipcr_route *r, enum ipcr_pair pair);
enum ipcr_inherit ipcr_route_inherits(const struct ipcr_route *r, enum ipcr_pair pair);

static inline bool ipcr_reaches(enum ipcr_scope reach, enum ipcr_pair pair, bool shared)
{
    if (reach == IPCR_REACH_SELF || pair == IPCR_PAIR_SELF)
        return reach == IPCR_REACH_SELF && pair == IPCR_PAIR_SELF;
    return pair == IPCR_PAIR_NODE || reach == IPCR_REACH_ANY ||
           (reach == IPCR_REACH_SHARED && shared);
}

#endif
